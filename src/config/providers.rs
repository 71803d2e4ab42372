//! The providers of verification: one section each, with what their API and their webhooks need.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::mistake::Report;
use super::value::Secret;
use crate::domain::kyc::{Provider, Tier};

/// Sumsub: applicants at levels of your dashboard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SumsubSection {
    pub api: Url,
    pub app_token: Option<Secret>,
    pub app_token_env: Option<String>,
    /// Requests are signed with it.
    pub secret_key: Option<Secret>,
    pub secret_key_env: Option<String>,
    pub webhook_secret: Option<Secret>,
    pub webhook_secret_env: Option<String>,
    pub webhook_previous_secret: Option<Secret>,
    pub webhook_previous_secret_env: Option<String>,
    pub tier_1_level: Option<String>,
    pub tier_2_level: Option<String>,
    pub tier_3_level: Option<String>,
}

/// Onfido: runs of workflows made in its Studio.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnfidoSection {
    /// Of your region.
    pub api: Url,
    pub api_token: Option<Secret>,
    pub api_token_env: Option<String>,
    pub webhook_secret: Option<Secret>,
    pub webhook_secret_env: Option<String>,
    pub webhook_previous_secret: Option<Secret>,
    pub webhook_previous_secret_env: Option<String>,
    pub tier_1_workflow: Option<String>,
    pub tier_2_workflow: Option<String>,
    pub tier_3_workflow: Option<String>,
}

/// Persona: inquiries made from templates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonaSection {
    pub api: Url,
    pub api_key: Option<Secret>,
    pub api_key_env: Option<String>,
    pub webhook_secret: Option<Secret>,
    pub webhook_secret_env: Option<String>,
    pub webhook_previous_secret: Option<Secret>,
    pub webhook_previous_secret_env: Option<String>,
    pub tier_1_template: Option<String>,
    pub tier_2_template: Option<String>,
    pub tier_3_template: Option<String>,
}

/// Veriff: sessions of one integration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VeriffSection {
    pub api: Url,
    pub api_key: Option<Secret>,
    pub api_key_env: Option<String>,
    /// Requests and webhooks are signed with it.
    pub shared_secret: Option<Secret>,
    pub shared_secret_env: Option<String>,
    pub previous_shared_secret: Option<Secret>,
    pub previous_shared_secret_env: Option<String>,
}

/// Stripe Identity: verification sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripeIdentitySection {
    pub api: Url,
    /// A restricted one that may read sensitive verification results.
    pub secret_key: Option<Secret>,
    pub secret_key_env: Option<String>,
    pub webhook_secret: Option<Secret>,
    pub webhook_secret_env: Option<String>,
    pub webhook_previous_secret: Option<Secret>,
    pub webhook_previous_secret_env: Option<String>,
    /// Flows of your dashboard; without one a document and a matching selfie are asked for.
    pub tier_1_flow: Option<String>,
    pub tier_2_flow: Option<String>,
    pub tier_3_flow: Option<String>,
}

/// A secret's key, where it is kept, and the variable that may hold it instead.
type Named<'a> = (&'static str, &'a mut Option<Secret>, &'a Option<String>);

fn resolve<const N: usize>(
    section: &str,
    named: [Named<'_>; N],
    env: &BTreeMap<String, String>,
    report: &mut Report<'_>,
) {
    for (key, secret, variable) in named {
        let path = format!("{section}.{key}_env");
        if secret.is_some() && variable.is_some() {
            report.mistake(&path, format!("not together with `{key}`"));
        } else if let Some(found) = report.variable(&path, variable.as_deref(), env) {
            *secret = Some(found);
        }
    }
}

fn check_api(section: &str, api: &Url, report: &mut Report<'_>) {
    if !matches!(api.scheme(), "https" | "http") || api.path() != "/" || api.query().is_some() {
        report.mistake(&format!("{section}.api"), "must be an https URL without a path");
    }
}

/// What a level needs when this provider decides it.
fn check_needs<const N: usize>(section: &str, needs: [(&str, bool); N], tier: Tier, report: &mut Report<'_>) {
    for (key, is_there) in needs {
        if !is_there {
            report.mistake(&format!("{section}.{key}"), format!("is needed: `tier_{tier}.provider` names it"));
        }
    }
}

/// The one of three keys that is a level's.
fn of_tier(tier: Tier, [first, second, third]: [&Option<String>; 3]) -> Option<&str> {
    let key = match tier {
        Tier::BASIC => first,
        Tier::STANDARD => second,
        Tier::ENHANCED => third,
        _ => return None,
    };
    key.as_deref().filter(|text| !text.is_empty())
}

impl SumsubSection {
    pub fn level(&self, tier: Tier) -> Option<&str> {
        of_tier(tier, [&self.tier_1_level, &self.tier_2_level, &self.tier_3_level])
    }

    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        let named = [
            ("app_token", &mut self.app_token, &self.app_token_env),
            ("secret_key", &mut self.secret_key, &self.secret_key_env),
            ("webhook_secret", &mut self.webhook_secret, &self.webhook_secret_env),
            ("webhook_previous_secret", &mut self.webhook_previous_secret, &self.webhook_previous_secret_env),
        ];
        resolve("sumsub", named, env, report);
    }

    fn check_for(&self, tier: Tier, report: &mut Report<'_>) {
        let level = format!("tier_{tier}_level");
        let needs = [
            ("app_token", self.app_token.is_some()),
            ("secret_key", self.secret_key.is_some()),
            ("webhook_secret", self.webhook_secret.is_some()),
            (level.as_str(), self.level(tier).is_some()),
        ];
        check_needs("sumsub", needs, tier, report);
    }
}

impl OnfidoSection {
    pub fn workflow(&self, tier: Tier) -> Option<&str> {
        of_tier(tier, [&self.tier_1_workflow, &self.tier_2_workflow, &self.tier_3_workflow])
    }

    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        let named = [
            ("api_token", &mut self.api_token, &self.api_token_env),
            ("webhook_secret", &mut self.webhook_secret, &self.webhook_secret_env),
            ("webhook_previous_secret", &mut self.webhook_previous_secret, &self.webhook_previous_secret_env),
        ];
        resolve("onfido", named, env, report);
    }

    fn check_for(&self, tier: Tier, report: &mut Report<'_>) {
        let workflow = format!("tier_{tier}_workflow");
        let needs = [
            ("api_token", self.api_token.is_some()),
            ("webhook_secret", self.webhook_secret.is_some()),
            (workflow.as_str(), self.workflow(tier).is_some()),
        ];
        check_needs("onfido", needs, tier, report);
    }
}

impl PersonaSection {
    pub fn template(&self, tier: Tier) -> Option<&str> {
        of_tier(tier, [&self.tier_1_template, &self.tier_2_template, &self.tier_3_template])
    }

    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        let named = [
            ("api_key", &mut self.api_key, &self.api_key_env),
            ("webhook_secret", &mut self.webhook_secret, &self.webhook_secret_env),
            ("webhook_previous_secret", &mut self.webhook_previous_secret, &self.webhook_previous_secret_env),
        ];
        resolve("persona", named, env, report);
    }

    fn check_for(&self, tier: Tier, report: &mut Report<'_>) {
        let template = format!("tier_{tier}_template");
        let needs = [
            ("api_key", self.api_key.is_some()),
            ("webhook_secret", self.webhook_secret.is_some()),
            (template.as_str(), self.template(tier).is_some()),
        ];
        check_needs("persona", needs, tier, report);
    }
}

impl VeriffSection {
    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        let named = [
            ("api_key", &mut self.api_key, &self.api_key_env),
            ("shared_secret", &mut self.shared_secret, &self.shared_secret_env),
            ("previous_shared_secret", &mut self.previous_shared_secret, &self.previous_shared_secret_env),
        ];
        resolve("veriff", named, env, report);
    }

    fn check_for(&self, tier: Tier, report: &mut Report<'_>) {
        let needs = [("api_key", self.api_key.is_some()), ("shared_secret", self.shared_secret.is_some())];
        check_needs("veriff", needs, tier, report);
    }
}

impl StripeIdentitySection {
    pub fn flow(&self, tier: Tier) -> Option<&str> {
        of_tier(tier, [&self.tier_1_flow, &self.tier_2_flow, &self.tier_3_flow])
    }

    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        let named = [
            ("secret_key", &mut self.secret_key, &self.secret_key_env),
            ("webhook_secret", &mut self.webhook_secret, &self.webhook_secret_env),
            ("webhook_previous_secret", &mut self.webhook_previous_secret, &self.webhook_previous_secret_env),
        ];
        resolve("stripe_identity", named, env, report);
    }

    fn check_for(&self, tier: Tier, report: &mut Report<'_>) {
        let needs = [("secret_key", self.secret_key.is_some()), ("webhook_secret", self.webhook_secret.is_some())];
        check_needs("stripe_identity", needs, tier, report);
    }
}

impl super::Config {
    /// Secrets of the providers, wherever they are.
    pub(super) fn resolve_providers(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        self.sumsub.resolve(env, report);
        self.onfido.resolve(env, report);
        self.persona.resolve(env, report);
        self.veriff.resolve(env, report);
        self.stripe_identity.resolve(env, report);
    }

    /// A provider's section has to be complete for the levels that name it.
    pub(super) fn check_providers(&self, report: &mut Report<'_>) {
        let apis = [
            ("sumsub", &self.sumsub.api),
            ("onfido", &self.onfido.api),
            ("persona", &self.persona.api),
            ("veriff", &self.veriff.api),
            ("stripe_identity", &self.stripe_identity.api),
        ];
        for (section, api) in apis {
            check_api(section, api, report);
        }
        let tiers = [(Tier::BASIC, &self.tier_1), (Tier::STANDARD, &self.tier_2), (Tier::ENHANCED, &self.tier_3)];
        for (tier, section) in tiers {
            match section.provider {
                Provider::Review => {}
                Provider::Sumsub => self.sumsub.check_for(tier, report),
                Provider::Onfido => self.onfido.check_for(tier, report),
                Provider::Persona => self.persona.check_for(tier, report),
                Provider::Veriff => self.veriff.check_for(tier, report),
                Provider::Stripe => self.stripe_identity.check_for(tier, report),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError};
    use crate::domain::kyc::Tier;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let env = [("SUMSUB_TOKEN".to_owned(), "token".to_owned())];
        Config::from_text("karat.toml", text, env.into_iter())
    }

    #[test]
    fn what_a_provider_needs_is_asked_for_when_a_level_names_it() {
        let whole = "[tier_2]\nprovider = \"sumsub\"\n[sumsub]\napp_token_env = \"SUMSUB_TOKEN\"\nsecret_key = \"k\"\n\
                     webhook_secret = \"w\"\ntier_2_level = \"id-and-liveness\"\n";
        let config = read(whole).unwrap();
        assert_eq!(config.sumsub.app_token.as_ref().map(|token| token.expose()), Some("token"));
        assert_eq!(config.sumsub.level(Tier::STANDARD), Some("id-and-liveness"));
        assert_eq!(config.sumsub.level(Tier::ENHANCED), None);
        for (without, key) in [
            ("app_token_env = \"SUMSUB_TOKEN\"\n", "sumsub.app_token"),
            ("secret_key = \"k\"\n", "sumsub.secret_key"),
            ("webhook_secret = \"w\"\n", "sumsub.webhook_secret"),
            ("tier_2_level = \"id-and-liveness\"\n", "sumsub.tier_2_level"),
        ] {
            let told = read(&whole.replace(without, "")).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(told.contains(key), "{key}: {told}");
        }
        for (provider, section, key) in [
            ("onfido", "onfido", "tier_3_workflow"),
            ("persona", "persona", "tier_3_template"),
            ("veriff", "veriff", "shared_secret"),
            ("stripe", "stripe_identity", "webhook_secret"),
        ] {
            let told = read(&format!("[tier_3]\nprovider = \"{provider}\"\n")).unwrap_err().to_string();
            assert!(told.contains(&format!("{section}.{key}")), "{told}");
        }
    }

    #[test]
    fn a_secret_stands_in_one_place_and_an_api_is_a_host() {
        for (text, key) in [
            ("[sumsub]\napp_token = \"a\"\napp_token_env = \"SUMSUB_TOKEN\"\n", "sumsub.app_token_env"),
            ("[veriff]\napi_key_env = \"NOT_THERE\"\n", "veriff.api_key_env"),
            ("[persona]\napi = \"https://api.withpersona.com/api/v1\"\n", "persona.api"),
        ] {
            let told = read(text).unwrap_err().to_string();
            assert!(told.contains(key), "{told}");
        }
    }
}
