//! What the operator's people and programs do: one set of operations behind the console, the API and the command line.
//!
//! Every operation takes the [`Authority`] of whoever asks and begins with [`Authority::permit`], so that no door can forget it, and
//! leaves an entry in the audit log within its own change.

pub mod audit;
pub mod authority;
pub mod cases;
pub mod difference;
pub mod directory;
pub mod house;
pub mod people;
pub mod proposals;
pub mod refusal;
pub mod roles;
pub mod setup;

pub use authority::{Admission, Authority, Who};
pub use proposals::{Grave, Outcome};
pub use refusal::{Flaw, Refusal};
