//! The gateway against servers on loopback: what is sent, what is refused, and what never connects.

mod authority;
mod fetch;
mod mail;
#[path = "../support/smtp.rs"]
#[allow(dead_code)]
mod smtp;

use karat::config::Config;

/// The configuration with `text` over the defaults.
fn config(text: &str) -> Config {
    Config::from_text("test.toml", text, std::iter::empty()).unwrap()
}
