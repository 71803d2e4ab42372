//! The protocol endpoints over HTTP.

#[path = "../support/mod.rs"]
mod support;

mod checks;
mod code_flow;
mod conformance;
mod suite;
