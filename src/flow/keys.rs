//! The keyring in use: loaded from storage, replaced as a whole when keys rotate, at most a second stale on other nodes.
//!
//! ```text
//! made --> published --LEAD--> signs --the next one signs--> published --overlap--> gone
//! ```
//! A key is published before it signs, so that whoever sees a token of it finds it: at a node that has not heard of it yet, or in a cache.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, RwLock};

use super::Failure;
use crate::crypto::keyring::{Expected, KeyEntry, KeyStage, Keyring, SigningKey, VerifyError};
use crate::domain::jose::Algorithm;
use crate::domain::time::{Seconds, Timestamp};
use crate::storage::audit::AuditEntry;
use crate::storage::keys::{Retired, StoredKey};
use crate::storage::{Change, Store};

/// How long a key is published before it signs, unless there is no other: longer than caches keep the set (`http::oidc::discovery`) and nodes
/// take to hear of it together.
pub const LEAD: Seconds = Seconds(90);

pub struct Keys {
    store: Store,
    algorithms: Vec<Algorithm>,
    /// How long a retired key stays published: the longest life of a token it may have signed.
    overlap: Seconds,
    ring: RwLock<Arc<Keyring>>,
    /// When the next key begins to sign, in seconds since 1970.
    next_signs: AtomicI64,
    refreshed: tokio::sync::Mutex<Timestamp>,
}

impl Keys {
    /// Loads the keys, and makes those that are missing.
    pub async fn open(
        store: Store,
        algorithms: Vec<Algorithm>,
        overlap: Seconds,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let keys = Self {
            store,
            algorithms,
            overlap,
            ring: RwLock::new(Arc::new(Keyring::default())),
            next_signs: AtomicI64::new(i64::MAX),
            refreshed: tokio::sync::Mutex::new(now),
        };
        keys.reload(now).await?;
        let missing: Vec<_> = keys.algorithms.iter().filter(|alg| keys.ring().current(**alg).is_none()).collect();
        if !missing.is_empty() {
            for alg in missing {
                keys.add_first(*alg, now).await?;
            }
            keys.reload(now).await?;
        }
        Ok(keys)
    }

    pub fn ring(&self) -> Arc<Keyring> {
        match self.ring.read() {
            Ok(ring) => ring.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    /// Takes over what other nodes have changed. Keys whose row cannot be read are left out and logged: one damaged row
    /// must not stop the others.
    pub async fn reload(&self, now: Timestamp) -> Result<(), Failure> {
        let mut entries = Vec::new();
        let known = self.ring();
        let all = self.store.signing_keys(now).await?;
        let signing: Vec<String> =
            Algorithm::ALL.iter().filter_map(|alg| signs(&all, *alg, now)).map(|key| key.kid.clone()).collect();
        let next = all.iter().map(|key| key.created_at.plus(LEAD).unix()).filter(|at| *at > now.unix()).min();
        self.next_signs.store(next.unwrap_or(i64::MAX), Ordering::Relaxed);
        for stored in all {
            let key = match known.key(&stored.kid) {
                Some(key) => key.clone(),
                None => match SigningKey::from_pkcs8(stored.alg, &stored.kid, &stored.pkcs8) {
                    Ok(key) => Arc::new(key),
                    Err(error) => {
                        tracing::error!(kid = stored.kid, %error, "a stored signing key is not usable");
                        continue;
                    }
                },
            };
            let stage = match stored.retired {
                _ if signing.contains(&stored.kid) => KeyStage::Current,
                None => KeyStage::Coming,
                Some(retired) => KeyStage::Retiring { published_until: retired.published_until },
            };
            entries.push(KeyEntry { key, stage });
        }
        let ring = Arc::new(Keyring::new(entries));
        if ring.is_same_as(&known) {
            return Ok(());
        }
        match self.ring.write() {
            Ok(mut current) => *current = ring,
            Err(poisoned) => *poisoned.into_inner() = ring,
        }
        Ok(())
    }

    /// Whether a key that was published ahead signs by now: the ring is to be loaded again.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now.unix() >= self.next_signs.load(Ordering::Relaxed)
    }

    /// Verifies a token of ours. A key nobody here knows may be one that another node has just made: look once, at most
    /// once a second.
    pub async fn verify(
        &self,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<Result<serde_json::Map<String, serde_json::Value>, VerifyError>, Failure> {
        let verdict = self.ring().verify(token, expected);
        if !matches!(verdict, Err(VerifyError::UnknownKey)) {
            return Ok(verdict);
        }
        let mut refreshed = self.refreshed.lock().await;
        if *refreshed >= expected.now {
            return Ok(self.ring().verify(token, expected));
        }
        self.reload(expected.now).await?;
        *refreshed = expected.now;
        Ok(self.ring().verify(token, expected))
    }

    async fn add_first(&self, alg: Algorithm, now: Timestamp) -> Result<(), Failure> {
        let made = generate(alg, now).await?;
        let mut change = self.store.begin().await?;
        change.hold_first_keys().await?;
        if !change.has_current_key(alg).await? {
            change.add_signing_key(&made).await?;
        }
        Ok(change.commit().await?)
    }

    /// A new key is published from now on and signs after [`LEAD`]; the old one stays published until its last token is dead. Answers the new `kid`.
    /// `note` may add to the change, which it is given with the new `kid`.
    pub async fn rotate(
        &self,
        alg: Algorithm,
        now: Timestamp,
        note: impl FnOnce(&mut Change, &str),
    ) -> Result<String, Failure> {
        let made = generate(alg, now).await?;
        let retired = Retired { at: now, published_until: now.plus(self.overlap) };
        let mut change = self.store.begin().await?;
        change.add_signing_key(&made).await?;
        change.retire_signing_keys(alg, &made.kid, retired).await?;
        note(&mut change, &made.kid);
        change.commit().await?;
        self.reload(now).await?;
        Ok(made.kid)
    }

    /// Rotates every algorithm whose key is older than `interval`.
    pub async fn rotate_older_than(
        &self,
        interval: Seconds,
        now: Timestamp,
        note: impl Fn(&mut Change, &str),
    ) -> Result<Vec<String>, Failure> {
        let keys = self.store.signing_keys(now).await?;
        let mut made = Vec::new();
        for key in keys.iter().filter(|key| key.retired.is_none() && now.since(key.created_at) >= interval) {
            made.extend(self.replace(key, now, &note).await?);
        }
        Ok(made)
    }

    /// `None` when somebody else has replaced this key meanwhile.
    async fn replace(
        &self,
        old: &StoredKey,
        now: Timestamp,
        note: impl FnOnce(&mut Change, &str),
    ) -> Result<Option<String>, Failure> {
        let made = generate(old.alg, now).await?;
        let retired = Retired { at: now, published_until: now.plus(self.overlap) };
        let mut change = self.store.begin().await?;
        if !change.retire_signing_key(&old.kid, retired).await? {
            return Ok(None);
        }
        change.add_signing_key(&made).await?;
        note(&mut change, &made.kid);
        change.commit().await?;
        self.reload(now).await?;
        Ok(Some(made.kid))
    }

    /// Withdraws a retired key before its time, for a key that has leaked. `false` when it still signs or is unknown.
    pub async fn retire(&self, kid: &str, now: Timestamp, entry: AuditEntry) -> Result<bool, Failure> {
        let mut change = self.store.begin().await?;
        let done = change.unpublish_signing_key(kid, now).await?;
        if done {
            change.audit(entry);
        }
        change.commit().await?;
        self.reload(now).await?;
        Ok(done)
    }
}

/// The youngest key that has been published for long enough; when there is none, the one that has been for longest. A key retires when its
/// successor is made, and signs until that one does.
fn signs(keys: &[StoredKey], alg: Algorithm, now: Timestamp) -> Option<&StoredKey> {
    let may = |key: &&StoredKey| key.alg == alg && key.retired.is_none_or(|retired| now < retired.at.plus(LEAD));
    let known = |key: &&StoredKey| now >= key.created_at.plus(LEAD);
    // Of two made in one second the one that was not replaced is the younger.
    let youngest = keys.iter().filter(may).filter(known).max_by_key(|key| (key.created_at, key.retired.is_none()));
    youngest.or_else(|| keys.iter().filter(may).min_by_key(|key| (key.created_at, key.retired.is_none())))
}

/// An RSA key takes a while: not on the threads that answer.
async fn generate(alg: Algorithm, now: Timestamp) -> Result<StoredKey, Failure> {
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(alg)).await.map_err(Failure::fault)?;
    let made = made.map_err(Failure::fault)?;
    Ok(StoredKey { kid: made.kid().to_owned(), alg, pkcs8: made.to_pkcs8(), created_at: now, retired: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, created: i64, retired: Option<i64>) -> StoredKey {
        let retired = retired.map(Timestamp::from_unix).map(|at| Retired { at, published_until: at.plus(LEAD) });
        let created_at = Timestamp::from_unix(created);
        StoredKey { kid: kid.to_owned(), alg: Algorithm::Es256, pkcs8: Vec::new().into(), created_at, retired }
    }

    fn signing(keys: &[StoredKey], now: i64) -> &str {
        &signs(keys, Algorithm::Es256, Timestamp::from_unix(now)).unwrap().kid
    }

    #[test]
    fn a_key_signs_when_it_was_published_for_long_enough() {
        let keys = [key("old", 0, Some(1_000)), key("new", 1_000, None)];
        assert_eq!(signing(&keys, 1_000 + LEAD.0 - 1), "old");
        assert_eq!(signing(&keys, 1_000 + LEAD.0), "new");
    }

    #[test]
    fn of_two_made_in_one_second_the_one_that_replaced_the_other_signs() {
        // Both published for long enough, and while the replaced one may still sign; whichever the database tells first.
        let (replaced, newest) = (|| key("replaced", 0, Some(LEAD.0)), || key("newest", 0, None));
        assert_eq!(signing(&[replaced(), newest()], LEAD.0 + 1), "newest");
        assert_eq!(signing(&[newest(), replaced()], LEAD.0 + 1), "newest");
    }
}
