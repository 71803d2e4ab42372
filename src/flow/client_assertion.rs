//! `private_key_jwt`: a client proves who it is by a JWT signed with a key of its own (RFC 7523 section 3, OpenID Connect Core section 9).

use std::fmt;

use serde_json::{Map, Value};

use super::Failure;
use super::karat::Karat;
use crate::crypto::assertion::Assertion;
use crate::crypto::client_keys::{PublicKeys, Verdict};
use crate::crypto::token::TokenHash;
use crate::domain::client::{AssertionAudience, Client, ClientAuthentication, ClientKeys};
use crate::domain::time::{Seconds, Timestamp};

pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far the client's clock may be from ours.
pub(super) const SKEW: Seconds = Seconds(30);
/// What counts for longer is for a thief to find.
const LONGEST_LIFE: Seconds = Seconds::minutes(10);
pub(super) const LONGEST_JTI: usize = 256;

/// Why an assertion proves nothing. For the log: the client hears `invalid_client`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unproven {
    Issuer,
    Audience,
    Expiry,
    NotYet,
    Identifier,
    Algorithm,
    Keys,
    UnknownKey,
    Signature,
    Replayed,
}

impl Karat {
    pub(super) async fn is_proven_by(&self, client: &Client, assertion: &Assertion) -> Result<bool, Failure> {
        match self.prove(client, assertion).await? {
            Ok(()) => Ok(true),
            Err(reason) => {
                tracing::debug!(client = client.id.as_str(), %reason, "the assertion proves nothing");
                Ok(false)
            }
        }
    }

    async fn prove(&self, client: &Client, assertion: &Assertion) -> Result<Result<(), Unproven>, Failure> {
        let ClientAuthentication::PrivateKeyJwt { algorithm, audience } = &client.authentication else {
            return Ok(Err(Unproven::Keys));
        };
        if algorithm.is_some_and(|only| only != assertion.algorithm) {
            return Ok(Err(Unproven::Algorithm));
        }
        let now = self.now();
        let shown = match self.judge_claims(client, *audience, &assertion.claims, now) {
            Ok(shown) => shown,
            Err(reason) => return Ok(Err(reason)),
        };
        match self.verdict(client, assertion, now).await {
            Some(Verdict::Genuine) => {}
            Some(Verdict::UnknownKey) => return Ok(Err(Unproven::UnknownKey)),
            Some(Verdict::Forged) => return Ok(Err(Unproven::Signature)),
            None => return Ok(Err(Unproven::Keys)),
        }
        // Last, so that nobody but the client can use a `jti` up. When the store is down, the answer is "later".
        let id = TokenHash::of_text(client.id.as_str(), shown.jti);
        let is_first = self.store.use_assertion(&id, now, shown.expires.plus(SKEW)).await?;
        Ok(if is_first { Ok(()) } else { Err(Unproven::Replayed) })
    }

    /// RFC 7523 section 3; `jti` is required by OpenID Connect Core section 9.
    fn judge_claims<'a>(
        &self,
        client: &Client,
        audience: AssertionAudience,
        claims: &'a Map<String, Value>,
        now: Timestamp,
    ) -> Result<Shown<'a>, Unproven> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(client.id.as_str()) || text("sub") != Some(client.id.as_str()) {
            return Err(Unproven::Issuer);
        }
        if !self.is_made_out_to_us(audience, claims.get("aud")) {
            return Err(Unproven::Audience);
        }
        let expires = time(claims, "exp").map_err(|()| Unproven::Expiry)?.ok_or(Unproven::Expiry)?;
        if now >= expires.plus(SKEW) || expires > now.plus(LONGEST_LIFE) {
            return Err(Unproven::Expiry);
        }
        for name in ["nbf", "iat"] {
            if time(claims, name).map_err(|()| Unproven::NotYet)?.is_some_and(|time| time > now.plus(SKEW)) {
                return Err(Unproven::NotYet);
            }
        }
        let jti = text("jti").filter(|jti| (1..=LONGEST_JTI).contains(&jti.len())).ok_or(Unproven::Identifier)?;
        Ok(Shown { expires, jti })
    }

    /// Of several audiences each must be one of our names: what is made out to somebody else as well could be shown here by them.
    fn is_made_out_to_us(&self, rule: AssertionAudience, aud: Option<&Value>) -> bool {
        let endpoint = self.issuer.join("/token");
        let is_ours = |one: &Value| one.as_str().is_some_and(|one| one == self.issuer() || one == endpoint);
        match (rule, aud) {
            (AssertionAudience::Issuer, Some(Value::String(only))) => only == self.issuer(),
            (AssertionAudience::Endpoint, Some(Value::Array(several))) => {
                !several.is_empty() && several.iter().all(is_ours)
            }
            (AssertionAudience::Endpoint, Some(only)) => is_ours(only),
            _ => false,
        }
    }

    /// `None` when the client's keys cannot be had. A key that is not in the fetched set may have been published since.
    pub(super) async fn verdict(&self, client: &Client, assertion: &Assertion, now: Timestamp) -> Option<Verdict> {
        let uri = match client.keys.as_ref()? {
            ClientKeys::Set(set) => return judge(set.to_string().as_bytes(), client, assertion),
            ClientKeys::At(uri) => uri,
        };
        let known = self.documents.get(uri, now).await.ok()?;
        match judge(&known, client, assertion) {
            Some(Verdict::UnknownKey) | None => {
                let newer = self.documents.get_anew(uri, now).await.ok()?;
                judge(&newer, client, assertion)
            }
            settled => settled,
        }
    }
}

struct Shown<'a> {
    expires: Timestamp,
    jti: &'a str,
}

fn judge(set: &[u8], client: &Client, assertion: &Assertion) -> Option<Verdict> {
    match PublicKeys::parse(set) {
        Ok(keys) => Some(assertion.verify(&keys)),
        Err(error) => {
            tracing::debug!(client = client.id.as_str(), %error, "the client's key set is of no use");
            None
        }
    }
}

/// A NumericDate (RFC 7519 section 2), which may have a fraction.
pub(super) fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, ()> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let whole = value.as_i64().or_else(|| {
        let seconds = value.as_f64().filter(|seconds| (0.0..1e11).contains(seconds))?;
        Some(seconds.floor() as i64)
    });
    whole.map(|seconds| Some(Timestamp::from_unix(seconds))).ok_or(())
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issuer => "iss or sub is not the client",
            Self::Audience => "aud is another",
            Self::Expiry => "exp is missing, over or too far off",
            Self::NotYet => "nbf or iat lies ahead",
            Self::Identifier => "jti is missing",
            Self::Algorithm => "another algorithm than the registered one",
            Self::Keys => "the client's keys cannot be had",
            Self::UnknownKey => "no such key",
            Self::Signature => "the signature does not verify",
            Self::Replayed => "jti was used before",
        })
    }
}
