//! Signing keys that the tests of one process share: making an RSA key takes longer than most tests do.

use std::sync::{Arc, OnceLock};

use karat::app::{open_database, sealing_keys};
use karat::config::Config;
use karat::crypto::keyring::SigningKey;
use karat::crypto::seal::Sealer;
use karat::domain::jose::Algorithm;
use karat::domain::time::Timestamp;
use karat::storage::Store;
use karat::storage::keys::StoredKey;

static KEYS: OnceLock<Vec<SigningKey>> = OnceLock::new();

/// Brings a fresh database up to date and puts the keys into it; one that has keys already is left alone.
pub async fn put_into(config: &Config, now: Timestamp) {
    let db = open_database(config).await.unwrap();
    db.migrate().await.unwrap();
    let store = Store::new(db, Arc::new(Sealer::new(&sealing_keys(config).unwrap())));
    if !store.signing_keys(now).await.unwrap().is_empty() {
        return;
    }
    let keys = KEYS.get_or_init(|| Algorithm::ALL.map(|alg| SigningKey::generate(alg).unwrap()).into());
    let mut change = store.begin().await.unwrap();
    for key in keys.iter().filter(|key| config.keys.algorithms.contains(&key.algorithm())) {
        let (kid, pkcs8) = (key.kid().to_owned(), key.to_pkcs8());
        let stored = StoredKey { kid, alg: key.algorithm(), pkcs8, created_at: now, retired: None };
        change.add_signing_key(&stored).await.unwrap();
    }
    change.commit().await.unwrap();
}
