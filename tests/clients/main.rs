//! Relying parties against providers: our demo apps against a provider that lies, and clients of others against Karat.

mod demo_apps;
#[path = "../support/fake_provider.rs"]
mod fake_provider;
mod visitor;
