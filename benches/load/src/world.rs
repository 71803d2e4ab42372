//! A provider that runs, as its callers know it: its endpoints, its keys, and people who are logged in.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use url::Url;

use crate::browser::Browser;
use crate::connection::{Ask, Connection};
use crate::profile::{App, Profile};
use crate::scenario::{CHALLENGE, Scenario, Worker, good, parameter, text};

pub struct World {
    pub profile: Profile,
    pub issuer: String,
    pub base: Url,
    authorization: Url,
    /// Path and query of each.
    pub discovery: String,
    pub jwks: String,
    pub token: String,
    pub introspection: String,
    pub userinfo: String,
    keys: JwkSet,
}

impl World {
    /// Reads the discovery document (OpenID Connect Discovery section 4) as soon as there is an answer.
    pub async fn of(profile: Profile, patience: Duration) -> anyhow::Result<Self> {
        let base = Url::parse(&profile.issuer)?;
        let discovery = discovery_of(&base);
        let mut connection = Connection::to(&base)?;
        let asked = Ask::get(&discovery);
        let patient = tokio::time::timeout(patience, async {
            loop {
                match connection.send(&asked).await {
                    Ok(answer) if answer.status.is_success() => break answer,
                    _ => tokio::time::sleep(Duration::from_millis(2)).await,
                }
            }
        });
        let told = patient.await.with_context(|| format!("{} does not answer", profile.issuer))?.json()?;
        let endpoint = |name: &str| -> anyhow::Result<String> { Ok(path_of(&Url::parse(text(&told, name)?)?)) };
        let jwks = endpoint("jwks_uri")?;
        let keys = good(&connection.send(&Ask::get(&jwks)).await?)?;
        Ok(Self {
            issuer: text(&told, "issuer")?.to_owned(),
            authorization: Url::parse(text(&told, "authorization_endpoint")?)?,
            token: endpoint("token_endpoint")?,
            introspection: endpoint("introspection_endpoint")?,
            userinfo: endpoint("userinfo_endpoint")?,
            keys: serde_json::from_value(keys)?,
            profile,
            base,
            discovery,
            jwks,
        })
    }

    /// An authorization request with `state` and PKCE.
    pub fn authorization(&self, app: &App, scope: &str, more: &[(&str, &str)]) -> anyhow::Result<Url> {
        let mut url = self.authorization.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &app.client_id)
            .append_pair("redirect_uri", &app.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", scope)
            .append_pair("state", "s-1")
            .append_pair("code_challenge", CHALLENGE)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(more);
        Ok(url)
    }

    pub fn check_signature(&self, token: &str) -> anyhow::Result<()> {
        let head = jsonwebtoken::decode_header(token).context("not a JWT")?;
        ensure!(algorithm(&self.profile.signing)? == head.alg, "signed with {:?}", head.alg);
        let kid = head.kid.context("no kid")?;
        let key = self.keys.find(&kid).context("signed with a key that is not published")?;
        let mut validation = Validation::new(head.alg);
        validation.validate_aud = false;
        validation.set_issuer(&[&self.issuer]);
        jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(key)?, &validation)?;
        Ok(())
    }

    /// Each with a session and tokens of its own, of another person each.
    pub async fn workers(self: &Rc<Self>, count: usize) -> anyhow::Result<Vec<Worker>> {
        let app = &self.profile.app;
        let mut workers = Vec::with_capacity(count);
        for number in 0..count {
            let mut browser = Browser::new(&self.base)?;
            let more: Vec<_> = app.offline_prompt.iter().map(|prompt| ("prompt", prompt.as_str())).collect();
            let start = self.authorization(app, &app.offline_scope, &more)?;
            let url = browser.log_in(&start, &app.redirect_uri, (&self.profile.people, number)).await;
            let url = url.with_context(|| format!("{}: person {number}", self.profile.name))?;
            let mut worker = Worker {
                scenario: Scenario::Discovery,
                world: self.clone(),
                number,
                connection: Connection::to(&self.base)?,
                browser,
                access_token: String::new(),
                refresh_tokens: VecDeque::new(),
                turn: 0,
            };
            let told = worker.redeem(&parameter(&url, "code")?).await?;
            text(&told, "access_token")?.clone_into(&mut worker.access_token);
            worker.refresh_tokens.push_back(text(&told, "refresh_token")?.to_owned());
            workers.push(worker);
        }
        Ok(workers)
    }
}

/// OpenID Connect Discovery section 4.
pub fn discovery_of(issuer: &Url) -> String {
    format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/'))
}

fn path_of(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn algorithm(name: &str) -> anyhow::Result<Algorithm> {
    match name {
        "ES256" => Ok(Algorithm::ES256),
        "RS256" => Ok(Algorithm::RS256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        other => bail!("signing: {other} is not known here"),
    }
}
