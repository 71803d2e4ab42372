//! Hashes that other products made, as they are stored here until their owner logs in: read, held to limits, compared with.
//!
//! ```text
//! $2b$12$...                                     bcrypt, as it came
//! $pbkdf2-sha256$i=27500$salt$output             one block of PBKDF2 (RFC 8018 section 5.2)
//! $scrypt$ln=15,r=8,p=1$salt$output              RFC 7914
//! $firebase-scrypt$ln=14,r=8$salt$signer$output  scrypt, under whose output Firebase encrypts a key of the project
//! ```
//! Bytes are in base64 without padding. What other products write is brought into these forms by [`super::notation`].

use std::fmt;
use std::num::NonZeroU32;

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// In characters, behind version and cost.
const BCRYPT_SALT_AND_OUTPUT: usize = 53;
/// Beyond these a hash is refused where it comes in, so that nobody's log-in keeps the pool busy for more than a few seconds.
const MAX_BCRYPT_COST: u32 = 14;
const MAX_ITERATIONS: u32 = 10_000_000;
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// Memory times lanes: scrypt works through its memory once for each.
const MAX_SCRYPT_WORK: u64 = 1024 * 1024 * 1024;
const MAX_SCRYPT_LANES: u32 = 64;
/// Below this a wrong password could pass by chance.
pub(super) const SHORTEST_OUTPUT: usize = 16;
const LONGEST_PART: usize = 256;
/// Of scrypt's output in Firebase's variant, and how much of it is the key of AES.
const FIREBASE_OUTPUT: usize = 64;
const AES_KEY: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignHashError {
    #[error("no form of a password hash that is known here")]
    Unknown,
    #[error("not a usable {form} hash: {what}")]
    Malformed { form: &'static str, what: &'static str },
    /// It is right, and comparing with it would cost more than a log-in may.
    #[error("{what} of this hash is beyond {most}")]
    TooCostly { what: &'static str, most: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScryptCost {
    pub log_n: u8,
    pub r: u32,
    pub p: u32,
}

/// A hash within the limits.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum ForeignHash {
    Bcrypt(String),
    Pbkdf2 { digest: Digest, iterations: NonZeroU32, salt: Vec<u8>, output: Vec<u8> },
    Scrypt { cost: ScryptCost, salt: Vec<u8>, output: Vec<u8> },
    Firebase { cost: ScryptCost, salt: Vec<u8>, signer: Vec<u8>, output: Vec<u8> },
}

impl ForeignHash {
    pub fn bcrypt(text: &str) -> Result<Self, ForeignHashError> {
        let malformed = |what| ForeignHashError::Malformed { form: "bcrypt", what };
        // $2x$ marks what an old library computed wrongly.
        if !["$2a$", "$2b$", "$2y$"].iter().any(|known| text.starts_with(known)) {
            return Err(malformed("its version is none of 2a, 2b and 2y"));
        }
        let text = without_stray_bits(text).ok_or_else(|| malformed("its length"))?;
        let parts: bcrypt::HashParts = text.parse().map_err(|_| malformed("salt or output"))?;
        match parts.get_cost() {
            4..=MAX_BCRYPT_COST => Ok(Self::Bcrypt(text)),
            0..4 => Err(malformed("there is no such cost")),
            _ => Err(ForeignHashError::TooCostly { what: "the cost", most: MAX_BCRYPT_COST.into() }),
        }
    }

    /// Of a longer output the first block is kept: the blocks are computed apart, and one tells a right password as well as all.
    pub fn pbkdf2(
        digest: Digest,
        iterations: u32,
        salt: Vec<u8>,
        mut output: Vec<u8>,
    ) -> Result<Self, ForeignHashError> {
        let malformed = |what| ForeignHashError::Malformed { form: "PBKDF2", what };
        let iterations = NonZeroU32::new(iterations).ok_or_else(|| malformed("no iterations"))?;
        if iterations.get() > MAX_ITERATIONS {
            return Err(ForeignHashError::TooCostly { what: "the number of iterations", most: MAX_ITERATIONS.into() });
        }
        fits(&salt, &output).map_err(malformed)?;
        output.truncate(digest.length());
        Ok(Self::Pbkdf2 { digest, iterations, salt, output })
    }

    pub fn scrypt(cost: ScryptCost, salt: Vec<u8>, output: Vec<u8>) -> Result<Self, ForeignHashError> {
        cost.check()?;
        fits(&salt, &output).map_err(|what| ForeignHashError::Malformed { form: "scrypt", what })?;
        Ok(Self::Scrypt { cost, salt, output })
    }

    /// `salt` with the project's separator behind it.
    pub fn firebase(
        cost: ScryptCost,
        salt: Vec<u8>,
        signer: Vec<u8>,
        output: Vec<u8>,
    ) -> Result<Self, ForeignHashError> {
        cost.check()?;
        let malformed = |what| ForeignHashError::Malformed { form: "Firebase scrypt", what };
        fits(&salt, &output).map_err(malformed)?;
        if signer.len() != output.len() {
            return Err(malformed("the signer key is not as long as the output"));
        }
        Ok(Self::Firebase { cost, salt, signer, output })
    }

    /// What [`fmt::Display`] wrote, held to the limits once more.
    pub fn stored(text: &str) -> Result<Self, ForeignHashError> {
        if text.starts_with("$2") {
            return Self::bcrypt(text);
        }
        let mut parts = text.split('$').skip(1);
        let (Some(form), Some(numbers)) = (parts.next(), parts.next()) else { return Err(ForeignHashError::Unknown) };
        let bytes: Option<Vec<Vec<u8>>> = parts.map(|part| STANDARD_NO_PAD.decode(part).ok()).collect();
        let bytes = bytes.ok_or(ForeignHashError::Malformed { form: "stored", what: "base64" })?;
        let number = |name: &str| numbers.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let scrypt_cost = || {
            let log_n = number("ln")?.parse().ok()?;
            let p = number("p").map_or(Ok(1), str::parse).ok()?;
            Some(ScryptCost { log_n, r: number("r")?.parse().ok()?, p })
        };
        let missing = || ForeignHashError::Malformed { form: "stored", what: "a number is missing" };
        match (form, <[Vec<u8>; 2]>::try_from(bytes)) {
            ("scrypt", Ok([salt, output])) => Self::scrypt(scrypt_cost().ok_or_else(missing)?, salt, output),
            ("firebase-scrypt", Err(parts)) => match <[Vec<u8>; 3]>::try_from(parts) {
                Ok([salt, signer, output]) => Self::firebase(scrypt_cost().ok_or_else(missing)?, salt, signer, output),
                Err(_) => Err(ForeignHashError::Unknown),
            },
            (form, Ok([salt, output])) => {
                let digest = Digest::named(form.strip_prefix("pbkdf2-").ok_or(ForeignHashError::Unknown)?);
                let iterations = number("i").and_then(|text| text.parse().ok()).ok_or_else(missing)?;
                Self::pbkdf2(digest.ok_or(ForeignHashError::Unknown)?, iterations, salt, output)
            }
            _ => Err(ForeignHashError::Unknown),
        }
    }

    /// Of the same kind and cost, and of nobody's password.
    pub fn decoy(&self) -> Self {
        let blank = |bytes: &Vec<u8>| vec![0; bytes.len()];
        match self.clone() {
            Self::Bcrypt(text) => Self::Bcrypt(format!("$2b{}{}", &text[3..7], ".".repeat(BCRYPT_SALT_AND_OUTPUT))),
            Self::Pbkdf2 { digest, iterations, salt, output } => {
                Self::Pbkdf2 { digest, iterations, salt: blank(&salt), output: blank(&output) }
            }
            Self::Scrypt { cost, salt, output } => Self::Scrypt { cost, salt: blank(&salt), output: blank(&output) },
            Self::Firebase { cost, salt, signer, output } => {
                Self::Firebase { cost, salt: blank(&salt), signer: blank(&signer), output: blank(&output) }
            }
        }
    }

    /// Takes up to seconds of a processor: only within the pool.
    pub fn matches(&self, password: &[u8]) -> bool {
        match self {
            // Reads at most 72 bytes, as the product did that made it.
            Self::Bcrypt(text) => bcrypt::verify(password, text).unwrap_or(false),
            Self::Pbkdf2 { digest, iterations, salt, output } => {
                pbkdf2::verify(digest.algorithm(), *iterations, salt, password, output).is_ok()
            }
            Self::Scrypt { cost, salt, output } => {
                cost.derive(password, salt, output.len()).is_some_and(|computed| computed.ct_eq(output).into())
            }
            Self::Firebase { cost, salt, signer, output } => {
                let signed = cost.derive(password, salt, FIREBASE_OUTPUT).and_then(|key| under(&key, signer));
                signed.is_some_and(|computed| computed.ct_eq(output).into())
            }
        }
    }
}

impl fmt::Display for ForeignHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        match self {
            Self::Bcrypt(hash) => f.write_str(hash),
            Self::Pbkdf2 { digest, iterations, salt, output } => {
                write!(f, "$pbkdf2-{}$i={iterations}${}${}", digest.name(), text(salt), text(output))
            }
            Self::Scrypt { cost: ScryptCost { log_n, r, p }, salt, output } => {
                write!(f, "$scrypt$ln={log_n},r={r},p={p}${}${}", text(salt), text(output))
            }
            Self::Firebase { cost: ScryptCost { log_n, r, .. }, salt, signer, output } => {
                write!(f, "$firebase-scrypt$ln={log_n},r={r}${}${}${}", text(salt), text(signer), text(output))
            }
        }
    }
}

impl fmt::Debug for ForeignHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForeignHash(redacted)")
    }
}

impl Digest {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }
}

impl ScryptCost {
    fn check(self) -> Result<(), ForeignHashError> {
        let malformed = |what| ForeignHashError::Malformed { form: "scrypt", what };
        if self.log_n == 0 || self.r == 0 || self.p == 0 {
            return Err(malformed("there is no such cost"));
        }
        if self.p > MAX_SCRYPT_LANES {
            return Err(ForeignHashError::TooCostly { what: "p", most: MAX_SCRYPT_LANES.into() });
        }
        let blocks = 1_u64.checked_shl(self.log_n.into()).unwrap_or(u64::MAX);
        let memory = blocks.saturating_mul(128).saturating_mul(self.r.into());
        if memory > MAX_MEMORY {
            return Err(ForeignHashError::TooCostly { what: "the memory in bytes (128 N r)", most: MAX_MEMORY });
        }
        if memory.saturating_mul(self.p.into()) > MAX_SCRYPT_WORK {
            return Err(ForeignHashError::TooCostly { what: "the work in bytes (128 N r p)", most: MAX_SCRYPT_WORK });
        }
        scrypt::Params::new(self.log_n, self.r, self.p).map_err(|_| malformed("there is no such cost"))?;
        Ok(())
    }

    fn derive(self, password: &[u8], salt: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
        let params = scrypt::Params::new(self.log_n, self.r, self.p).ok()?;
        let mut output = Zeroizing::new(vec![0; length]);
        scrypt::scrypt(password, salt, &params, &mut output).ok()?;
        Some(output)
    }
}

/// The last character of salt and output has bits that nothing is in. Some products set them; bcrypt never read them.
fn without_stray_bits(text: &str) -> Option<String> {
    const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = text.as_bytes().to_vec();
    for (at, kept) in [(28, 0b11_0000), (59, 0b11_1100)] {
        let digit = ALPHABET.iter().position(|letter| Some(letter) == bytes.get(at))?;
        *bytes.get_mut(at)? = *ALPHABET.get(digit & kept)?;
    }
    String::from_utf8(bytes).ok()
}

fn fits(salt: &[u8], output: &[u8]) -> Result<(), &'static str> {
    if salt.len() > LONGEST_PART || output.len() > LONGEST_PART {
        return Err("salt or output is longer than any product makes it");
    }
    if output.len() < SHORTEST_OUTPUT {
        return Err("the output is too short to tell a password by");
    }
    Ok(())
}

/// AES-256 in counter mode from zero, where encrypting and decrypting are one.
fn under(key: &[u8], signer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = UnboundCipherKey::new(&AES_256, key.get(..AES_KEY)?).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from([0; 16]));
    let mut text = Zeroizing::new(signer.to_vec());
    DecryptingKey::ctr(key).ok()?.decrypt(&mut text, context).ok()?;
    Some(text)
}
