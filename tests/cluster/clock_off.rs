//! The clock of one node is two seconds ahead of the others', and of another two behind.

use crate::fleet::{Fleet, PASSWORD, Tokens, app, go_through};
use crate::machine::clock_off;
use crate::support::databases::{fresh_postgres, redis_url};
use crate::support::relying_party::claims;
use crate::visitor::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_two_seconds_off_in_either_direction_change_nothing() {
    let database = fresh_postgres().await;
    let mut fleet = Fleet::on(&database.url, &redis_url(), "").await;
    for variables in [clock_off(2), clock_off(-2), Vec::new()] {
        fleet.add(&variables);
    }
    fleet.all_ready().await;
    let email = "erika@example.com";
    fleet.person(email);

    // Each step on another node, in each order.
    for order in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [1, 0, 2], [2, 1, 0]] {
        let visitor = Visitor::new(&fleet.base());
        fleet.through(&[order[0]]);
        let page = visitor.authorize(&app(), &[]).await.unwrap();
        fleet.through(&[order[1]]);
        let page = visitor.submit(&page, &[("email", email), ("password", PASSWORD)]).await.unwrap();
        fleet.through(&[order[2]]);
        let back = go_through(&visitor, page, email).await.unwrap();
        let code = back.param("code").unwrap_or_else(|| panic!("{order:?} {}: {}", back.url, back.text()));
        fleet.through(&[order[0]]);
        let (status, told) = visitor.redeem(&app(), &code).await.unwrap();
        assert_eq!(status, 200, "{order:?}: {told}");
        let mut held = Tokens::of(&told);
        for node in order.into_iter().chain(order) {
            assert!(fleet.is_active_at(node, &held.access).await, "{order:?}: at node {node}");
            let fields = [("grant_type", "refresh_token"), ("refresh_token", held.refresh.as_str())];
            let (status, told) = fleet.post_to(node, "/token", &fields).await;
            assert_eq!(status, 200, "{order:?}: {told}");
            held = Tokens::of(&told);
        }
        // Logged out on one, over on all.
        let (status, _) = fleet.post_to(order[1], "/revoke", &[("token", &held.refresh)]).await;
        assert_eq!(status, 200);
        for node in order {
            assert!(!fleet.is_active_at(node, &held.access).await, "{order:?}: at node {node}");
        }
    }
    assert!(off(&fleet, 0).await >= 1 && off(&fleet, 1).await <= -1, "the clocks are off, or nothing was tested");
}

/// How far the clock of a node is ahead, as its tokens have it.
async fn off(fleet: &Fleet, node: usize) -> i64 {
    let visitor = Visitor::new(&fleet.base());
    fleet.through(&[node]);
    let held = crate::fleet::tokens(&visitor, "erika@example.com").await;
    let issued = claims(&held.access)["iat"].as_i64().unwrap();
    issued - karat::crypto::clock::Clock::system().now().unix()
}
