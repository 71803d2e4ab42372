//! Signing keys grow old and are replaced by themselves, with overlap; and not when the operator says no.

use std::time::Duration;

use karat::domain::jose::Algorithm;
use karat::flow::keys::LEAD;
use karat::jobs::Jobs;

use crate::support::{Backends, RelyingParty, TestApp, app::web_client};

fn kid(app: &TestApp) -> String {
    app.karat.keys.ring().current(Algorithm::Rs256).unwrap().kid().to_owned()
}

async fn changed_from(app: &TestApp, old: &str) -> bool {
    for _ in 0..60 {
        if kid(app) != old {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

async fn another_is_published(app: &TestApp) -> bool {
    for _ in 0..60 {
        if app.karat.jwks()["keys"].as_array().unwrap().len() > Algorithm::ALL.len() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test]
async fn a_key_is_replaced_when_it_is_old_and_what_it_signed_stays_good() {
    let app = TestApp::start().await;
    let person = app.person("erika@example.com").await;
    let party = RelyingParty::register(&app, web_client("trading")).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let first = kid(&app);
    app.advance(89 * 86_400);
    assert!(!changed_from(&app, &first).await, "not before its time");
    let tokens = party.tokens(&person, "openid").await;
    app.advance(86_400);
    assert!(another_is_published(&app).await, "it is 90 days old");
    assert_eq!(kid(&app), first, "everybody gets to know the new one first");
    app.advance(LEAD.0);
    assert!(changed_from(&app, &first).await);
    let published = app.karat.jwks().to_string();
    assert!(published.contains(&first) && published.contains(&kid(&app)));
    assert!(jobs.stop(Duration::from_secs(5)).await);

    app.advance(-86_400 - LEAD.0 + 60);
    assert!(party.is_active(tokens.text("access_token")).await, "signed by the old key");
}

#[tokio::test]
async fn keys_stay_when_automatic_rotation_is_off() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "").await;
    let mut config = app.config.clone();
    config.keys.automatic_rotation = false;
    let jobs = Jobs::start(&app.karat, &config).unwrap();
    let first = kid(&app);
    app.advance(400 * 86_400);
    assert!(!changed_from(&app, &first).await);
    assert!(jobs.stop(Duration::from_secs(5)).await);
}
