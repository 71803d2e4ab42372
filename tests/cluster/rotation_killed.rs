//! Keys are replaced while nodes work and whoever replaces them is killed at every point of it: no token fails to verify anywhere.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::Executor;

use crate::eventually;
use crate::fleet::{Fleet, successor};
use crate::support::relying_party::header;

const KILLS: u32 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_over_nodes_and_kills_without_one_failed_verification() {
    let fleet = Arc::new(Fleet::of(3).await);
    let (visitor, first) = fleet.logged_in("erika@example.com").await;
    let (stop, checked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let last_used = Arc::new(Mutex::new(String::new()));
    let (watched, told, count, last) = (fleet.clone(), stop.clone(), checked.clone(), last_used.clone());
    let watching = tokio::spawn(async move {
        let (mut held, mut kids) = (first, BTreeMap::new());
        while !told.load(Ordering::Relaxed) {
            held = successor(&visitor, &held.refresh).await;
            let kid = header(&held.access)["kid"].as_str().unwrap().to_owned();
            for node in 0..2 {
                // An API that does not know the key yet asks whichever node the balancer gives it.
                let (_, keys) = watched.ask_node(node, "/jwks").await.unwrap();
                assert!(names(&keys).contains(&kid), "node {node} does not publish what another signs with");
                assert!(watched.is_active_at(node, &held.access).await, "node {node}");
            }
            last.lock().unwrap().clone_from(&kid);
            kids.entry(kid).or_insert(held.access.clone());
            count.fetch_add(1, Ordering::Relaxed);
        }
        kids
    });

    let began = Instant::now();
    fleet.installation.karat(&["keys", "rotate"]).succeeded();
    let whole = began.elapsed();
    for part in 1..=KILLS {
        let mut rotating = fleet.installation.begin(&[], &["keys", "rotate"]);
        tokio::time::sleep(whole * part / (KILLS + 1)).await;
        rotating.signal("KILL");
        rotating.ended(Duration::from_secs(10)).await;
        assert_one_key_signs(&fleet).await;
    }
    fleet.installation.karat(&["keys", "rotate"]).succeeded();
    let newest = signing(&fleet).await;
    assert!(!newest.values().any(|kid| *kid == *last_used.lock().unwrap()), "it is published before it signs");

    // The lead that is cut short below is there for the nodes to hear of a key, and they take up to a second.
    for node in 0..2 {
        let told = "all nodes publish the newest key";
        eventually(told, async || {
            let (_, keys) = fleet.ask_node(node, "/jwks").await.unwrap();
            newest.values().all(|kid| names(&keys).contains(kid))
        })
        .await;
    }
    // The third node learns at its start that the newest keys are old enough to sign by now; the others have them published only.
    let mut database = fleet.database().postgres_connection().await;
    database.execute("UPDATE signing_keys SET created_at = created_at - 100").await.unwrap();
    fleet.kill(2).await;
    fleet.start(2);
    fleet.all_ready().await;
    eventually("the newest key signs", async || newest.values().any(|kid| *kid == *last_used.lock().unwrap())).await;
    stop.store(true, Ordering::Relaxed);
    let kids = watching.await.unwrap();
    for node in fleet.nodes() {
        for access in kids.values() {
            assert!(fleet.is_active_at(node, access).await, "what an old key signed stays good");
        }
    }
}

async fn assert_one_key_signs(fleet: &Fleet) {
    let keys = signing(fleet).await;
    assert_eq!(keys.len(), 3, "one of each algorithm: {keys:?}");
}

/// The keys that sign, by algorithm.
async fn signing(fleet: &Fleet) -> BTreeMap<String, String> {
    let listed = fleet.installation.json(&["keys", "list", "--json"]);
    let signs = listed.as_array().unwrap().iter().filter(|key| key["retired_at"].is_null());
    let found: Vec<_> = signs.map(|key| (text(key, "algorithm"), text(key, "kid"))).collect();
    let by_algorithm: BTreeMap<_, _> = found.iter().cloned().collect();
    assert_eq!(found.len(), by_algorithm.len(), "two keys sign with one algorithm: {found:?}");
    by_algorithm
}

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_else(|| panic!("no {name} in {of}")).to_owned()
}

fn names(set: &Value) -> Vec<String> {
    set["keys"].as_array().unwrap().iter().map(|key| text(key, "kid")).collect()
}
