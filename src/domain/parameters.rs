//! Raw request parameters (RFC 6749 sections 3.1 and 3.2): read once at the door, each name at most once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const MOST_PARAMETERS: usize = 200;

/// Parameters as they came. Names sent twice are remembered as doubled and never answer a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    doubled: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    #[error("the parameters are not valid UTF-8 in percent-encoding")]
    Encoding,
    #[error("there are too many parameters")]
    TooMany,
}

impl Parameters {
    /// Parses `application/x-www-form-urlencoded` text. Bytes that are no UTF-8 are refused instead of replaced, so
    /// that what was checked is what was sent. Empty values count as omitted (RFC 6749 section 3.1).
    pub fn parse(encoded: &[u8]) -> Result<Self, ParameterError> {
        let mut read = Self::default();
        for (index, pair) in encoded.split(|b| *b == b'&').filter(|pair| !pair.is_empty()).enumerate() {
            if index >= MOST_PARAMETERS {
                return Err(ParameterError::TooMany);
            }
            let split = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let name = decode(&pair[..split])?;
            let value = decode(pair.get(split + 1..).unwrap_or_default())?;
            read.insert(name, value);
        }
        Ok(read)
    }

    fn insert(&mut self, name: String, value: String) {
        if self.values.contains_key(&name) || self.doubled.contains(&name) {
            if !self.doubled.contains(&name) {
                self.values.remove(&name);
                self.doubled.push(name);
            }
            return;
        }
        self.values.insert(name, value);
    }

    /// The value, or `None` when it was omitted, empty or doubled.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first name that was sent more than once.
    pub fn doubled(&self) -> Option<&str> {
        self.doubled.first().map(String::as_str)
    }

    /// Whether a value has a NUL in it, which the databases cannot keep or look for.
    pub fn has_nul(&self) -> bool {
        self.values.values().any(|value| value.contains('\0'))
    }

    pub fn is_doubled(&self, name: &str) -> bool {
        self.doubled.iter().any(|doubled| doubled == name)
    }

    /// With `values` in place of whatever was sent under their names.
    pub fn overruled_by(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        self.values.extend(values);
        self
    }

    pub fn without(mut self, names: &[&str]) -> Self {
        names.iter().for_each(|name| drop(self.values.remove(*name)));
        self
    }

    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut made = Self::default();
        for (name, value) in pairs {
            made.insert(name.to_owned(), value.to_owned());
        }
        made
    }
}

fn decode(encoded: &[u8]) -> Result<String, ParameterError> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|d| d.and_then(|d| (*d as char).to_digit(16)));
                let [Some(high), Some(low)] = digits else { return Err(ParameterError::Encoding) };
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| ParameterError::Encoding)?);
            }
            plain => bytes.push(*plain),
        }
    }
    String::from_utf8(bytes).map_err(|_| ParameterError::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_name_answers_no_value() {
        let read = Parameters::parse(b"scope=openid&scope=email&state=x&scope=a").unwrap();
        assert_eq!(read.get("scope"), None);
        assert_eq!(read.doubled(), Some("scope"));
        assert_eq!(read.get("state"), Some("x"));
    }

    #[test]
    fn what_overrules_stands_in_place_of_what_was_sent_and_the_rest_stays() {
        let sent = Parameters::parse(b"state=x&nonce=n&prompt=none&request=r&a=1&a=2").unwrap();
        let over = [("state", "y"), ("prompt", ""), ("max_age", "1")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let read = sent.without(&["request"]).overruled_by(over);
        let found = ["state", "nonce", "prompt", "request", "max_age"].map(|name| read.get(name));
        assert_eq!(found, [Some("y"), Some("n"), None, None, Some("1")]);
        assert_eq!(read.doubled(), Some("a"));
    }

    #[test]
    fn percent_encoding_is_decoded_or_refused() {
        let read = Parameters::parse(b"a=%C3%BC+b&empty=&flag").unwrap();
        assert_eq!(read.get("a"), Some("\u{fc} b"));
        assert_eq!(read.get("empty"), None);
        assert_eq!(read.get("flag"), None);
        for bad in [&b"a=%"[..], b"a=%1", b"a=%zz", b"a=%ff", b"a=\xff"] {
            assert_eq!(Parameters::parse(bad), Err(ParameterError::Encoding), "{bad:?}");
        }
        let many = "a=1&".repeat(201);
        assert_eq!(Parameters::parse(many.as_bytes()), Err(ParameterError::TooMany));
    }
}
