//! Sealing a value to the place it is stored in: what is copied to another table, column or row does not open there.
//!
//! A sealed value is, byte by byte:
//!
//! ```text
//! 1           format
//! n           length of the key id, then the key id (ASCII)
//! 12 bytes    nonce
//! the rest    AES-256-GCM-SIV ciphertext and its 16-byte tag (RFC 8452)
//! ```
//!
//! The associated data is everything before the nonce and the [`Place`]. Nonces are random. GCM-SIV rather than GCM because two
//! equal nonces under one key then give away only whether two values of one place are equal, so there is no practical limit on
//! the number of rows (RFC 8452 section 9 allows 2^32 values of 2^31 bytes under one key with random nonces).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::sealing_keys::SealingKeys;

const FORMAT: u8 = 1;
const TAG_LEN: usize = 16;

/// Where a sealed value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    /// The row's primary key as text.
    pub row: &'a str,
}

/// Seals under the current key, opens under any known key. Cloning shares the keys.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<[Key]>,
}

struct Key {
    id: String,
    aead: RandomizedNonceKey,
}

/// Why a sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the value is not in the format of sealed values")]
    Malformed,
    #[error("the value is sealed under a key that is not configured")]
    UnknownKey,
    /// Changed, cut, or sealed for another place.
    #[error("the value does not open in this place")]
    Refused,
}

impl Sealer {
    /// Seals with the first of `keys`, opens with all of them.
    pub fn new(keys: &SealingKeys) -> Self {
        let keys = keys.iter().map(|(id, bytes)| match RandomizedNonceKey::new(&AES_256_GCM_SIV, bytes) {
            Ok(aead) => Key { id: id.to_owned(), aead },
            // Every array of 32 bytes is a key.
            Err(_) => super::primitive_failed("sealing key"),
        });
        Self { keys: keys.collect() }
    }

    /// Seals `plaintext` to `place` under the current key.
    pub fn seal(&self, place: Place<'_>, plaintext: &[u8]) -> Vec<u8> {
        let Some(key) = self.keys.first() else { super::primitive_failed("no sealing key") };
        let header = header(&key.id);
        let mut body = Zeroizing::new(Vec::with_capacity(plaintext.len() + TAG_LEN));
        body.extend_from_slice(plaintext);
        // Refuses only more than 2^36 bytes.
        let Ok(nonce) = key.aead.seal_in_place_append_tag(Aad::from(associated_data(&header, place)), &mut *body)
        else {
            super::primitive_failed("sealing")
        };
        [header.as_slice(), nonce.as_ref(), &body].concat()
    }

    /// Opens what [`Sealer::seal`] gave for the same place.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let parts = Parts::of(sealed).ok_or(SealError::Malformed)?;
        let key = self.keys.iter().find(|key| key.id.as_bytes() == parts.key_id).ok_or(SealError::UnknownKey)?;
        let nonce = Nonce::try_assume_unique_for_key(parts.nonce).map_err(|_| SealError::Malformed)?;
        let mut body = Zeroizing::new(parts.body.to_vec());
        let aad = Aad::from(associated_data(parts.header, place));
        let length = key.aead.open_in_place(nonce, aad, &mut body).map_err(|_| SealError::Refused)?.len();
        body.truncate(length);
        Ok(body)
    }

    /// Whether the value is sealed under an earlier key (or is no sealed value at all) and should be sealed again: the sign by
    /// which a rotation walks the tables.
    pub fn needs_resealing(&self, sealed: &[u8]) -> bool {
        match (Parts::of(sealed), self.keys.first()) {
            (Some(parts), Some(current)) => parts.key_id != current.id.as_bytes(),
            _ => true,
        }
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

struct Parts<'a> {
    header: &'a [u8],
    key_id: &'a [u8],
    nonce: &'a [u8],
    body: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8]) -> Option<Self> {
        let [FORMAT, id_length, ..] = *sealed else { return None };
        let (header, rest) = sealed.split_at_checked(2 + usize::from(id_length))?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN)?;
        (body.len() >= TAG_LEN).then_some(Self { header, key_id: &header[2..], nonce, body })
    }
}

fn header(key_id: &str) -> Vec<u8> {
    // `SealingKeys` keeps ids to 32 characters.
    let mut header = vec![FORMAT, u8::try_from(key_id.len()).unwrap_or(u8::MAX)];
    header.extend_from_slice(key_id.as_bytes());
    header
}

/// Header and place, each preceded by its length, so that no two places read the same.
fn associated_data(header: &[u8], place: Place<'_>) -> Vec<u8> {
    let mut data = Vec::with_capacity(128);
    for part in [header, place.table.as_bytes(), place.column.as_bytes(), place.row.as_bytes()] {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { table: "signing_keys", column: "private_key", row: "k1" };

    #[test]
    fn a_sealed_value_opens_in_its_place_and_says_nothing_before() {
        let sealer = Sealer::new(&SealingKeys::generate());
        for plaintext in [&b""[..], b"seed", &[7; 5_000]] {
            let sealed = sealer.seal(PLACE, plaintext);
            assert_eq!(sealer.open(PLACE, &sealed).as_deref().map(Vec::as_slice), Ok(plaintext));
            assert!(plaintext.is_empty() || !sealed.windows(plaintext.len()).any(|window| window == plaintext));
            assert_ne!(sealed, sealer.seal(PLACE, plaintext), "the nonce is fresh each time");
        }
    }

    #[test]
    fn a_sealed_value_does_not_open_in_another_place() {
        let sealer = Sealer::new(&SealingKeys::generate());
        let sealed = sealer.seal(PLACE, b"seed");
        let elsewhere = [
            Place { table: "totp", ..PLACE },
            Place { column: "public_key", ..PLACE },
            Place { row: "k2", ..PLACE },
            Place { table: "signing_keysp", column: "rivate_key", ..PLACE },
            Place { table: "", column: "", row: "" },
        ];
        for place in elsewhere {
            assert_eq!(sealer.open(place, &sealed).map(|_| ()), Err(SealError::Refused), "{place:?}");
        }
    }

    #[test]
    fn no_changed_byte_and_no_cut_passes() {
        let sealer = Sealer::new(&SealingKeys::generate());
        let sealed = sealer.seal(PLACE, b"seed");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open(PLACE, &changed).is_err(), "byte {at}");
            assert!(sealer.open(PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
        assert!(sealer.open(PLACE, &[&sealed[..], &[0]].concat()).is_err());
        assert_eq!(sealer.open(PLACE, &[FORMAT, 255]).map(|_| ()), Err(SealError::Malformed));
    }

    #[test]
    fn after_a_rotation_old_values_open_and_ask_to_be_sealed_again() {
        let old_keys = SealingKeys::generate();
        let old = Sealer::new(&old_keys);
        let sealed = old.seal(PLACE, b"seed");
        assert!(!old.needs_resealing(&sealed));

        let new = Sealer::new(&old_keys.rotated());
        assert_eq!(new.open(PLACE, &sealed).as_deref().map(Vec::as_slice), Ok(&b"seed"[..]));
        assert!(new.needs_resealing(&sealed));
        let resealed = new.seal(PLACE, b"seed");
        assert!(!new.needs_resealing(&resealed));
        assert_eq!(old.open(PLACE, &resealed).map(|_| ()), Err(SealError::UnknownKey));
        assert!(new.needs_resealing(b"plain text of an earlier time"));
    }

    #[test]
    fn two_keys_of_one_name_do_not_open_each_others_values() {
        let key = |byte: u8| {
            let text = format!("a:{}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [byte; 32]));
            SealingKeys::from_text(&text).map(|keys| Sealer::new(&keys))
        };
        let (Ok(one), Ok(two)) = (key(1), key(2)) else { unreachable!("the keys are well formed") };
        assert_eq!(two.open(PLACE, &one.seal(PLACE, b"seed")).map(|_| ()), Err(SealError::Refused));
    }
}
