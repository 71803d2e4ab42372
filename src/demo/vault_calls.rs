//! The app calls its own API, and what the API makes of the token that comes along.

use openidconnect::AsyncHttpClient as _;

use super::provider::with_causes;
use super::relying_party::{CLOCK_SKEW, RelyingParty, RelyingPartyError, at};
use super::tokens::Tokens;
use super::vault;

impl RelyingParty {
    /// What the app's own API makes of an access token.
    pub async fn judge(&self, token: &str) -> Result<(), vault::Refused> {
        let metadata = self.directory.metadata().await.map_err(|_| vault::Refused::ProviderUnreachable)?;
        let audience = self.settings.base_url.origin().ascii_serialization();
        let expected = vault::Expected {
            issuer: self.issuer.as_str(),
            audience: &audience,
            now: self.settings.clock.now(),
            clock_skew: CLOCK_SKEW,
        };
        match vault::judge(token, metadata.jwks(), &expected) {
            Err(vault::Refused::UnknownKey) => {
                let fresh = self.directory.metadata_with_fresh_keys().await;
                let metadata = fresh.map_err(|_| vault::Refused::ProviderUnreachable)?;
                vault::judge(token, metadata.jwks(), &expected)
            }
            verdict => verdict,
        }
    }

    /// The app calls its own API, as it would call anybody's.
    pub async fn send_coins(&self, tokens: &Tokens) -> Result<openidconnect::HttpResponse, RelyingPartyError> {
        let request = openidconnect::http::Request::post(at(&self.settings.base_url, vault::SEND_PATH)?.as_str())
            .header("authorization", format!("Bearer {}", tokens.access_token.secret()))
            .body(Vec::new());
        let request = request.map_err(|error| RelyingPartyError::Call(error.to_string()))?;
        self.http.call(request).await.map_err(|error| RelyingPartyError::Call(with_causes(&error)))
    }
}
