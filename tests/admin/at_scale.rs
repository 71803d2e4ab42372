//! Lists and searches of the console at a million people and ten thousand apps. Takes minutes: run by `tests/run scale`, which prints the
//! figures. `KARAT_SCALE_PEOPLE` sets how many people there are.

use std::time::{Duration, Instant};

use karat::domain::ids::UserId;
use karat::domain::kyc::{Finding, Reason};
use karat::domain::profile::Profile;
use karat::domain::role::Role;
use karat::domain::user::{Condition, User};
use karat::flow::admin::Authority;
use karat::flow::admin::audit::Target;
use karat::flow::webhooks::WebhookEntry;
use karat::storage::clients::Origin;
use karat::storage::{Change, Db, OpenSettings};
use serde_json::json;

use crate::support::app::web_client;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, TestApp};

const BATCH: usize = 5_000;
const CLIENTS: usize = 10_000;
const AUDIT_ENTRIES: usize = 100_000;
/// Of the one person who has many.
const SESSIONS: usize = 50;
/// The limit of the median, in milliseconds.
const LIMIT: f64 = 100.0;
const ROUNDS: usize = 21;
/// How often "older" is followed before a deep page is measured.
const DEEP: usize = 10;

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

async fn seed_people(app: &TestApp) {
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
            match n % 100 {
                7 => {
                    let locked = Condition::Locked { since: now, because: "a report".to_owned() };
                    change.set_condition(user.id, &locked).await.unwrap();
                }
                9 => {
                    let suspended = user.kyc.after(&Finding::Suspended { reason: Reason::Other }, now);
                    change.set_kyc_standing(user.id, &suspended, None).await.unwrap();
                }
                _ => {}
            }
        }
        change.commit().await.unwrap();
    }
}

async fn seed(app: &TestApp) {
    seed_people(app).await;
    let (karat, now) = (&app.karat, app.clock_now());
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
        // Some days of work.
        app.advance(3_600);
    }
}

/// What is made of rows that are there. The ends of ids are random, so that they pick a part of the people.
async fn seed_beside(app: &TestApp, endpoint: &str, busy: UserId) {
    let now = app.clock_now().unix();
    let while_seeding = Duration::from_secs(900);
    let patient =
        OpenSettings { statement_timeout: while_seeding, busy_timeout: while_seeding, ..app.database().settings() };
    let db = Db::open(&patient).await.unwrap();
    let case = "INSERT INTO kyc_cases (id, user_id, tier, provider, state, created_at, submitted_at, decided_at) \
                SELECT id, id, 2, 'review', ";
    for text in [
        "UPDATE users SET hold_until = created_at + 86400 * 30 WHERE substr(id, 36, 1) = '1' AND substr(id, 35, 1) < '4'"
            .to_owned(),
        "UPDATE users SET frozen_at = created_at WHERE substr(id, 35, 1) = '8' AND email LIKE '%@example.com'".to_owned(),
        "UPDATE users SET kyc_level = 1 WHERE substr(id, 36, 1) IN ('2', '3')".to_owned(),
        "UPDATE users SET kyc_level = 2 WHERE substr(id, 36, 1) IN ('4', '5', '6')".to_owned(),
        "UPDATE users SET kyc_level = 3 WHERE substr(id, 35, 2) = '77'".to_owned(),
        format!("{case} 'submitted', created_at, created_at, NULL FROM users WHERE substr(id, 35, 1) = 'a'"),
        format!("{case} 'approved', created_at, created_at, created_at FROM users WHERE substr(id, 35, 1) IN ('b', 'c')"),
        format!("{case} 'collecting', created_at, NULL, NULL FROM users WHERE substr(id, 35, 1) = 'd'"),
        format!(
            "INSERT INTO outbox (id, kind, target, created_at, next_attempt_at, attempts, leased_until) \
             SELECT id, 'mail', 'mail', {now}, {now} + 86400, 0, 0 FROM users WHERE substr(id, 35, 1) = '0'"
        ),
        format!(
            "INSERT INTO outbox (id, kind, target, created_at, next_attempt_at, attempts, leased_until, finished_at, outcome, failed) \
             SELECT id, 'logout_token', 'app-00001', {now}, {now}, 5, 0, {now}, 'given up', 1 FROM users \
             WHERE substr(id, 35, 1) = '1'"
        ),
        format!(
            "INSERT INTO webhook_deliveries (id, endpoint_id, event, body, state, attempts, created_at) \
             SELECT 'msg_' || id, '{endpoint}', 'user.registered', '{{}}', 'arrived', '[]', created_at FROM users \
             WHERE substr(id, 35, 1) IN ('2', '3')"
        ),
        format!(
            "INSERT INTO consents (user_id, client_id, scope, given_at, updated_at) \
             SELECT '{busy}', id, 'openid email', {now}, {now} FROM clients WHERE id < 'app-00050'"
        ),
        format!(
            "INSERT INTO sessions (id, token_hash, user_id, authentication, address, agent, created_at, last_seen_at, expires_at) \
             SELECT u.id, u.id, '{busy}', s.authentication, '203.0.113.7', 'Firefox', {now}, {now}, {now} + 86400 \
             FROM (SELECT id FROM users ORDER BY id LIMIT {SESSIONS}) u, \
             (SELECT authentication FROM sessions ORDER BY id LIMIT 1) s"
        ),
        format!(
            "INSERT INTO proposals (id, act, target_kind, target, asked, reason, proposed_by, proposed_at, expires_at) \
             SELECT id, 'audit.export', 'audit', '', '{{\"what\":\"export_audit\"}}', 'asked for', \
             (SELECT MIN(id) FROM users), {now}, {now} + 86400 \
             FROM users u ORDER BY u.id LIMIT 100"
        ),
        // As the databases do by themselves after a while.
        "ANALYZE".to_owned(),
    ] {
        let text: &'static str = text.leak();
        db.write(text).run().await.unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    db.close().await;
}

/// What is looked at: an address, and what stands in every row of its list. `{}` is another word each time.
const LISTS: [(&str, &str); 28] = [
    ("/admin/people", "id=\"person-"),
    ("/admin/people?filter=locked", "id=\"person-"),
    ("/admin/people?filter=frozen", "id=\"person-"),
    ("/admin/people?filter=held", "id=\"person-"),
    ("/admin/people?filter=suspended", "id=\"person-"),
    ("/admin/people?filter=level-1", "id=\"person-"),
    ("/admin/people?filter=level-2", "id=\"person-"),
    ("/admin/people?filter=level-3", "id=\"person-"),
    ("/admin/clients", "id=\"client-"),
    ("/admin/clients?find=app-0{}", "id=\"client-"),
    ("/admin/clients?find=number+99", "id=\"client-"),
    ("/review", "id=\"case-"),
    ("/review?level=2", "id=\"case-"),
    ("/review?state=submitted", "id=\"case-"),
    ("/review?state=approved", "id=\"case-"),
    ("/review?state=approved&level=2", "id=\"case-"),
    ("/review?state=collecting", "id=\"case-"),
    ("/admin/audit", "id=\"entry-"),
    ("/admin/audit?actor=operator", "id=\"entry-"),
    ("/admin/audit?act=clients.change", "id=\"entry-"),
    ("/admin/audit?actor=operator&act=clients.change", "id=\"entry-"),
    ("/admin/audit?about=client%3Aapp-00042", "id=\"entry-"),
    ("/admin/audit?until=2026-01-15", "id=\"entry-"),
    ("/admin/audit?since=2026-01-15&until=2026-01-16&act=clients.change", "id=\"entry-"),
    ("/admin/outbox", "<tr><td"),
    ("/admin/outbox?show=failed", "<tr><td"),
    ("/admin/webhooks/{endpoint}", "<tr><td"),
    ("/admin/proposals", "id=\"proposal-"),
];

#[derive(Default)]
struct Figures {
    slow: Vec<String>,
    /// Where nothing was to be seen, so that its figures mean nothing.
    empty: Vec<String>,
    medians: Vec<(f64, String)>,
}

impl Figures {
    fn judge(&mut self, what: &str, mut took: Vec<f64>) {
        took.sort_by(f64::total_cmp);
        let at = |part: usize| took[(took.len() - 1) * part / 100];
        let (median, late) = (at(50), at(95));
        println!("{what:72} median {median:7.1} ms, p95 {late:7.1} ms");
        if median >= LIMIT {
            self.slow.push(what.to_owned());
        }
        self.medians.push((median, what.to_owned()));
    }

    /// The line to be kept.
    fn sum_up(&mut self, backends: Backends) {
        self.medians.sort_by(|one, other| one.0.total_cmp(&other.0));
        let [(middle, _), (slowest, what)] =
            [self.medians.len() / 2, self.medians.len() - 1].map(|at| self.medians[at].clone());
        let asked = self.medians.len();
        println!(
            "{backends:?}: {asked} pages, half of the medians below {middle:.1} ms, the slowest {slowest:.1} ms: {what}"
        );
    }

    /// Asks again and again; there has to be something on every page.
    async fn look<F: AsyncFn(usize) -> Page>(&mut self, (what, mark): (&str, &str), ask: F) -> Page {
        let (mut took, mut last) = (Vec::new(), None);
        for round in 0..ROUNDS {
            let began = Instant::now();
            let page = ask(round).await;
            took.push(began.elapsed().as_secs_f64() * 1_000.0);
            assert!([200, 303].contains(&page.status.as_u16()), "{what}: {}", page.text());
            if page.status == 200 && !page.body.contains(mark) && !self.empty.iter().any(|known| known == what) {
                self.empty.push(what.to_owned());
            }
            last = Some(page);
        }
        self.judge(what, took);
        last.expect("a page")
    }
}

/// The address behind "older" or "further".
fn further(page: &Page) -> Option<String> {
    let (before, _) = page.body.split_once("id=\"further\"")?;
    before.rsplit("href=\"").next()?.split('"').next().map(|to| to.replace("&amp;", "&"))
}

async fn lists_stay_quick(backends: Backends) {
    let app = TestApp::on(backends).await;
    let began = Instant::now();
    seed(&app).await;
    let person = app.person("auditor@example.org").await;
    let browser = Browser::new(&app.base);
    let log_in = browser.get("/login").await;
    browser.submit(&log_in, &[("email", "auditor@example.org"), ("password", PASSWORD)]).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    app.karat.grant_role(&Authority::operator(), person.id, Role::Auditor, "").await.unwrap();
    let wanted = WebhookEntry {
        url: Some("https://hooks.example.com/".to_owned()),
        events: Some(vec!["kyc".to_owned()]),
        ..WebhookEntry::default()
    };
    let endpoint = app.karat.add_webhook(&Authority::operator(), &wanted).await.unwrap().0.id;
    let busy = app.person("busy@example.org").await.id;
    seed_beside(&app, &endpoint, busy).await;
    assert_eq!(browser.get("/admin").await.url, "/admin", "the auditor is in");
    println!(
        "{backends:?}: {} people, {CLIENTS} apps, {AUDIT_ENTRIES} entries seeded in {:?}",
        people(),
        began.elapsed()
    );

    let mut figures = Figures::default();
    for (list, mark) in LISTS {
        let list = list.replace("{endpoint}", &endpoint);
        let ask = async |round: usize| browser.get(&list.replace("{}", &format!("{:03}", round * 37))).await;
        let page = figures.look((list.as_str(), mark), ask).await;
        let Some(mut next) = further(&page) else { continue };
        figures.look((&format!("{list}, second page"), mark), async |_| browser.get(&next).await).await;
        for _ in 0..DEEP {
            let Some(deeper) = further(&browser.get(&next).await) else { break };
            next = deeper;
        }
        figures.look((&format!("{list}, page {}", DEEP + 2), mark), async |_| browser.get(&next).await).await;
    }
    deep_pages(&app, &browser, &mut figures).await;
    searches(&browser, &mut figures).await;
    let path = format!("/admin/people/{busy}");
    let many = "a person with many sessions and consents";
    let page = figures.look((many, "id=\"sessions\""), async |_| browser.get(&path).await).await;
    assert!(page.body.matches("203.0.113.7").count() >= SESSIONS.min(people()));
    for path in ["/admin", "/admin/system", "/admin/roles", "/admin/webhooks"] {
        figures.look((path, "<main"), async |_| browser.get(path).await).await;
    }
    figures.sum_up(backends);
    assert!(figures.empty.is_empty(), "nothing is there: {:?}", figures.empty);
    assert!(figures.slow.is_empty(), "over {LIMIT} ms: {:?}", figures.slow);
}

/// In the middle of the lists; of the reviewers' at their far ends. All cases were begun at the same second: nothing but the id tells them apart.
async fn deep_pages(app: &TestApp, browser: &Browser, figures: &mut Figures) {
    let db = app.database().open().await;
    let middle = i64::try_from(people() / 2).unwrap();
    let (id,): (String,) =
        db.read("SELECT id FROM users ORDER BY id LIMIT 1 OFFSET $1").bind(middle).one().await.unwrap();
    let cases = [
        ("waiting", far_place(&db, "submitted", true).await),
        ("approved", far_place(&db, "approved", false).await),
        ("collecting", far_place(&db, "collecting", false).await),
    ];
    db.close().await;
    let seq = AUDIT_ENTRIES / 2;
    let [waiting, approved, collecting] =
        cases.map(|(state, place)| (format!("/review?state={state}&after={place}"), "id=\"case-"));
    for (path, mark) in [
        (format!("/admin/people?filter=all&after={id}"), "id=\"person-"),
        (format!("/admin/people?filter=locked&after={id}"), "id=\"person-"),
        (format!("/admin/people?filter=level-2&after={id}"), "id=\"person-"),
        (format!("/admin/audit?before={seq}"), "id=\"entry-"),
        (format!("/admin/audit?actor=operator&before={seq}"), "id=\"entry-"),
        ("/admin/clients?after=app-05000".to_owned(), "id=\"client-"),
        waiting,
        approved,
        collecting,
        (format!("/admin/outbox?before={id}"), "<tr><td"),
        (format!("/admin/outbox?show=failed&before={id}"), "<tr><td"),
    ] {
        figures.look((&format!("{path}, deep"), mark), async |_| browser.get(&path).await).await;
    }
}

/// Shortly before the end of a list of cases, as the address of a page says it.
async fn far_place(db: &Db, state: &'static str, oldest_first: bool) -> String {
    let (count,): (i64,) = db.read("SELECT COUNT(*) FROM kyc_cases WHERE state = $1").bind(state).one().await.unwrap();
    let text = match oldest_first {
        true => {
            "SELECT COALESCE(submitted_at, created_at), id FROM kyc_cases WHERE state = $1 \
             ORDER BY COALESCE(submitted_at, created_at) DESC, id DESC LIMIT 1 OFFSET $2"
        }
        false => {
            "SELECT COALESCE(submitted_at, created_at), id FROM kyc_cases WHERE state = $1 \
             ORDER BY COALESCE(submitted_at, created_at), id LIMIT 1 OFFSET $2"
        }
    };
    let (at, id): (i64, String) = db.read(text).bind(state).bind((count / 2).min(30)).one().await.unwrap();
    format!("{at}.{id}")
}

/// What is looked for stands in a form: addresses end up in logs.
async fn searches(browser: &Browser, figures: &mut Figures) {
    let page = browser.get("/admin/people").await;
    let (action, hidden) = page.form_to("/admin/people/find");
    let csrf = hidden.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    let find = async |text: &str, after: Option<&str>| {
        let mut fields = vec![("csrf", csrf.as_str()), ("find", text)];
        fields.extend(after.map(|after| ("after", after)));
        browser.post_once(&action, &fields).await
    };
    let other = |round: usize| address((round * 7_919) % people());
    let row = "id=\"person-";
    let two = async |round: usize| find(&other(round)[..2], None).await;
    let first = figures.look(("people whose address begins with two letters", row), two).await;
    let six = async |round: usize| find(&other(round)[..6], None).await;
    figures.look(("people whose address begins with six letters", row), six).await;
    figures.look(("a person by the whole address", row), async |round| find(&other(round), None).await).await;
    figures.look(("nobody", "id=\"empty\""), async |round| find(&format!("nobody{round}@x"), None).await).await;
    let after = first.body.split("name=\"after\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    if let Some(after) = after {
        let text = other(ROUNDS - 1)[..2].to_owned();
        figures.look(("people found, second page", row), async |_| find(&text, Some(after)).await).await;
    }
    let links = page.body.split("href=\"/admin/people/").skip(1).filter_map(|rest| rest.split('"').next());
    let id = links.into_iter().find(|id| id.len() == 36).expect("a person");
    figures.look(("a person by the whole id", row), async |_| find(id, None).await).await;
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
