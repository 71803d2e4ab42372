//! The `claims` request parameter (OpenID Connect Core section 5.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::verified_claims::{self, VERIFIED_CLAIMS};

const LONGEST: usize = 8 * 1024;
const MOST_CLAIMS: usize = 64;

/// The claims asked for one by one, for the ID token and for the userinfo answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, Wanted>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, Wanted>,
    /// What is wanted of the person's verified identity.
    #[serde(default, skip_serializing_if = "Verified::is_empty")]
    pub verified: Verified,
}

/// `verified_claims` for the ID token and for the userinfo answer (OpenID Connect for Identity Assurance 1.0).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    #[serde(default, skip_serializing_if = "verified_claims::Request::is_empty")]
    pub id_token: verified_claims::Request,
    #[serde(default, skip_serializing_if = "verified_claims::Request::is_empty")]
    pub userinfo: verified_claims::Request,
}

/// How one claim is wanted. `null` and `{}` mean the same: voluntary, any value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// Any of these values will do; empty means any value at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claims parameter is not the JSON object of OpenID Connect Core section 5.5")]
pub struct InvalidClaims;

impl ClaimsRequest {
    pub fn parse(text: &str) -> Result<Self, InvalidClaims> {
        if text.len() > LONGEST {
            return Err(InvalidClaims);
        }
        let Ok(Value::Object(members)) = serde_json::from_str(text) else { return Err(InvalidClaims) };
        let (id_token, verified_in_id_token) = section(members.get("id_token"))?;
        let (userinfo, verified_in_userinfo) = section(members.get("userinfo"))?;
        let verified = Verified { id_token: verified_in_id_token, userinfo: verified_in_userinfo };
        Ok(Self { id_token, userinfo, verified })
    }

    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty() && self.verified.is_empty()
    }

    /// What the request says of `acr` for the ID token (OpenID Connect Core section 5.5.1.1).
    pub fn acr(&self) -> Option<&Wanted> {
        self.id_token.get("acr")
    }

    /// The subject the request insists on (OpenID Connect Core section 5.5.1).
    pub fn subject(&self) -> Option<&str> {
        self.id_token.get("sub").and_then(|wanted| wanted.values.first()).and_then(Value::as_str)
    }
}

impl Verified {
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }
}

/// One member of the parameter: the claims wanted one by one, and the verified ones, whose request has a grammar of its own.
type Section = (BTreeMap<String, Wanted>, verified_claims::Request);

fn section(value: Option<&Value>) -> Result<Section, InvalidClaims> {
    let members = match value {
        None | Some(Value::Null) => return Ok(Section::default()),
        Some(Value::Object(members)) if members.len() <= MOST_CLAIMS => members,
        Some(_) => return Err(InvalidClaims),
    };
    let verified = members.get(VERIFIED_CLAIMS).map(verified_claims::Request::parse).transpose()?.unwrap_or_default();
    let plain = members.iter().filter(|(name, _)| *name != VERIFIED_CLAIMS);
    let plain: Result<_, _> = plain.map(|(name, how)| Ok((name.clone(), wanted(how)?))).collect();
    Ok((plain?, verified))
}

fn wanted(how: &Value) -> Result<Wanted, InvalidClaims> {
    match how {
        Value::Null => Ok(Wanted::default()),
        Value::Object(members) => Ok(Wanted { essential: essential(members)?, values: values(members)? }),
        _ => Err(InvalidClaims),
    }
}

fn essential(members: &Map<String, Value>) -> Result<bool, InvalidClaims> {
    match members.get("essential") {
        None => Ok(false),
        Some(Value::Bool(essential)) => Ok(*essential),
        Some(_) => Err(InvalidClaims),
    }
}

fn values(members: &Map<String, Value>) -> Result<Vec<Value>, InvalidClaims> {
    match (members.get("value"), members.get("values")) {
        (None, None) => Ok(Vec::new()),
        (Some(one), None) => Ok(vec![one.clone()]),
        (None, Some(Value::Array(many))) => Ok(many.clone()),
        _ => Err(InvalidClaims),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_to_ask_are_read() {
        let read = ClaimsRequest::parse(
            r#"{"userinfo":{"name":{"essential":true},"email":null},"id_token":{"acr":{"values":["a","b"]},"sub":{"value":"x"}}}"#,
        )
        .unwrap();
        assert!(read.userinfo["name"].essential);
        assert_eq!(read.userinfo["email"], Wanted::default());
        assert_eq!(read.acr().unwrap().values.len(), 2);
        assert_eq!(read.subject(), Some("x"));
    }

    #[test]
    fn what_is_no_claims_object_is_refused() {
        for bad in [
            "",
            "[]",
            "1",
            "{",
            r#"{"id_token":[]}"#,
            r#"{"userinfo":{"name":1}}"#,
            r#"{"id_token":{"a":{"essential":1}}}"#,
        ] {
            assert_eq!(ClaimsRequest::parse(bad), Err(InvalidClaims), "{bad}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(ClaimsRequest::parse(&deep).is_err());
        assert_eq!(ClaimsRequest::parse("{}"), Ok(ClaimsRequest::default()));
    }
}
