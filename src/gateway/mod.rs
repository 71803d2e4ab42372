//! The world outside: mail, and the only outgoing HTTP client.

pub mod fetch;
pub mod mail;
pub mod targets;
mod trust;

pub use trust::TrustError;
