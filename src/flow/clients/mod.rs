//! Clients: the rules by which they are registered, those that the configuration keeps, and the cache that every request
//! asks.

pub mod configured;
pub mod dynamic;
pub mod invitations;
pub mod logo;
pub mod metadata;
pub mod registrar;
pub mod registry;
pub mod rules;
pub mod secret;
pub mod sector;

pub use configured::{SyncError, Synchronised, synchronise};
pub use registrar::{Registrar, RegistrarError};
pub use registry::Clients;
pub use rules::{Refusal, Rules};
