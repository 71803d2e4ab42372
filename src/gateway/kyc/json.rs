//! JSON in which every key stands once: of two values for one name, one reader takes the first and another the last.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads the body of a webhook. `None` when it is not JSON, repeats a key, or is not a `T`.
pub fn strictly<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Strict.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    serde_json::from_value(value).ok()
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in which every key stands once")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = list.next_element_seed(Strict)? {
            all.push(value);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = keys.next_key::<String>()? {
            let value = keys.next_value_seed(Strict)?;
            if all.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_anywhere_spoils_the_whole() {
        for good in [r#"{"a":1,"b":{"a":[{"a":null},{"a":-1.5}]},"c":"é"}"#, "[]", " {} "] {
            let plain: Value = serde_json::from_str(good).unwrap();
            assert_eq!(strictly::<Value>(good.as_bytes()), Some(plain), "{good}");
        }
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":[{"b":{"a":1,"a":2}}]}"#,
            r#"{"a":1,"\u0061":2}"#,
            "{} {}",
            "{",
            "",
            "\u{feff}{}",
        ] {
            assert_eq!(strictly::<Value>(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(strictly::<Value>(b"{\"a\":\"\xff\"}"), None);
        assert_eq!(strictly::<Value>("[".repeat(100_000).as_bytes()), None);
    }
}
