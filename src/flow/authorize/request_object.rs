//! Requests that the app signs (RFC 9101, OpenID Connect Core section 6): parameters in a JWT, sent as `request` or fetched from a
//! registered `request_uri`. What is unfolded here is judged by the rules for every request.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::crypto::assertion::{Assertion, Purpose};
use crate::crypto::client_keys::Verdict;
use crate::crypto::token::TokenHash;
use crate::domain::client::Client;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::parameters::Parameters;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::client_assertion::{LONGEST_JTI, SKEW, time};
use crate::flow::karat::Karat;
use crate::flow::throttle::network;

const LARGEST: usize = 16 * 1024;
/// Of an object that has to be fresh (FAPI 2.0 Message Signing section 5.3.1), or that is remembered.
const LONGEST_LIFE: Seconds = Seconds::minutes(60);
/// What the JWT says of itself (RFC 7519 section 4.1); the other members are parameters.
const OF_THE_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
const CARRIERS: [&str; 2] = ["request", "request_uri"];

/// The parameters that count. What names no known client, or is doubled, is left for the rules that refuse it.
pub async fn unfold<'a>(karat: &Karat, sent: &'a Parameters, from: IpAddr) -> Result<Cow<'a, Parameters>, OAuthError> {
    if sent.doubled().is_some() {
        return Ok(Cow::Borrowed(sent));
    }
    let Some(client) = client_of(karat, sent).await? else { return Ok(Cow::Borrowed(sent)) };
    let token = match (sent.get("request"), sent.get("request_uri")) {
        (None, None) if client.request_objects.required => {
            return Err(OAuthError::invalid_request(
                "the client has to sign its requests: send request or request_uri",
            ));
        }
        (None, None) => return Ok(Cow::Borrowed(sent)),
        (Some(_), Some(_)) => return Err(OAuthError::invalid_request("request and request_uri exclude each other")),
        (Some(token), None) => {
            can_be_verified(&client, ErrorCode::RequestNotSupported)?;
            Cow::Borrowed(token)
        }
        (None, Some(uri)) => Cow::Owned(fetched(karat, &client, uri, from).await?),
    };
    let claims = verified(karat, &client, &token).await?;
    same_response_type(sent, &claims)?;
    let signed = parameters_of(claims)?;
    let beside = match client.request_objects.required {
        // RFC 9101 section 6.3: nothing that is not signed.
        true => Parameters::from_pairs([("client_id", client.id.as_str())]),
        // OpenID Connect Core section 6.1: what the object leaves open.
        false => sent.clone().without(&CARRIERS),
    };
    Ok(Cow::Owned(beside.overruled_by(signed)))
}

async fn client_of(karat: &Karat, sent: &Parameters) -> Result<Option<Arc<Client>>, OAuthError> {
    match sent.get("client_id") {
        None => Ok(None),
        Some(id) => Ok(karat.clients.find(id).await?),
    }
}

fn can_be_verified(client: &Client, refused: ErrorCode) -> Result<(), OAuthError> {
    match client.keys {
        Some(_) => Ok(()),
        None => Err(OAuthError::new(refused, "the client has registered no keys to verify a request object with")),
    }
}

/// OpenID Connect Core section 6.2. Whoever names the client causes the request: so it goes to registered places only, and one network
/// causes only so many.
async fn fetched(karat: &Karat, client: &Client, uri: &str, from: IpAddr) -> Result<String, OAuthError> {
    can_be_verified(client, ErrorCode::RequestUriNotSupported)?;
    if client.request_objects.uris.is_empty() {
        let none = "the client has registered no request_uris";
        return Err(OAuthError::new(ErrorCode::RequestUriNotSupported, none));
    }
    let refused = |why| OAuthError::new(ErrorCode::InvalidRequestUri, why);
    let registered = client.request_objects.registered(uri);
    let registered = registered.ok_or_else(|| refused("request_uri is not registered for this client"))?;
    let rate = karat.settings.throttle.interactions_per_address;
    if karat.within(rate, &format!("request-uris:{}", network(from))).await?.is_err() {
        // Without a cause, which would be logged as a fault of ours each time.
        let later = "too many request objects to fetch for one network";
        return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, later));
    }
    // One text for every reason: it describes nothing of the network.
    let body = karat.documents.get_once(registered, LARGEST).await;
    let body = body.ok().and_then(|body| String::from_utf8(body).ok());
    let body = body.ok_or_else(|| refused("there is no request object at request_uri"))?;
    Ok(body.trim_ascii().to_owned())
}

/// The claims of an object that the client signed for us, to be used now.
async fn verified(karat: &Karat, client: &Client, token: &str) -> Result<Map<String, Value>, OAuthError> {
    if token.split('.').count() == 5 {
        return Err(refused("encrypted request objects are not supported"));
    }
    let object = Assertion::read(token, Purpose::Request)
        .ok_or_else(|| refused("not a JWT signed with one of request_object_signing_alg_values_supported"))?;
    if client.request_objects.algorithm.is_some_and(|only| only != object.algorithm) {
        return Err(refused("signed with another algorithm than the registered one"));
    }
    let now = karat.now();
    let once = judge(&Reader { client, issuer: karat.issuer(), now }, &object.claims)?;
    match karat.verdict(client, &object, now).await {
        Some(Verdict::Genuine) => {}
        Some(Verdict::UnknownKey) => return Err(refused("signed with a key that is not the client's")),
        Some(Verdict::Forged) => return Err(refused("the signature does not verify")),
        None => return Err(refused("the client's keys cannot be had")),
    }
    // Last, so that nobody but the client can use a `jti` up.
    if let Some((jti, expires)) = once {
        // Apart from the client's assertions: no client's id holds a NUL.
        let id = TokenHash::of_text(&format!("request object\0{}", client.id.as_str()), &jti);
        if !karat.store.use_assertion(&id, now, expires.plus(SKEW)).await? {
            return Err(refused("jti was used before"));
        }
    }
    Ok(object.claims)
}

/// Who reads an object, and when.
struct Reader<'a> {
    client: &'a Client,
    issuer: &'a str,
    now: Timestamp,
}

/// RFC 9101 sections 4, 6.3 and 10.8. Answers what makes the object one that counts once.
fn judge(reader: &Reader<'_>, claims: &Map<String, Value>) -> Result<Option<(String, Timestamp)>, OAuthError> {
    if let Some(nested) = CARRIERS.into_iter().find(|name| claims.contains_key(*name)) {
        return Err(refused(format!("{nested} does not belong in a request object")));
    }
    let own_id = Value::from(reader.client.id.as_str());
    let named = [claims.get("iss"), claims.get("client_id")];
    if named.iter().flatten().any(|name| **name != own_id) || named.iter().flatten().next().is_none() {
        return Err(refused("iss or client_id must be the client, and neither another"));
    }
    // With it, the object would prove who the client is at the token endpoint; and what does that is no request.
    if claims.get("sub") == Some(&own_id) {
        return Err(refused("sub must not be the client"));
    }
    let strict = reader.client.request_objects.required;
    let is_ours = match claims.get("aud") {
        None => !strict,
        Some(Value::Array(several)) => several.iter().any(|one| one == reader.issuer),
        Some(one) => one == reader.issuer,
    };
    if !is_ours {
        return Err(refused("aud must be the issuer"));
    }
    let at = |name: &str| time(claims, name).map_err(|()| refused(format!("{name} is not a time")));
    let (now, expires, begins) = (reader.now, at("exp")?, at("nbf")?);
    if expires.is_some_and(|expires| now >= expires.plus(SKEW)) {
        return Err(refused("exp is over"));
    }
    if [begins, at("iat")?].into_iter().flatten().any(|time| time > now.plus(SKEW)) {
        return Err(refused("nbf or iat lies ahead"));
    }
    if strict {
        let (Some(expires), Some(begins)) = (expires, begins) else { return Err(refused("exp and nbf are required")) };
        if expires > begins.plus(LONGEST_LIFE) || now > begins.plus(LONGEST_LIFE) {
            return Err(refused("nbf and exp span at most an hour, of which now is in"));
        }
    }
    let Some(jti) = claims.get("jti") else { return Ok(None) };
    let jti = jti.as_str().filter(|jti| (1..=LONGEST_JTI).contains(&jti.len()));
    match (jti, expires.filter(|expires| *expires <= now.plus(LONGEST_LIFE))) {
        (Some(jti), Some(expires)) => Ok(Some((jti.to_owned(), expires))),
        _ => Err(refused("jti is a text of 1 to 256 bytes, and needs an exp within an hour")),
    }
}

/// OpenID Connect Core section 6.1; RFC 9101 section 5 lets it be left out beside the object.
fn same_response_type(sent: &Parameters, claims: &Map<String, Value>) -> Result<(), OAuthError> {
    match (sent.get("response_type"), claims.get("response_type")) {
        (Some(beside), Some(signed)) if signed != beside => Err(refused("response_type is another beside the object")),
        _ => Ok(()),
    }
}

/// RFC 9101 section 4: texts, numbers, and objects such as `claims`.
fn parameters_of(claims: Map<String, Value>) -> Result<Vec<(String, String)>, OAuthError> {
    let parameters = claims.into_iter().filter(|(name, _)| !OF_THE_JWT.contains(&name.as_str()));
    parameters
        .map(|(name, value)| match value {
            Value::String(text) => Ok((name, text)),
            Value::Number(_) | Value::Object(_) => Ok((name, value.to_string())),
            _ => {
                let name: String = name.chars().take(40).collect();
                Err(refused(format!("{name} is neither a text, a number nor an object")))
            }
        })
        .collect()
}

fn refused(why: impl Into<Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequestObject, why)
}
