//! The protocol endpoints over HTTP.

#[path = "../support/mod.rs"]
mod support;

mod code_flow;
