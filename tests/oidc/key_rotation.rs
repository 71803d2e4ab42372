//! New signing keys: what was signed before stays good until its last token is dead, and apps find both keys.

use karat::flow::admin::Authority;
use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm as Alg, decode_header};
use karat::domain::jose::Algorithm;
use karat::flow::keys::LEAD;

use crate::checks;
use crate::suite::{Mode, Suite};
use crate::support::TestApp;

async fn kids(app: &TestApp) -> BTreeSet<String> {
    let keys = checks::published_keys(app).await;
    keys.keys.into_iter().filter_map(|key| key.common.key_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_key_is_published_and_honoured_until_its_last_token_is_dead() {
    let suite = Suite::start(Mode::Query).await;
    let app = &suite.app;
    let rp = suite.client().await;
    let browser = suite.browser();
    let before = suite.pass(&rp, &browser, &[("scope", "openid offline_access")]).await;
    let old = decode_header(before.answer.text("id_token")).unwrap().kid.unwrap();
    let at_start = kids(app).await;
    assert_eq!(at_start.len(), 3);

    let mut made = BTreeSet::new();
    for alg in Algorithm::ALL {
        made.insert(app.karat.rotate_signing_key(&Authority::operator(), alg).await.unwrap());
    }
    let both: BTreeSet<String> = at_start.union(&made).cloned().collect();
    assert_eq!(kids(app).await, both);
    let during = suite.pass(&rp, &browser, &[]).await;
    let still = decode_header(during.answer.text("id_token")).unwrap().kid.unwrap();
    assert_eq!(still, old, "a new key is published before it signs, so that everybody has it by then");
    app.advance(LEAD.0);
    app.karat.keys.reload(app.clock_now()).await.unwrap();
    let after = suite.pass(&rp, &browser, &[]).await;
    let new = decode_header(after.answer.text("id_token")).unwrap().kid.unwrap();
    assert!(new != old && made.contains(&new));

    // What the old keys signed still counts: at an app, at userinfo, at introspection, as a hint.
    checks::verified(app, before.answer.text("id_token"), Alg::RS256, "first").await;
    assert_eq!(rp.userinfo(before.answer.text("access_token")).await.status, 200);
    assert!(rp.is_active(before.answer.text("access_token")).await);
    let hint = [("prompt", "none"), ("id_token_hint", before.answer.text("id_token"))];
    suite.ask(&rp, &browser, &hint).await.code();

    app.advance(65 * 60 - LEAD.0);
    assert_eq!(kids(app).await, both);
    app.advance(10 * 60);
    assert_eq!(kids(app).await, made);
    checks::token_answer(&rp.refresh(before.answer.text("refresh_token")).await);
    suite.pass(&rp, &browser, &[("prompt", "none")]).await;
}

/// A key that has leaked is withdrawn at once, with everything it signed.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_key_takes_its_tokens_along() {
    let suite = Suite::start(Mode::Query).await;
    let app = &suite.app;
    let rp = suite.client().await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    let token = tokens.answer.text("access_token");
    let leaked = decode_header(token).unwrap().kid.unwrap();
    assert!(app.karat.retire_signing_key(&Authority::operator(), &leaked).await.is_err(), "it still signs");
    app.karat.rotate_signing_key(&Authority::operator(), Algorithm::Es256).await.unwrap();
    assert_eq!(rp.userinfo(token).await.status, 200);
    app.karat.retire_signing_key(&Authority::operator(), &leaked).await.unwrap();
    let after = suite.pass(&rp, &suite.browser(), &[]).await;
    assert_ne!(decode_header(after.answer.text("access_token")).unwrap().kid.unwrap(), leaked, "there is no other");
    assert!(!kids(app).await.contains(&leaked));
    assert_eq!(rp.userinfo(token).await.error(), "invalid_token");
    assert!(!rp.is_active(token).await);
    suite.pass(&rp, &suite.browser(), &[]).await;
}
