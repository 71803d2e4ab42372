//! What is asked of a provider, one exchange at a time, and whether its answer is right.

use std::collections::VecDeque;
use std::rc::Rc;

use anyhow::{Context, bail, ensure};
use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::browser::{Arrived, Browser};
use crate::connection::{Answer, Ask, Connection};
use crate::engine::Caller;
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// The discovery document.
    Discovery,
    /// The provider's public keys.
    Jwks,
    /// A token for an app itself (RFC 6749 section 4.4).
    ClientCredentials,
    /// Authorization with a session that is there, and the code's exchange.
    Code,
    /// A refresh token for the next one, each used once.
    Refresh,
    Introspection,
    Userinfo,
    /// A log-in with a password, from the app's request to its code.
    Password,
    /// One more grant with a refresh token.
    Collect,
    /// As a day's traffic: mostly refreshes and looks at tokens, some codes, few log-ins.
    Mix,
}

/// As reports call it.
pub fn name_of(scenario: Scenario) -> String {
    scenario.to_possible_value().map(|value| value.get_name().replace('-', "_")).unwrap_or_default()
}

/// One caller: its connections, its session, its tokens.
pub struct Worker {
    pub scenario: Scenario,
    pub world: Rc<World>,
    /// Which person it is.
    pub number: usize,
    pub connection: Connection,
    pub browser: Browser,
    pub access_token: String,
    /// Each of a grant of its own; used in turn.
    pub refresh_tokens: VecDeque<String>,
    pub turn: u64,
}

/// Of this many tokens the signature of one is checked: the load tool must not become what is measured.
const SIGNATURES_CHECKED: u64 = 64;
pub const VERIFIER: &str = "k3yNwXh0cZq8s6JtVb2uRfLp9mEa5dGi7oYxQz1WvTs";
pub const CHALLENGE: &str = "WoJSNQ3Oa1ktWNK0y_jKRSDD1-PXEUKseGl5q2Z0NKA";

impl Caller for Worker {
    async fn once(&mut self) -> anyhow::Result<()> {
        self.turn += 1;
        match self.scenario {
            Scenario::Discovery => self.discovery().await,
            Scenario::Jwks => self.jwks().await,
            Scenario::ClientCredentials => self.client_credentials().await,
            Scenario::Code => self.code().await,
            Scenario::Refresh => self.refresh().await,
            Scenario::Introspection => self.introspection().await,
            Scenario::Userinfo => self.userinfo().await,
            Scenario::Password => self.password().await,
            Scenario::Collect => self.collect().await,
            Scenario::Mix => self.mixed().await,
        }
    }
}

impl Worker {
    async fn discovery(&mut self) -> anyhow::Result<()> {
        let told = self.read(Ask::get(&self.world.discovery)).await?;
        ensure!(told["issuer"] == self.world.issuer, "another issuer: {told}");
        Ok(())
    }

    async fn jwks(&mut self) -> anyhow::Result<()> {
        let told = self.read(Ask::get(&self.world.jwks)).await?;
        ensure!(told["keys"].as_array().is_some_and(|keys| !keys.is_empty()), "no keys: {told}");
        Ok(())
    }

    async fn client_credentials(&mut self) -> anyhow::Result<()> {
        let service = &self.world.profile.service;
        let mut fields = vec![("grant_type", "client_credentials"), ("scope", service.scope.as_str())];
        if let Some(resource) = &service.resource {
            fields.push(("resource", resource));
        }
        let ask = Ask::form(&self.world.token, &fields);
        let told = self.read(as_client(ask, &service.client_id, &service.client_secret)).await?;
        ensure!(told["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")), "{told}");
        let token = text(&told, "access_token")?;
        self.check_signature(token)
    }

    /// RFC 7636 (S256) and `state` are part of it.
    async fn code(&mut self) -> anyhow::Result<()> {
        let app = &self.world.profile.app;
        let start = self.world.authorization(app, "openid", &[("nonce", "n-1")])?;
        let Arrived::App(url) = self.browser.go(&start, &app.redirect_uri).await? else {
            bail!("the session does not do");
        };
        let code = parameter(&url, "code")?;
        ensure!(parameter(&url, "state")? == "s-1", "another state: {url}");
        let told = self.redeem(&code).await?;
        let token = text(&told, "id_token")?;
        ensure!(claims(token)?["nonce"] == "n-1", "another nonce");
        text(&told, "access_token")?;
        let token = token.to_owned();
        self.check_signature(&token)
    }

    pub async fn redeem(&mut self, code: &str) -> anyhow::Result<Value> {
        let app = &self.world.profile.app;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", app.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let ask = as_client(Ask::form(&self.world.token, &fields), &app.client_id, &app.client_secret);
        self.read(ask).await
    }

    pub async fn refresh(&mut self) -> anyhow::Result<()> {
        let app = &self.world.profile.app;
        let shown = self.refresh_tokens.front().context("no refresh token")?.clone();
        let fields = [("grant_type", "refresh_token"), ("refresh_token", shown.as_str())];
        let ask = as_client(Ask::form(&self.world.token, &fields), &app.client_id, &app.client_secret);
        let told = self.read(ask).await?;
        let next = text(&told, "refresh_token")?;
        ensure!(next != shown, "the refresh token stays the same");
        self.refresh_tokens.push_back(next.to_owned());
        self.refresh_tokens.pop_front();
        text(&told, "access_token")?.clone_into(&mut self.access_token);
        Ok(())
    }

    /// One more grant that can be refreshed.
    pub async fn collect(&mut self) -> anyhow::Result<()> {
        let app = &self.world.profile.app;
        let start = self.world.authorization(app, &app.offline_scope, &[])?;
        let Arrived::App(url) = self.browser.go(&start, &app.redirect_uri).await? else {
            bail!("the session does not do");
        };
        let told = self.redeem(&parameter(&url, "code")?).await?;
        self.refresh_tokens.push_back(text(&told, "refresh_token")?.to_owned());
        Ok(())
    }

    async fn introspection(&mut self) -> anyhow::Result<()> {
        let world = self.world.clone();
        let app = &world.profile.app;
        let ask = Ask::form(&world.introspection, &[("token", &self.access_token)]);
        let told = self.read(as_client(ask, &app.client_id, &app.client_secret)).await?;
        ensure!(told["active"] == true && told["client_id"] == app.client_id, "{told}");
        Ok(())
    }

    async fn userinfo(&mut self) -> anyhow::Result<()> {
        let bearer = format!("Bearer {}", self.access_token);
        let told = self.read(Ask::get(&self.world.userinfo).with(header::AUTHORIZATION, bearer)).await?;
        text(&told, "sub").map(drop)
    }

    async fn password(&mut self) -> anyhow::Result<()> {
        let (world, number) = (self.world.clone(), self.number);
        let app = &world.profile.app;
        let start = world.authorization(app, "openid", &[])?;
        let mut browser = Browser::new(&world.base)?;
        let url = browser.log_in(&start, &app.redirect_uri, (&world.profile.people, number)).await?;
        parameter(&url, "code").map(drop)
    }

    async fn mixed(&mut self) -> anyhow::Result<()> {
        match (self.turn + self.number as u64) % 100 {
            0 => self.password().await,
            1..15 => self.code().await,
            15..40 => self.refresh().await,
            40..70 => self.introspection().await,
            70..85 => self.userinfo().await,
            85..95 => self.client_credentials().await,
            95..98 => self.jwks().await,
            _ => self.discovery().await,
        }
    }

    async fn read(&mut self, ask: Ask) -> anyhow::Result<Value> {
        good(&self.connection.send(&ask).await?)
    }

    fn check_signature(&self, token: &str) -> anyhow::Result<()> {
        match self.turn % SIGNATURES_CHECKED {
            1 => self.world.check_signature(token),
            _ => Ok(()),
        }
    }
}

pub fn good(answer: &Answer) -> anyhow::Result<Value> {
    ensure!(answer.status.is_success(), "{}", answer.told());
    answer.json()
}

pub fn text<'a>(told: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    told[name].as_str().with_context(|| format!("no {name} in {told}"))
}

pub fn parameter(url: &Url, name: &str) -> anyhow::Result<String> {
    let found = url.query_pairs().find(|(given, _)| given == name);
    Ok(found.with_context(|| format!("no {name} in {url}"))?.1.into_owned())
}

fn claims(token: &str) -> anyhow::Result<Value> {
    let payload = token.split('.').nth(1).context("no JWT")?;
    Ok(serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload)?)?)
}

/// HTTP Basic as RFC 6749 section 2.3.1 has it; ids and secrets of profiles need no escaping.
pub fn as_client(ask: Ask, id: &str, secret: &str) -> Ask {
    ask.with(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
}
