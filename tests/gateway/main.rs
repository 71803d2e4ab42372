//! The gateway against servers on loopback: what is sent, what is refused, and what never connects.

#[path = "../support/authority.rs"]
mod authority;
mod documents;
mod fetch;
mod kyc_webhooks;
mod mail;
mod sms_twilio;
mod sms_webhook;
#[path = "../support/smtp.rs"]
#[allow(dead_code)]
mod smtp;

#[path = "../support/publisher.rs"]
#[allow(dead_code)]
mod publisher;

#[path = "../support/twilio.rs"]
#[allow(dead_code)]
mod twilio;

use karat::config::Config;

/// The configuration with `text` over the defaults.
fn config(text: &str) -> Config {
    Config::from_text("test.toml", text, std::iter::empty()).unwrap()
}

/// As in the other tests' support.
mod browser {
    pub fn http() -> reqwest::Client {
        reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap()
    }
}
