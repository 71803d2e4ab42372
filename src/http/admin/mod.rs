//! What the operator's people and programs ask.

pub mod api;
