//! Changes of a registration by its app against what the operator decided about it (RFC 7592 section 2.2): what was taken stays taken, and
//! what was given was given to what the operator saw.

use std::time::Duration;

use karat::config::ClientSection;
use karat::domain::client::{Client, ClientAuthentication, ConsentRule, SubjectType};
use karat::domain::jose::{Algorithm, AssertionAlgorithm};
use karat::flow::admin::Authority;
use karat::flow::clients::RegistrarError;
use karat::flow::webhooks::WebhookEntry;
use karat::storage::audit::Wanted;
use serde_json::{Value, json};

use crate::support::app::web_client;
use crate::support::registering::{OPEN, Registered, metadata, metadata_with};
use crate::support::relying_party::Answer;
use crate::support::{Backends, ClientKey, Publisher, TestApp};

async fn open_on(backends: Backends) -> TestApp {
    TestApp::start_with(backends, OPEN).await
}

fn refused(found: &Answer, named: &str) {
    assert_eq!((found.status, found.error()), (400, "invalid_client_metadata"), "{named}: {found:?}");
    assert!(found.text("error_description").starts_with(named), "{named}: {found:?}");
}

/// By the operator, as console, API and command line do.
async fn edited(app: &TestApp, own: &Registered, edit: impl FnOnce(&mut ClientSection)) -> Client {
    let by = Authority::operator();
    let changed = app.karat.registrar(&by).update(&own.id, edit, None).await;
    app.karat.clients.forget();
    changed.unwrap_or_else(|error| panic!("{error}")).client
}

/// The app changes itself; what it is then.
async fn changed(app: &TestApp, own: &mut Registered, metadata: &Value) -> Client {
    *own = Registered::of(&own.change(app, metadata).await);
    stands(app, own).await
}

async fn stands(app: &TestApp, own: &Registered) -> Client {
    app.karat.store.client(&own.id.parse().unwrap()).await.unwrap().unwrap()
}

async fn what_was_taken_stays_taken(backends: Backends) {
    let app = open_on(backends).await;
    let both = ["authorization_code", "refresh_token"];
    let wide = metadata_with(json!({ "scope": "openid profile", "grant_types": both }));
    let narrow = metadata_with(json!({ "scope": "openid", "grant_types": both }));

    let mut own = Registered::made(&app, &wide).await;
    edited(&app, &own, |section| section.scope = Some("openid".to_owned())).await;
    refused(&own.change(&app, &wide).await, "scope:");
    let silent = changed(&app, &mut own, &metadata_with(json!({ "grant_types": both }))).await;
    assert_eq!(silent.scope.to_string(), "openid", "what is left out is no more than was left");
    assert_eq!(changed(&app, &mut own, &narrow).await.scope.to_string(), "openid");

    let mut own = Registered::made(&app, &narrow).await;
    edited(&app, &own, |section| section.grant_types = Some(vec![both[0].to_owned()])).await;
    refused(&own.change(&app, &narrow).await, "grant_types[1]:");
    let within = metadata_with(json!({ "scope": "openid" }));
    assert_eq!(changed(&app, &mut own, &within).await.grant_types.len(), 1);

    let mut own = Registered::made(&app, &narrow).await;
    edited(&app, &own, |section| section.subject_type = Some("pairwise".to_owned())).await;
    refused(&own.change(&app, &narrow).await, "subject_type:");
    let mut pairwise = narrow.clone();
    pairwise["subject_type"] = json!("pairwise");
    assert!(matches!(changed(&app, &mut own, &pairwise).await.subject, SubjectType::Pairwise { .. }));

    let key = ClientKey::new(Algorithm::Es256);
    let keyed = metadata_with(json!({ "scope": "openid", "jwks": key.set() }));
    let mut own = Registered::made(&app, &keyed).await;
    edited(&app, &own, |section| {
        section.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
        section.token_endpoint_auth_signing_alg = Some("ES256".to_owned());
    })
    .await;
    refused(&own.change(&app, &keyed).await, "token_endpoint_auth_method:");
    let mut signing = keyed.clone();
    signing["token_endpoint_auth_method"] = json!("private_key_jwt");
    let mut weaker = signing.clone();
    weaker["token_endpoint_auth_signing_alg"] = json!("RS256");
    refused(&own.change(&app, &weaker).await, "token_endpoint_auth_signing_alg:");
    let kept = changed(&app, &mut own, &signing).await.authentication;
    let ClientAuthentication::PrivateKeyJwt { algorithm, .. } = kept else { panic!("{kept:?}") };
    assert_eq!(algorithm, Some(AssertionAlgorithm::Es256));

    let mut own = Registered::made(&app, &keyed).await;
    edited(&app, &own, |section| {
        section.request_object_signing_alg = Some("ES256".to_owned());
        section.require_signed_request_object = Some(true);
    })
    .await;
    for (name, value) in
        [("request_object_signing_alg", json!("RS256")), ("require_signed_request_object", json!(false))]
    {
        let mut looser = keyed.clone();
        looser[name] = value;
        refused(&own.change(&app, &looser).await, name);
    }
    let kept = changed(&app, &mut own, &keyed).await.request_objects;
    assert_eq!((kept.algorithm, kept.required), (Some(AssertionAlgorithm::Es256), true));

    // Whom the operator left alone has what everybody may have.
    let mut own = Registered::made(&app, &narrow).await;
    assert_eq!(changed(&app, &mut own, &wide).await.scope.to_string(), "openid profile");
    assert_eq!(changed(&app, &mut own, &metadata_with(json!({ "scope": "openid" }))).await.grant_types.len(), 1);
    assert_eq!(changed(&app, &mut own, &wide).await.grant_types.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_took_from_an_app_it_does_not_take_back() {
    what_was_taken_stays_taken(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_took_from_an_app_it_does_not_take_back_on_postgres() {
    what_was_taken_stays_taken(Backends::PostgresAndRedis).await;
}

/// Everything that an operator can give to an app that they looked at.
fn give(section: &mut ClientSection) {
    section.consent = Some(ConsentRule::FirstParty);
    section.verified = Some(true);
    section.scope = Some("openid trade:spot".to_owned());
    section.verified_claims = vec!["family_name".to_owned()];
    section.audience = vec!["https://api.test".to_owned()];
    section.keep_offline_access = Some(true);
    section.require_pkce = Some(false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_gave_is_gone_when_the_app_is_another() {
    let strict = OPEN.replace("require_pkce = false", "require_pkce = true");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &strict).await;
    let (key, other) = (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Es256));
    let base = metadata_with(json!({ "jwks": key.set(), "subject_type": "pairwise" }));
    let with = |more: &Value| {
        let mut all = base.clone();
        more.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
        all
    };
    for another in [
        json!({ "redirect_uris": ["https://elsewhere.test/cb"] }),
        json!({ "redirect_uris": ["https://app.test/cb", "https://app.test/second"] }),
        json!({ "post_logout_redirect_uris": ["https://app.test/bye"] }),
        json!({ "backchannel_logout_uri": "https://app.test/logout" }),
        json!({ "jwks": other.set() }),
        json!({ "jwks": null, "jwks_uri": "https://app.test/jwks" }),
        json!({ "jwks": null }),
        json!({ "token_endpoint_auth_method": "client_secret_post" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
        json!({ "client_name": "Another" }),
        json!({ "policy_uri": "https://elsewhere.test/" }),
    ] {
        let mut own = Registered::made(&app, &base).await;
        let given = edited(&app, &own, give).await;
        assert!(given.pages.verified && given.scope.contains("trade:spot"));
        // The twin: the app says the same again.
        let same = changed(&app, &mut own, &with(&json!({ "scope": "openid trade:spot" }))).await;
        assert_eq!(same, given, "{another}");

        let mut asking = with(&another);
        let is_method = another.get("token_endpoint_auth_method").is_some();
        if is_method {
            // Which the operator decided with everything else.
            refused(&own.change(&app, &asking).await, "token_endpoint_auth_method:");
            continue;
        }
        asking["scope"] = json!("openid trade:spot");
        refused(&own.change(&app, &asking).await, "scope:");
        assert_eq!(stands(&app, &own).await, given, "{another}: nothing is half done");
        let now = changed(&app, &mut own, &with(&another)).await;
        assert_eq!(now.scope.to_string(), "openid", "{another}");
        assert_eq!(now.consent, ConsentRule::Remembered, "{another}");
        assert!(!now.pages.verified && now.require_pkce && !now.logout.keep_offline_access, "{another}");
        assert!(now.verified_claims.is_empty() && now.audience.is_empty(), "{another}");
        // And it does not come back with the old face.
        let back = changed(&app, &mut own, &with(&json!({ "scope": "openid" }))).await;
        assert_eq!((back.consent, back.pages.verified), (ConsentRule::Remembered, false), "{another}");
    }
}

/// Between what a change is thought out on and when it is written, the operator may have been there.
async fn the_operator_comes_in_between(backends: Backends) {
    let host = Publisher::start_tls(&format!("in-between-{backends:?}")).await;
    let app = TestApp::start_with(backends, &format!("{OPEN}{}", host.section())).await;
    let own = Registered::made(&app, &metadata()).await;
    let by = Authority::operator();
    let slowly = |path: &str| {
        let listed = json!(["https://app.test/cb"]).to_string();
        let url = host.publish_as(path, listed, |published| published.delay = Duration::from_millis(700));
        metadata_with(json!({ "client_name": "Renamed", "sector_identifier_uri": url }))
    };
    let asked = async |path: &'static str| {
        for _ in 0..1_000 {
            if host.times_asked(path) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} was never asked for");
    };
    for (path, stopped, outcome) in [("/narrowed", false, 503), ("/stopped", true, 401)] {
        let meanwhile = async {
            asked(path).await;
            let edit = |section: &mut ClientSection| section.scope = Some("openid".to_owned());
            app.karat.registrar(&by).update(&own.id, edit, Some(stopped)).await.map(drop).unwrap();
        };
        let wanted = slowly(path);
        let (found, ()) = tokio::join!(own.change(&app, &wanted), meanwhile);
        assert_eq!(found.status, outcome, "{path}: {found:?}");
        let now = stands(&app, &own).await;
        assert_eq!((now.name.as_str(), now.scope.to_string().as_str()), ("An app", "openid"), "{path}");
        assert_eq!(now.disabled, stopped, "{path}");
        // Nothing was done, so the token is the one it was.
        assert_eq!(own.read(&app).await.status, if stopped { 401 } else { 200 }, "{path}");
    }
    // A client that the operator stopped looks after nothing, until they let it.
    assert_eq!(own.change(&app, &metadata()).await.status, 401);
    assert_eq!(own.remove(&app).await.status, 401);
    app.karat.registrar(&by).update(&own.id, |_| {}, Some(false)).await.map(drop).unwrap();
    assert_eq!(own.remove(&app).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_the_operator_stopped_meanwhile_does_not_come_back() {
    the_operator_comes_in_between(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_the_operator_stopped_meanwhile_does_not_come_back_on_postgres() {
    the_operator_comes_in_between(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_app_that_registered_itself_gets_a_scope_of_the_house() {
    let app = open_on(Backends::SqliteAndMemory).await;
    let mut own = Registered::made(&app, &metadata()).await;
    app.add_client(&web_client("desk")).await;
    let by = Authority::operator();
    for house in ["karat:admin", "karat:clients", "karat:people.read"] {
        let scope = format!("openid {house}");
        let edit = |section: &mut ClientSection| section.scope = Some(scope.clone());
        let found = app.karat.registrar(&by).update(&own.id, edit, None).await;
        let Err(RegistrarError::Refused(refusals)) = found else { panic!("{house}") };
        assert!(refusals[0].key == "scope" && refusals[0].message.contains(house), "{refusals:?}");
        // An app that the operator registered may have it.
        app.karat.registrar(&by).update("desk", edit, None).await.map(drop).unwrap();
        // However it got there: asked for it is refused, and kept it is not.
        let client = stands(&app, &own).await;
        app.update_client(&Client { scope: scope.parse().unwrap(), ..client }).await;
        refused(&own.change(&app, &metadata_with(json!({ "scope": scope }))).await, "scope:");
        assert!(!changed(&app, &mut own, &metadata()).await.scope.contains(house));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_in_the_audit_log_with_before_and_after_and_told_by_webhooks() {
    let app = open_on(Backends::SqliteAndMemory).await;
    let by = Authority::operator();
    let entry = WebhookEntry {
        url: Some("https://hooks.example.com/karat".to_owned()),
        events: Some(vec!["*".to_owned()]),
        ..WebhookEntry::default()
    };
    let (endpoint, _) = app.karat.add_webhook(&by, &entry).await.unwrap();
    let mut own = Registered::made(&app, &metadata()).await;
    let first = stands(&app, &own).await;
    let hash = serde_json::to_value(&first.authentication).unwrap()["secret"][0].as_str().unwrap().to_owned();
    let never = [hash, own.secret.clone(), own.token.clone()];
    changed(&app, &mut own, &metadata_with(json!({ "client_name": "Renamed" }))).await;
    assert_eq!(own.remove(&app).await.status, 204);
    let unused = Registered::made(&app, &metadata()).await;
    app.advance(31 * 86_400);
    assert_eq!(app.karat.remove_unused_clients().await.unwrap(), 1);

    let rows = async |id: &str| {
        let about = Wanted { target: Some(("client".to_owned(), id.to_owned())), ..Wanted::default() };
        let mut rows = app.karat.audited(&by, &about, None, 100).await.unwrap();
        rows.reverse();
        rows.into_iter().map(|row| row.entry).collect::<Vec<_>>()
    };
    let entries = rows(&own.id).await;
    let acts: Vec<_> = entries.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["clients.add", "clients.change", "clients.remove"]);
    for entry in &entries {
        assert_eq!(entry.actor, format!("client:{}", own.id));
        assert_eq!(entry.address.as_deref(), Some("127.0.0.1"));
        let text = entry.detail.to_string();
        assert!(never.iter().all(|secret| !secret.is_empty() && !text.contains(secret)), "{text}");
    }
    assert_eq!(entries[0].detail["after"]["name"], "An app");
    assert_eq!(entries[1].detail, json!({ "before": { "name": "An app" }, "after": { "name": "Renamed" } }));
    assert_eq!(entries[2].detail["before"]["name"], "Renamed");
    let entries = rows(&unused.id).await;
    let by_whom: Vec<_> = entries.iter().map(|entry| (entry.act.as_str(), entry.actor.as_str())).collect();
    assert_eq!(by_whom[1], ("clients.remove", "clock"));
    assert_eq!(entries[1].detail["before"]["name"], "An app");

    let told = app.karat.webhook_deliveries(&by, &endpoint.id, "", 100).await.unwrap();
    let mut events: Vec<_> = told.iter().map(|one| one.event.as_str()).collect();
    events.retain(|event| event.starts_with("client."));
    // Those of one moment are in no order.
    events.sort_unstable();
    assert_eq!(events, ["client.added", "client.added", "client.changed", "client.removed", "client.removed"]);
}
