//! Verification (KYC): how far a person's identity is proved, until when, and what stands against it.

pub mod case;
pub mod document;
pub mod finding;
pub mod identity;
pub mod reason;
pub mod standing;
pub mod state;
pub mod tier;

pub use case::{Case, CaseState, Provider};
pub use document::{DocumentKind, MediaType};
pub use finding::Finding;
pub use reason::Reason;
pub use standing::{Attained, Standing};
pub use state::State;
pub use tier::Tier;
