//! What the operator's people and programs ask for: the API, the console, and the first set-up.

pub mod api;
pub mod console;
pub mod setup;
