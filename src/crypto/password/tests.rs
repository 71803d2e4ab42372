//! The hasher and its pool.

use super::*;

/// The least Argon2 allows: the tests are about the pool and the comparison, not the hardness.
const EASY: PasswordParameters =
    PasswordParameters { memory_kib: 8, iterations: 1, parallelism: 1, workers: 2, queue: 8 };

fn hasher(parameters: PasswordParameters) -> PasswordHasher {
    PasswordHasher::new(parameters).unwrap()
}

async fn matches(hasher: &PasswordHasher, password: &str, stored: &str) -> bool {
    hasher.verify(&Secret::new(password), Some(stored)).await.unwrap().matches
}

#[tokio::test]
async fn a_password_matches_its_own_hash_and_no_other_does() {
    let hasher = hasher(EASY);
    let stored = hasher.hash(&Secret::new("correct horse")).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
    assert!(!stored.contains("correct horse"));
    let verdict = hasher.verify(&Secret::new("correct horse"), Some(&stored)).await.unwrap();
    assert_eq!(verdict, Verdict { matches: true, needs_rehash: false });
    for other in ["correct horsf", "Correct horse", "correct horse ", "correct hors", ""] {
        assert!(!matches(&hasher, other, &stored).await, "{other}");
    }
    assert_ne!(stored, hasher.hash(&Secret::new("correct horse")).await.unwrap(), "the salt is fresh each time");
}

#[tokio::test]
async fn every_byte_counts_however_long_and_whatever_it_is() {
    let hasher = hasher(EASY);
    let pairs = [
        ("x".repeat(64), format!("{}y", "x".repeat(63))),
        // Where bcrypt stops reading.
        (format!("{}a", "x".repeat(72)), format!("{}b", "x".repeat(72))),
        ("🦀".repeat(64), format!("{}🐘", "🦀".repeat(63))),
        // Where a C string stops.
        ("pass\0word".to_owned(), "pass\0ward".to_owned()),
        ("\0".to_owned(), String::new()),
        ("x".repeat(MAX_PASSWORD_BYTES), "x".repeat(MAX_PASSWORD_BYTES - 1)),
    ];
    for (password, other) in pairs {
        let stored = hasher.hash(&Secret::new(password.as_str())).await.unwrap();
        assert!(matches(&hasher, &password, &stored).await);
        assert!(!matches(&hasher, &other, &stored).await, "{password:.80?}");
    }
}

#[tokio::test]
async fn an_oversize_password_is_refused_before_it_is_hashed() {
    // A hash with these parameters would take minutes.
    let hasher = hasher(PasswordParameters { iterations: 1_000_000, ..EASY });
    for length in [MAX_PASSWORD_BYTES + 1, 10_000_000] {
        let password = Secret::new("x".repeat(length));
        assert!(matches!(hasher.hash(&password).await, Err(PasswordError::TooLong)));
        assert!(matches!(hasher.verify(&password, None).await, Err(PasswordError::TooLong)));
    }
}

#[tokio::test]
async fn nobody_never_matches_and_costs_what_somebody_costs() {
    let hasher = hasher(PasswordParameters { memory_kib: 1024, iterations: 4, ..EASY });
    let stored = hasher.hash(&Secret::new("x")).await.unwrap();
    let mut nobody = Vec::new();
    let mut somebody = Vec::new();
    for _ in 0..9 {
        let started = Instant::now();
        let verdict = hasher.verify(&Secret::new("x"), None).await.unwrap();
        nobody.push(started.elapsed());
        assert_eq!(verdict, Verdict { matches: false, needs_rehash: false });
        let started = Instant::now();
        assert!(!matches(&hasher, "y", &stored).await);
        somebody.push(started.elapsed());
    }
    nobody.sort();
    somebody.sort();
    // Loose, for a busy machine; a short cut would be a thousand times faster.
    assert!(nobody[4] * 4 > somebody[4] && somebody[4] * 4 > nobody[4], "{nobody:?} {somebody:?}");
}

#[tokio::test]
async fn a_hash_of_other_parameters_matches_and_asks_for_a_new_one() {
    let hasher = hasher(EASY);
    let password = Secret::new("correct horse");
    let foreign = [
        PasswordParameters { memory_kib: 64, ..EASY },
        PasswordParameters { iterations: 2, ..EASY },
        PasswordParameters { memory_kib: 16, parallelism: 2, ..EASY },
    ];
    for parameters in foreign {
        let stored = self::hasher(parameters).hash(&password).await.unwrap();
        let verdict = hasher.verify(&password, Some(&stored)).await.unwrap();
        assert_eq!(verdict, Verdict { matches: true, needs_rehash: true }, "{stored}");
        let verdict = hasher.verify(&Secret::new("wrong"), Some(&stored)).await.unwrap();
        assert_eq!(verdict, Verdict { matches: false, needs_rehash: false });
    }
}

#[tokio::test]
async fn hashes_of_the_reference_implementation_are_verified() {
    // Test vectors of the reference implementation: password "password", salt "somesalt", Argon2i, with and without version.
    let output = "/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY";
    let hasher = hasher(EASY);
    for version in ["v=16$", ""] {
        let stored = format!("$argon2i${version}m=256,t=2,p=1$c29tZXNhbHQ${output}");
        let verdict = hasher.verify(&Secret::new("password"), Some(&stored)).await.unwrap();
        assert_eq!(verdict, Verdict { matches: true, needs_rehash: true });
        assert!(!matches(&hasher, "Password", &stored).await);
    }
    // A part of the right output is not the right output of that length.
    let cut = format!("$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ${}", &output[..24]);
    assert!(!matches(&hasher, "password", &cut).await);
}

#[tokio::test]
async fn a_stored_text_that_is_no_usable_hash_is_an_error_and_never_a_match() {
    let hasher = hasher(EASY);
    let unusable = [
        "",
        "password",
        "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123",
        "$2x$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        "$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        "$pbkdf2-sha256$i=4294967295$c29tZXNhbHQ$RdescudvJCsgt3ub+b/daw",
        "$pbkdf2-md5$i=1000$c29tZXNhbHQ$RdescudvJCsgt3ub+b/daw",
        "$scrypt$ln=63,r=8,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/daw",
        "$argon2id$v=19$m=8,t=1,p=1",
        "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ",
        "$argon2id$v=99$m=8,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/daw",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/daw",
        "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/daw",
        "$argon2id$v=19$m=8,t=1,p=0$c29tZXNhbHQ$RdescudvJCsgt3ub+b/daw",
    ];
    for stored in unusable {
        let refused = hasher.verify(&Secret::new("password"), Some(stored)).await;
        assert!(matches!(refused, Err(PasswordError::Stored(_))), "{stored}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_workers_and_queue_the_pool_is_busy_and_recovers() {
    let hasher = hasher(PasswordParameters { memory_kib: 4096, iterations: 8, workers: 1, queue: 2, ..EASY });
    let password = Secret::new("x");
    let attempts = (0..40).map(|_| hasher.hash(&password));
    let (mut done, mut busy) = (0, 0);
    for result in futures_util::future::join_all(attempts).await {
        match result {
            Ok(_) => done += 1,
            Err(PasswordError::Busy { retry_after }) => {
                assert!((1..=30).contains(&retry_after.0));
                busy += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((done, busy), (3, 37));
    assert!(hasher.hash(&password).await.is_ok());
    assert_eq!(hasher.pool.memory.lock().unwrap().len(), 1, "one block of memory a worker is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_gives_its_place_back() {
    let hasher = hasher(PasswordParameters { memory_kib: 4096, iterations: 8, workers: 1, queue: 1, ..EASY });
    let password = Secret::new("x");
    for _ in 0..5 {
        let gone = tokio::time::timeout(Duration::from_millis(1), hasher.hash(&password)).await;
        // Work that has started is finished even so: wait for its place.
        drop(gone);
        while hasher.pool.admission.available_permits() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert!(hasher.hash(&password).await.is_ok());
}

#[test]
fn impossible_parameters_are_refused() {
    for parameters in [
        PasswordParameters { memory_kib: 1, ..EASY },
        PasswordParameters { iterations: 0, ..EASY },
        PasswordParameters { parallelism: 0, ..EASY },
    ] {
        assert!(matches!(PasswordHasher::new(parameters), Err(PasswordError::Parameters(_))), "{parameters:?}");
    }
}

#[path = "foreign_tests.rs"]
mod foreign_tests;
