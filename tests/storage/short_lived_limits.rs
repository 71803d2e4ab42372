//! The store in memory does not grow without bounds, and forgets nothing that is live. The one in Redis keeps to its prefix.

use std::time::Duration;

use karat::storage::Error;
use karat::storage::ephemeral::{Ephemeral, Limits, Taken};
use tokio::time::sleep;

use crate::databases::{fresh_prefix, redis_url};

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_full_store_refuses_what_is_new_and_keeps_what_it_has() {
    let store = Ephemeral::memory_with(Limits { entries: 100, bytes: usize::MAX });
    for i in 0..100 {
        store.put(&format!("key {i}"), "value", LONG).await.unwrap();
    }
    assert!(matches!(store.put("one more", "value", LONG).await, Err(Error::Unavailable(_))));
    assert!(matches!(store.insert_if_absent("one more", "value", LONG).await, Err(Error::Unavailable(_))));
    assert!(matches!(store.increment_within("one more", LONG).await, Err(Error::Unavailable(_))));
    // What is there can be used, replaced and spent.
    store.put("key 0", "other", LONG).await.unwrap();
    assert_eq!(store.take_leaving_tombstone("key 0", LONG).await.unwrap(), Taken::First("other".into()));
    assert_eq!(store.take("key 1").await.unwrap(), Some("value".into()));
    store.put("one more", "value", LONG).await.unwrap();
    for i in 2..100 {
        assert_eq!(store.get(&format!("key {i}")).await.unwrap(), Some("value".into()));
    }
}

#[tokio::test]
async fn interactions_never_take_the_room_of_counters_and_codes() {
    let store = Ephemeral::memory_with(Limits { entries: 100, bytes: usize::MAX });
    for i in 0..50 {
        store.put(&format!("interaction:{i}"), "value", LONG).await.unwrap();
    }
    assert!(matches!(store.put("interaction:more", "value", LONG).await, Err(Error::Unavailable(_))));
    for i in 0..50 {
        store.increment_within(&format!("rate:{i}"), LONG).await.unwrap();
    }
    store.take("interaction:0").await.unwrap();
    store.put("interaction:more", "value", LONG).await.unwrap();
}

#[tokio::test]
async fn large_values_count_by_their_size() {
    let store = Ephemeral::memory_with(Limits { entries: usize::MAX, bytes: 100_000 });
    let large = "x".repeat(60_000);
    store.put("one", &large, LONG).await.unwrap();
    assert!(matches!(store.put("two", &large, LONG).await, Err(Error::Unavailable(_))));
    store.put("one", &large, LONG).await.unwrap();
    store.put("one", "small", LONG).await.unwrap();
    store.put("two", &large, LONG).await.unwrap();
    assert!(matches!(store.put("one", &large, LONG).await, Err(Error::Unavailable(_))));
    assert_eq!(store.get("one").await.unwrap(), Some("small".into()));
}

#[tokio::test]
async fn what_has_expired_makes_room_wherever_it_lies() {
    let store = Ephemeral::memory_with(Limits { entries: 100, bytes: usize::MAX });
    for round in 0..3 {
        for i in 0..100 {
            store.put(&format!("{round} {i}"), "value", SHORT).await.unwrap();
        }
        sleep(SHORT * 2).await;
    }
    store.put("one more", "value", LONG).await.unwrap();
    assert_eq!(store.get("one more").await.unwrap(), Some("value".into()));
}

#[tokio::test]
async fn replacing_a_value_a_thousand_times_takes_the_room_of_one() {
    let store = Ephemeral::memory_with(Limits { entries: 2, bytes: 1000 });
    for i in 0..1000 {
        store.put("key", &format!("value {i}"), LONG).await.unwrap();
        store.take("key").await.unwrap();
        store.increment_within("counter", LONG).await.unwrap();
    }
    assert_eq!(store.count("counter").await.unwrap().count, 1000);
}

#[tokio::test]
async fn installations_that_share_a_redis_do_not_see_each_other() {
    let (one, two) = (fresh_prefix(), fresh_prefix());
    let one = Ephemeral::redis(&redis_url(), &one).await.unwrap();
    let two = Ephemeral::redis(&redis_url(), &two).await.unwrap();
    one.put("key", "one", LONG).await.unwrap();
    assert_eq!(two.get("key").await.unwrap(), None);
    two.delete("key").await.unwrap();
    assert_eq!(one.get("key").await.unwrap(), Some("one".into()));
}

#[tokio::test]
async fn nodes_that_share_a_redis_and_a_prefix_see_the_same() {
    let prefix = fresh_prefix();
    let one = Ephemeral::redis(&redis_url(), &prefix).await.unwrap();
    let two = Ephemeral::redis(&redis_url(), &prefix).await.unwrap();
    one.put("code", "grant", LONG).await.unwrap();
    assert_eq!(two.take_leaving_tombstone("code", LONG).await.unwrap(), Taken::First("grant".into()));
    assert_eq!(one.take_leaving_tombstone("code", LONG).await.unwrap(), Taken::Again("grant".into()));
}

#[tokio::test]
async fn an_address_of_no_known_store_is_refused() {
    for url in ["", "memcached://localhost", "localhost:6379", "redis://"] {
        let refused = Ephemeral::open(url, "").await.map(drop);
        assert!(matches!(refused, Err(Error::Unsupported(_))), "{url}: {refused:?}");
    }
    Ephemeral::open("memory:", "").await.unwrap().ping().await.unwrap();
}
