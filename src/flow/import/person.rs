//! A person as a line of the file tells of them, judged: names are those of OpenID Connect Core section 5.1 where it has one.

use serde_json::{Map, Value};
use url::Url;

use crate::crypto::password::ImportedHash;
use crate::domain::email::EmailAddress;
use crate::domain::profile::Profile;
use crate::domain::time::Timestamp;
use crate::flow::account::profile::{is_birthdate, is_zone_name, tidied};
use crate::flow::authenticators::totp::is_seed;

const LONGEST_NAME: usize = 100;
const LONGEST_URL: usize = 2000;
const LONGEST_ID: usize = 255;
/// Attained or proved here, and written by nobody else.
const NEVER_IMPORTED: [&str; 17] = [
    "kyc",
    "kyc_level",
    "kyc_status",
    "level",
    "tier",
    "verified",
    "verification",
    "verified_claims",
    "identity",
    "documents",
    "residence",
    "country",
    "nationalities",
    "acr",
    "amr",
    "roles",
    "hold_until",
];

/// Why a line does not go in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("not a JSON object: {0}")]
    NotAnObject(String),
    #[error("{key}: {what}")]
    Key { key: String, what: String },
}

#[derive(Debug)]
pub(super) struct Person {
    pub email: EmailAddress,
    /// Whether the other product proved the mailbox.
    pub email_verified: bool,
    pub password: Option<ImportedHash>,
    /// The secret of an authenticator app, in base32.
    pub totp: Option<String>,
    pub profile: Profile,
    pub created_at: Option<Timestamp>,
    /// What the other product calls the person.
    pub external_id: Option<String>,
    pub locked: bool,
}

impl Person {
    pub fn read(line: &str, now: Timestamp) -> Result<Self, Objection> {
        let fields: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| Objection::NotAnObject(error.to_string()))?;
        let fields = Fields { fields, now };
        fields.check_names()?;
        Ok(Self {
            email: fields.email()?,
            email_verified: fields.flag("email_verified")?,
            password: fields.password()?,
            totp: fields.text("totp_secret", "a secret of 80 bits or more in base32", is_seed)?,
            profile: fields.profile()?,
            created_at: fields.created_at()?,
            external_id: fields.text("external_id", "at most 255 characters", |text| text.len() <= LONGEST_ID)?,
            locked: fields.flag("locked")?,
        })
    }
}

struct Fields {
    fields: Map<String, Value>,
    now: Timestamp,
}

impl Fields {
    /// What nobody reads must not seem to have come in.
    fn check_names(&self) -> Result<(), Objection> {
        const KNOWN: [&str; 21] = [
            "email",
            "email_verified",
            "password_hash",
            "totp_secret",
            "created_at",
            "external_id",
            "locked",
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "comment",
        ];
        for key in self.fields.keys() {
            if NEVER_IMPORTED.contains(&key.as_str()) {
                return Err(refused(key, "is attained here and never imported"));
            }
            if matches!(key.as_str(), "phone_number" | "phone_number_verified" | "address") {
                return Err(refused(key, "is proved here by its owner and never imported"));
            }
            if !KNOWN.contains(&key.as_str()) {
                return Err(refused(key, "is not known here"));
            }
        }
        Ok(())
    }

    fn email(&self) -> Result<EmailAddress, Objection> {
        match self.fields.get("email") {
            Some(Value::String(text)) => text.parse().map_err(|_| refused("email", "is no e-mail address")),
            Some(_) => Err(refused("email", "is no text")),
            None => Err(refused("email", "is missing")),
        }
    }

    fn password(&self) -> Result<Option<ImportedHash>, Objection> {
        match self.fields.get("password_hash") {
            None | Some(Value::Null) => Ok(None),
            Some(written) => {
                ImportedHash::read(written).map(Some).map_err(|why| refused("password_hash", why.to_string()))
            }
        }
    }

    /// In seconds since 1970 or as RFC 3339 writes it.
    fn created_at(&self) -> Result<Option<Timestamp>, Objection> {
        let at = match self.fields.get("created_at") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(seconds)) => seconds.as_i64(),
            Some(Value::String(text)) => chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp()),
            Some(_) => None,
        };
        let was = |at: &Timestamp| *at <= self.now && at.unix() >= 0;
        let at = at.map(Timestamp::from_unix).filter(was);
        at.map(Some).ok_or_else(|| refused("created_at", "is no time of the past, in seconds or as RFC 3339 has it"))
    }

    fn profile(&self) -> Result<Profile, Objection> {
        let name = |key| {
            let told = self.text(key, "at most 100 characters", |text| text.chars().count() <= LONGEST_NAME)?;
            Ok(told.map(|text| tidied(&text)).filter(|text| !text.is_empty()))
        };
        let page = |key| self.text(key, "an https address of at most 2000 characters", is_page);
        Ok(Profile {
            name: name("name")?,
            given_name: name("given_name")?,
            family_name: name("family_name")?,
            middle_name: name("middle_name")?,
            nickname: name("nickname")?,
            preferred_username: name("preferred_username")?,
            profile: page("profile")?,
            picture: page("picture")?,
            website: page("website")?,
            gender: name("gender")?,
            birthdate: self.text("birthdate", "a day as YYYY-MM-DD", |text| is_birthdate(text, self.now))?,
            zoneinfo: self.text("zoneinfo", "a name of the time zone database", is_zone_name)?,
            locale: self.text("locale", "a language tag", is_tag)?.map(|tag| tag.replace('_', "-")),
            ..Profile::default()
        })
    }

    fn flag(&self, key: &str) -> Result<bool, Objection> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(refused(key, "is neither true nor false")),
        }
    }

    /// `None` for null and for nothing but spaces.
    fn text(&self, key: &str, rule: &str, fits: impl Fn(&str) -> bool) -> Result<Option<String>, Objection> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) if fits(text.trim()) => Ok(Some(text.trim().to_owned())),
            Some(Value::String(_)) => Err(refused(key, format!("must be {rule}"))),
            Some(_) => Err(refused(key, "is no text")),
        }
    }
}

fn refused(key: &str, what: impl Into<String>) -> Objection {
    // A key may hold anything, and is printed.
    let key = key.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    Objection::Key { key, what: what.into() }
}

fn is_page(text: &str) -> bool {
    text.len() <= LONGEST_URL && Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}

fn is_tag(text: &str) -> bool {
    text.len() <= 35 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_795_305_600);

    fn read(line: &Value) -> Result<Person, Objection> {
        Person::read(&line.to_string(), NOW)
    }

    #[test]
    fn a_whole_person_is_read() {
        let person = read(&json!({
            "email": "Ada@Example.com", "email_verified": true, "external_id": "auth0|7", "locked": true,
            "password_hash": "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
            "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "created_at": "2021-03-04T05:06:07+01:00",
            "name": " Ada  Lovelace\u{202e}", "birthdate": "1990-12-10", "locale": "es_ES", "zoneinfo": "Europe/Madrid",
            "picture": "https://people.test/ada.png", "nickname": "",
        }))
        .unwrap();
        assert_eq!((person.email.as_str(), person.email_verified, person.locked), ("ada@example.com", true, true));
        assert_eq!(person.profile.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(person.profile.locale.as_deref(), Some("es-ES"));
        assert_eq!((person.profile.nickname, person.external_id.as_deref()), (None, Some("auth0|7")));
        assert_eq!(person.created_at, Some(Timestamp::from_unix(1_614_830_767)));
        assert!(person.password.is_some() && person.totp.is_some());
    }

    #[test]
    fn no_claim_of_an_identity_and_no_level_comes_in() {
        assert!(read(&json!({ "email": "a@example.com" })).is_ok());
        for (key, value) in [
            ("kyc_level", json!(3)),
            ("kyc", json!({ "attained": [] })),
            ("verified_claims", json!({ "verification": {}, "claims": {} })),
            ("tier", json!(2)),
            ("roles", json!(["owner"])),
            ("phone_number_verified", json!(true)),
            ("address", json!({ "country": "DE" })),
        ] {
            let mut line = json!({ "email": "a@example.com" });
            line[key] = value;
            let refused = read(&line).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("{key}: ")) && refused.contains("never imported"), "{refused}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key() {
        for (key, value) in [
            ("email", json!(null)),
            ("email", json!("nobody")),
            ("email_verified", json!("yes")),
            ("password_hash", json!("5f4dcc3b5aa765d61d8327deb882cf99")),
            ("password_hash", json!("$2b$15$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234")),
            ("totp_secret", json!("JBSWY3DP")),
            ("created_at", json!("yesterday")),
            ("created_at", json!(4_000_000_000_i64)),
            ("name", json!("x".repeat(101))),
            ("birthdate", json!("10.12.1990")),
            ("picture", json!("javascript:alert(1)")),
            ("locale", json!("a\nb")),
            ("favourite_colour", json!("blue")),
        ] {
            let mut line = json!({ "email": "a@example.com" });
            line[key] = value;
            let refused = read(&line).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("{key}: ")), "{line}: {refused}");
        }
        assert!(matches!(Person::read("[1]", NOW), Err(Objection::NotAnObject(_))));
    }

    proptest! {
        #[test]
        fn no_line_makes_reading_panic(line in "\\PC*|[{}\":,a-z_@.0-9]*") {
            let _ = Person::read(&line, NOW);
        }
    }
}
