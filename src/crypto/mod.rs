//! Keys, hashes, seals, random tokens and the clock.
//!
//! ```text
//! clock              what time it is: the one place that asks the machine
//! random             random bytes and ids
//! token              opaque tokens, short codes, secrets, and what is stored of them
//! password           Argon2id in a bounded pool
//! password_strength  which passwords are refused, and why
//! sealing_keys       the keys that seal values at rest: where they come from, how they rotate
//! seal               sealing a value to its table, column and row
//! webhook_secret     what is shared with systems that hear of events
//! keyring            signing keys: JWS in, JWS out, JWKS
//! client_keys        the public keys of clients
//! assertion          what clients sign with theirs
//! pairwise           names of people that differ from sector to sector
//! ```

pub mod assertion;
pub mod client_keys;
pub mod clock;
pub mod keyring;
pub mod pairwise;
pub mod password;
pub mod password_strength;
pub mod random;
pub mod seal;
pub mod sealing_keys;
pub mod token;
pub mod webhook_secret;

/// Ends the process because a primitive that cannot fail has failed: the random source of the kernel, or an AEAD on a short
/// input. Nothing that arrives from outside leads here. Going on would mean predictable tokens or a row written empty, and
/// unwinding would let the next request try the same, so the process stops and its supervisor starts a new one.
fn primitive_failed(what: &'static str) -> ! {
    tracing::error!(what, "a cryptographic primitive failed; stopping the process");
    std::process::abort()
}
