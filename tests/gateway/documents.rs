//! Documents of clients: kept for as long as they say within limits, asked for seldom whatever comes of it, and few at once at one host.

use std::time::Duration;

use karat::domain::time::{Seconds, Timestamp};
use karat::gateway::documents::{Documents, FLOOR, NoDocument};
use karat::gateway::fetch::Fetcher;

use crate::config;
use crate::publisher::Publisher;

const START: Timestamp = Timestamp::from_unix(1_768_471_200);

fn documents(host: &Publisher) -> Documents {
    let text = format!("[outgoing]\ntimeout = '2s'\nallow = ['{}']\n", host.target());
    let section = config(&text).outgoing;
    Documents::new(&section, Fetcher::new(&section).unwrap())
}

fn after(seconds: i64) -> Timestamp {
    START.plus(Seconds(seconds))
}

#[tokio::test]
async fn a_document_is_kept_as_long_as_it_says_but_from_a_minute_to_an_hour() {
    let host = Publisher::start().await;
    for (index, (says, kept)) in [
        ("", 600),
        ("max-age=0", 60),
        ("no-store", 60),
        ("public, max-age=300", 300),
        ("max-age=31536000, immutable", 3_600),
        ("max-age=nonsense", 600),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/{index}");
        let documents = documents(&host);
        let url = host.publish_as(&path, "first", |published| published.cache_control = says);
        assert_eq!(&*documents.get(&url, START).await.unwrap(), b"first", "{says}");
        host.publish_as(&path, "second", |published| published.cache_control = says);
        assert_eq!(&*documents.get(&url, after(kept - 1)).await.unwrap(), b"first", "{says}");
        assert_eq!(host.times_asked(&path), 1, "{says}");
        assert_eq!(&*documents.get(&url, after(kept)).await.unwrap(), b"second", "{says}");
        assert_eq!(host.times_asked(&path), 2, "{says}");
    }
}

#[tokio::test]
async fn whoever_wants_it_anew_asks_the_host_at_most_every_thirty_seconds() {
    let host = Publisher::start().await;
    let documents = documents(&host);
    let url = host.publish("/keys", "first");
    assert_eq!(&*documents.get(&url, START).await.unwrap(), b"first");
    host.publish("/keys", "second");
    for at in [0, 1, FLOOR.0 - 1] {
        assert_eq!(&*documents.get_anew(&url, after(at)).await.unwrap(), b"first", "{at}");
    }
    assert_eq!(host.times_asked("/keys"), 1);
    assert_eq!(&*documents.get_anew(&url, after(FLOOR.0)).await.unwrap(), b"second");
    assert_eq!(host.times_asked("/keys"), 2);
}

#[tokio::test]
async fn a_host_that_is_down_is_believed_as_it_was_for_half_a_day_and_is_not_hammered() {
    let host = Publisher::start().await;
    let documents = documents(&host);
    let url = host.publish("/keys", "first");
    documents.get(&url, START).await.unwrap();
    host.fails_with("/keys", 503);
    for at in [700, 710, 729] {
        assert_eq!(&*documents.get(&url, after(at)).await.unwrap(), b"first", "{at}");
    }
    assert_eq!(host.times_asked("/keys"), 2);
    assert_eq!(&*documents.get(&url, after(12 * 3600 - 1)).await.unwrap(), b"first");
    let over = documents.get(&url, after(12 * 3600 + 60)).await;
    assert_eq!(over, Err(NoDocument::Unreachable));
    host.publish("/keys", "second");
    assert_eq!(&*documents.get(&url, after(13 * 3600)).await.unwrap(), b"second");

    // Never had at all: the failure counts for as long.
    let url = host.fails_with("/none", 500);
    for at in [0, 10, 29] {
        assert_eq!(documents.get(&url, after(at)).await, Err(NoDocument::Unreachable));
    }
    assert_eq!(host.times_asked("/none"), 1);
}

#[tokio::test]
async fn a_document_that_is_withdrawn_or_too_long_is_not_believed_any_more() {
    let host = Publisher::start().await;
    let documents = documents(&host);
    for (path, status) in [("/gone", 404), ("/closed", 410), ("/locked", 403)] {
        let url = host.publish(path, "first");
        documents.get(&url, START).await.unwrap();
        host.fails_with(path, status);
        assert_eq!(documents.get_anew(&url, after(60)).await, Err(NoDocument::Gone), "{path}");
        assert_eq!(documents.get(&url, after(61)).await, Err(NoDocument::Gone), "{path}");
    }
    let url = host.publish("/long", vec![b' '; 64 << 10]);
    assert_eq!(documents.get(&url, START).await.map(|body| body.len()), Ok(64 << 10));
    host.publish("/long", vec![b' '; (64 << 10) + 1]);
    assert_eq!(documents.get_anew(&url, after(60)).await, Err(NoDocument::TooLong));
    for status in [302, 204, 206] {
        let url = host.fails_with("/odd", status);
        assert_eq!(documents.get_once(&url, 100).await, Err(NoDocument::Unreachable), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_document_is_fetched_once_for_all_who_wait_and_one_host_is_asked_two_things_at_once() {
    let host = Publisher::start().await;
    let documents = documents(&host);
    let slow = |path: &str| host.publish_as(path, "slow", |published| published.delay = Duration::from_millis(100));
    let url = slow("/one");
    let all = futures_util::future::join_all((0..20).map(|_| documents.get(&url, START))).await;
    assert!(all.iter().all(|got| got.as_deref() == Ok(b"slow".as_slice())));
    assert_eq!(host.times_asked("/one"), 1);

    let urls: Vec<_> = (0..8).map(|index| slow(&format!("/many/{index}"))).collect();
    let all = futures_util::future::join_all(urls.iter().map(|url| documents.get(url, START))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(host.most_open(), 2);
}

#[tokio::test]
async fn a_caller_that_hangs_up_has_asked_too() {
    let host = Publisher::start().await;
    let documents = documents(&host);
    let url = host.publish_as("/keys", "slow", |published| published.delay = Duration::from_millis(300));
    for _ in 0..5 {
        let impatient = tokio::time::timeout(Duration::from_millis(100), documents.get(&url, START)).await;
        assert!(!matches!(impatient, Ok(Ok(_))), "{impatient:?}");
    }
    assert_eq!(host.times_asked("/keys"), 1);
}
