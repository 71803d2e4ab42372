//! A checked authorization request (OpenID Connect Core section 3.1.2.1): everything in it is already right.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::authentication::Acr;
use super::claims_request::ClaimsRequest;
use super::client::ResponseMode;
use super::ids::{ClientId, UserId};
use super::pkce::CodeChallenge;
use super::scope::Scope;
use super::time::Seconds;

/// Where the answer goes, proven to belong to the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// Exactly as the client sent it.
    pub redirect_uri: String,
    pub state: Option<String>,
    pub mode: ResponseMode,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client_id: ClientId,
    pub reply: ReplyTo,
    pub scope: Scope,
    pub nonce: Option<String>,
    pub challenge: Option<CodeChallenge>,
    pub prompt: BTreeSet<Prompt>,
    pub max_age: Option<Seconds>,
    pub login_hint: Option<String>,
    /// The person of a valid `id_token_hint`, or of the `sub` claim asked for.
    pub expected_user: Option<UserId>,
    pub ui_locales: Vec<String>,
    pub acr_values: Vec<String>,
    pub claims: ClaimsRequest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    None,
    Login,
    Consent,
    SelectAccount,
}

impl Prompt {
    pub const ALL: [Prompt; 4] = [Prompt::None, Prompt::Login, Prompt::Consent, Prompt::SelectAccount];

    pub const fn as_str(self) -> &'static str {
        match self {
            Prompt::None => "none",
            Prompt::Login => "login",
            Prompt::Consent => "consent",
            Prompt::SelectAccount => "select_account",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.as_str() == text)
    }
}

impl AuthorizationRequest {
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }

    /// The weakest class that satisfies the request: what `acr_values` and the `acr` claim list, each any of theirs.
    /// `reach` is the strongest class of the deployment. A class that Karat knows and cannot reach is `Err`
    /// (RFC 9470 section 5), and so is an essential `acr` without any known class (OpenID Connect Core section
    /// 5.5.1.1); a wish for classes that nobody here knows is no demand.
    pub fn demanded_acr(&self, reach: Acr) -> Result<Option<Acr>, Unreachable> {
        let claim = self.claims.acr().filter(|wanted| !wanted.values.is_empty());
        let essential = claim.is_some_and(|wanted| wanted.essential);
        let claimed = claim.into_iter().flat_map(|wanted| &wanted.values).filter_map(|value| value.as_str());
        let claimed = weakest(claimed, reach)?;
        if essential && claimed.is_none() {
            return Err(Unreachable);
        }
        Ok(claimed.max(weakest(self.acr_values.iter().map(String::as_str), reach)?))
    }
}

fn weakest<'a>(listed: impl Iterator<Item = &'a str>, reach: Acr) -> Result<Option<Acr>, Unreachable> {
    match listed.filter_map(Acr::parse).min() {
        Some(least) if least > reach => Err(Unreachable),
        least => Ok(least),
    }
}

/// No way to log in here reaches what was demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;
