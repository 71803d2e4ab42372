//! Hashes of other products against what those products made (`tests/support/foreign_hashes.jsonl`).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// One line a hash: who made it, of which password, as that product writes it.
const MADE_ELSEWHERE: &str = include_str!("../../../tests/support/foreign_hashes.jsonl");

fn made_elsewhere() -> impl Iterator<Item = (String, String, Value)> {
    MADE_ELSEWHERE.lines().map(|line| {
        let made: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("made_by"), text("password"), made["hash"].clone())
    })
}

fn read(written: &Value) -> Result<ImportedHash, ForeignHashError> {
    ImportedHash::read(written)
}

#[tokio::test]
async fn each_products_hash_knows_its_password_and_no_other_and_asks_for_a_new_one() {
    let hasher = hasher(EASY);
    let mut seen = 0;
    for (by, password, written) in made_elsewhere() {
        let hash = read(&written).unwrap_or_else(|error| panic!("{by}: {error}"));
        let verdict = hasher.verify(&Secret::new(password.as_str()), Some(hash.as_str())).await.unwrap();
        assert_eq!(verdict, Verdict { matches: true, needs_rehash: true }, "{by}: {written}");
        for wrong in [format!("X{password}"), password.chars().skip(20).collect(), String::new()] {
            assert!(!matches(&hasher, &wrong, hash.as_str()).await, "{by}: {wrong}");
        }
        let decoy = decoy_of(hash.as_str()).unwrap();
        assert!(!matches(&hasher, &password, &decoy).await, "{by}: {decoy}");
        assert_eq!(decoy_of(&decoy).as_deref(), Some(decoy.as_str()), "one decoy for all of a kind");
        let verdict = hasher.verify_nobody(&Secret::new(password), Some(hash.as_str())).await.unwrap();
        assert!(!verdict.matches, "{by}: a stranger is not let in by somebody else's hash");
        seen += 1;
    }
    assert!(seen > 25, "{seen}");
}

#[test]
fn what_would_keep_the_pool_busy_is_refused_and_what_is_weak_is_not() {
    let (salt, output) = ("c29tZXNhbHQ", "RdescudvJCsgt3ub+b/dawAAAAAAAAAAAAAAAAAAAAA");
    let bcrypt = |cost: u32| format!("$2b${cost:02}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234");
    for (within, beyond) in [
        (bcrypt(14), bcrypt(15)),
        (bcrypt(4), bcrypt(31)),
        (format!("pbkdf2_sha256$10000000$s${output}"), format!("pbkdf2_sha256$10000001$s${output}")),
        (format!("$pbkdf2-sha512$i=1${salt}${output}"), format!("$pbkdf2-sha512$i=4294967295${salt}${output}")),
        (format!("$scrypt$ln=18,r=8,p=1${salt}${output}"), format!("$scrypt$ln=19,r=8,p=1${salt}${output}")),
        (format!("$scrypt$ln=17,r=8,p=8${salt}${output}"), format!("$scrypt$ln=17,r=8,p=9${salt}${output}")),
        (format!("$scrypt$ln=1,r=1,p=64${salt}${output}"), format!("$scrypt$ln=1,r=1,p=65${salt}${output}")),
        (format!("scrypt$16384$s$8$5${output}"), format!("scrypt$16384$s$4294967295$5${output}")),
        (
            format!("$argon2id$v=19$m=262144,t=8,p=4${salt}${output}"),
            format!("$argon2id$v=19$m=262145,t=1,p=4${salt}${output}"),
        ),
        (
            format!("$argon2d$v=19$m=8,t=1,p=1${salt}${output}"),
            format!("$argon2d$v=19$m=262144,t=9,p=1${salt}${output}"),
        ),
    ] {
        assert!(read(&json!(within)).is_ok(), "{within}: {:?}", read(&json!(within)));
        let refused = read(&json!(beyond));
        assert!(matches!(refused, Err(ForeignHashError::TooCostly { .. })), "{beyond}: {refused:?}");
    }
}

#[test]
fn what_is_no_hash_of_a_known_form_is_refused() {
    for unknown in [
        json!(null),
        json!(7),
        json!(""),
        json!("!"),
        json!("correct horse battery staple 9"),
        json!("5f4dcc3b5aa765d61d8327deb882cf99"),
        json!("$1$salt$qJH7.N4xYta3aEG/dfqo/0"),
        json!("$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g."),
        json!("$2x$05$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"),
        json!("pbkdf2_md5$1000$salt$RdescudvJCsgt3ub+b/dawAAAAAAAAAAAAAAAAAAAAA="),
        json!("pbkdf2_sha256$0$salt$RdescudvJCsgt3ub+b/dawAAAAAAAAAAAAAAAAAAAAA="),
        json!("pbkdf2_sha256$1000$salt$c2hvcnQ="),
        json!("scrypt:1000:8:1$salt$00112233445566778899aabbccddeeff"),
        json!({}),
        json!({ "algorithm": "pbkdf2-sha256", "iterations": 1000, "salt": "c2FsdA==" }),
        json!({ "secretData": "not JSON", "credentialData": "{}" }),
        json!({ "algorithm": "firebase-scrypt", "hash": "c2hvcnQ=", "salt": "c2FsdA==", "signer_key": "c2FsdA==" }),
    ] {
        assert!(read(&unknown).is_err(), "{unknown}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic_and_what_is_read_can_be_stored(text in "[$:,{}=a-z0-9+/.]{0,80}|\\PC{0,60}") {
        if let Ok(hash) = read(&json!(text)) {
            prop_assert!(Stored::parse(hash.as_str()).is_ok(), "{}", hash.as_str());
        }
        let _ = Stored::parse(&text);
    }

    #[test]
    fn no_change_of_a_right_hash_makes_reading_panic(
        which in 0_usize..1000, at in any::<prop::sample::Index>(), put in "[$:,={}a-z0-9]{0,3}",
    ) {
        let all: Vec<Value> = made_elsewhere().map(|(.., hash)| hash).collect();
        let whole = all[which % all.len()].to_string();
        let at = at.index(whole.len());
        if whole.is_char_boundary(at) && whole.is_char_boundary(at + 1) {
            let changed = format!("{}{put}{}", &whole[..at], &whole[at + 1..]);
            if let Ok(value) = serde_json::from_str::<Value>(&changed)
                && let Ok(hash) = read(&value)
            {
                prop_assert!(Stored::parse(hash.as_str()).is_ok(), "{}", hash.as_str());
            }
        }
    }
}
