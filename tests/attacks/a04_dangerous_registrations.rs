//! A client cannot be registered, or changed, so that an answer would run script or leave for an unsafe place
//! (RFC 9700 section 2.1, OpenID Connect Dynamic Registration section 2).

use karat::config::ClientSection;
use karat::crypto::clock::Clock;
use karat::domain::redirect_uri::ApplicationType;
use karat::domain::time::Timestamp;
use karat::flow::admin::Authority;
use karat::flow::clients::{Registrar, RegistrarError, Rules};

use crate::support::TestApp;
use crate::support::app::START;

const DANGEROUS: &[&str] = &[
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "javascript://app.test/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://app.test/x",
    "view-source:https://app.test/cb",
    "http://app.test/cb",
    "ftp://app.test/cb",
    "ws://app.test/cb",
    "https://*.app.test/cb",
    "https://app.test/*",
    "*",
    "https://app.test/cb#fragment",
    "https://app.test/cb#",
    "https://user@app.test/cb",
    "https://user:pass@app.test/cb",
    "https://app.test\\@evil.test/cb",
    "https:app.test/cb",
    "//app.test/cb",
    "/cb",
    "",
    "https://app.test/a/../cb",
    "https://app.test/\ncb",
    "HTTPS://APP.test/cb",
];

fn section(id: &str, kind: ApplicationType) -> ClientSection {
    ClientSection {
        client_id: id.to_owned(),
        kind,
        redirect_uris: vec!["https://app.test/cb".to_owned()],
        scope: Some("openid".to_owned()),
        ..ClientSection::default()
    }
}

fn is_refused(outcome: Result<karat::flow::clients::registrar::Registered, RegistrarError>, key: &str) -> bool {
    match outcome {
        Err(RegistrarError::Refused(refusals)) => refusals.iter().any(|refusal| refusal.key.starts_with(key)),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dangerous_uris_are_refused_at_registration_and_at_every_change() {
    let app = TestApp::start().await;
    let rules = Rules::new(&app.config);
    let (clock, _) = Clock::manual(Timestamp::from_unix(START));
    let registrar = Registrar {
        store: &app.karat.store,
        rules: &rules,
        clock: &clock,
        documents: &app.karat.documents,
        pictures: &app.karat.pictures,
        by: &Authority::operator(),
        seen: None,
    };
    for kind in [ApplicationType::Web, ApplicationType::Native] {
        let id = format!("good-{kind:?}");
        registrar
            .add(section(&id, kind))
            .await
            .map_err(|error| error.to_string())
            .expect("the good twin is registered");
        for bad in DANGEROUS {
            let uris = || vec!["https://app.test/cb".to_owned(), (*bad).to_owned()];
            let added = ClientSection { redirect_uris: uris(), ..section("bad", kind) };
            assert!(is_refused(registrar.add(added).await, "redirect_uris[1]"), "{kind:?} {bad:?}");
            let added = ClientSection { post_logout_redirect_uris: uris(), ..section("bad", kind) };
            assert!(is_refused(registrar.add(added).await, "post_logout_redirect_uris[1]"), "{kind:?} {bad:?}");
            let changed = registrar.update(&id, |wanted| wanted.redirect_uris = uris(), None).await;
            assert!(is_refused(changed, "redirect_uris[1]"), "{kind:?} {bad:?}");
            let changed = registrar.update(&id, |wanted| wanted.post_logout_redirect_uris = uris(), None).await;
            assert!(is_refused(changed, "post_logout_redirect_uris[1]"), "{kind:?} {bad:?}");
        }
    }
    assert!(app.karat.store.client(&"bad".parse().unwrap()).await.unwrap().is_none());
    let more = |wanted: &mut ClientSection| wanted.redirect_uris.push("https://app.test/second".to_owned());
    assert_eq!(registrar.update("good-Web", more, None).await.unwrap().client.redirect_uris.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_people_would_click_must_be_web_addresses() {
    let app = TestApp::start().await;
    let rules = Rules::new(&app.config);
    let (clock, _) = Clock::manual(Timestamp::from_unix(START));
    let registrar = Registrar {
        store: &app.karat.store,
        rules: &rules,
        clock: &clock,
        documents: &app.karat.documents,
        pictures: &app.karat.pictures,
        by: &Authority::operator(),
        seen: None,
    };
    for bad in ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x", "//evil.test", "https://u:p@app.test/"] {
        for key in ["client_uri", "policy_uri", "tos_uri", "backchannel_logout_uri"] {
            let mut wanted = section("linked", ApplicationType::Web);
            let place = match key {
                "client_uri" => &mut wanted.client_uri,
                "policy_uri" => &mut wanted.policy_uri,
                "tos_uri" => &mut wanted.tos_uri,
                _ => &mut wanted.backchannel_logout_uri,
            };
            *place = Some(bad.to_owned());
            assert!(is_refused(registrar.add(wanted).await, key), "{key} {bad}");
        }
    }
    let good = ClientSection {
        client_uri: Some("https://app.test/".to_owned()),
        policy_uri: Some("https://app.test/privacy".to_owned()),
        tos_uri: Some("https://app.test/terms".to_owned()),
        backchannel_logout_uri: Some("https://app.test/logout".to_owned()),
        ..section("linked", ApplicationType::Web)
    };
    registrar.add(good).await.map_err(|error| error.to_string()).expect("the good twin is registered");
}
