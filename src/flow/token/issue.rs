//! The one place where an authorization becomes tokens.

use serde::Serialize;
use serde_json::{Map, Value};

use super::TokenSet;
use crate::crypto::keyring::at_hash;
use crate::domain::claims::{released_by_name, within_registration};
use crate::domain::client::Client;
use crate::domain::error::OAuthError;
use crate::domain::grant::Grant;
use crate::domain::scope::{self, Scope};
use crate::domain::user::User;
use crate::flow::access_token::PersonToken;
use crate::flow::karat::Karat;

/// What every grant about a person returns.
pub(super) struct Authorization<'a> {
    pub client: &'a Client,
    pub user: &'a User,
    pub grant: &'a Grant,
    /// Of this access token; not wider than the grant's.
    pub scope: &'a Scope,
    /// Only in the first ID token (OpenID Connect Core section 12.2).
    pub nonce: Option<&'a str>,
    pub refresh_token: Option<String>,
}

/// OpenID Connect Core section 2.
#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'a str,
    amr: &'a [String],
    sid: String,
    kyc_level: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<i64>,
    at_hash: String,
    #[serde(flatten)]
    asked_by_name: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_claims: Option<Value>,
}

impl Karat {
    pub(super) async fn issue(&self, authorization: Authorization<'_>) -> Result<TokenSet, OAuthError> {
        let Authorization { client, user, grant, scope, .. } = authorization;
        let (access_token, expires_in) = self.person_access_token(&PersonToken { client, user, grant, scope })?;
        let id_token = match scope.contains(scope::OPENID) {
            true => Some(self.id_token(&authorization, &access_token).await?),
            false => None,
        };
        Ok(TokenSet {
            access_token,
            token_type: "Bearer",
            expires_in: expires_in.0,
            scope: scope.clone(),
            refresh_token: authorization.refresh_token,
            id_token,
        })
    }

    async fn id_token(&self, authorization: &Authorization<'_>, access_token: &str) -> Result<String, OAuthError> {
        let Authorization { client, user, grant, nonce, .. } = authorization;
        let now = self.now();
        let lifetime = client.lifetimes.id_token.unwrap_or(self.settings.tokens.id_token_lifetime);
        // The registration may have been narrowed since the claims were asked for.
        let wanted = within_registration(grant.claims.clone(), client);
        let claims = IdToken {
            iss: self.issuer(),
            sub: self.subject(client, user.id),
            aud: client.id.as_str(),
            exp: now.plus(lifetime).unix(),
            iat: now.unix(),
            auth_time: grant.authentication.time.unix(),
            nonce: *nonce,
            acr: grant.authentication.acr.as_str(),
            amr: &grant.authentication.amr,
            sid: self.session_name(client, grant.session_id),
            kyc_level: self.kyc_tier(user).level(),
            hold_until: self.hold_until(user),
            at_hash: at_hash(client.id_token_alg, access_token),
            asked_by_name: released_by_name(user, &wanted.id_token),
            verified_claims: self.verified_claims(user, &wanted.verified.id_token).await?,
        };
        Ok(self.keys.ring().sign(client.id_token_alg, "JWT", &claims)?)
    }
}
