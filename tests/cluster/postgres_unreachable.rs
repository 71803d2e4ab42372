//! PostgreSQL is there, and nothing gets to it or nothing comes back: no error tells so, only silence.

use std::time::{Duration, Instant};

use crate::eventually;
use crate::fleet::{Fleet, PASSWORD, app, code, successor};
use crate::link::{Link, Passing};
use crate::support::databases::{FreshDatabase, fresh_postgres, redis_url};
use crate::visitor::Visitor;

/// Two nodes whose database is at the other end of the link.
async fn behind_a_link() -> (Fleet, Link, FreshDatabase) {
    let database = fresh_postgres().await;
    let mut url: url::Url = database.url.parse().unwrap();
    let link = Link::to(url.port().unwrap_or(5432)).await;
    url.set_port(Some(link.port)).unwrap();
    let mut fleet = Fleet::on(url.as_str(), &redis_url(), "").await;
    fleet.add(&[]);
    fleet.all_ready().await;
    fleet.add(&[]);
    fleet.all_ready().await;
    (fleet, link, database)
}

/// What a request may take: waiting for a connection, for the statement, and for a slow machine.
const BOUND: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_seconds_without_postgres_are_told_as_such_and_end_by_themselves() {
    let (fleet, link, _database) = behind_a_link().await;
    let (visitor, held) = fleet.logged_in("erika@example.com").await;
    let newcomer = Visitor::new(&fleet.base());
    let login = newcomer.authorize(&app(), &[]).await.unwrap();
    let unused = code(&visitor).await;

    let began = Instant::now();
    link.carries(Passing::Nothing);
    while began.elapsed() < Duration::from_secs(10) {
        for node in fleet.nodes() {
            let (asked, fields) =
                (Instant::now(), [("grant_type", "refresh_token"), ("refresh_token", held.refresh.as_str())]);
            let answer = fleet.answer_of(node, "/token", &fields).await;
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key("retry-after"), "{:?}", answer.headers());
            assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());
            let (status, told) = fleet.ask_node(node, "/readyz").await.unwrap();
            assert_eq!((status, &told["database"], &told["ephemeral"]), (503, &false.into(), &true.into()));
            assert_eq!(fleet.ask_node(node, "/healthz").await.unwrap().0, 204, "it need not be restarted");
            assert_eq!(fleet.ask_node(node, "/jwks").await.unwrap().0, 200, "what needs no database is answered");
        }
    }
    let asked = Instant::now();
    let page = newcomer.submit(&login, &[("email", "erika@example.com"), ("password", PASSWORD)]).await.unwrap();
    assert_eq!(page.status, 503, "{}", page.text());
    assert!(!page.header("retry-after").is_empty());
    assert!(page.text().contains("again"), "people are told to come again: {}", page.text());
    let (status, told) = visitor.redeem(&app(), &unused).await.unwrap();
    assert_eq!(status, 503, "{told}");
    assert!(told.get("access_token").is_none());
    assert!(asked.elapsed() < 2 * BOUND, "{:?}", asked.elapsed());

    link.carries(Passing::Everything);
    fleet.all_ready().await;
    let held = successor(&visitor, &held.refresh).await;
    assert!(fleet.is_active_at(0, &held.access).await && fleet.is_active_at(1, &held.access).await);
    let page = newcomer.submit(&login, &[("email", "erika@example.com"), ("password", PASSWORD)]).await.unwrap();
    assert!(page.param("code").is_some(), "the same form goes through: {} {}", page.url, page.text());
    assert_eq!(visitor.redeem(&app(), &code(&visitor).await).await.unwrap().0, 200);
}

/// The worst moment: what was asked is done, and nobody hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_was_done_and_not_answered_is_answered_when_it_is_asked_again() {
    let (fleet, link, _database) = behind_a_link().await;
    let (visitor, first) = fleet.logged_in("erika@example.com").await;
    let second = successor(&visitor, &first.refresh).await;
    link.carries(Passing::Questions);
    let (status, _) = visitor.refresh(&app(), &second.refresh).await.unwrap();
    assert_eq!(status, 503);
    let (status, _) = visitor.ask(&app(), "/revoke", &[("token", &second.access)]).await.unwrap();
    assert_eq!(status, 503, "nobody is told that something is revoked which may not be");
    link.carries(Passing::Everything);
    fleet.all_ready().await;

    let third = successor(&visitor, &second.refresh).await;
    assert!(fleet.is_active_at(1, &third.access).await);
    eventually("the revocation is repeated and taken", async || {
        matches!(visitor.ask(&app(), "/revoke", &[("token", &second.access)]).await, Ok((200, _)))
    })
    .await;
    assert!(!fleet.is_active_at(0, &second.access).await);
    let fourth = successor(&visitor, &third.refresh).await;
    assert_eq!(
        visitor.refresh(&app(), &second.refresh).await.unwrap().0,
        400,
        "spent, now that its successor was used"
    );
    assert!(!fleet.is_active_at(0, &fourth.access).await, "and its family ended with it");
}
