//! The protocol endpoints over HTTP.

#[path = "../support/mod.rs"]
mod support;

mod caching;
mod checks;
mod client_keys;
mod client_rules;
mod code_flow;
mod conformance;
mod consent;
mod contracts;
mod default_policy;
mod demands;
mod explain;
mod hosted_pages;
mod https_issuer;
mod key_rotation;
mod next_step;
mod pairwise;
mod refresh;
mod request_objects;
mod request_parameters;
mod security_events;
mod strength;
mod suite;
mod token_status;
mod verified_claims;
mod withheld;
