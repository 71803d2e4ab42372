//! Refreshing (RFC 6749 section 6, RFC 9700 section 4.14.2): the line moves one step, a stolen token ends the family.

use super::TokenSet;
use super::issue::Authorization;
use super::refresh_token::ShownRefreshToken;
use crate::domain::client::Client;
use crate::domain::error::OAuthError;
use crate::domain::grant::{Grant, RevocationReason, Shown};
use crate::domain::parameters::Parameters;
use crate::domain::policy::decide;
use crate::flow::karat::Karat;
use crate::flow::machine;
use crate::storage::events::EventKind;
use crate::storage::grants::{ShownToken, StoredGrant};

impl Karat {
    pub(super) async fn refresh(&self, client: &Client, parameters: &Parameters) -> Result<TokenSet, OAuthError> {
        let shown =
            parameters.get("refresh_token").ok_or_else(|| OAuthError::invalid_request("refresh_token is missing"))?;
        let shown = ShownRefreshToken::parse(shown).ok_or_else(unknown_token)?;
        let stored = self.store.grant(shown.grant_id).await?.ok_or_else(unknown_token)?;
        let salt = stored.salt.clone().filter(|salt| shown.is_genuine(self, salt)).ok_or_else(unknown_token)?;
        let grant = &stored.grant;
        let now = self.now();
        let scope =
            machine::refreshed(parameters, &client.id, &grant.client_id, &grant.scope, grant.expires_at <= now)?;
        self.judge(&stored, shown.generation).await?;

        let user = self.store.user(grant.user_id).await?.ok_or_else(unknown_token)?;
        let granted = decide(&scope, client, &user).granted;
        if granted.is_empty() {
            return Err(OAuthError::invalid_grant("the person may not have these tokens any more"));
        }
        let token = ShownToken {
            generation: shown.generation,
            idle_until: self.idle_until(client, now),
            outlives_session: client.logout.keep_offline_access,
            now,
        };
        if !self.store.confirm_refresh(grant, token).await? {
            return Err(self.after_a_lost_race(&shown).await?);
        }
        let authorization = Authorization {
            client,
            user: &user,
            grant,
            scope: &granted,
            nonce: None,
            refresh_token: Some(self.refresh_token(grant.id, shown.generation + 1, &salt)),
        };
        self.issue(authorization)
    }

    async fn judge(&self, stored: &StoredGrant, generation: i64) -> Result<(), OAuthError> {
        let line = stored.grant.refresh.as_ref().ok_or_else(unknown_token)?;
        if stored.grant.revoked.is_some() {
            return Err(OAuthError::invalid_grant("the grant has been revoked"));
        }
        match line.judge(generation) {
            Shown::Successor | Shown::Repeated => Ok(()),
            Shown::Unknown => Err(unknown_token()),
            Shown::Stolen => {
                self.end_stolen(&stored.grant).await?;
                Err(OAuthError::invalid_grant(
                    "the refresh token was used before: all tokens of its family are revoked",
                ))
            }
        }
    }

    /// Something changed between reading and writing: look again, because it may have been the thief.
    async fn after_a_lost_race(&self, shown: &ShownRefreshToken) -> Result<OAuthError, OAuthError> {
        let stored = self.store.grant(shown.grant_id).await?.ok_or_else(unknown_token)?;
        if let Err(error) = self.judge(&stored, shown.generation).await {
            return Ok(error);
        }
        Ok(OAuthError::invalid_grant("the refresh token has expired, or its session has ended"))
    }

    async fn end_stolen(&self, grant: &Grant) -> Result<(), OAuthError> {
        self.store.revoke_grant(grant.id, RevocationReason::RefreshReplayed, self.now()).await?;
        let event = self.event(EventKind::RefreshReplayed, grant.user_id).at_client(&grant.client_id);
        self.store.record(&event).await?;
        tracing::warn!(client_id = %grant.client_id, grant = %grant.id, "a superseded refresh token was shown");
        Ok(())
    }
}

fn unknown_token() -> OAuthError {
    OAuthError::invalid_grant("the refresh token is unknown, expired or not this client's")
}
