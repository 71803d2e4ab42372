//! What the operator's people and programs do.

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod people;
mod proposals;
mod roles;
