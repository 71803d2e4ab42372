//! Relying parties against providers: our demo apps against a provider that lies, and clients of others against Karat.

mod apache;
#[path = "../support/chromium.rs"]
mod chromium;
mod demo_apps;
#[path = "../support/fake_provider.rs"]
mod fake_provider;
#[path = "../support/folder.rs"]
mod folder;
mod httpd;
mod openid_client;
mod openidconnect_crate;
mod schemathesis;
#[path = "../support/mod.rs"]
mod support;
mod visitor;
