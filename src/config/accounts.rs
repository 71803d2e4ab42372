//! Lifetimes, passwords, throttling and the making of accounts.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use super::mistake::Report;
use super::value::{self, Rate, in_words};
use crate::domain::time::Seconds;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokensSection {
    #[serde(deserialize_with = "value::seconds")]
    pub authorization_code_lifetime: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub access_token_lifetime: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub id_token_lifetime: Seconds,
    /// Counts from the last use of the refresh token.
    #[serde(deserialize_with = "value::seconds")]
    pub refresh_idle_lifetime: Seconds,
    /// Counts from the log-in that began the chain of refresh tokens.
    #[serde(deserialize_with = "value::seconds")]
    pub refresh_absolute_lifetime: Seconds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsSection {
    /// Counts from the last use.
    #[serde(deserialize_with = "value::seconds")]
    pub idle_lifetime: Seconds,
    /// Counts from the log-in.
    #[serde(deserialize_with = "value::seconds")]
    pub absolute_lifetime: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub known_device_lifetime: Seconds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionsSection {
    /// Counts from the app's request.
    #[serde(deserialize_with = "value::seconds")]
    pub lifetime: Seconds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordsSection {
    /// In Unicode code points.
    pub minimum_length: u32,
    /// In Unicode code points.
    pub maximum_length: u32,
    /// 0 to 4, the scale of zxcvbn.
    pub minimum_score: u8,
    pub argon2_memory_kib: u32,
    pub argon2_iterations: u32,
    pub argon2_parallelism: u32,
    /// Hashes at once; 0 stands for the number of processor cores.
    pub workers: u32,
    /// Hashes that may wait.
    pub queue: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleSection {
    pub guesses_per_account: Rate,
    pub guesses_per_device: Rate,
    pub guesses_per_address: Rate,
    pub logins_per_account: Rate,
    pub logins_per_address: Rate,
    pub codes_per_recipient: Rate,
    pub registrations_per_address: Rate,
    pub mails_per_recipient: Rate,
    pub mails_per_address: Rate,
    pub client_failures_per_address: Rate,
    /// Begun and not answered.
    pub interactions_per_address: Rate,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationSection {
    pub enabled: bool,
    #[serde(deserialize_with = "value::seconds")]
    pub verification_lifetime: Seconds,
    pub code_tries: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsSection {
    pub version: String,
    /// Not together with `file`.
    pub url: Option<Url>,
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordResetSection {
    #[serde(deserialize_with = "value::seconds")]
    pub lifetime: Seconds,
}

/// Above this a revocation takes effect noticeably late for those that check tokens by themselves.
const LONG_ACCESS_TOKEN: Seconds = Seconds::minutes(5);

impl TokensSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let (code, short) = (Seconds::minutes(10), Seconds::hours(1));
        report.span("tokens.authorization_code_lifetime", self.authorization_code_lifetime, Seconds(5), code);
        report.span("tokens.access_token_lifetime", self.access_token_lifetime, Seconds(30), short);
        report.span("tokens.id_token_lifetime", self.id_token_lifetime, Seconds(30), short);
        let idle = self.refresh_idle_lifetime;
        report.span("tokens.refresh_idle_lifetime", idle, Seconds::minutes(1), Seconds::days(365));
        report.span("tokens.refresh_absolute_lifetime", self.refresh_absolute_lifetime, idle, Seconds::days(3650));
    }

    pub(super) fn warn(&self, warnings: &mut Vec<String>) {
        if self.access_token_lifetime > LONG_ACCESS_TOKEN {
            let lifetime = in_words(self.access_token_lifetime);
            warnings.push(format!(
                "tokens.access_token_lifetime is {lifetime}: a resource server that does not introspect honours a revoked token that long"
            ));
        }
    }
}

impl SessionsSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let (minute, day) = (Seconds::minutes(1), Seconds::days(1));
        report.span("sessions.idle_lifetime", self.idle_lifetime, minute, Seconds::days(90));
        report.span("sessions.absolute_lifetime", self.absolute_lifetime, self.idle_lifetime, Seconds::days(365));
        report.span("sessions.known_device_lifetime", self.known_device_lifetime, day, Seconds::days(730));
    }
}

impl InteractionsSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        report.span("interactions.lifetime", self.lifetime, Seconds::minutes(1), Seconds::hours(24));
    }
}

impl PasswordsSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        // NIST SP 800-63B-4 section 3.1.1.2: at least 8 characters, and at least 64 allowed.
        report.number("passwords.minimum_length", self.minimum_length, 8, 64);
        report.number("passwords.maximum_length", self.maximum_length, 64, 1024);
        report.number("passwords.minimum_score", self.minimum_score, 0, 4);
        report.number("passwords.argon2_memory_kib", self.argon2_memory_kib, 8192, 1_048_576);
        report.number("passwords.argon2_iterations", self.argon2_iterations, 1, 20);
        report.number("passwords.argon2_parallelism", self.argon2_parallelism, 1, 16);
        report.number("passwords.workers", self.workers, 0, 256);
        report.number("passwords.queue", self.queue, 1, 10_000);
    }
}

impl RegistrationSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let (least, most) = (Seconds::minutes(10), Seconds::days(7));
        report.span("registration.verification_lifetime", self.verification_lifetime, least, most);
        report.number("registration.code_tries", self.code_tries, 3, 10);
    }
}

impl TermsSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        if self.version.is_empty() || self.version.len() > 64 || self.version.contains(char::is_whitespace) {
            report.mistake("terms.version", "must be 1 to 64 bytes without spaces");
        }
        if let Some(url) = &self.url {
            report.link("terms.url", url);
            if self.file.is_some() {
                report.mistake("terms.file", "is set together with `url`: choose one");
            }
        }
    }
}

impl PasswordResetSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        report.span("password_reset.lifetime", self.lifetime, Seconds::minutes(5), Seconds::hours(24));
    }
}
