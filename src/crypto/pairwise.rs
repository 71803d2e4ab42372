//! Names of people that differ from sector to sector (OpenID Connect Core section 8.1): the person's id, enciphered under a key of the
//! sector's own. One block of AES is a permutation, so two people never share a name, the same person always has the same one, and
//! only who holds the secret finds the way back.

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::primitive_failed;
use super::token::hmac;

const PERSON: &[u8] = b"pairwise subject";
const SESSION: &[u8] = b"pairwise session";

/// The name of `id` in `sector`: 22 characters of base64url.
pub fn pseudonym(secret: &[u8; 32], sector: &str, id: [u8; 16]) -> String {
    let mut block = id;
    let enciphered = EncryptingKey::ecb(key(secret, PERSON, sector)).and_then(|key| key.encrypt(&mut block));
    if enciphered.is_err() {
        primitive_failed("AES");
    }
    URL_SAFE_NO_PAD.encode(block)
}

/// The name of a session in `sector`: by the session that they share, two sectors would see that they have the same person before them.
pub fn session_pseudonym(secret: &[u8; 32], sector: &str, id: [u8; 16]) -> String {
    let mut block = id;
    if EncryptingKey::ecb(key(secret, SESSION, sector)).and_then(|key| key.encrypt(&mut block)).is_err() {
        primitive_failed("AES");
    }
    URL_SAFE_NO_PAD.encode(block)
}

/// Whose name it is. `None` for what is no name at all; a name that was never given leads to an id that nobody has.
pub fn named(secret: &[u8; 32], sector: &str, pseudonym: &str) -> Option<[u8; 16]> {
    let mut block: [u8; 16] = URL_SAFE_NO_PAD.decode(pseudonym).ok()?.try_into().ok()?;
    let deciphered = DecryptingKey::ecb(key(secret, PERSON, sector))
        .and_then(|key| key.decrypt(&mut block, DecryptionContext::None).map(drop));
    deciphered.ok().map(|()| block)
}

fn key(secret: &[u8; 32], what: &[u8], sector: &str) -> UnboundCipherKey {
    let bytes = Zeroizing::new(hmac(secret, &[what, sector.as_bytes()]));
    match UnboundCipherKey::new(&AES_256, bytes.as_slice()) {
        Ok(key) => key,
        Err(_) => primitive_failed("an AES key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_stable_in_its_sector_another_elsewhere_and_leads_back_only_under_the_secret() {
        let (secret, id) = ([7; 32], *b"0123456789abcdef");
        let name = pseudonym(&secret, "app.test", id);
        assert_eq!(name, pseudonym(&secret, "app.test", id));
        assert_eq!(name.len(), 22);
        assert_eq!(named(&secret, "app.test", &name), Some(id));
        let elsewhere = pseudonym(&secret, "other.test", id);
        assert_ne!(name, elsewhere);
        assert_ne!(named(&secret, "app.test", &elsewhere), Some(id));
        assert_ne!(named(&[8; 32], "app.test", &name), Some(id));
        let session = session_pseudonym(&secret, "app.test", id);
        assert_ne!(session, name);
        assert_ne!(session, session_pseudonym(&secret, "other.test", id));
        assert_eq!(session, session_pseudonym(&secret, "app.test", id));
        let another = pseudonym(&secret, "app.test", *b"0123456789abcdeg");
        assert_ne!(name, another);
        for text in ["", "x", "0190163d-8694-739b-aea5-966c26f8ad91", &format!("{name}A"), &"é".repeat(11)] {
            assert_eq!(named(&secret, "app.test", text), None, "{text}");
        }
    }
}
