//! Client secrets: made here or given, kept as hashes only, two at a time while one replaces the other.

use crate::crypto::token::OpaqueToken;
use crate::domain::client::SecretHash;
use crate::flow::client_auth::hash_secret;

/// A shorter secret could be guessed from its hash.
const SHORTEST: usize = 16;
/// What HTTP Basic still carries everywhere.
const LONGEST: usize = 256;
/// The one in use and the one that replaces it.
pub const MOST_LIVE: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    #[error("must have at least {SHORTEST} characters: a client secret is a random text, not a password")]
    Short,
    #[error("must have at most {LONGEST} characters")]
    Long,
    /// RFC 6749 appendix A.2.
    #[error("may hold printable ASCII characters only")]
    NotPrintable,
    #[error("is one and the same character, or nearly so")]
    Monotonous,
}

/// 256 random bits as base64url text. Shown once; what is stored is [`hashed`].
pub fn generate() -> OpaqueToken {
    OpaqueToken::mint()
}

pub fn hashed(secret: &str) -> SecretHash {
    SecretHash(hash_secret(secret))
}

/// Judges a secret that somebody else made.
pub fn judge(secret: &str) -> Result<(), WeakSecret> {
    if !secret.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Err(WeakSecret::NotPrintable);
    }
    if secret.len() < SHORTEST {
        return Err(WeakSecret::Short);
    }
    if secret.len() > LONGEST {
        return Err(WeakSecret::Long);
    }
    let mut different: Vec<u8> = secret.bytes().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < 5 { Err(WeakSecret::Monotonous) } else { Ok(()) }
}

/// The stored form of a hash that somebody else computed: 64 lower-case hex digits.
pub fn read_hash(text: &str) -> Option<SecretHash> {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (text.len() == 64 && text.bytes().all(is_hex)).then(|| SecretHash(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_passes_the_rules_and_its_hash_reads_back() {
        let secret = generate();
        assert_eq!(judge(secret.expose()), Ok(()));
        let hash = hashed(secret.expose());
        assert_eq!(read_hash(&hash.0), Some(hash));
    }

    #[test]
    fn short_long_strange_and_monotonous_secrets_are_refused() {
        assert_eq!(judge("fifteen-letters"), Err(WeakSecret::Short));
        assert_eq!(judge(&"abcdefgh".repeat(40)), Err(WeakSecret::Long));
        assert_eq!(judge("with a line break\n and more"), Err(WeakSecret::NotPrintable));
        assert_eq!(judge("0000000000000000000"), Err(WeakSecret::Monotonous));
        assert_eq!(judge("sixteen-letters!"), Ok(()));
        assert_eq!(read_hash("ABCD"), None);
        assert_eq!(read_hash(&"A".repeat(64)), None);
    }
}
