//! E-mail addresses, in the one form in which they are stored and compared.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A lower-case address with an ASCII domain. Upper and lower case never tell two people apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    /// Trims, lowers and checks the form (RFC 5321 section 4.5.3.1 lengths). Quoted local parts and address literals
    /// are refused: no person has one, and every parser reads them differently.
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let (local, domain) = text.trim().rsplit_once('@').ok_or(InvalidEmail)?;
        // Letters of other scripts stay what they are, so that none of them turns into a letter of ours.
        let local = local.to_ascii_lowercase();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
        if local.is_empty() || local.len() > 64 || !local.chars().all(allowed) || dots {
            return Err(InvalidEmail);
        }
        let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return Err(InvalidEmail) };
        let labels_fit = domain.contains('.') && domain.split('.').all(is_label);
        if !labels_fit || local.len() + 1 + domain.len() > 254 {
            return Err(InvalidEmail);
        }
        Ok(Self(format!("{local}@{domain}")))
    }
}

fn is_label(label: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&label.len())
        && label.starts_with(ends)
        && label.ends_with(ends)
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_one_form() {
        let address: EmailAddress = " Erika.Muster+x@Example.COM ".parse().unwrap();
        assert_eq!(address.as_str(), "erika.muster+x@example.com");
        assert_eq!("a@b\u{fc}cher.example".parse::<EmailAddress>().unwrap().as_str(), "a@xn--bcher-kva.example");
    }

    #[test]
    fn what_mail_servers_read_differently_is_refused() {
        for bad in [
            "",
            "a",
            "@x.example",
            "a@",
            "a@localhost",
            "a b@x.example",
            "\"a b\"@x.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "\u{212a}urt@x.example",
            "a\r\nBcc: b@x.example",
            "a@x.example\r\nX: y",
            "a@b@x.example",
            ".a@x.example",
            "a..b@x.example",
            "a@-x.example",
            "a@x..example",
            "a@x.example.",
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad:?}");
        }
        assert!(format!("{}@x.example", "a".repeat(65)).parse::<EmailAddress>().is_err());
    }
}
