//! PostgreSQL is restarted, and crashes, under nodes at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::eventually;
use crate::fleet::{Fleet, app, code, successor};
use crate::services::{End, Postgres};
use crate::support::databases::redis_url;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_restarted_and_crashed_under_load_loses_nothing_that_was_acknowledged() {
    let mut postgres = Postgres::start().await;
    let mut fleet = Fleet::on(&postgres.url(), &redis_url(), "").await;
    fleet.add(&[]);
    fleet.all_ready().await;
    fleet.add(&[]);
    fleet.all_ready().await;
    let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut lines = Vec::new();
    for number in 0..4 {
        let (visitor, mut held) = fleet.logged_in(&format!("person{number}@example.com")).await;
        let (done, stop) = (done.clone(), stop.clone());
        lines.push(tokio::spawn(async move {
            let mut revoked = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                held = successor(&visitor, &held.refresh).await;
                done.fetch_add(1, Ordering::Relaxed);
                // An access token is revoked by itself; only what was answered is looked for.
                if let Ok((200, _)) = visitor.ask(&app(), "/revoke", &[("token", &held.access)]).await {
                    revoked.push(held.access.clone());
                }
            }
            (visitor, held, revoked)
        }));
    }
    let after = async |more: usize| {
        let enough = done.load(Ordering::Relaxed) + more;
        eventually("refreshes go on", async || done.load(Ordering::Relaxed) >= enough).await;
    };
    after(10).await;
    for how in [End::Fast, End::Crash] {
        postgres.end(how);
        for node in fleet.nodes() {
            eventually("the node says that it is not ready", async || {
                fleet
                    .ask_node(node, "/readyz")
                    .await
                    .is_some_and(|(status, told)| status == 503 && told["database"] == false)
            })
            .await;
        }
        postgres.start_again().await;
        after(20).await;
        fleet.all_ready().await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut looked_for = 0;
    for line in lines {
        let (visitor, held, revoked) = line.await.unwrap();
        for access in &revoked {
            assert!(!fleet.is_active_at(0, access).await, "a revocation is lost");
        }
        looked_for += revoked.len();
        let held = successor(&visitor, &held.refresh).await;
        assert!(fleet.is_active_at(1, &held.access).await);
        assert_eq!(visitor.redeem(&app(), &code(&visitor).await).await.unwrap().0, 200, "the session is there");
    }
    assert!(looked_for >= 20, "{looked_for}");
}
