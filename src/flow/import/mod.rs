//! Bringing people and clients from other products. Nothing that somebody else claims about an identity comes in by this door: levels are
//! attained here, by verification (ATTACKS 84).

pub mod clients;
pub mod dialect;
pub mod lines;
pub mod people;
mod person;

pub use clients::{ClientFate, ImportedClient, LeftBehind};
pub use dialect::Dialect;
pub use lines::{Line, Lines};
pub use people::{Fate, Imported, Trial};
