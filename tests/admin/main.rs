//! What the operator's people and programs do.

#[path = "../support/mod.rs"]
mod support;

mod api;
mod at_scale;
mod audit;
mod console;
mod directory;
mod house_scopes;
mod people;
mod proposals;
mod roles;
