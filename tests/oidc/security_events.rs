//! Apps hear at once of a level or a hold that changes: by a security event token (RFC 8417) or, who takes only logout tokens, by one of
//! those, and only when it loses something.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use karat::domain::client::{Client, ConsentRule, LogoutRules};
use karat::domain::hold::HoldCause;
use karat::domain::ids::UserId;
use karat::domain::kyc::{Finding, Reason, Tier};
use karat::domain::time::Seconds;
use karat::storage::outbox::{Outgoing, SecurityEvent, SecurityEventKind, Share};
use serde_json::{Value, json};

use crate::support::app::web_client;
use crate::support::verified::erika;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Person, RelyingParty, TestApp};

const NO_HOLD: &str = "[holds]\nfirst_factor = \"0s\"\n";
const RECEIVER: &str = "https://hearing.test/events";

fn client(id: &str, scope: &str, events: bool, logout: bool) -> Client {
    let address = |path: &str| format!("https://{id}.test/{path}");
    Client {
        scope: scope.parse().unwrap(),
        consent: ConsentRule::FirstParty,
        events_uri: events.then(|| address("events")),
        logout: LogoutRules { backchannel_uri: logout.then(|| address("logout")), ..Default::default() },
        ..web_client(id)
    }
}

/// A verified person whose session all these apps hold something of, each what it is registered for.
async fn apps_of_one_session(app: &TestApp) -> Person {
    apps_in(app, &Browser::new(&app.base)).await
}

async fn apps_in(app: &TestApp, browser: &Browser) -> Person {
    let person = app.verified_person("erika@example.com").await;
    let mut is_protected = false;
    for client in [
        client("hearing", "openid fiat:deposit wallet:withdraw", true, true),
        client("curious", "openid", true, false),
        client("trading", "openid fiat:deposit", false, true),
        client("paying", "openid wallet:withdraw", false, true),
        client("reading", "openid", false, true),
        client("silent", "openid wallet:withdraw", false, false),
    ] {
        let scope = client.scope.to_string();
        let rp = RelyingParty::register(app, client).await;
        if !is_protected {
            rp.log_in(browser, &person, &[("scope", "openid")]).await;
            AuthenticatorApp::add(browser, app.clock_now()).await;
            is_protected = true;
        }
        let tokens = rp.tokens_in(browser, &person, &scope).await;
        assert_eq!(tokens.text("scope"), scope);
    }
    assert_eq!(heard(app).await, Vec::<String>::new(), "nothing has changed yet");
    person
}

/// Takes what is for apps out of the outbox.
async fn taken(app: &TestApp) -> Vec<Outgoing> {
    let (store, now) = (&app.karat.store, app.clock_now());
    let all = Share { mails: 1_000, of_one_target: 1_000 };
    let mut taken = Vec::new();
    for leased in store.lease_outgoing(now, now.plus(Seconds(60)), 1_000, all).await.unwrap().due {
        store.finish_outgoing(&leased.id, "sent", true, now).await.unwrap();
        if matches!(leased.payload, Outgoing::LogoutToken(_) | Outgoing::SecurityEvent(_)) {
            taken.push(leased.payload);
        }
    }
    taken
}

/// As [`taken`], in words.
async fn heard(app: &TestApp) -> Vec<String> {
    let said = |outgoing: Outgoing| match outgoing {
        Outgoing::SecurityEvent(SecurityEvent { client_id, kind: SecurityEventKind::ClaimsChanged, .. }) => {
            format!("{client_id}: changed")
        }
        Outgoing::LogoutToken(notice) => format!("{}: logged out", notice.client_id),
        other => panic!("{other:?}"),
    };
    let mut all: Vec<String> = taken(app).await.into_iter().map(said).collect();
    all.sort();
    all
}

async fn begin_hold(app: &TestApp, person: UserId) -> i64 {
    let user = app.karat.store.user(person).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    let until = app.karat.start_hold(&mut change, &user, HoldCause::PasswordChanged).await.unwrap().unwrap();
    change.commit().await.unwrap();
    until.unix()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_taken_back_is_told_once_to_each_app_that_listens_or_loses_by_it() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, NO_HOLD).await;
        let person = apps_of_one_session(&app).await;
        app.find(&person, Finding::Revoked { tier: Tier::STANDARD }).await;
        let told = ["curious: changed", "hearing: changed", "paying: logged out", "trading: logged out"];
        assert_eq!(heard(&app).await, told);
        // The same again, or what comes to the same, is no news.
        app.find(&person, Finding::Revoked { tier: Tier::STANDARD }).await;
        app.find(&person, Finding::Suspended { reason: Reason::Other }).await;
        assert_eq!(heard(&app).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_won_is_told_to_who_listens_and_logs_nobody_out() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, NO_HOLD).await;
    let person = apps_of_one_session(&app).await;
    app.verify(&person, Tier::ENHANCED, erika(app.clock_now())).await;
    assert_eq!(heard(&app).await, ["curious: changed", "hearing: changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_told_to_who_listens_and_logs_out_of_apps_that_move_money() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, NO_HOLD).await;
    let person = apps_of_one_session(&app).await;
    begin_hold(&app, person.id).await;
    assert_eq!(heard(&app).await, ["curious: changed", "hearing: changed", "paying: logged out"]);
}

/// The browser at hand stays logged in, and what its apps were given ends all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_is_told_to_the_apps_of_the_session_that_goes_on() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, NO_HOLD).await;
        let browser = Browser::new(&app.base);
        apps_in(&app, &browser).await;
        let page = browser.get("/account/password").await;
        let fields = [("current_password", PASSWORD), ("new_password", "copper-Heron-wades-at-dusk-52")];
        let done = browser.submit(&page, &fields).await;
        assert_eq!((done.path(), done.status.as_u16()), ("/account/password", 200), "{}", done.text());
        assert!(done.text().contains("on hold"), "{}", done.text());
        assert_eq!(heard(&app).await, ["curious: changed", "hearing: changed", "paying: logged out"]);
    }
}

/// It has no `exp` and no `sub` (RFC 8417 section 4.5: not to be taken for an ID token), and says how things stand when it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_security_event_token_is_typed_signed_for_one_app_and_says_what_is_so_now() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, NO_HOLD).await;
    let person = apps_of_one_session(&app).await;
    let until = begin_hold(&app, person.id).await;
    let events: Vec<SecurityEvent> = taken(&app).await.into_iter().filter_map(event).collect();
    let event = events.iter().find(|event| event.client_id.as_str() == "hearing").unwrap();
    assert_eq!(event.user_id, person.id);

    let (first, token) = told(&app, event).await;
    let mut members: Vec<&String> = first.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["aud", "events", "iat", "iss", "jti", "sub_id"], "{token}");
    assert_eq!((&first["iss"], &first["aud"]), (&json!(app.base), &json!("hearing")));
    assert_eq!(first["iat"], app.clock_now().unix());
    assert_eq!(first["sub_id"], json!({ "format": "iss_sub", "iss": app.base, "sub": person.id.to_string() }));
    let changed = |level: u8, hold_until: Option<i64>| {
        json!({ "https://schemas.openid.net/secevent/caep/event-type/token-claims-change": {
            "event_timestamp": app.clock_now().unix(),
            "claims": { "kyc_level": level, "hold_until": hold_until },
        } })
    };
    assert_eq!(first["events"], changed(2, Some(until)));

    app.find(&person, Finding::Revoked { tier: Tier::STANDARD }).await;
    app.advance(until - app.clock_now().unix());
    let (second, _) = told(&app, event).await;
    assert_eq!(
        second["events"]["https://schemas.openid.net/secevent/caep/event-type/token-claims-change"]["claims"],
        json!({ "kyc_level": 0, "hold_until": null })
    );
    assert_ne!(first["jti"], second["jti"]);
    // Who takes none any more gets none.
    app.update_client(&client("hearing", "openid fiat:deposit wallet:withdraw", false, true)).await;
    assert_eq!(app.karat.security_event_token(event).await.unwrap(), None);
}

fn event(outgoing: Outgoing) -> Option<SecurityEvent> {
    match outgoing {
        Outgoing::SecurityEvent(event) => Some(event),
        _ => None,
    }
}

/// The claims of a token whose signature and type are right.
async fn told(app: &TestApp, event: &SecurityEvent) -> (Value, String) {
    let (uri, token) = app.karat.security_event_token(event).await.unwrap().unwrap();
    assert_eq!(uri, RECEIVER);
    let header = decode_header(&token).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::RS256, Some("secevent+jwt")));
    let keys = crate::checks::published_keys(app).await;
    let key = keys.find(&header.kid.unwrap()).expect("the key is published");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&[&app.base]);
    rules.set_audience(&["hearing"]);
    rules.set_required_spec_claims(&["iss", "aud"]);
    rules.validate_exp = false;
    (decode(&token, &DecodingKey::from_jwk(key).unwrap(), &rules).expect("the signature").claims, token)
}
