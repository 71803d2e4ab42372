//! Refreshing (RFC 6749 section 6, RFC 9700 section 4.14.2): the line moves one step, a stolen token ends the family.

use super::TokenSet;
use super::issue::Authorization;
use super::refresh_token::ShownRefreshToken;
use crate::domain::client::Client;
use crate::domain::error::OAuthError;
use crate::domain::grant::{Grant, Link, RefreshLine, RevocationReason, Shown};
use crate::domain::parameters::Parameters;
use crate::flow::karat::Karat;
use crate::flow::machine;
use crate::storage::events::EventKind;
use crate::storage::grants::{Step, StoredGrant};

/// How often a request looks again when others were quicker.
const CROSSING_REQUESTS: usize = 5;

impl Karat {
    pub(super) async fn refresh(&self, client: &Client, parameters: &Parameters) -> Result<TokenSet, OAuthError> {
        let shown =
            parameters.get("refresh_token").ok_or_else(|| OAuthError::invalid_request("refresh_token is missing"))?;
        let shown = ShownRefreshToken::parse(shown).ok_or_else(unknown_token)?;
        let (stored, user) = self.store.grant_with_person(shown.grant_id, None).await?.ok_or_else(unknown_token)?;
        let salt = stored.salt.clone().filter(|salt| shown.is_genuine(self, salt)).ok_or_else(unknown_token)?;
        let grant = &stored.grant;
        let expired = grant.expires_at <= self.now();
        let scope = machine::refreshed(parameters, &client.id, &grant.client_id, &grant.scope, expired)?;
        let granted = self.decide(&scope, client, &user, &grant.authentication).granted;
        if granted.is_empty() {
            return Err(OAuthError::invalid_grant("the person may not have these tokens any more"));
        }
        let successor = self.move_on(client, stored.clone(), shown.link).await?;
        let authorization = Authorization {
            client,
            user: &user,
            grant,
            scope: &granted,
            nonce: None,
            refresh_token: Some(self.refresh_token(grant.id, successor, &salt)),
        };
        self.issue(authorization).await
    }

    /// Moves the line on by what was shown and answers the successor. Requests that cross read the line again: the one
    /// that was quicker may have been the thief.
    async fn move_on(&self, client: &Client, mut stored: StoredGrant, link: Link) -> Result<Link, OAuthError> {
        let now = self.now();
        for _ in 0..CROSSING_REQUESTS {
            let (from, to, successor) = self.judge(&stored, link).await?;
            let step = Step {
                to: &to,
                idle_until: self.idle_until(client, now),
                outlives_session: client.logout.keep_offline_access,
                now,
            };
            if self.store.move_refresh_line(&stored.grant, &from, step).await? {
                return Ok(successor);
            }
            stored = self.store.grant(stored.grant.id).await?.ok_or_else(unknown_token)?;
            if stored.grant.refresh.as_ref().is_none_or(|refresh| refresh.line == from) {
                // Not the line has changed, but what it depends on.
                let why = "the refresh token has expired, or its session has ended";
                return Err(match stored.grant.revoked {
                    Some(_) => revoked(),
                    None => OAuthError::invalid_grant(why),
                });
            }
        }
        Err(OAuthError::unavailable("too many refreshes of one token crossed"))
    }

    async fn judge(&self, stored: &StoredGrant, link: Link) -> Result<(RefreshLine, RefreshLine, Link), OAuthError> {
        let refresh = stored.grant.refresh.as_ref().ok_or_else(unknown_token)?;
        if stored.grant.revoked.is_some() {
            return Err(revoked());
        }
        match refresh.line.show(link, self.now()) {
            Shown::Accepted { line, successor } => Ok((refresh.line.clone(), line, successor)),
            Shown::Unknown => Err(unknown_token()),
            Shown::Stolen => {
                self.end_stolen(&stored.grant).await?;
                Err(OAuthError::invalid_grant(
                    "the refresh token was used before: all tokens of its family are revoked",
                ))
            }
        }
    }

    async fn end_stolen(&self, grant: &Grant) -> Result<(), OAuthError> {
        self.store.revoke_grant(grant.id, RevocationReason::RefreshReplayed, self.now()).await?;
        let event = self.event(EventKind::RefreshReplayed, grant.user_id).at_client(&grant.client_id);
        self.store.record(&event).await?;
        tracing::warn!(client_id = %grant.client_id, grant = %grant.id, "a superseded refresh token was shown");
        Ok(())
    }
}

fn revoked() -> OAuthError {
    OAuthError::invalid_grant("the grant has been revoked")
}

fn unknown_token() -> OAuthError {
    OAuthError::invalid_grant("the refresh token is unknown, expired or not this client's")
}
