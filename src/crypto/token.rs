//! Secrets that travel (opaque tokens, short codes, passwords) and what is stored of them.
//!
//! Each type prints redacted and shows its text only through `expose`, so that a `{:?}` in a log line leaks nothing.

use std::fmt;

use aws_lc_rs::{digest, hmac as lc_hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::random::{random_below, random_bytes};

/// 32 random bytes as 43 characters of base64url: refresh tokens, authorization codes, session cookies, mailed links.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct OpaqueToken(String);

impl OpaqueToken {
    const BYTES: usize = 32;
    /// Characters of every token.
    pub const LENGTH: usize = 43;

    pub fn mint() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<{ Self::BYTES }>()))
    }

    /// Takes text that came from outside; `None` unless it has the one shape that [`OpaqueToken::mint`] gives. The engine also
    /// refuses stray bits in the last character, so a token has exactly one spelling.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::LENGTH {
            return None;
        }
        URL_SAFE_NO_PAD.decode(text).ok().map(|_| Self(text.to_owned()))
    }

    /// The text to hand to its owner. Never store or log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored. A plain hash suffices: 256 random bits cannot be searched.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&[b"token", self.0.as_bytes()])
    }
}

/// Six decimal digits that a person types: from a mail, later from an SMS.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ShortCode(String);

impl ShortCode {
    /// Draws a code; all million are equally likely.
    pub fn mint() -> Self {
        Self(format!("{:06}", random_below(1_000_000)))
    }

    /// Takes what a person typed: spaces and hyphens are forgiven, anything but six ASCII digits is `None`.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 32 {
            return None;
        }
        let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(digits))
    }

    /// The digits to send to the person. Never store or log them.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored, bound to `context` (the id of the challenge): the same digits of another challenge hash differently.
    ///
    /// A million codes can be tried against a stolen hash in a second, so what protects a code is its few minutes, its few tries
    /// and its place in short-lived state. Where the hash lasts longer, use [`ShortCode::keyed_hash`].
    pub fn hash(&self, context: &str) -> TokenHash {
        TokenHash::of(&[b"short code", context.as_bytes(), self.0.as_bytes()])
    }

    /// As [`ShortCode::hash`], but worthless to a thief without `key`.
    pub fn keyed_hash(&self, key: &[u8; 32], context: &str) -> TokenHash {
        TokenHash(URL_SAFE_NO_PAD.encode(hmac(key, &[b"short code", context.as_bytes(), self.0.as_bytes()])))
    }
}

/// Draws a [`ShortCode`].
pub fn short_code() -> ShortCode {
    ShortCode::mint()
}

/// The SHA-256 of a token or code as base64url, as it stands in storage. Comparing two takes the same time wherever they differ.
#[derive(Clone)]
pub struct TokenHash(String);

impl TokenHash {
    /// Hashes text that is not one of our own tokens, for example a client secret an operator chose (long and random; a short
    /// one needs [`super::password`]). `purpose` keeps hashes of different kinds apart.
    pub fn of_text(purpose: &str, text: &str) -> Self {
        Self::of(&[purpose.as_bytes(), text.as_bytes()])
    }

    /// Wraps what storage gave back.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        length_prefixed(parts, |bytes| context.update(bytes));
        Self(URL_SAFE_NO_PAD.encode(context.finish()))
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Enough to follow a row through the logs, too little to look one up by.
        write!(f, "TokenHash({}…)", self.0.get(..6).unwrap_or_default())
    }
}

/// A password, client secret or other text somebody else chose. Wiped when dropped; can be read from a form or a file, never
/// written back: there is no `Serialize`.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Redacted `Debug`, and equality that takes the same time wherever two values of one length differ.
macro_rules! redacted {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}
    )+};
}

redacted!(OpaqueToken, ShortCode, Secret);

/// HMAC-SHA-256 over `parts`, each preceded by its length, so that `["ab", "c"]` and `["a", "bc"]` differ.
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = lc_hmac::Context::with_key(&lc_hmac::Key::new(lc_hmac::HMAC_SHA256, key));
    length_prefixed(parts, |bytes| context.update(bytes));
    let mut mac = [0; 32];
    mac.copy_from_slice(context.sign().as_ref());
    mac
}

/// Whether `mac` is the [`hmac`] of `parts`, in the same time wherever it is not.
pub fn hmac_matches(key: &[u8], parts: &[&[u8]], mac: &[u8]) -> bool {
    hmac(key, parts).as_slice().ct_eq(mac).into()
}

fn length_prefixed(parts: &[&[u8]], mut update: impl FnMut(&[u8])) {
    for part in parts {
        update(&(part.len() as u64).to_be_bytes());
        update(part);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_minted_token_has_43_characters_and_parses_back_to_the_same_hash() {
        let token = OpaqueToken::mint();
        assert_eq!(token.expose().len(), OpaqueToken::LENGTH);
        let again = OpaqueToken::parse(token.expose());
        assert_eq!(again.as_ref(), Some(&token));
        assert_eq!(again.map(|token| token.hash()), Some(token.hash()));
        assert_ne!(OpaqueToken::mint().hash(), token.hash());
    }

    #[test]
    fn a_token_of_another_shape_is_not_parsed() {
        let token = OpaqueToken::mint();
        let text = token.expose();
        let stray_bits = format!("{}B", "A".repeat(42));
        for wrong in
            ["", &text[1..], &format!("{text}A"), &format!("{text}="), &text.replace(&text[..1], "+"), &stray_bits]
        {
            assert_eq!(OpaqueToken::parse(wrong), None, "{wrong}");
        }
        assert_eq!(OpaqueToken::parse(&"é".repeat(22)), None);
    }

    #[test]
    fn secrets_print_redacted() {
        let token = OpaqueToken::mint();
        let code = short_code();
        let secret = Secret::new("correct horse");
        let printed = format!("{token:?} {code:?} {secret:?} {:?}", token.hash());
        for hidden in [token.expose(), code.expose(), secret.expose(), token.hash().as_str()] {
            assert!(!printed.contains(hidden), "{printed}");
        }
        assert_eq!(format!("{secret:?}"), "Secret(redacted)");
    }

    #[test]
    fn a_secret_is_read_from_a_form_value() {
        let secret: Result<Secret, _> = serde_json::from_str("\"p\\u0000w\"");
        assert_eq!(secret.ok(), Some(Secret::new("p\0w")));
    }

    #[test]
    fn short_codes_are_six_digits_spread_over_the_whole_range() {
        let codes: Vec<ShortCode> = (0..2_000).map(|_| short_code()).collect();
        assert!(codes.iter().all(|code| code.expose().len() == 6));
        let first_digits: HashSet<&str> = codes.iter().map(|code| &code.expose()[..1]).collect();
        assert_eq!(first_digits.len(), 10);
    }

    #[test]
    fn a_typed_code_forgives_spacing_and_nothing_else() {
        let typed = |text| ShortCode::parse(text).map(|code| code.expose().to_owned());
        assert_eq!(typed(" 012 345\n"), Some("012345".to_owned()));
        assert_eq!(typed("012-345"), Some("012345".to_owned()));
        for wrong in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "12345\u{0}", &"1".repeat(1_000)] {
            assert_eq!(typed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_code_hashes_differently_for_another_challenge_or_key() {
        let code = short_code();
        assert_eq!(code.hash("challenge a"), code.clone().hash("challenge a"));
        assert_ne!(code.hash("challenge a"), code.hash("challenge b"));
        assert_ne!(code.keyed_hash(&[1; 32], "a"), code.keyed_hash(&[2; 32], "a"));
        assert_ne!(code.keyed_hash(&[1; 32], "a"), code.hash("a"));
    }

    #[test]
    fn a_stored_hash_equals_the_one_it_was() {
        let hash = OpaqueToken::mint().hash();
        assert_eq!(TokenHash::from_stored(hash.as_str()), hash);
        assert_ne!(TokenHash::from_stored(&hash.as_str()[1..]), hash);
        assert_ne!(TokenHash::of_text("a", "bc"), TokenHash::of_text("ab", "c"));
    }

    #[test]
    fn a_mac_depends_on_the_key_and_on_where_parts_end() {
        let mac = hmac(b"key", &[b"ab", b"c"]);
        assert!(hmac_matches(b"key", &[b"ab", b"c"], &mac));
        assert!(!hmac_matches(b"key", &[b"a", b"bc"], &mac));
        assert!(!hmac_matches(b"key", &[b"abc"], &mac));
        assert!(!hmac_matches(b"kez", &[b"ab", b"c"], &mac));
        assert!(!hmac_matches(b"key", &[b"ab", b"c"], &mac[..31]));
    }
}
