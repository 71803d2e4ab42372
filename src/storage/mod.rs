//! Durable state in SQL (SQLite or PostgreSQL) and short-lived state (memory or Redis).
//!
//! The engine is [`Db`] (one SQL text for both databases) and [`ephemeral::Ephemeral`]; beside it stands one file a noun.

pub mod db;
pub mod ephemeral;
pub mod error;
pub mod migrations;
mod postgres;
mod sqlite;
pub mod statement;
pub mod value;
mod writer;

pub use db::{Db, Kind, OpenSettings, Tx};
pub use error::Error;
pub use migrations::{History, MigrationReport};
pub use statement::{Record, Statement};
pub use value::Value;
