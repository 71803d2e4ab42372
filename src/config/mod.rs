//! Typed configuration: `config.toml` (built in, the only place of defaults), under the operator's file, under the
//! environment.
//!
//! Each part of the program is given its own section and nothing else. A mistake names file, line and key, or the
//! environment variable.

mod accounts;
mod admin;
mod authentication;
mod client;
mod client_registration;
mod kyc;
mod layers;
mod mail;
mod mistake;
mod passkeys;
mod policy;
mod protection;
mod providers;
mod server;
mod sms;
mod state;
mod typed;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

pub use accounts::{
    InteractionsSection, PasswordResetSection, PasswordsSection, RegistrationSection, SessionsSection, TermsSection,
    ThrottleSection, TokensSection,
};
pub use admin::AdminSection;
pub use authentication::AuthenticationSection;
pub use client::ClientSection;
pub use client_registration::{ClientRegistrationSection, RegistrationMode};
pub use kyc::{KycSection, Proof, TierSection};
pub use mail::{BrandSection, MailSection, MailTls, MailTransport, PagesSection};
pub use mistake::{ConfigError, Mistake, Origin};
pub use passkeys::{AttestationDemand, PasskeysSection};
pub use policy::{DemandSection, PolicySection, demands};
pub use protection::{HoldsSection, RecoverySection};
pub use providers::{OnfidoSection, PersonaSection, StripeIdentitySection, SumsubSection, VeriffSection};
pub use server::{LogFormat, LogSection, MetricsSection, OutgoingSection, ServerSection, TracesSection};
pub use sms::{SmsGateway, SmsSection, webhook_key};
pub use state::{EphemeralSection, KeysSection, StorageSection};
pub use value::{ByteSize, HostPort, Issuer, Rate, Secret, span};

use crate::domain::kyc::Tier;
use layers::{Layers, Origins};
use mistake::Report;

/// The commented default configuration: every key there is, and the only place of default values.
pub const DEFAULTS: &str = include_str!("../../config.toml");

/// The effective configuration, checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: ServerSection,
    pub storage: StorageSection,
    pub ephemeral: EphemeralSection,
    pub keys: KeysSection,
    pub tokens: TokensSection,
    pub sessions: SessionsSection,
    pub interactions: InteractionsSection,
    pub passwords: PasswordsSection,
    pub authentication: AuthenticationSection,
    pub throttle: ThrottleSection,
    pub registration: RegistrationSection,
    pub client_registration: ClientRegistrationSection,
    pub terms: TermsSection,
    pub password_reset: PasswordResetSection,
    pub passkeys: PasskeysSection,
    pub holds: HoldsSection,
    pub recovery: RecoverySection,
    pub admin: AdminSection,
    pub policy: PolicySection,
    pub kyc: KycSection,
    pub tier_1: TierSection,
    pub tier_2: TierSection,
    pub tier_3: TierSection,
    pub sumsub: SumsubSection,
    pub onfido: OnfidoSection,
    pub persona: PersonaSection,
    pub veriff: VeriffSection,
    pub stripe_identity: StripeIdentitySection,
    pub mail: MailSection,
    pub sms: SmsSection,
    pub brand: BrandSection,
    pub pages: PagesSection,
    pub outgoing: OutgoingSection,
    pub log: LogSection,
    pub metrics: MetricsSection,
    pub traces: TracesSection,
    /// The `[[client]]` entries in the order of the file, not yet judged by the rules for clients.
    #[serde(rename = "client", default)]
    pub clients: Vec<ClientSection>,
    #[serde(skip)]
    origins: Origins,
}

impl Config {
    /// Reads the defaults, then the file at `path`, then the variables of `env` (those that do not begin with `KARAT_`
    /// matter only when a `..._env` key names them).
    pub fn load(path: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let Some(path) = path else { return Self::assemble(None, env.collect()) };
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::from_text(&name, &text, env),
            Err(source) => Err(ConfigError::Unreadable { path: name, source }),
        }
    }

    /// The environment of this process, for [`Config::load`]. Variables that are not Unicode are left out.
    pub fn environment() -> impl Iterator<Item = (String, String)> {
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
    }

    /// Like [`Config::load`], for a text that is already at hand; `name` stands for the file in messages.
    pub fn from_text(name: &str, text: &str, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        Self::assemble(Some((name, text)), env.collect())
    }

    /// A mistake found later, by the rules of another floor, at a key such as `client[0].redirect_uris[1]`: it is given
    /// file and line.
    pub fn mistake(&self, path: &str, message: impl Into<String>) -> Mistake {
        self.origins.mistake(path, message)
    }

    /// Refuses what only the demo and tests may use. Asked by `karat serve` before it opens its door to real people.
    pub fn ready_for_people(&self) -> Result<(), ConfigError> {
        if self.mail.transport == MailTransport::Outbox {
            let message = "\"outbox\" is for the demo and tests: nobody would get a mail; use \"smtp\"";
            return Err(ConfigError::Mistakes(vec![self.mistake("mail.transport", message)]));
        }
        if self.sms.uses(SmsGateway::Outbox) {
            let message = "\"outbox\" is for the demo and tests: nobody would get a message";
            return Err(ConfigError::Mistakes(vec![self.mistake("sms.gateways", message)]));
        }
        Ok(())
    }

    /// What is allowed but better known to the operator, one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        self.server.warn(&mut warnings);
        self.tokens.warn(&mut warnings);
        warnings
    }

    fn assemble(file: Option<(&str, &str)>, env: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut layers = Layers::defaults()?;
        if let Some((name, text)) = file {
            layers.overlay_file(name, text)?;
        }
        let mut mistakes = layers.overlay_environment(&env);
        let (config, wrong) = typed::read::<Config>(&mut layers);
        mistakes.extend(wrong);
        let origins = layers.into_origins();
        let Some(mut config) = config else { return Err(ConfigError::from_mistakes(mistakes)) };

        let mut report = Report::new(&origins);
        config.resolve_named_secrets(&env, &mut report);
        config.check(&mut report);
        mistakes.extend(report.beyond(mistakes.as_slice()));
        if !mistakes.is_empty() {
            return Err(ConfigError::from_mistakes(mistakes));
        }
        config.origins = origins;
        Ok(config)
    }

    /// Replaces every `..._env` key by what the variable that it names holds, so that no other floor reads the
    /// environment.
    fn resolve_named_secrets(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        self.keys.resolve(env, report);
        self.mail.resolve(env, report);
        self.sms.resolve(env, report);
        self.resolve_providers(env, report);
        for (index, client) in self.clients.iter_mut().enumerate() {
            client.resolve(index, env, report);
        }
    }

    fn check(&self, report: &mut Report<'_>) {
        self.server.check(report);
        self.storage.check(report);
        self.ephemeral.check(report);
        self.keys.check(report);
        self.tokens.check(report);
        self.sessions.check(report);
        self.interactions.check(report);
        self.passwords.check(report);
        self.authentication.check(report);
        self.registration.check(report);
        self.client_registration.check(report);
        self.terms.check(report);
        self.password_reset.check(report);
        self.passkeys.check(report);
        self.holds.check(report);
        self.recovery.check(report);
        self.admin.check(report);
        policy::check(&self.policy, report);
        self.kyc.check(report);
        let tiers = [(Tier::BASIC, &self.tier_1), (Tier::STANDARD, &self.tier_2), (Tier::ENHANCED, &self.tier_3)];
        for (tier, section) in tiers {
            section.check(tier, &self.sms, report);
        }
        self.check_providers(report);
        self.mail.check(report);
        self.sms.check(&self.server, report);
        self.brand.check(report);
        self.outgoing.check(report);
        self.log.check(report);
        self.traces.check(report);
        client::check(&self.clients, report);
        if self.mail.transport == MailTransport::None && self.registration.enabled {
            report.mistake(
                "mail.transport",
                "without mail nobody can verify an address: set registration.enabled = false, or a transport",
            );
        }
    }
}

#[cfg(test)]
mod tests;
