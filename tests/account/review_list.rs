//! The list that reviewers work through: its order, its pages, and what narrows it.

use karat::domain::ids::CaseId;
use karat::domain::kyc::{CaseState, Tier};
use karat::storage::kyc::queue::Wanted;

use crate::review::{RITA, open, reviewer};
use crate::support::applications::submitted;
use crate::support::{Backends, Browser, Page, TestApp};

/// What stands where its second page begins, far in the past and of nobody.
const SOME_PLACE: &str = "1700000000.0190163d-8694-739b-aea5-966c26f8ad91";

/// A case of somebody who is gone, as it lies in the database.
async fn lay(app: &TestApp, state: &str, created_at: i64, submitted_at: Option<i64>) -> CaseId {
    let id = CaseId::new(app.karat.new_id());
    let text = "INSERT INTO kyc_cases (id, user_id, tier, provider, state, created_at, submitted_at) \
                VALUES ($1, $2, 2, 'review', $3, $4, $5)";
    let db = app.karat.store.db();
    let case = db.write(text).bind(id.to_string()).bind(app.karat.new_id().to_string()).bind(state);
    case.bind(created_at).bind(submitted_at).run().await.unwrap();
    id
}

/// The cases of a page, in its order.
fn shown(page: &Page) -> Vec<CaseId> {
    let links = page.body.split("href=\"/review/").skip(1);
    links.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

/// The address behind a link.
fn link(page: &Page, id: &str) -> Option<String> {
    let (before, _) = page.body.split_once(&format!("\" id=\"{id}\""))?;
    before.rsplit_once("href=\"").map(|(_, to)| to.replace("&amp;", "&"))
}

/// Every page from this one to the last.
async fn turned(browser: &Browser, path: &str) -> Vec<Page> {
    let mut pages = vec![browser.get(path).await];
    while let Some(next) = link(pages.last().unwrap(), "further") {
        assert!(pages.len() < 10, "{next}");
        pages.push(browser.get(&next).await);
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_turned_and_narrowed() {
    let app = TestApp::start().await;
    let rita = reviewer(&app, RITA).await;
    for number in 0..27 {
        let person = app.person(&format!("p{number}@example.com")).await;
        let tier = if number % 9 == 0 { Tier::ENHANCED } else { Tier::STANDARD };
        submitted(&app.karat, person.id, tier, &Default::default()).await;
        app.advance(1);
    }
    let pages = turned(&rita, "/review").await;
    let [first, second] = pages.as_slice() else { panic!("{} pages", pages.len()) };
    assert!(first.text().find("p0@example.com").unwrap() < first.text().find("p24@example.com").unwrap());
    assert!(!first.text().contains("p25@example.com") && link(first, "beginning").is_none());
    assert!(second.text().contains("p25@example.com") && !second.text().contains("p24@example.com"));
    assert_eq!(link(second, "beginning").as_deref(), Some("/review"));
    let narrow = rita.get("/review?level=3").await;
    assert!(narrow.text().contains("p18@example.com") && !narrow.text().contains("p1@example.com"));
    // What narrows the list stays when it is turned.
    let turned = rita.get(&format!("/review?state=submitted&level=3&after={SOME_PLACE}")).await;
    assert_eq!(link(&turned, "beginning").as_deref(), Some("/review?state=submitted&level=3"), "{}", turned.text());
    assert!(rita.get("/review?state=approved").await.text().contains("There are none."));
    for odd in ["?after=2", "?after=x.y", "?after=1700000000.", "?level=9", "?state=x"] {
        let told = rita.get(&format!("/review{odd}")).await;
        assert_eq!(told.status, 422, "{odd}");
        assert!(!told.text().contains("p0@example.com"), "no other list than the one that was asked for: {odd}");
    }
}

/// Many at the same second, and some that were never submitted: those count from when they were begun.
#[tokio::test(flavor = "multi_thread")]
async fn every_case_stands_on_one_page_in_the_same_order_on_both_databases() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let rita = reviewer(&app, RITA).await;
        let now = app.clock_now().unix();
        for state in ["submitted", "collecting", "abandoned"] {
            let mut laid = Vec::new();
            for n in 0..60 {
                let begun = now - 1_000 + n / 20;
                let handed_in = match state {
                    "collecting" => None,
                    // No case waits without a time. If one did, it would have to be seen all the same.
                    "submitted" => (n % 20 != 7).then_some(now - 900 + n / 30),
                    _ => (n % 2 == 0).then_some(now - 999 + n / 30),
                };
                laid.push((handed_in.unwrap_or(begun), lay(&app, state, begun, handed_in).await));
            }
            laid.sort_by_key(|(at, id)| (*at, id.to_string()));
            let oldest_first: Vec<CaseId> = laid.into_iter().map(|(_, id)| id).collect();
            let youngest_first: Vec<CaseId> = oldest_first.iter().rev().copied().collect();

            let pages = turned(&rita, &format!("/review?state={state}")).await;
            let seen: Vec<CaseId> = pages.iter().flat_map(shown).collect();
            assert_eq!((pages.len(), seen), (3, youngest_first.clone()), "{state} on {backends:?}");
            if state == "submitted" {
                let pages = turned(&rita, "/review").await;
                assert_eq!(pages.iter().flat_map(shown).collect::<Vec<_>>(), oldest_first, "{backends:?}");
            }
            // Whatever a page holds.
            for most in [1, 7, 60, 61] {
                let wanted = Wanted { state: CaseState::parse(state), ..Wanted::default() };
                let (mut seen, mut after) = (Vec::new(), None);
                while let found = app.karat.store.kyc_queue(wanted, after, most).await.unwrap()
                    && let Some(last) = found.last()
                {
                    assert!(i64::try_from(found.len()).unwrap() <= most);
                    after = Some(last.place().to_string().parse().unwrap());
                    seen.extend(found.iter().map(|case| case.id));
                }
                assert_eq!(seen, youngest_first, "{state} by {most} on {backends:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_between_two_pages_hides_nobody() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let rita = reviewer(&app, RITA).await;
        let now = app.clock_now().unix();
        let mut waiting = Vec::new();
        for n in 0..30 {
            waiting.push(lay(&app, "submitted", now - 100, Some(now - 90 + n)).await);
        }
        let first = open(&rita, "/review").await;
        assert_eq!(shown(&first), waiting[..25]);
        // Colleagues decide most of what stands on it, also the one at which it ended.
        for id in &waiting[5..25] {
            let text = "UPDATE kyc_cases SET state = 'approved' WHERE id = $1";
            app.karat.store.db().write(text).bind(id.to_string()).run().await.unwrap();
        }
        let second = rita.get(&link(&first, "further").unwrap()).await;
        assert_eq!(shown(&second), waiting[25..], "{backends:?}");
        let again = rita.get(&link(&second, "beginning").unwrap()).await;
        assert_eq!(shown(&again), [&waiting[..5], &waiting[25..]].concat(), "{backends:?}");
    }
}
