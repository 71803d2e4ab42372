//! Bringing people from other products. Nothing that somebody else claims about an identity comes in by this door: levels are
//! attained here, by verification (ATTACKS 84).

pub mod lines;
pub mod people;
mod person;

pub use lines::{Line, Lines};
pub use people::{Fate, Imported, Trial};
