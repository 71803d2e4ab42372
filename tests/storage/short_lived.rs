//! One contract for the short-lived store in memory and in Redis.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use karat::storage::Error;
use karat::storage::ephemeral::{Count, Ephemeral, Taken};
use tokio::time::sleep;

/// Runs each named function, `async fn(Ephemeral)`, once in memory and once on Redis.
macro_rules! on_both_stores {
    ($($test:ident),+ $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(karat::storage::ephemeral::Ephemeral::memory()).await;
            })+
        }
        mod on_redis {
            use crate::databases::{fresh_prefix, redis_url};

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let store = karat::storage::ephemeral::Ephemeral::open(&redis_url(), &fresh_prefix()).await;
                super::$test(store.unwrap()).await;
            })+
        }
    };
}

on_both_stores! {
    a_value_is_there_until_it_is_replaced_or_deleted,
    any_text_is_kept_as_it_is,
    a_value_expires,
    replacing_a_value_prolongs_it,
    of_fifty_takers_one_gets_the_value,
    of_fifty_takers_one_is_first_and_all_others_see_the_evidence,
    a_tombstone_reads_as_nothing_and_keeps_its_place,
    a_tombstone_expires,
    a_tombstone_can_be_overwritten_and_deleted,
    of_fifty_inserts_one_succeeds,
    an_expired_key_can_be_inserted_again,
    comparing_replaces_only_what_was_expected,
    optimistic_replacing_loses_no_update,
    fifty_increments_count_to_fifty,
    a_window_starts_with_the_first_increment_and_is_not_prolonged,
    counting_does_not_increment,
    a_deleted_counter_starts_again,
    a_key_is_either_value_or_counter,
    it_answers_a_ping,
}

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(80);

fn some(value: &str) -> Option<String> {
    Some(value.to_owned())
}

async fn a_value_is_there_until_it_is_replaced_or_deleted(store: Ephemeral) {
    assert_eq!(store.get("key").await.unwrap(), None);
    store.put("key", "one", LONG).await.unwrap();
    assert_eq!(store.get("key").await.unwrap(), some("one"));
    store.put("key", "two", LONG).await.unwrap();
    assert_eq!(store.get("key").await.unwrap(), some("two"));
    assert_eq!(store.get("another key").await.unwrap(), None);
    store.delete("key").await.unwrap();
    store.delete("key").await.unwrap();
    assert_eq!(store.get("key").await.unwrap(), None);
}

async fn any_text_is_kept_as_it_is(store: Ephemeral) {
    let long = "0123456789".repeat(10_000);
    for text in ["", "=", "!", "=x", "!x", "17", "{\"a\":1}", "żółw \u{1f98a}", "a\0b\r\n", "$6\r\n", &long] {
        let key = format!("key {text:.20}");
        store.put(&key, text, LONG).await.unwrap();
        assert_eq!(store.get(&key).await.unwrap(), some(text));
        assert!(store.compare_and_put(&key, text, text, LONG).await.unwrap());
        assert_eq!(store.take_leaving_tombstone(&key, LONG).await.unwrap(), Taken::First(text.into()));
        assert_eq!(store.take_leaving_tombstone(&key, LONG).await.unwrap(), Taken::Again(text.into()));
        store.put(&key, text, LONG).await.unwrap();
        assert_eq!(store.take(&key).await.unwrap(), some(text));
    }
}

async fn a_value_expires(store: Ephemeral) {
    store.put("brief", "value", SHORT).await.unwrap();
    store.put("long", "value", LONG).await.unwrap();
    // Not even a time-to-live of nothing is forever.
    store.put("nothing", "value", Duration::ZERO).await.unwrap();
    sleep(SHORT * 2).await;
    for key in ["brief", "nothing"] {
        assert_eq!(store.get(key).await.unwrap(), None);
        assert_eq!(store.take(key).await.unwrap(), None);
        assert_eq!(store.take_leaving_tombstone(key, LONG).await.unwrap(), Taken::Nothing);
        assert!(!store.compare_and_put(key, "value", "other", LONG).await.unwrap());
    }
    assert_eq!(store.get("long").await.unwrap(), some("value"));
}

async fn replacing_a_value_prolongs_it(store: Ephemeral) {
    for key in ["put", "compared"] {
        store.put(key, "one", SHORT).await.unwrap();
    }
    store.put("put", "two", LONG).await.unwrap();
    // On a slow machine it may be gone already; then there is nothing to prolong.
    let compared = store.compare_and_put("compared", "one", "two", LONG).await.unwrap();
    sleep(SHORT * 2).await;
    assert_eq!(store.get("put").await.unwrap(), some("two"));
    assert_eq!(store.get("compared").await.unwrap(), compared.then(|| "two".into()));
}

async fn of_fifty_takers_one_gets_the_value(store: Ephemeral) {
    store.put("code", "grant", LONG).await.unwrap();
    let taken = parallel(&store, |store, _| async move { store.take("code").await.unwrap() }).await;
    assert_eq!(taken.iter().flatten().collect::<Vec<_>>(), ["grant"]);
    assert_eq!(store.get("code").await.unwrap(), None);
}

async fn of_fifty_takers_one_is_first_and_all_others_see_the_evidence(store: Ephemeral) {
    store.put("code", "grant", LONG).await.unwrap();
    let taken =
        parallel(&store, |store, _| async move { store.take_leaving_tombstone("code", LONG).await.unwrap() }).await;
    assert_eq!(taken.iter().filter(|taken| **taken == Taken::First("grant".into())).count(), 1);
    assert_eq!(taken.iter().filter(|taken| **taken == Taken::Again("grant".into())).count(), 49);
    assert_eq!(store.take_leaving_tombstone("never issued", LONG).await.unwrap(), Taken::Nothing);
}

async fn a_tombstone_reads_as_nothing_and_keeps_its_place(store: Ephemeral) {
    store.put("code", "grant", LONG).await.unwrap();
    store.take_leaving_tombstone("code", LONG).await.unwrap();
    assert_eq!(store.get("code").await.unwrap(), None);
    assert_eq!(store.take("code").await.unwrap(), None);
    assert!(!store.insert_if_absent("code", "other", LONG).await.unwrap());
    assert!(!store.compare_and_put("code", "grant", "other", LONG).await.unwrap());
    assert_eq!(store.take_leaving_tombstone("code", LONG).await.unwrap(), Taken::Again("grant".into()));
}

async fn a_tombstone_expires(store: Ephemeral) {
    store.put("brief", "grant", LONG).await.unwrap();
    store.take_leaving_tombstone("brief", SHORT).await.unwrap();
    // A tombstone may also outlive the value's own time.
    store.put("long", "grant", SHORT).await.unwrap();
    let taken = store.take_leaving_tombstone("long", LONG).await.unwrap();
    sleep(SHORT * 2).await;
    assert_eq!(store.take_leaving_tombstone("brief", LONG).await.unwrap(), Taken::Nothing);
    let again = store.take_leaving_tombstone("long", LONG).await.unwrap();
    assert!((taken == Taken::Nothing) == (again == Taken::Nothing), "{taken:?}, then {again:?}");
}

async fn a_tombstone_can_be_overwritten_and_deleted(store: Ephemeral) {
    store.put("code", "grant", LONG).await.unwrap();
    store.take_leaving_tombstone("code", LONG).await.unwrap();
    store.put("code", "new", LONG).await.unwrap();
    assert_eq!(store.take_leaving_tombstone("code", LONG).await.unwrap(), Taken::First("new".into()));
    store.delete("code").await.unwrap();
    assert_eq!(store.take_leaving_tombstone("code", LONG).await.unwrap(), Taken::Nothing);
}

async fn of_fifty_inserts_one_succeeds(store: Ephemeral) {
    let inserted =
        parallel(&store, |store, i| async move { store.insert_if_absent("jti", &i.to_string(), LONG).await.unwrap() })
            .await;
    let winner = inserted.iter().position(|inserted| *inserted).unwrap();
    assert_eq!(inserted.iter().filter(|inserted| **inserted).count(), 1);
    assert_eq!(store.get("jti").await.unwrap(), some(&winner.to_string()));
}

async fn an_expired_key_can_be_inserted_again(store: Ephemeral) {
    assert!(store.insert_if_absent("jti", "one", SHORT).await.unwrap());
    sleep(SHORT * 2).await;
    assert!(store.insert_if_absent("jti", "two", LONG).await.unwrap());
    assert_eq!(store.get("jti").await.unwrap(), some("two"));
}

async fn comparing_replaces_only_what_was_expected(store: Ephemeral) {
    assert!(!store.compare_and_put("state", "", "new", LONG).await.unwrap());
    store.put("state", "old", LONG).await.unwrap();
    assert!(!store.compare_and_put("state", "other", "new", LONG).await.unwrap());
    assert_eq!(store.get("state").await.unwrap(), some("old"));
    assert!(store.compare_and_put("state", "old", "new", LONG).await.unwrap());
    assert_eq!(store.get("state").await.unwrap(), some("new"));
}

async fn optimistic_replacing_loses_no_update(store: Ephemeral) {
    store.put("state", "0", LONG).await.unwrap();
    parallel(&store, |store, _| async move {
        for _ in 0..10_000 {
            let old = store.get("state").await.unwrap().unwrap();
            let new = (old.parse::<u32>().unwrap() + 1).to_string();
            if store.compare_and_put("state", &old, &new, LONG).await.unwrap() {
                return;
            }
        }
        panic!("never got through");
    })
    .await;
    assert_eq!(store.get("state").await.unwrap(), some("50"));
}

async fn fifty_increments_count_to_fifty(store: Ephemeral) {
    let counts =
        parallel(&store, |store, _| async move { store.increment_within("guesses", LONG).await.unwrap() }).await;
    let numbers: BTreeSet<u64> = counts.iter().map(|count| count.count).collect();
    assert_eq!(numbers, (1..=50).collect());
    assert!(counts.iter().all(|count| count.resets_in <= LONG && count.resets_in > LONG / 2));
}

async fn a_window_starts_with_the_first_increment_and_is_not_prolonged(store: Ephemeral) {
    let window = Duration::from_millis(400);
    let started = Instant::now();
    let first = store.increment_within("guesses", window).await.unwrap();
    assert_eq!(first.count, 1);
    assert!(first.resets_in <= window);
    let mut last = first;
    // Asking for a longer window later does not help either.
    while started.elapsed() < window * 3 {
        let next = store.increment_within("guesses", LONG).await.unwrap();
        if next.count == 1 {
            assert!(started.elapsed() >= window);
            assert!(next.resets_in > window);
            return;
        }
        assert_eq!(next.count, last.count + 1);
        assert!(next.resets_in <= last.resets_in);
        last = next;
        sleep(Duration::from_millis(20)).await;
    }
    panic!("the window never ended: {last:?}");
}

async fn counting_does_not_increment(store: Ephemeral) {
    let zero = Count { count: 0, resets_in: Duration::ZERO };
    assert_eq!(store.count("guesses").await.unwrap(), zero);
    for _ in 0..3 {
        store.increment_within("guesses", LONG).await.unwrap();
    }
    for _ in 0..2 {
        let count = store.count("guesses").await.unwrap();
        assert_eq!(count.count, 3);
        assert!(count.resets_in > LONG / 2 && count.resets_in <= LONG);
    }
    store.increment_within("brief", SHORT).await.unwrap();
    sleep(SHORT * 2).await;
    assert_eq!(store.count("brief").await.unwrap(), zero);
}

async fn a_deleted_counter_starts_again(store: Ephemeral) {
    for _ in 0..3 {
        store.increment_within("guesses", LONG).await.unwrap();
    }
    store.delete("guesses").await.unwrap();
    assert_eq!(store.increment_within("guesses", LONG).await.unwrap().count, 1);
}

async fn a_key_is_either_value_or_counter(store: Ephemeral) {
    store.put("value", "5", LONG).await.unwrap();
    assert!(matches!(store.increment_within("value", LONG).await, Err(Error::Other(_))));
    assert!(matches!(store.count("value").await, Err(Error::Other(_))));
    assert_eq!(store.get("value").await.unwrap(), some("5"));

    store.increment_within("counter", LONG).await.unwrap();
    assert!(matches!(store.get("counter").await, Err(Error::Other(_))));
    assert!(matches!(store.take("counter").await, Err(Error::Other(_))));
    assert!(matches!(store.take_leaving_tombstone("counter", LONG).await, Err(Error::Other(_))));
    assert!(matches!(store.compare_and_put("counter", "1", "x", LONG).await, Err(Error::Other(_))));
    assert!(!store.insert_if_absent("counter", "x", LONG).await.unwrap());
    assert_eq!(store.count("counter").await.unwrap().count, 1);
}

async fn it_answers_a_ping(store: Ephemeral) {
    store.ping().await.unwrap();
}

async fn parallel<T, F>(store: &Ephemeral, work: impl Fn(Ephemeral, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks = (0..50).map(|i| tokio::spawn(work(store.clone(), i))).collect::<Vec<_>>();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}
