//! Use cases, one file or folder a noun. Raw parameters stop at the door of this floor; nothing here knows HTTP.

pub mod access_token;
pub mod account;
pub mod authenticators;
pub mod authorize;
pub mod client_auth;
pub mod clients;
pub mod condition;
pub mod events;
pub mod failure;
pub mod freeze;
pub mod holds;
pub mod introspect;
pub mod karat;
pub mod keys;
pub mod kyc;
pub mod login;
pub mod logout;
pub mod machine;
mod mail_limits;
pub mod metadata;
mod new_password;
pub mod outbox;
pub mod password_reset;
pub mod protection;
pub mod recovery;
pub mod refused;
pub mod register;
pub mod revoke;
pub mod sessions;
pub mod terms;
pub mod throttle;
pub mod token;
pub mod userinfo;

pub use failure::Failure;
pub use karat::{Karat, Settings};
pub use refused::Refused;
