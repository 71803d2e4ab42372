//! Access tokens: JWTs by RFC 9068, and the one way to find out what a shown one is worth now.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use super::Failure;
use super::karat::Karat;
use crate::crypto::keyring::Expected;
use crate::crypto::token::OpaqueToken;
use crate::domain::client::{Client, GrantType};
use crate::domain::error::OAuthError;
use crate::domain::grant::Grant;
use crate::domain::hold::running;
use crate::domain::ids::{ClientId, GrantId, UserId};
use crate::domain::jose::Algorithm;
use crate::domain::scope::{self, Scope};
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::storage::grants::StoredGrant;

const TYPE: &str = "at+jwt";

/// The claims of RFC 9068 section 2.2, and the grant that the token comes of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub client_id: ClientId,
    pub exp: i64,
    pub iat: i64,
    pub jti: String,
    /// Left out when there is none.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// How far the person is verified; absent in a token of a client that acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kyc_level: Option<u8>,
    /// What moves money is to wait until then; absent when nothing is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_until: Option<i64>,
    /// Absent in a token of a client that acts for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<GrantId>,
}

/// RFC 7519 section 4.1.3: one text, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    pub fn names(&self, who: &str) -> bool {
        match self {
            Self::One(one) => one == who,
            Self::Several(several) => several.iter().any(|one| one == who),
        }
    }
}

pub struct PersonToken<'a> {
    pub client: &'a Client,
    pub user: &'a User,
    pub grant: &'a Grant,
    pub scope: &'a Scope,
}

/// A shown access token that still counts.
pub struct LiveToken {
    pub claims: AccessTokenClaims,
    /// The person and the grant; `None` when a client acts for itself.
    pub holder: Option<Holder>,
}

pub struct Holder {
    pub user: User,
    pub grant: Grant,
    /// What is left of the token's scope today.
    pub scope: Scope,
}

impl Karat {
    /// The algorithm access tokens are signed with: the quick one, where there is a key for it.
    fn access_token_alg(&self) -> Algorithm {
        let ring = self.keys.ring();
        if ring.current(Algorithm::Es256).is_some() { Algorithm::Es256 } else { Algorithm::Rs256 }
    }

    pub(super) fn person_access_token(&self, token: &PersonToken<'_>) -> Result<(String, Seconds), OAuthError> {
        let authentication = &token.grant.authentication;
        let claims = AccessTokenClaims {
            sub: self.subject(token.client, token.grant.user_id),
            auth_time: Some(authentication.time.unix()),
            acr: Some(authentication.acr.as_str().to_owned()),
            amr: Some(authentication.amr.clone()),
            sid: Some(self.session_name(token.client, token.grant.session_id)),
            kyc_level: Some(self.kyc_tier(token.user).level()),
            hold_until: self.hold_until(token.user),
            grant_id: Some(token.grant.id),
            ..self.base_claims(token.client, token.scope)
        };
        self.sign_access_token(claims)
    }

    /// The `hold_until` claim: seconds since the epoch, while a hold runs.
    pub(super) fn hold_until(&self, user: &User) -> Option<i64> {
        running(user.hold_until, self.now()).map(Timestamp::unix)
    }

    pub(super) fn client_access_token(&self, client: &Client, scope: &Scope) -> Result<(String, Seconds), OAuthError> {
        self.sign_access_token(self.base_claims(client, scope))
    }

    fn base_claims(&self, client: &Client, scope: &Scope) -> AccessTokenClaims {
        let now = self.now();
        let lifetime = client.lifetimes.access_token.unwrap_or(self.settings.tokens.access_token_lifetime);
        let lifetime = self.settings.policy.token_lifetime(scope, lifetime);
        AccessTokenClaims {
            iss: self.issuer().to_owned(),
            sub: client.id.to_string(),
            aud: self.audience(client, scope),
            client_id: client.id.clone(),
            exp: now.plus(lifetime).unix(),
            iat: now.unix(),
            jti: OpaqueToken::mint().expose().to_owned(),
            scope: scope.clone(),
            auth_time: None,
            acr: None,
            amr: None,
            sid: None,
            kyc_level: None,
            hold_until: None,
            grant_id: None,
        }
    }

    /// RFC 9068 section 3. The issuer itself is an audience of whoever may ask it about the person.
    fn audience(&self, client: &Client, scope: &Scope) -> Audience {
        let issuer = self.issuer().to_owned();
        match client.audience.as_slice() {
            [] => Audience::One(issuer),
            [one] if !scope.contains(scope::OPENID) => Audience::One(one.clone()),
            several => {
                let mut all = several.to_vec();
                if scope.contains(scope::OPENID) {
                    all.push(issuer);
                }
                Audience::Several(all)
            }
        }
    }

    fn sign_access_token(&self, claims: AccessTokenClaims) -> Result<(String, Seconds), OAuthError> {
        let token = self.keys.ring().sign(self.access_token_alg(), TYPE, &claims)?;
        Ok((token, Seconds(claims.exp - claims.iat)))
    }

    /// What an access token is worth now: signature and times, then the token, the grant, the session, the person and
    /// the client as they are at this moment. `None` when it is worth nothing, whatever the reason.
    pub async fn live_token(&self, token: &str, audience: Option<&str>) -> Result<Option<LiveToken>, Failure> {
        let now = self.now();
        let expected = Expected { typ: TYPE, issuer: self.issuer(), audience, now, accept_expired: false };
        let Ok(claims) = self.keys.verify(token, &expected).await? else { return Ok(None) };
        let Ok(claims) = serde_json::from_value::<AccessTokenClaims>(Value::Object(claims)) else { return Ok(None) };
        let Some(client) = self.clients.find(claims.client_id.as_str()).await? else { return Ok(None) };
        let Some(grant_id) = claims.grant_id else {
            let is_revoked = self.store.is_token_revoked(&claims.jti).await?;
            return Ok((!is_revoked).then_some(claims).and_then(|claims| service_token(claims, &client)));
        };
        let found = self.live_grant((grant_id, Some(&claims.jti)), &client, now).await?;
        let Some((StoredGrant { grant, .. }, user)) = found else { return Ok(None) };
        let scope = self.decide(&claims.scope, &client, &user, &grant.authentication).granted;
        if scope.is_empty() {
            return Ok(None);
        }
        Ok(Some(LiveToken { claims, holder: Some(Holder { user, grant, scope }) }))
    }

    /// A grant that counts: not revoked, not over, its session running (or outlived by agreement), its person active.
    /// With the `jti` of an access token, this one not revoked either.
    pub(super) async fn live_grant(
        &self,
        (id, jti): (GrantId, Option<&str>),
        client: &Arc<Client>,
        now: Timestamp,
    ) -> Result<Option<(StoredGrant, User)>, Failure> {
        let Some((stored, user)) = self.store.grant_with_person(id, jti).await? else { return Ok(None) };
        let ended = stored.session_ended && !(client.logout.keep_offline_access && stored.grant.refresh.is_some());
        if stored.grant.revoked.is_some()
            || stored.grant.expires_at <= now
            || ended
            || stored.grant.client_id != client.id
        {
            return Ok(None);
        }
        Ok(user.is_active().then_some((stored, user)))
    }

    /// An ID token shown as a hint: ours, well signed, perhaps expired (OpenID Connect RP-Initiated Logout section 2).
    pub async fn read_id_token_hint(&self, hint: &str) -> Result<Option<IdTokenHint>, Failure> {
        let now = self.now();
        let expected = Expected { typ: "JWT", issuer: self.issuer(), audience: None, now, accept_expired: true };
        let Ok(claims) = self.keys.verify(hint, &expected).await? else { return Ok(None) };
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let (Some(subject), Some(Ok(audience))) = (text("sub"), text("aud").map(str::parse::<ClientId>)) else {
            return Ok(None);
        };
        let user_id = match self.clients.find(audience.as_str()).await? {
            Some(client) => self.person_called(&client, subject),
            None => subject.parse().ok(),
        };
        Ok(user_id.map(|user_id| IdTokenHint { user_id, audience, session: text("sid").map(str::to_owned) }))
    }
}

#[derive(Clone, Debug)]
pub struct IdTokenHint {
    pub user_id: UserId,
    pub audience: ClientId,
    /// The `sid` claim.
    pub session: Option<String>,
}

/// A program's token is worth what its client may have now, not what it might have had when the token was made.
fn service_token(mut claims: AccessTokenClaims, client: &Client) -> Option<LiveToken> {
    if !client.grant_types.contains(&GrantType::ClientCredentials) {
        return None;
    }
    let left = claims.scope.intersection(&client.scope);
    if left.is_empty() && !claims.scope.is_empty() {
        return None;
    }
    claims.scope = left;
    Some(LiveToken { claims, holder: None })
}
