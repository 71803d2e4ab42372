//! What a person does with the own account, from registering to deleting it.

#[path = "../support/mod.rs"]
mod support;

mod person;
mod registration;
mod registration_proofs;
