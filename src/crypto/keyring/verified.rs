//! Signatures that were found right: a token that is shown again is not verified again. What else is asked of it, its key's
//! stage and its times, is asked every time.

use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

/// Of one generation; there are two.
const MOST: usize = 8192;

/// Of one key. Only what this key has signed gets in, so strangers cannot fill it.
#[derive(Default)]
pub(super) struct Verified(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    new: HashSet<[u8; 32]>,
    old: HashSet<[u8; 32]>,
}

impl Verified {
    /// Whether the signature is right, by memory or else by `verify`.
    pub(super) fn or_verify(&self, message: &[u8], signature: &str, verify: impl FnOnce() -> bool) -> bool {
        let name = name_of(message, signature);
        if self.knows(&name) {
            return true;
        }
        let is_right = verify();
        if is_right {
            self.remember(name);
        }
        is_right
    }

    fn knows(&self, name: &[u8; 32]) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.new.contains(name) || known.old.contains(name)
    }

    fn remember(&self, name: [u8; 32]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.new.len() >= MOST {
            known.old = mem::take(&mut known.new);
        }
        known.new.insert(name);
    }
}

/// A dot is in neither part's alphabet but between header and payload, so no two tokens share a name.
fn name_of(message: &[u8], signature: &str) -> [u8; 32] {
    let mut digest = Context::new(&SHA256);
    for part in [message, b".", signature.as_bytes()] {
        digest.update(part);
    }
    let mut name = [0; 32];
    name.copy_from_slice(digest.finish().as_ref());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_right_is_known_and_what_was_wrong_is_looked_at_again() {
        let verified = Verified::default();
        assert!(!verified.or_verify(b"a.b", "wrong", || false));
        assert!(verified.or_verify(b"a.b", "right", || true));
        assert!(verified.or_verify(b"a.b", "right", || panic!("known already")));
        assert!(!verified.or_verify(b"a.b", "wrong", || false), "another signature of the same message");
        assert!(!verified.or_verify(b"a.c", "right", || false), "the same signature of another message");
    }

    #[test]
    fn only_so_many_are_remembered() {
        let verified = Verified::default();
        let all = MOST * 3;
        for number in 0..all {
            assert!(verified.or_verify(number.to_string().as_bytes(), "s", || true));
        }
        let known = verified.0.lock().unwrap();
        assert!(known.new.len() + known.old.len() <= 2 * MOST);
        assert!(known.new.contains(&name_of((all - 1).to_string().as_bytes(), "s")));
    }
}
