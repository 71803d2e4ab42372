//! How mail is sent, and how pages and mails present the house.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lettre::message::Mailbox;
use serde::{Deserialize, Deserializer, de::Error as _};
use url::Url;

use super::mistake::Report;
use super::value::{self, Secret, is_loopback_name};
use crate::domain::time::Seconds;

/// The languages for which there is a message catalogue.
const LOCALES: [&str; 2] = ["en", "es"];

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSection {
    pub transport: MailTransport,
    /// Name or address of the SMTP server.
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// Present exactly when `password` is.
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// The variable from which `password` was taken.
    pub password_env: Option<String>,
    #[serde(deserialize_with = "mailbox")]
    pub from: Mailbox,
    #[serde(default, deserialize_with = "optional_mailbox")]
    pub reply_to: Option<Mailbox>,
    #[serde(deserialize_with = "value::seconds")]
    pub timeout: Seconds,
    pub certificate_authorities: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTransport {
    Smtp,
    /// Nothing is ever sent; registration is then off.
    None,
    /// Mails stay in the outbox, where the demo and tests read them.
    Outbox,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    Implicit,
    Starttls,
    None,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandSection {
    pub name: String,
    pub support_url: Option<Url>,
    #[serde(default, deserialize_with = "optional_mailbox")]
    pub support_email: Option<Mailbox>,
    pub default_locale: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagesSection {
    pub templates_dir: Option<PathBuf>,
}

impl MailSection {
    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        if self.password.is_some() && self.password_env.is_some() {
            report.mistake("mail.password_env", "is set together with `password`: choose one");
        } else if let Some(password) = report.variable("mail.password_env", self.password_env.as_deref(), env) {
            self.password = Some(password);
        }
    }

    pub(super) fn check(&self, report: &mut Report<'_>) {
        if self.host.is_empty() || self.host.contains(|c: char| c.is_whitespace() || c == '/') {
            report.mistake("mail.host", "must be the name or address of a host");
        }
        report.number("mail.port", self.port, 1, 65_535);
        report.span("mail.timeout", self.timeout, Seconds(1), Seconds::minutes(5));
        let password = self.password.is_some() || self.password_env.is_some();
        match (&self.username, password) {
            (Some(_), false) => report.mistake("mail.username", "needs `password` or `password_env` with it"),
            (None, true) => report.mistake("mail.password", "needs `username` with it"),
            (Some(_), true) if self.tls == MailTls::None => {
                report.mistake(
                    "mail.tls",
                    "\"none\" would send the password in the clear: use \"implicit\" or \"starttls\"",
                );
            }
            _ => {}
        }
        if self.transport == MailTransport::Smtp && self.tls == MailTls::None && !is_loopback_name(&self.host) {
            report.mistake("mail.tls", "\"none\" is for a server on a loopback host only");
        }
    }
}

impl BrandSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let length = self.name.chars().count() as u64;
        if self.name.trim() != self.name || self.name.contains(char::is_control) {
            report.mistake("brand.name", "must not begin or end with spaces, nor hold control characters");
        } else if !(1..=40).contains(&length) {
            report.mistake("brand.name", "must be 1 to 40 characters");
        }
        if let Some(url) = &self.support_url {
            report.link("brand.support_url", url);
        }
        if !LOCALES.contains(&self.default_locale.as_str()) {
            report.mistake("brand.default_locale", format!("must be one of {LOCALES:?}"));
        }
    }
}

fn mailbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mailbox, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = |_| D::Error::custom(format!("{text:?} is not a mail address, as \"a@b.c\" or \"Name <a@b.c>\""));
    text.parse().map_err(wrong)
}

fn optional_mailbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Mailbox>, D::Error> {
    mailbox(deserializer).map(Some)
}
