//! 83: rights that outlive what they rest on: a person's level falls, or a hold begins, while tokens of the time before are about.

use karat::domain::client::Client;
use karat::domain::hold::HoldCause;
use karat::domain::ids::CaseId;
use karat::domain::kyc::{Finding, Reason, Tier};
use serde_json::Value;

use crate::common::{code_in, own_client};
use crate::second_factor::{guarded, half_log_in};
use crate::support::relying_party::{Answer, claims};
use crate::support::verified::erika;
use crate::support::{Backends, Browser, Person, RelyingParty, TestApp};

const ERIKA: &str = "erika@example.com";
/// Both take level 2; only the second waits for holds.
const WANTED: &str = "openid offline_access fiat:deposit wallet:withdraw";
const FOUR: [&str; 4] = ["fiat:deposit", "offline_access", "openid", "wallet:withdraw"];
const THREE: [&str; 3] = ["fiat:deposit", "offline_access", "openid"];
const TWO: [&str; 2] = ["offline_access", "openid"];

/// A hold of the first factor would stand in the way of what is to be lost here.
async fn exchange(backends: Backends) -> TestApp {
    TestApp::start_with(backends, "[holds]\nfirst_factor = \"0s\"\n").await
}

fn client() -> Client {
    Client { scope: WANTED.parse().unwrap(), ..own_client("exchange") }
}

struct Trader {
    person: Person,
    case: CaseId,
    browser: Browser,
    tokens: Answer,
}

/// Verified at level 2 by a passport that ends after `expires_on`, and logged in with an authenticator app.
async fn trader(rp: &RelyingParty<'_>, expires_on: &str) -> Trader {
    let app = rp.app;
    let (person, phone, _) = guarded(app, ERIKA).await;
    let mut verified = erika(app.clock_now());
    verified.evidence[0].expires_on = Some(expires_on.to_owned());
    let case = app.verify(&person, Tier::STANDARD, verified).await;
    app.advance(30);
    let browser = Browser::new(&app.base);
    let page = half_log_in(&browser, ERIKA).await;
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    let tokens = rp.redeem(&code_in(rp, &browser, WANTED).await).await;
    assert_eq!(scope_of(&tokens.body), FOUR, "{tokens:?}");
    let trader = Trader { person, case, browser, tokens };
    trader.assert_told(rp, &FOUR, 2).await;
    trader
}

impl Trader {
    /// What the access token of the time before is worth now, wherever it is shown.
    async fn assert_told(&self, rp: &RelyingParty<'_>, scope: &[&str], level: i64) -> Option<i64> {
        let old = self.tokens.text("access_token");
        let introspected = rp.introspect(old).await.body;
        assert_eq!((&introspected["active"], scope_of(&introspected)), (&Value::Bool(true), scope.to_vec()));
        let userinfo = rp.userinfo(old).await;
        assert_eq!(userinfo.status, 200, "{userinfo:?}");
        assert_eq!((&introspected["kyc_level"], &userinfo.body["kyc_level"]), (&level.into(), &level.into()));
        assert_eq!(introspected.get("hold_until"), userinfo.body.get("hold_until"));
        introspected["hold_until"].as_i64()
    }

    /// Nothing brings back what was lost: neither a refresh that names it, nor a new code for the session that is there.
    async fn assert_refreshed(&self, rp: &RelyingParty<'_>, scope: &[&str], level: i64) -> Value {
        let asked =
            [("grant_type", "refresh_token"), ("refresh_token", self.tokens.text("refresh_token")), ("scope", WANTED)];
        let refreshed = rp.post("/token", &asked).await;
        assert_eq!((refreshed.status, scope_of(&refreshed.body)), (200, scope.to_vec()), "{refreshed:?}");
        let said = claims(refreshed.text("access_token"));
        assert_eq!((scope_of(&said), &said["kyc_level"]), (scope.to_vec(), &level.into()));
        let silent = self.browser.get(&rp.authorize_path(&[("scope", WANTED), ("prompt", "none")])).await;
        let code = silent.param("code").unwrap_or_else(|| panic!("{}", silent.url));
        assert_eq!(scope_of(&rp.redeem(&code).await.body), scope);
        said
    }
}

fn scope_of(told: &Value) -> Vec<&str> {
    let mut values: Vec<&str> = told["scope"].as_str().unwrap_or_default().split(' ').collect();
    values.sort_unstable();
    values
}

async fn a_level_taken_back_takes_its_rights_along(backends: Backends) {
    let takes_back = [
        Finding::Revoked { tier: Tier::STANDARD },
        Finding::Suspended { reason: Reason::SanctionsReview },
        Finding::Suspended { reason: Reason::Other },
    ];
    for finding in takes_back {
        let app = exchange(backends).await;
        let rp = RelyingParty::register(&app, client()).await;
        let trader = trader(&rp, "2031-03-12").await;
        app.find(&trader.person, finding).await;
        trader.assert_told(&rp, &TWO, 0).await;
        trader.assert_refreshed(&rp, &TWO, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_taken_back_takes_its_rights_out_of_live_tokens_on_sqlite_and_memory() {
    a_level_taken_back_takes_its_rights_along(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_taken_back_takes_its_rights_out_of_live_tokens_on_postgres_and_redis() {
    a_level_taken_back_takes_its_rights_along(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_rejected_after_its_approval_takes_its_rights_out_of_live_tokens() {
    for finally in [false, true] {
        let app = exchange(Backends::SqliteAndMemory).await;
        let rp = RelyingParty::register(&app, client()).await;
        let trader = trader(&rp, "2031-03-12").await;
        app.reject(&trader.person, trader.case, Reason::DocTampered, finally).await;
        trader.assert_told(&rp, &TWO, 0).await;
        trader.assert_refreshed(&rp, &TWO, 0).await;
    }
}

/// To the second, without any job having looked.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_ends_takes_its_rights_out_of_live_tokens_at_that_second() {
    let app = exchange(Backends::SqliteAndMemory).await;
    let rp = RelyingParty::register(&app, client()).await;
    // The clock of the tests begins on 2026-01-15 at 10:00.
    app.advance(14 * 3600 - 90);
    let trader = trader(&rp, "2026-01-15").await;
    let user = app.karat.store.user(trader.person.id).await.unwrap().unwrap();
    let end = user.kyc.current(app.clock_now()).unwrap().until.unwrap();
    let left = end.since(app.clock_now()).0;
    assert!((2..120).contains(&left), "the token lives when the document ends: {left}");
    app.advance(left - 1);
    trader.assert_told(&rp, &FOUR, 2).await;
    app.advance(1);
    trader.assert_told(&rp, &TWO, 0).await;
    trader.assert_refreshed(&rp, &TWO, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_takes_what_moves_money_out_of_live_tokens_and_says_until_when() {
    let app = exchange(Backends::SqliteAndMemory).await;
    let rp = RelyingParty::register(&app, client()).await;
    let trader = trader(&rp, "2031-03-12").await;
    let user = app.karat.store.user(trader.person.id).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    let until = app.karat.start_hold(&mut change, &user, HoldCause::PasswordChanged).await.unwrap().unwrap().unix();
    change.commit().await.unwrap();
    assert_eq!(trader.assert_told(&rp, &THREE, 2).await, Some(until));
    let said = trader.assert_refreshed(&rp, &THREE, 2).await;
    assert_eq!(said["hold_until"], until);
}

/// Who looks at nothing but the token itself: what moves money is in none that is older than two minutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_moves_money_dies_of_itself_within_two_minutes() {
    let app = exchange(Backends::SqliteAndMemory).await;
    let rp = RelyingParty::register(&app, client()).await;
    let trader = trader(&rp, "2031-03-12").await;
    let lifetime = |said: &Value| said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap();
    let money = claims(trader.tokens.text("access_token"));
    assert_eq!(lifetime(&money), 120);
    assert_eq!(trader.tokens.body["expires_in"], 120);
    let refreshed = trader.assert_refreshed(&rp, &FOUR, 2).await;
    assert_eq!(lifetime(&refreshed), 120);
    let harmless = rp.redeem(&code_in(&rp, &trader.browser, "openid fiat:deposit").await).await;
    assert!((121..=300).contains(&lifetime(&claims(harmless.text("access_token")))), "{harmless:?}");
    app.advance(121);
    assert!(!rp.is_active(trader.tokens.text("access_token")).await);
    assert!(rp.is_active(harmless.text("access_token")).await);
}
