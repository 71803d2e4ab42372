//! The protocol endpoints over HTTP.

#[path = "../support/mod.rs"]
mod support;

mod checks;
mod code_flow;
mod conformance;
mod contracts;
mod https_issuer;
mod suite;
