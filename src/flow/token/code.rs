//! Redeeming an authorization code (RFC 6749 section 4.1.3): once, by its client; a replay ends what the first use began.

use super::TokenSet;
use super::issue::Authorization;
use super::refresh_token::new_salt;
use crate::crypto::token::OpaqueToken;
use crate::domain::client::{Client, ConsentRule, GrantType};
use crate::domain::error::OAuthError;
use crate::domain::grant::{RefreshLine, Refreshable};
use crate::domain::parameters::Parameters;
use crate::domain::scope;
use crate::domain::time::Timestamp;
use crate::flow::authorize::respond::{CODE_EVIDENCE, CodeRecord, code_key};
use crate::flow::karat::Karat;
use crate::flow::machine;
use crate::storage::ephemeral::Taken;
use crate::storage::events::EventKind;

impl Karat {
    pub(super) async fn redeem_code(&self, client: &Client, parameters: &Parameters) -> Result<TokenSet, OAuthError> {
        let shown = parameters.get("code").ok_or_else(|| OAuthError::invalid_request("code is missing"))?;
        let code = OpaqueToken::parse(shown).ok_or_else(unknown_code)?;
        let record = self.take_code(client, &code).await?;
        let now = self.now();
        let kept = machine::Code {
            client_id: &record.request.client_id,
            redirect_uri: &record.request.redirect_uri,
            challenge: record.request.challenge.as_ref(),
            expired: record.expires_at <= now,
        };
        machine::redeem(parameters, &client.id, &kept)?;

        let user = self.store.user(record.user_id).await?.ok_or_else(unknown_code)?;
        let granted = self.decide(&record.scope, client, &user, &record.authentication).granted;
        if granted.is_empty() {
            return Err(OAuthError::invalid_grant("the person may not have these tokens any more"));
        }
        let refreshable = granted.contains(scope::OFFLINE_ACCESS) && client.may_use(GrantType::RefreshToken);
        let lifetime = match refreshable {
            true => client.lifetimes.refresh_absolute.unwrap_or(self.settings.tokens.refresh_absolute_lifetime),
            // Nothing of the family outlives the one access token.
            false => client.lifetimes.access_token.unwrap_or(self.settings.tokens.access_token_lifetime),
        };
        let mut grant = record.grant(now, now.plus(lifetime));
        grant.scope = granted;
        let salt = refreshable.then(new_salt);
        if refreshable {
            grant.refresh =
                Some(Refreshable { line: RefreshLine::begin(now), idle_until: self.idle_until(client, now) });
        }
        let by_consent = client.consent != ConsentRule::FirstParty;
        if !self.store.add_grant(&grant, salt.as_ref().map(|salt| &salt[..]), by_consent).await? {
            return Err(OAuthError::invalid_grant(
                "the session has ended, consent was withdrawn, or the code was shown twice",
            ));
        }
        let refresh_token = salt.map(|salt| self.refresh_token(grant.id, RefreshLine::FIRST, &salt));
        let authorization = Authorization {
            client,
            user: &user,
            grant: &grant,
            scope: &grant.scope,
            nonce: record.request.nonce.as_deref(),
            refresh_token,
        };
        self.issue(authorization).await
    }

    /// Takes the code out of use. Another client's attempt does not touch it.
    async fn take_code(&self, client: &Client, code: &OpaqueToken) -> Result<CodeRecord, OAuthError> {
        let key = code_key(code);
        if let Some(text) = self.ephemeral.get(&key).await?
            && read(&text)?.request.client_id != client.id
        {
            return Err(unknown_code());
        }
        match self.ephemeral.take_leaving_tombstone(&key, CODE_EVIDENCE.as_duration()).await? {
            Taken::First(text) => read(&text),
            Taken::Nothing => Err(unknown_code()),
            Taken::Again(text) => {
                let record = read(&text)?;
                if record.request.client_id == client.id {
                    self.end_replayed(&record).await?;
                }
                Err(OAuthError::invalid_grant("the code has been used already"))
            }
        }
    }

    /// RFC 6749 section 4.1.2: everything that came of the code dies, and that is stored before the answer goes out.
    async fn end_replayed(&self, record: &CodeRecord) -> Result<(), OAuthError> {
        let now = self.now();
        self.store.revoke_replayed(&record.grant(now, now.plus(CODE_EVIDENCE)), now).await?;
        let event = self.event(EventKind::CodeReplayed, record.user_id).at_client(&record.request.client_id);
        self.store.record(&event).await?;
        tracing::warn!(client_id = %record.request.client_id, grant = %record.grant_id, "a code was shown twice");
        Ok(())
    }

    pub(super) fn idle_until(&self, client: &Client, now: Timestamp) -> Timestamp {
        now.plus(client.lifetimes.refresh_idle.unwrap_or(self.settings.tokens.refresh_idle_lifetime))
    }
}

fn read(text: &str) -> Result<CodeRecord, OAuthError> {
    serde_json::from_str(text).map_err(OAuthError::internal)
}

fn unknown_code() -> OAuthError {
    OAuthError::invalid_grant("the code is unknown, expired or not this client's")
}
