//! Karat: an OAuth 2 / OpenID Connect identity provider for trading and wallet apps.
//!
//! The house has floors; a floor imports only from the floors below it (`tests/architecture.rs` checks this):
//!
//! ```text
//! cli      one file a command: serve, demo, client, user, keys, migrate, backup, doctor
//! demo     a trading app and a wallet app, as real relying parties of a running Karat
//! app      composition root: builds every part once from the configuration
//! http     routes.rs is the table of every URL; one file an endpoint
//! jobs     outbox delivery, clean-up, key rotation: small loops over flow
//! flow     use cases, one file or folder a noun
//! pages    typed contexts, templates and the message catalogue: facts in, text out
//! gateway  the world outside: mail, text messages, providers of verification, outgoing HTTP
//! storage  durable state in SQL, short-lived state in memory or Redis
//! crypto   keyring and JOSE, password hashing, sealing at rest, random tokens, the clock
//! config   typed TOML sections
//! domain   pure: no I/O, no clock, no random
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod app;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod demo;
pub mod domain;
pub mod flow;
pub mod gateway;
pub mod http;
pub mod jobs;
pub mod pages;
pub mod storage;

/// The target of all spans that make up a trace: parts of one request and how long each took. The log leaves it out.
pub(crate) const TRACES: &str = "karat::traces";
