//! Lists and searches at a million people and ten thousand apps. Takes minutes: run by `tests/run scale`, which prints the figures.

use std::time::Instant;

use karat::domain::ids::UserId;
use karat::domain::kyc::{Finding, Reason};
use karat::domain::profile::Profile;
use karat::domain::role::Role;
use karat::domain::user::{Condition, User};
use karat::flow::admin::Authority;
use karat::flow::admin::audit::Target;
use karat::flow::admin::directory::PeopleWanted;
use karat::storage::Change;
use karat::storage::clients::Origin;
use karat::storage::directory::Filter;
use serde_json::json;

use crate::support::app::web_client;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, TestApp};

const BATCH: usize = 5_000;
const CLIENTS: usize = 10_000;
const AUDIT_ENTRIES: usize = 100_000;
/// The limit of the median, in milliseconds.
const LIMIT: f64 = 100.0;
const ROUNDS: usize = 15;

fn people() -> usize {
    std::env::var("KARAT_SCALE_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}

/// Addresses that begin in many ways.
fn address(n: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["an", "be", "ci", "do", "el", "fa", "gu", "ha", "il", "jo", "ka", "lu", "mi", "no", "or", "pe"];
    let part = |shift: usize| SYLLABLES[(n >> shift) & 15];
    format!("{}{}{}{}.{n}@example.com", part(0), part(4), part(8), part(12))
}

async fn seed(app: &TestApp) {
    let (karat, now) = (&app.karat, app.clock_now());
    let total = people();
    for first in (0..total).step_by(BATCH) {
        let mut change = karat.store.begin().await.unwrap();
        for n in first..(first + BATCH).min(total) {
            let user = User {
                id: UserId::new(karat.new_id()),
                email: address(n).parse().unwrap(),
                email_verified_at: Some(now),
                profile: Profile { name: Some(format!("Person {n}")), ..Profile::default() },
                locale: "en".to_owned(),
                condition: Condition::Active,
                created_at: now,
                updated_at: now,
                password_changed_at: now,
                hold_until: None,
                protection: Default::default(),
                kyc: Default::default(),
            };
            change.add_user(&user, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA").await.unwrap();
            if n % 1_000 == 7 {
                let locked = Condition::Locked { since: now, because: "a report".to_owned() };
                change.set_condition(user.id, &locked).await.unwrap();
            }
            if n % 500 == 3 {
                let suspended = user.kyc.after(&Finding::Suspended { reason: Reason::Other }, now);
                change.set_kyc_standing(user.id, &suspended, None).await.unwrap();
            }
        }
        change.commit().await.unwrap();
    }
    let mut change = karat.store.begin().await.unwrap();
    for n in 0..CLIENTS {
        let client =
            karat::domain::client::Client { name: format!("App number {n}"), ..web_client(&format!("app-{n:05}")) };
        change.add_client(&client, Origin::Registered, now).await.unwrap();
    }
    change.commit().await.unwrap();
    for first in (0..AUDIT_ENTRIES).step_by(BATCH) {
        let mut change: Change = karat.store.begin().await.unwrap();
        for n in first..first + BATCH {
            let target = Target("client", format!("app-{:05}", n % CLIENTS));
            change.audit(karat.house_entry(["clock", "operator"][n % 2], "clients.change", target, json!({ "n": n })));
        }
        change.commit().await.unwrap();
    }
    let db = app.database().open().await;
    db.write("UPDATE users SET hold_until = created_at + 86400 WHERE kyc_suspended > 0").run().await.unwrap();
    db.write("UPDATE users SET kyc_level = 2 WHERE locked_at IS NOT NULL").run().await.unwrap();
    // As the databases do by themselves after a while.
    db.write("ANALYZE").run().await.unwrap();
    db.close().await;
}

/// What is looked at. `{}` is another word each time.
const LOOKS: [&str; 16] = [
    "/admin/people",
    "/admin/people?find={}",
    "/admin/people?filter=locked",
    "/admin/people?filter=frozen",
    "/admin/people?filter=held",
    "/admin/people?filter=suspended",
    "/admin/people?filter=level-2",
    "/admin/people?filter=level-3",
    "/admin/clients",
    "/admin/clients?find={}",
    "/admin/clients?find=number+99",
    "/admin/audit",
    "/admin/audit?actor=operator",
    "/admin/audit?act=clients.change",
    "/admin/audit?about=client%3Aapp-00042",
    "/admin/outbox",
];

fn judge(what: &str, mut took: Vec<f64>, slow: &mut Vec<String>) {
    took.sort_by(f64::total_cmp);
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    println!("{what:45} median {median:7.1} ms, worst {worst:7.1} ms");
    if median >= LIMIT {
        slow.push(what.to_owned());
    }
}

async fn lists_stay_quick(backends: Backends) {
    let app = TestApp::on(backends).await;
    let began = Instant::now();
    seed(&app).await;
    println!(
        "{backends:?}: {} people, {CLIENTS} apps, {AUDIT_ENTRIES} entries seeded in {:?}",
        people(),
        began.elapsed()
    );

    let mut slow = Vec::new();
    let by = Authority::operator();
    let filters = [
        Filter::All,
        Filter::Locked,
        Filter::Frozen,
        Filter::Held,
        Filter::Suspended,
        Filter::Level(2),
        Filter::Level(3),
    ];
    for filter in filters {
        let wanted = PeopleWanted { filter, ..PeopleWanted::default() };
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            let began = Instant::now();
            app.karat.people(&by, &wanted, 50).await.unwrap();
            took.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        judge(&format!("people, {}", filter.as_str()), took, &mut slow);
    }
    let person = app.person("auditor@example.org").await;
    let browser = Browser::new(&app.base);
    let log_in = browser.get("/login").await;
    browser.submit(&log_in, &[("email", "auditor@example.org"), ("password", PASSWORD)]).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    app.karat.grant_role(&Authority::operator(), person.id, Role::Auditor, "").await.unwrap();
    for look in LOOKS {
        let mut took: Vec<f64> = Vec::new();
        for round in 0..ROUNDS {
            let word = address(round * 7_919);
            let path = look.replace("{}", &word[..4 + round % 5]);
            let began = Instant::now();
            let page = browser.get(&path).await;
            took.push(began.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(page.status, 200, "{path}: {}", page.text());
        }
        judge(look, took, &mut slow);
    }
    assert!(slow.is_empty(), "over {LIMIT} ms: {slow:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: tests/run scale"]
async fn lists_stay_quick_on_sqlite() {
    lists_stay_quick(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: tests/run scale"]
async fn lists_stay_quick_on_postgres() {
    lists_stay_quick(Backends::PostgresAndRedis).await;
}
