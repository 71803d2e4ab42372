//! The world outside: mail, text messages, providers of verification, and the only outgoing HTTP client.

pub mod documents;
pub mod fetch;
pub mod kyc;
pub mod mail;
pub mod sms;
pub mod targets;
mod trust;

pub use trust::TrustError;
