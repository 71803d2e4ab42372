//! Clients that stand in the configuration file, as written there: which combinations make sense is judged by the rules
//! of the domain.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::mistake::Report;
use super::value::{self, Secret};
use crate::domain::client::{AssertionAudience, ConsentRule, WhenWithheld};
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::time::Seconds;

/// One `[[client]]`. Names are those of RFC 7591 section 2 and OpenID Connect Dynamic Registration section 2 where they
/// have one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSection {
    pub client_id: String,
    pub kind: ApplicationType,
    pub client_name: Option<String>,
    /// In the clear, from the file or from the variable that `client_secret_env` names; hashed before it is stored.
    pub client_secret: Option<Secret>,
    pub client_secret_env: Option<String>,
    /// As `karat client show` prints it; instead of `client_secret`.
    pub client_secret_hash: Option<String>,
    pub token_endpoint_auth_method: Option<String>,
    /// Of `private_key_jwt`; any that its keys are of when left out.
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Whom assertions must be made out to.
    pub client_assertion_audience: Option<AssertionAudience>,
    /// A JWK set; not together with `jwks_uri`.
    pub jwks: Option<serde_json::Value>,
    pub jwks_uri: Option<String>,
    /// Of the requests that it signs; any that its keys are of when left out.
    pub request_object_signing_alg: Option<String>,
    /// No other request counts then.
    pub require_signed_request_object: Option<bool>,
    #[serde(default)]
    pub request_uris: Vec<String>,
    pub grant_types: Option<Vec<String>>,
    pub response_modes: Option<Vec<String>>,
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    pub backchannel_logout_uri: Option<String>,
    pub keep_offline_access: Option<bool>,
    pub events_uri: Option<String>,
    /// Separated by spaces.
    pub scope: Option<String>,
    /// What of a person's verified identity it may ask for, claim by claim.
    #[serde(default)]
    pub verified_claims: Vec<String>,
    #[serde(default)]
    pub audience: Vec<String>,
    pub id_token_signed_response_alg: Option<String>,
    /// Userinfo is plain JSON when left out.
    pub userinfo_signed_response_alg: Option<String>,
    /// "public" or "pairwise".
    pub subject_type: Option<String>,
    /// What it says is taken on trust here; the clients that register themselves are checked against it.
    pub sector_identifier_uri: Option<String>,
    pub require_pkce: Option<bool>,
    pub consent: Option<ConsentRule>,
    pub when_withheld: Option<WhenWithheld>,
    #[serde(default, deserialize_with = "value::optional_seconds")]
    pub access_token_lifetime: Option<Seconds>,
    #[serde(default, deserialize_with = "value::optional_seconds")]
    pub id_token_lifetime: Option<Seconds>,
    #[serde(default, deserialize_with = "value::optional_seconds")]
    pub refresh_idle_lifetime: Option<Seconds>,
    #[serde(default, deserialize_with = "value::optional_seconds")]
    pub refresh_absolute_lifetime: Option<Seconds>,
    #[serde(default)]
    pub default_acr_values: Vec<String>,
    #[serde(default, deserialize_with = "value::optional_seconds")]
    pub default_max_age: Option<Seconds>,
    /// `auth_time` is always told, so this changes nothing.
    pub require_auth_time: Option<bool>,
    pub client_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
    /// A picture of at most 64 KiB, read at start and kept in the database.
    pub logo: Option<PathBuf>,
    /// `#rrggbb`: on the pages of its log-ins in place of the house's gold, as far as they stay readable.
    pub accent_color: Option<String>,
    pub verified: Option<bool>,
}

impl ClientSection {
    pub(super) fn resolve(&mut self, index: usize, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        let path = |key: &str| format!("client[{index}].{key}");
        let given = [self.client_secret.is_some(), self.client_secret_env.is_some(), self.client_secret_hash.is_some()];
        if given.iter().filter(|given| **given).count() > 1 {
            report.mistake(
                &path("client_secret"),
                "choose one of `client_secret`, `client_secret_env` and `client_secret_hash`",
            );
        } else if let Some(secret) = report.variable(&path("client_secret_env"), self.client_secret_env.as_deref(), env)
        {
            self.client_secret = Some(secret);
        }
    }
}

/// What concerns the list as a whole.
pub(super) fn check(clients: &[ClientSection], report: &mut Report<'_>) {
    for (index, client) in clients.iter().enumerate() {
        if clients[..index].iter().any(|earlier| earlier.client_id == client.client_id) {
            let message = format!("{:?} is the id of an earlier client", client.client_id);
            report.mistake(&format!("client[{index}].client_id"), message);
        }
    }
}
