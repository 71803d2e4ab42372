//! The protocol endpoints over HTTP.

#[path = "../support/mod.rs"]
mod support;

mod checks;
mod code_flow;
mod conformance;
mod consent;
mod contracts;
mod https_issuer;
mod next_step;
mod request_parameters;
mod suite;
