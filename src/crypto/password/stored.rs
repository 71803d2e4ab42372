//! What the store holds of a password, read.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Params, Version};
use subtle::ConstantTimeEq;

use super::foreign::ForeignHash;
use super::{OUTPUT_BYTES, PasswordError, Pool, SALT_BYTES};
use crate::crypto::random::random_bytes;

/// Stands where a hash would: nobody gets in by a password until the owner of the mailbox has set one.
pub const NO_PASSWORD: &str = "!";

/// A hash of the kind and cost of this one that matches nothing: for telling how many there are of a kind, and for taking as
/// long as one of them. `None` of what is no hash.
pub fn decoy_of(stored: &str) -> Option<String> {
    match Stored::parse(stored).ok()?.hash {
        Hash::None => None,
        Hash::Foreign(hash) => Some(hash.decoy().to_string()),
        // The last two parts are salt and output: zeros of the same length.
        Hash::Argon2 { .. } => {
            let (rest, output) = stored.rsplit_once('$')?;
            let (numbers, salt) = rest.rsplit_once('$')?;
            Some(format!("{numbers}${}${}", "A".repeat(salt.len()), "A".repeat(output.len())))
        }
    }
}

/// The most a stored hash of other parameters may ask for: beyond it, it is not verified at all.
const MAX_STORED_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_STORED_PASSES: u32 = 64;

/// How a hash is or was computed.
pub(super) struct Recipe {
    pub algorithm: Algorithm,
    pub version: Version,
    pub params: Params,
}

/// What an Argon2 hash would cost, and the lengths of its parts in bytes.
pub(super) struct Argon2Facts {
    pub memory_kib: u32,
    pub passes: u32,
    pub salt: usize,
    pub output: usize,
}

pub(super) struct Stored {
    hash: Hash,
    nobody: bool,
}

enum Hash {
    Argon2 {
        recipe: Recipe,
        salt: Vec<u8>,
        expected: Vec<u8>,
    },
    Foreign(ForeignHash),
    /// Costs what a hash with the configured parameters does.
    None,
}

impl Recipe {
    pub fn own(params: &Params) -> Self {
        Self { algorithm: Algorithm::Argon2id, version: Version::V0x13, params: params.clone() }
    }
}

impl Stored {
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        if text == NO_PASSWORD {
            return Ok(Self::nobody());
        }
        let hash = if text.starts_with("$argon2") {
            argon2(text)?
        } else {
            let foreign = ForeignHash::stored(text);
            Hash::Foreign(foreign.map_err(|_| PasswordError::Stored("no hash that is known here, or beyond reason"))?)
        };
        Ok(Self { hash, nobody: false })
    }

    pub fn nobody() -> Self {
        Self { hash: Hash::None, nobody: true }
    }

    /// Takes as long, and never matches.
    pub fn of_nobody(self) -> Self {
        Self { nobody: true, ..self }
    }

    pub fn argon2(&self) -> Option<Argon2Facts> {
        let Hash::Argon2 { recipe, salt, expected } = &self.hash else { return None };
        let (memory_kib, passes) = (recipe.params.m_cost(), recipe.params.t_cost());
        Some(Argon2Facts { memory_kib, passes, salt: salt.len(), output: expected.len() })
    }

    pub fn matches(&self, pool: &Pool, password: &[u8]) -> Result<bool, PasswordError> {
        let matches = match &self.hash {
            Hash::Argon2 { recipe, salt, expected } => {
                let computed = pool.compute(recipe, password, salt, expected.len())?;
                computed.as_slice().ct_eq(expected).into()
            }
            Hash::Foreign(hash) => hash.matches(password),
            Hash::None => {
                let salt = random_bytes::<SALT_BYTES>();
                pool.compute(&Recipe::own(&pool.params), password, &salt, OUTPUT_BYTES)?;
                false
            }
        };
        Ok(matches && !self.nobody)
    }

    pub fn is_made_with(&self, params: &Params) -> bool {
        let Hash::Argon2 { recipe, salt, expected } = &self.hash else { return false };
        let own = &recipe.params;
        recipe.algorithm == Algorithm::Argon2id
            && recipe.version == Version::V0x13
            && (own.m_cost(), own.t_cost(), own.p_cost()) == (params.m_cost(), params.t_cost(), params.p_cost())
            && expected.len() == OUTPUT_BYTES
            && salt.len() >= SALT_BYTES
    }
}

fn argon2(text: &str) -> Result<Hash, PasswordError> {
    let phc = PasswordHash::new(text).map_err(|_| PasswordError::Stored("not a PHC string"))?;
    let algorithm = Algorithm::try_from(phc.algorithm.as_str()).map_err(|_| PasswordError::Stored("not Argon2"))?;
    // Strings without a version are of the version before there were versions (0x10).
    let version = Version::try_from(phc.version.unwrap_or(Version::V0x10.into()))
        .map_err(|_| PasswordError::Stored("an unknown version of Argon2"))?;
    let params = Params::try_from(&phc).map_err(|_| PasswordError::Stored("impossible parameters"))?;
    if params.m_cost() > MAX_STORED_MEMORY_KIB || params.t_cost() > MAX_STORED_PASSES {
        return Err(PasswordError::Stored("parameters beyond reason"));
    }
    let (Some(salt), Some(expected)) = (&phc.salt, &phc.hash) else {
        return Err(PasswordError::Stored("salt or hash is missing"));
    };
    let (salt, expected) = (salt.to_vec(), expected.as_bytes().to_vec());
    Ok(Hash::Argon2 { recipe: Recipe { algorithm, version, params }, salt, expected })
}
