//! 84: a level or an identity that was never proved: written through a door that is none, asked for by name, taken from somebody else.

use karat::domain::client::Client;
use karat::domain::kyc::{State, Tier};
use karat::flow::admin::Authority;
use karat::flow::import::{Imported, Lines};
use serde_json::{Value, json};

use crate::common::own_client;
use crate::person::try_log_in;
use crate::support::relying_party::claims;
use crate::support::{Backends, Browser, PASSWORD, Person, RelyingParty, TestApp};

/// An app of the own house that may ask for everything.
fn broker() -> Client {
    let all = karat::domain::verified_claims::CLAIMS.map(str::to_owned).into();
    Client { verified_claims: all, ..own_client("broker") }
}

fn names() -> Value {
    json!({ "verification": { "trust_framework": null }, "claims": { "given_name": null, "family_name": null } })
}

fn everywhere(request: Value) -> String {
    json!({ "id_token": { "verified_claims": request }, "userinfo": { "verified_claims": request } }).to_string()
}

/// What the app is told by the ID token and at userinfo, after a log-in that asks with `claims`.
async fn told(rp: &RelyingParty<'_>, person: &Person, asked: &str) -> (Value, Value, String) {
    let browser = Browser::new(&rp.app.base);
    let page = rp.log_in(&browser, person, &[("claims", asked)]).await;
    let code = page.param("code").unwrap_or_else(|| panic!("{}: {}", page.url, page.text()));
    let tokens = rp.redeem(&code).await;
    let token = tokens.text("access_token").to_owned();
    (claims(tokens.text("id_token")), rp.userinfo(&token).await.body, token)
}

/// Level 0, nothing verified: neither stored nor told.
async fn assert_nobody_verified(rp: &RelyingParty<'_>, person: &Person, attack: &str) {
    let user = rp.app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(rp.app.karat.kyc_tier(&user), Tier::REGISTERED, "{attack}");
    assert_eq!(rp.app.karat.kyc_state(&user.kyc), State::None, "{attack}");
    assert_eq!(user.kyc, Default::default(), "{attack}");
    assert!(rp.app.karat.store.identity(person.id).await.unwrap().verifications.is_empty(), "{attack}");
    let (id_token, userinfo, token) = told(rp, person, &everywhere(names())).await;
    for told in [&id_token, &userinfo, &claims(&token), &rp.introspect(&token).await.body] {
        assert_eq!(told.get("verified_claims"), None, "{attack}");
        assert!(told.get("kyc_level").is_none_or(|level| *level == 0), "{attack}: {told}");
    }
}

/// Fields that no form has, at every form of the account that changes something about the person.
#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_account_writes_a_level_or_an_identity() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, broker()).await;
    let person = app.person("mallory@example.com").await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, &person.email, PASSWORD).await;
    let standing = r#"{"attained":[{"tier":3,"at":0,"case":"0190163d-8694-739b-aea5-000000000001"}]}"#;
    let smuggled = [
        ("kyc_level", "3"),
        ("kyc", standing),
        ("tier", "3"),
        ("level", "3"),
        ("residence", "DE"),
        ("verified_claims", r#"{"verification":{"trust_framework":"x"},"claims":{"given_name":"M"}}"#),
        ("given_name", "Mallory"),
        ("family_name", "Mustermann"),
        ("birthdate", "1984-01-26"),
        ("profile", r#"{"kyc_level":3}"#),
    ];
    for path in ["/account/profile", "/account/security/phrase", "/account/security/approval", "/language"] {
        let page = browser.get("/account/profile").await;
        let csrf = page.form_to("/account/profile").1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
        let mut fields = vec![("csrf", csrf.as_str())];
        fields.extend(smuggled);
        let answer = browser.post(path, &fields).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
        assert_nobody_verified(&rp, &person, path).await;
    }
    // The form itself works: what the person says of themselves is told as just that.
    let userinfo = told(&rp, &person, r#"{"userinfo":{"given_name":null}}"#).await.1;
    assert_eq!(userinfo["given_name"], "Mallory");
}

/// Lines of another product's export that say what only verification may say.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_people_brings_no_level_and_no_identity() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, broker()).await;
    let standing = json!({ "attained": [{ "tier": 3, "at": 0, "case": "0190163d-8694-739b-aea5-000000000001" }] });
    let identity = json!({ "verification": { "trust_framework": "x" }, "claims": { "given_name": "M" } });
    for (key, value) in [
        ("kyc_level", json!(3)),
        ("kyc", standing),
        ("verified_claims", identity),
        ("tier", json!("tier3")),
        ("identity", json!({ "family_name": "Mustermann" })),
        ("roles", json!(["compliance"])),
        ("acr", json!("phr")),
    ] {
        let mut line = json!({ "email": "mallory@example.com", "email_verified": true });
        line[key] = value;
        let lines = Lines::of(line.to_string().as_bytes()).take(1).unwrap();
        let fates = app.karat.import_people(&Authority::operator(), &lines, None).await.unwrap();
        let Imported::Refused(why) = &fates[0].imported else { panic!("{key}: {fates:?}") };
        assert_eq!(*why, format!("{key}: is attained here and never imported"));
        assert!(app.karat.store.user_by_email(&"mallory@example.com".parse().unwrap()).await.unwrap().is_none());
    }
    // The twin comes in, with nothing verified.
    let hash = app.karat.passwords.hash(&karat::crypto::token::Secret::new(PASSWORD)).await.unwrap();
    let line = json!({
        "email": "mallory@example.com", "email_verified": true, "password_hash": hash, "given_name": "Mallory",
    });
    let lines = Lines::of(line.to_string().as_bytes()).take(1).unwrap();
    let fates = app.karat.import_people(&Authority::operator(), &lines, None).await.unwrap();
    let Imported::Made { id, .. } = fates[0].imported else { panic!("{fates:?}") };
    let mut change = app.karat.store.begin().await.unwrap();
    change.accept_terms(id, &app.config.terms.version, app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
    let person = Person { id, email: "mallory@example.com".to_owned() };
    assert_nobody_verified(&rp, &person, "import").await;
}

/// Neither as a claim with its value, nor as an essential one, nor under another name.
#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_level_or_an_identity_by_name_does_not_make_it_true() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, broker()).await;
    let person = app.person("mallory@example.com").await;
    let framework = app.karat.trust_framework();
    let wished = json!({
        "verification": {
            "trust_framework": { "essential": true, "value": framework },
            "assurance_level": { "essential": true, "value": "tier3" },
        },
        "claims": { "family_name": { "essential": true, "value": "Mustermann" } },
    });
    for asked in [
        r#"{"id_token":{"kyc_level":{"essential":true,"value":3}},"userinfo":{"kyc_level":{"value":3}}}"#.to_owned(),
        everywhere(wished.clone()),
        everywhere(json!([wished, names()])),
        r#"{"userinfo":{"verified":{"value":true},"kyc":{"value":{"tier":3}},"assurance_level":{"value":"tier3"}}}"#
            .to_owned(),
    ] {
        let (id_token, userinfo, token) = told(&rp, &person, &asked).await;
        for told in [&id_token, &userinfo, &claims(&token)] {
            assert_eq!(told.get("verified_claims"), None, "{asked}");
            assert!(told.get("kyc_level").is_none_or(|level| *level == 0), "{asked}: {told}");
        }
        assert_nobody_verified(&rp, &person, &asked).await;
    }
    app.verify(&person, Tier::STANDARD, crate::support::verified::erika(app.clock_now())).await;
    assert!(told(&rp, &person, &everywhere(names())).await.1.get("verified_claims").is_some());
}

/// At the token endpoint the claims are those of the grant: whatever is sent there, with a code or with a refresh token.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_asked_for_at_the_start_is_not_to_be_had_by_refresh_or_at_userinfo() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let rp = RelyingParty::register(&app, broker()).await;
        let erika = app.verified_person("erika@example.com").await;
        let tokens = rp.tokens(&erika, "openid offline_access").await;
        let more = everywhere(names());
        let refreshed = rp
            .post(
                "/token",
                &[
                    ("grant_type", "refresh_token"),
                    ("refresh_token", tokens.text("refresh_token")),
                    ("claims", &more),
                    ("verified_claims", "true"),
                ],
            )
            .await;
        assert_eq!(refreshed.status, 200, "{refreshed:?}");
        assert_eq!(claims(refreshed.text("id_token")).get("verified_claims"), None);
        let url = app.url("/userinfo");
        let fields = [("access_token", refreshed.text("access_token")), ("claims", &more)];
        let userinfo = crate::support::relying_party::answer(rp.http().post(url).form(&fields)).await;
        assert_eq!((userinfo.status, userinfo.body.get("verified_claims")), (200, None), "{userinfo:?}");
        // Asked for at the start, it is told for as long as it is true.
        assert!(told(&rp, &erika, &more).await.1.get("verified_claims").is_some());
    }
}

/// Neither by naming the other person, nor by the consent of the other person, nor by a session beside it.
#[tokio::test(flavor = "multi_thread")]
async fn the_verified_identity_of_somebody_else_is_told_to_nobody() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, broker()).await;
    let erika = app.verified_person("erika@example.com").await;
    let mallory = app.person("mallory@example.com").await;
    let (_, hers, _) = told(&rp, &erika, &everywhere(names())).await;
    assert_eq!(hers["verified_claims"]["claims"]["family_name"], "MUSTERMANN");
    assert_nobody_verified(&rp, &mallory, "beside a verified person").await;
    // The app is never answered about another person than the one it named.
    let request = names();
    let named = json!({ "id_token": { "sub": { "value": erika.id.to_string() }, "verified_claims": request } });
    let browser = Browser::new(&app.base);
    try_log_in(&browser, &mallory.email, PASSWORD).await;
    let page = browser.get(&rp.authorize_path(&[("claims", &named.to_string()), ("prompt", "none")])).await;
    assert_eq!(page.param("error").as_deref(), Some("login_required"), "{}", page.url);
    let page = browser.get(&rp.authorize_path(&[("claims", &named.to_string())])).await;
    assert_eq!(page.path(), "/login");
    let page = browser.submit(&page, &[("email", &mallory.email), ("password", PASSWORD)]).await;
    assert_eq!(page.param("code"), None, "{}", page.url);
}

/// Another app's registration and another app's consent are not this app's.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_cannot_borrow_the_right_of_another_to_the_identity() {
    let app = TestApp::start().await;
    let erika = app.verified_person("erika@example.com").await;
    let rp = RelyingParty::register(&app, broker()).await;
    let other = RelyingParty::register(&app, own_client("other")).await;
    assert!(told(&rp, &erika, &everywhere(names())).await.1.get("verified_claims").is_some());
    assert_eq!(told(&other, &erika, &everywhere(names())).await.1.get("verified_claims"), None);
    // A scope that looks like the consent item is no consent, and no claim.
    let browser = Browser::new(&app.base);
    let page = other.log_in(&browser, &erika, &[("scope", "openid verified:family_name verified:level")]).await;
    let tokens = other.redeem(&page.param("code").unwrap()).await;
    assert_eq!(tokens.text("scope"), "openid");
    assert_eq!(other.userinfo(tokens.text("access_token")).await.body.get("verified_claims"), None);
}
