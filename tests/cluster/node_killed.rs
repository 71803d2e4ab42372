//! A node dies without a word. What it had begun goes on at the others; what was asked and not answered can be asked again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::eventually;
use crate::fleet::{Fleet, app, code, go_through, successor};
use crate::visitor::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_in_begun_on_a_node_that_dies_is_finished_on_the_others() {
    let fleet = Fleet::of(3).await;
    fleet.person("erika@example.com");
    let visitor = Visitor::new(&fleet.base());
    fleet.through(&[0]);
    let page = visitor.authorize(&app(), &[]).await.unwrap();
    assert_eq!(page.path(), "/login");
    fleet.kill(0).await;

    // The balancer has not noticed yet.
    fleet.through(&[0, 1]);
    let back = go_through(&visitor, page, "erika@example.com").await.unwrap();
    let found = back.param("code").unwrap_or_else(|| panic!("{}: {}", back.url, back.text()));
    fleet.through(&[0, 2]);
    let (status, told) = visitor.redeem(&app(), &found).await.unwrap();
    assert_eq!(status, 200, "{told}");
    let access = told["access_token"].as_str().unwrap();
    assert!(fleet.is_active_at(1, access).await && fleet.is_active_at(2, access).await);

    let (status, told) = fleet.post_to(1, "/token", &redemption(&found)).await;
    assert_eq!((status, &told["error"]), (400, &"invalid_grant".into()), "a code counts once, whoever is asked");
    assert!(!fleet.is_active_at(2, access).await, "who shows a code again ends what came of it");

    fleet.start(0);
    fleet.all_ready().await;
    fleet.through(&[0]);
    assert_eq!(visitor.redeem(&app(), &code(&visitor).await).await.unwrap().0, 200, "the node is back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refreshes_that_a_dying_node_did_not_answer_are_asked_again_and_stay_one_line() {
    let fleet = Fleet::of(3).await;
    let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut lines = Vec::new();
    for number in 0..4 {
        let (visitor, first) = fleet.logged_in(&format!("person{number}@example.com")).await;
        let (done, stop) = (done.clone(), stop.clone());
        lines.push(tokio::spawn(async move {
            let mut tokens = first.clone();
            while !stop.load(Ordering::Relaxed) {
                tokens = successor(&visitor, &tokens.refresh).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
            (visitor, first, tokens)
        }));
    }
    let after = async |more: usize| {
        let enough = done.load(Ordering::Relaxed) + more;
        eventually("refreshes go on", async || done.load(Ordering::Relaxed) >= enough).await;
    };
    after(20).await;
    fleet.kill(0).await;
    after(20).await;
    fleet.kill(1).await;
    after(20).await;
    fleet.start(0);
    fleet.start(1);
    fleet.all_ready().await;
    after(20).await;
    stop.store(true, Ordering::Relaxed);
    for line in lines {
        let (visitor, first, last) = line.await.unwrap();
        for node in fleet.nodes() {
            assert!(fleet.is_active_at(node, &last.access).await);
        }
        assert_eq!(visitor.refresh(&app(), &first.refresh).await.unwrap().0, 400, "a token used long ago");
        assert!(!fleet.is_active_at(2, &last.access).await, "its family is ended, on every node");
        assert_eq!(visitor.refresh(&app(), &last.refresh).await.unwrap().0, 400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_counts_once_counts_once_when_real_nodes_race() {
    let fleet = Fleet::of(2).await;
    let (visitor, tokens) = fleet.logged_in("erika@example.com").await;

    let found = code(&visitor).await;
    let shown = redemption(&found);
    let answers = futures_util::future::join_all((0..30).map(|n| fleet.post_to(n % 2, "/token", &shown))).await;
    let granted: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert!(granted.len() <= 1, "{answers:?}");
    assert!(answers.iter().all(|(status, told)| *status == 200 || told["error"] == "invalid_grant"), "{answers:?}");
    for (_, told) in granted {
        assert!(!fleet.is_active_at(0, told["access_token"].as_str().unwrap()).await, "shown again, so ended");
    }

    let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str())];
    let answers = futures_util::future::join_all((0..30).map(|n| fleet.post_to(n % 2, "/token", &fields))).await;
    let mut successors: Vec<_> = answers.iter().map(|(_, told)| told["refresh_token"].as_str()).collect();
    successors.dedup();
    assert!(successors.len() == 1 && successors[0].is_some(), "one line, whoever asks: {answers:?}");
}

fn redemption(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "https://trading.test/cb"),
        ("code_verifier", crate::support::relying_party::VERIFIER),
    ]
}
