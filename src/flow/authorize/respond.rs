//! The answer of the authorization endpoint: a code or an error, with `state` and `iss` (RFC 6749 section 4.1.2,
//! RFC 9207 section 2).

use serde::{Deserialize, Serialize};
use url::Url;

use super::{AuthorizeError, SignedIn};
use crate::crypto::token::OpaqueToken;
use crate::domain::authorization_request::{AuthorizationRequest, ReplyTo};
use crate::domain::client::ResponseMode;
use crate::domain::error::OAuthError;
use crate::domain::grant::Grant;
use crate::domain::ids::GrantId;
use crate::domain::pkce::CodeChallenge;
use crate::domain::scope::Scope;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::karat::Karat;

/// Parameters on their way back to the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    pub redirect_uri: String,
    pub mode: ResponseMode,
    pub parameters: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    /// The redirect URI with the parameters added to its query. Queries that were registered stay (RFC 6749 section 3.1.2).
    pub fn location(&self) -> Result<String, url::ParseError> {
        let mut url = Url::parse(&self.redirect_uri)?;
        url.query_pairs_mut().extend_pairs(&self.parameters);
        Ok(url.into())
    }
}

/// What a code stands for until it is redeemed. Kept under the hash of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    pub grant_id: GrantId,
    pub request: CodeRequest,
    pub user_id: crate::domain::ids::UserId,
    pub session_id: crate::domain::ids::SessionId,
    pub authentication: crate::domain::authentication::Authentication,
    pub scope: Scope,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The part of the request that redemption needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    pub client_id: crate::domain::ids::ClientId,
    pub redirect_uri: String,
    pub challenge: Option<CodeChallenge>,
    pub nonce: Option<String>,
    pub claims: crate::domain::claims_request::ClaimsRequest,
}

impl CodeRecord {
    /// The grant that redemption makes of it.
    pub fn grant(&self, now: Timestamp, expires_at: Timestamp) -> Grant {
        Grant {
            id: self.grant_id,
            client_id: self.request.client_id.clone(),
            user_id: self.user_id,
            session_id: self.session_id,
            scope: self.scope.clone(),
            authentication: self.authentication.clone(),
            claims: self.request.claims.clone(),
            created_at: now,
            expires_at,
            refresh: None,
            revoked: None,
        }
    }
}

pub fn code_key(code: &OpaqueToken) -> String {
    format!("code:{}", code.hash().as_str())
}

/// How much longer than its life a code is remembered, so that its replay is recognised.
pub const CODE_EVIDENCE: Seconds = Seconds::minutes(10);

impl Karat {
    pub(super) fn refusal(&self, reply: &ReplyTo, error: OAuthError) -> AuthorizationResponse {
        if let Some(cause) = &error.cause {
            tracing::error!(code = error.code.as_str(), %cause, "authorization failed");
        }
        let mut parameters = vec![("error", error.code.as_str().to_owned())];
        parameters.push(("error_description", error.description.into_owned()));
        self.reply(reply, parameters)
    }

    pub(super) async fn answer_with_code(
        &self,
        request: &AuthorizationRequest,
        signed_in: &SignedIn,
        scope: Scope,
    ) -> Result<AuthorizationResponse, AuthorizeError> {
        let now = self.now();
        let lifetime = self.settings.tokens.authorization_code_lifetime;
        let record = CodeRecord {
            grant_id: GrantId::new(self.new_id()),
            request: CodeRequest {
                client_id: request.client_id.clone(),
                redirect_uri: request.reply.redirect_uri.clone(),
                challenge: request.challenge.clone(),
                nonce: request.nonce.clone(),
                claims: request.claims.clone(),
            },
            user_id: signed_in.user.id,
            session_id: signed_in.session.id,
            authentication: signed_in.session.authentication.clone(),
            scope,
            created_at: now,
            expires_at: now.plus(lifetime),
        };
        let code = OpaqueToken::mint();
        let text = serde_json::to_string(&record).map_err(crate::flow::Failure::from)?;
        let kept = Seconds(lifetime.0 + CODE_EVIDENCE.0);
        self.ephemeral.put(&code_key(&code), &text, kept.as_duration()).await?;
        Ok(self.reply(&request.reply, vec![("code", code.expose().to_owned())]))
    }

    fn reply(&self, reply: &ReplyTo, mut parameters: Vec<(&'static str, String)>) -> AuthorizationResponse {
        if let Some(state) = &reply.state {
            parameters.push(("state", state.clone()));
        }
        parameters.push(("iss", self.issuer().to_owned()));
        AuthorizationResponse { redirect_uri: reply.redirect_uri.clone(), mode: reply.mode, parameters }
    }
}
