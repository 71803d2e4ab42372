//! Durable state in SQL (SQLite or PostgreSQL) and short-lived state (memory or Redis).
//!
//! The engine is [`Db`] (one SQL text for both databases) and [`ephemeral::Ephemeral`]; beside it stands one file a noun.

// Before those who use its macro.
#[macro_use]
mod record;

pub mod assertions;
pub mod audit;
pub mod authenticators;
pub mod cleanup;
pub mod client_registrations;
pub mod clients;
pub mod consents;
pub mod db;
pub mod devices;
pub mod directory;
pub mod ephemeral;
pub mod error;
pub mod events;
pub mod freezing;
pub mod grants;
pub mod holdings;
pub mod holds;
pub mod idempotency;
pub mod imports;
pub mod keys;
pub mod kyc;
pub mod mailed_actions;
pub mod migrations;
pub mod outbox;
mod postgres;
pub mod proposals;
pub mod recoveries;
pub mod recovery_codes;
pub mod registrations;
pub mod revoked_tokens;
pub mod roles;
pub mod sessions;
pub mod setup;
pub mod sms;
mod sqlite;
pub mod statement;
pub mod store;
pub mod turns;
pub mod users;
pub mod value;
pub mod webhooks;

pub use db::{Db, Kind, OpenSettings, Tx};
pub use error::Error;
pub use migrations::{History, MigrationReport};
pub use record::{Cell, Column, Columns, Record};
pub use statement::{Bound, Statement};
pub use store::{Change, Store};
pub use value::Value;
