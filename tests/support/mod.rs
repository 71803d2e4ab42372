//! What tests share: a running Karat (`app`), a browser without a screen (`browser`), an app that logs people in
//! (`relying_party`), fresh databases.
#![allow(dead_code, unused_imports)]

pub mod api;
pub mod app;
pub mod applications;
pub mod authenticator;
pub mod authenticator_app;
pub mod authority;
pub mod browser;
pub mod client_key;
pub mod databases;
pub mod mails;
pub mod messages;
pub mod publisher;
pub mod registering;
pub mod relying_party;
pub mod request_object;
pub mod shared_keys;
pub mod staff;
pub mod twilio;
pub mod verified;
pub mod verifiers;

pub use app::{Backends, PASSWORD, Person, TestApp};
pub use authenticator_app::AuthenticatorApp;
pub use browser::{Browser, Page};
pub use client_key::ClientKey;
pub use publisher::Publisher;
pub use relying_party::RelyingParty;
