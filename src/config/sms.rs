//! Codes by SMS: whether, to where, by whom, and how many.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::mistake::Report;
use super::server::ServerSection;
use super::value::{self, Rate, Secret};
use crate::domain::phone::Country;
use crate::domain::time::Seconds;

/// A message has 160 characters, and the name of the host stands in it whole.
const LONGEST_HOST: usize = 56;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSection {
    pub enabled: bool,
    /// In the order in which they are tried.
    pub gateways: Vec<SmsGateway>,
    /// Nobody else's numbers get a message.
    pub countries: Vec<Country>,
    /// Counts from the sending; a message that is late is not sent.
    #[serde(deserialize_with = "value::seconds")]
    pub code_lifetime: Seconds,
    pub code_tries: u32,
    pub messages_per_number: Rate,
    pub messages_per_number_daily: Rate,
    pub messages_per_prefix: Rate,
    pub messages_per_account: Rate,
    pub messages_per_address: Rate,
    /// In the smallest unit of money, as `daily_spend`.
    pub message_cost: u32,
    pub daily_spend: u32,
    pub watchdog_sends: u32,
    /// 0 switches the watchdog off.
    pub watchdog_used_percent: u32,
    #[serde(deserialize_with = "value::seconds")]
    pub watchdog_pause: Seconds,
    pub twilio_api: Url,
    pub twilio_account: Option<String>,
    /// Also the key under which Twilio signs its receipts.
    pub twilio_auth_token: Option<Secret>,
    pub twilio_auth_token_env: Option<String>,
    /// Instead of account and token for sending.
    pub twilio_api_key: Option<String>,
    pub twilio_api_secret: Option<Secret>,
    pub twilio_api_secret_env: Option<String>,
    pub twilio_from: Option<String>,
    pub twilio_messaging_service: Option<String>,
    pub webhook_url: Option<Url>,
    pub webhook_secret: Option<Secret>,
    pub webhook_secret_env: Option<String>,
    /// Receipts signed under it count, too, while the secret is being changed.
    pub webhook_previous_secret: Option<Secret>,
    pub webhook_previous_secret_env: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsGateway {
    Twilio,
    /// An HTTP endpoint of the operator's own, signed as Standard Webhooks says.
    Webhook,
    /// Messages stay in the outbox, where the demo and tests read them.
    Outbox,
}

impl SmsSection {
    pub fn uses(&self, gateway: SmsGateway) -> bool {
        self.enabled && self.gateways.contains(&gateway)
    }

    /// Messages a day that the money is enough for.
    pub fn daily_messages(&self) -> u32 {
        self.daily_spend / self.message_cost.max(1)
    }

    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        let named = [
            ("twilio_auth_token", &mut self.twilio_auth_token, &self.twilio_auth_token_env),
            ("twilio_api_secret", &mut self.twilio_api_secret, &self.twilio_api_secret_env),
            ("webhook_secret", &mut self.webhook_secret, &self.webhook_secret_env),
            ("webhook_previous_secret", &mut self.webhook_previous_secret, &self.webhook_previous_secret_env),
        ];
        for (key, secret, variable) in named {
            let path = format!("sms.{key}_env");
            if secret.is_some() && variable.is_some() {
                report.mistake(&path, format!("not together with `{key}`"));
            } else if let Some(found) = report.variable(&path, variable.as_deref(), env) {
                *secret = Some(found);
            }
        }
    }

    pub(super) fn check(&self, server: &ServerSection, report: &mut Report<'_>) {
        report.span("sms.code_lifetime", self.code_lifetime, Seconds::minutes(1), Seconds::minutes(10));
        report.number("sms.code_tries", self.code_tries, 1, 10);
        report.number("sms.message_cost", self.message_cost, 1, 100_000);
        report.number("sms.watchdog_sends", self.watchdog_sends, 5, 100_000);
        report.number("sms.watchdog_used_percent", self.watchdog_used_percent, 0, 100);
        report.span("sms.watchdog_pause", self.watchdog_pause, Seconds::minutes(5), Seconds::days(7));
        if !self.enabled {
            return;
        }
        if self.gateways.is_empty() {
            report.mistake("sms.gateways", "name one at least, or set sms.enabled = false");
        }
        if self.countries.is_empty() {
            report.mistake("sms.countries", "name the countries whose numbers may get messages");
        }
        if self.daily_messages() == 0 {
            report.mistake("sms.daily_spend", "is less than one message costs");
        }
        let host = server.issuer.url().host_str().unwrap_or_default();
        if host.len() > LONGEST_HOST {
            report
                .mistake("sms.enabled", format!("the issuer's host is too long for a message: {LONGEST_HOST} at most"));
        }
        if self.uses(SmsGateway::Twilio) {
            self.check_twilio(report);
        }
        if self.uses(SmsGateway::Webhook) {
            self.check_webhook(report);
        }
    }

    fn check_twilio(&self, report: &mut Report<'_>) {
        let is_id = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !text.is_empty();
        match &self.twilio_account {
            Some(account) if is_id(account) => {}
            Some(_) => report.mistake("sms.twilio_account", "must be letters and digits, as \"AC...\""),
            None => report.mistake("sms.twilio_account", "is needed for the gateway \"twilio\""),
        }
        if self.twilio_auth_token.is_none() {
            report
                .mistake("sms.twilio_auth_token", "is needed for the gateway \"twilio\": receipts are signed with it");
        }
        if self.twilio_api_key.is_some() != self.twilio_api_secret.is_some() {
            report.mistake("sms.twilio_api_key", "and its secret: both or neither");
        }
        if self.twilio_from.is_some() == self.twilio_messaging_service.is_some() {
            report.mistake("sms.twilio_from", "or `twilio_messaging_service`: exactly one of the two");
        }
        if !matches!(self.twilio_api.scheme(), "https" | "http") || self.twilio_api.path() != "/" {
            report.mistake("sms.twilio_api", "must be an https URL without a path");
        }
    }

    fn check_webhook(&self, report: &mut Report<'_>) {
        if self.webhook_url.is_none() {
            report.mistake("sms.webhook_url", "is needed for the gateway \"webhook\"");
        }
        if self.webhook_secret.is_none() {
            report.mistake("sms.webhook_secret", "is needed for the gateway \"webhook\"");
        }
        let secrets = [
            ("sms.webhook_secret", &self.webhook_secret),
            ("sms.webhook_previous_secret", &self.webhook_previous_secret),
        ];
        for (path, secret) in secrets {
            if secret.as_ref().is_some_and(|secret| webhook_key(secret.expose()).is_none()) {
                report.mistake(path, "must be \"whsec_\" and 24 to 64 bytes in base64");
            }
        }
    }
}

/// The bytes of a Standard Webhooks secret ("whsec_" and 24 to 64 bytes in base64).
pub fn webhook_key(secret: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    let encoded = secret.strip_prefix("whsec_")?;
    let key = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    (24..=64).contains(&key.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError};

    const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";

    fn read(keys: &str) -> Result<Config, ConfigError> {
        Config::from_text("karat.toml", &format!("[sms]\nenabled = true\n{keys}"), std::iter::empty())
    }

    #[test]
    fn what_a_gateway_needs_is_asked_for_when_it_is_named() {
        let twilio =
            "gateways = [\"twilio\"]\ncountries = [\"DE\"]\ntwilio_account = \"AC1\"\ntwilio_auth_token = \"t\"\n";
        let webhook = format!(
            "gateways = [\"webhook\"]\ncountries = [\"DE\"]\nwebhook_url = \"https://a.example/\"\nwebhook_secret = \"{SECRET}\"\n"
        );
        assert!(read(&format!("{twilio}twilio_from = \"+15005550006\"\n")).is_ok());
        assert!(read(&webhook).is_ok());
        for (keys, key) in [
            (String::new(), "sms.gateways"),
            ("gateways = [\"outbox\"]\n".to_owned(), "sms.countries"),
            ("gateways = [\"outbox\"]\ncountries = [\"Germany\"]\n".to_owned(), "sms.countries"),
            ("gateways = [\"pigeon\"]\ncountries = [\"DE\"]\n".to_owned(), "sms.gateways"),
            (twilio.to_owned(), "sms.twilio_from"),
            (format!("{twilio}twilio_from = \"a\"\ntwilio_messaging_service = \"b\"\n"), "sms.twilio_from"),
            (twilio.replace("twilio_auth_token", "twilio_from"), "sms.twilio_auth_token"),
            (webhook.replace(SECRET, "whsec_c2hvcnQ="), "sms.webhook_secret"),
            (webhook.replace(SECRET, "not one"), "sms.webhook_secret"),
            ("gateways = [\"outbox\"]\ncountries = [\"DE\"]\ndaily_spend = 1\n".to_owned(), "sms.daily_spend"),
        ] {
            let told = read(&keys).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(told.contains(key), "{keys}: {told}");
        }
    }

    #[test]
    fn messages_that_stay_in_the_outbox_are_not_for_people() {
        let kept = read("gateways = [\"outbox\"]\ncountries = [\"DE\"]\n").unwrap();
        assert!(kept.ready_for_people().unwrap_err().to_string().contains("sms.gateways"));
        let sent = format!(
            "gateways = [\"webhook\"]\ncountries = [\"DE\"]\nwebhook_url = \"https://a.example/\"\nwebhook_secret = \"{SECRET}\"\n"
        );
        read(&sent).unwrap().ready_for_people().unwrap();
    }

    #[test]
    fn a_day_has_as_many_messages_as_its_money_is_enough_for() {
        let section = |cost, spend| {
            let keys = format!(
                "gateways = [\"outbox\"]\ncountries = [\"DE\"]\nmessage_cost = {cost}\ndaily_spend = {spend}\n"
            );
            read(&keys).unwrap().sms.daily_messages()
        };
        assert_eq!((section(8, 17), section(8, 8), section(1, 500)), (2, 1, 500));
    }
}
