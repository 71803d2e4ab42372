//! Names of people that differ from sector to sector (OpenID Connect Core section 8.1), wherever one leaves and comes back; and userinfo as a JWT.

use karat::domain::client::{Client, LogoutRules, SubjectType};
use karat::domain::jose::Algorithm;
use karat::domain::time::Timestamp;
use karat::storage::outbox::{LogoutNotice, SecurityEvent, SecurityEventKind};
use serde_json::{Value, json};

use crate::checks;
use crate::suite::{Mode, Suite};
use crate::support::app::web_client;
use crate::support::relying_party::{RelyingParty, claims};

fn pairwise(id: &str, sector: &str) -> Client {
    let subject = SubjectType::Pairwise { sector: sector.to_owned(), identifier_uri: None };
    let logout = LogoutRules { backchannel_uri: Some("https://app.test/logout".to_owned()), ..LogoutRules::default() };
    let events_uri = Some("https://app.test/events".to_owned());
    Client { subject, logout, events_uri, ..web_client(id) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairwise_client_is_told_of_a_person_by_one_name_that_nobody_else_knows() {
    let suite = Suite::start(Mode::Query).await;
    let karat = &suite.app.karat;
    let own = suite.register(pairwise("own", "own.test")).await;
    let sister = suite.register(pairwise("sister", "own.test")).await;
    let other = suite.register(pairwise("other", "other.test")).await;
    let public = suite.client().await;
    let browser = suite.browser();
    let of = async |rp: &RelyingParty<'_>| {
        let tokens = suite.pass(rp, &browser, &[("scope", "openid offline_access"), ("prompt", "consent")]).await;
        let subject = tokens.id_token["sub"].as_str().unwrap().to_owned();
        (tokens, subject)
    };
    let (tokens, name) = of(&own).await;
    assert_eq!(of(&sister).await.1, name, "one sector, one name");
    let names = [name.clone(), of(&other).await.1, of(&public).await.1];
    assert_eq!(std::collections::BTreeSet::from(names.clone()).len(), 3, "{names:?}");
    assert_eq!(names[2], suite.person.id.to_string());

    // Wherever a name leaves: `pass` has compared ID token and userinfo.
    let (access, refresh) = (tokens.answer.text("access_token"), tokens.answer.text("refresh_token"));
    assert_eq!(claims(access)["sub"], json!(name));
    assert_eq!(own.introspect(access).await.body["sub"], json!(name));
    assert_eq!(own.introspect(refresh).await.body["sub"], json!(name));
    let refreshed = own.refresh(refresh).await;
    assert_eq!(claims(refreshed.text("id_token"))["sub"], json!(name));
    let sessions =
        karat.store.sessions_of(suite.person.id, suite.app.clock_now(), Timestamp::from_unix(0)).await.unwrap();
    let session_id = sessions[0].id;
    let (client_id, user_id) = (own.client.id.clone(), suite.person.id);
    let notice = LogoutNotice { client_id: client_id.clone(), user_id, session_id };
    let (_, token) = karat.logout_token(&notice).await.unwrap().unwrap();
    assert_eq!(claims(&token)["sub"], json!(name));
    for kind in [SecurityEventKind::ClaimsChanged, SecurityEventKind::SessionRevoked] {
        let event = SecurityEvent { client_id: client_id.clone(), user_id, kind };
        let (_, token) = karat.security_event_token(&event).await.unwrap().unwrap();
        assert_eq!(claims(&token)["sub_id"]["sub"], json!(name));
    }
    let everything = [tokens.answer.body.to_string(), refreshed.body.to_string(), tokens.userinfo.to_string()].concat();
    assert!(!everything.contains(&suite.person.id.to_string()), "{everything}");
}

/// By the session that they share, apps of two sectors would see that they have the same person before them.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_another_name_in_each_sector_wherever_one_leaves() {
    let suite = Suite::start(Mode::Query).await;
    let karat = &suite.app.karat;
    let own = suite.register(pairwise("own", "own.test")).await;
    let sister = suite.register(pairwise("sister", "own.test")).await;
    let other = suite.register(pairwise("other", "other.test")).await;
    let public = suite.client().await;
    let browser = suite.browser();
    let offline = [("scope", "openid offline_access"), ("prompt", "consent")];
    let mut told = Vec::new();
    for rp in [&own, &sister, &other, &public] {
        told.push(suite.pass(rp, &browser, &offline).await);
    }
    let sids: Vec<_> = told.iter().map(|tokens| tokens.id_token["sid"].as_str().unwrap().to_owned()).collect();
    let sessions =
        karat.store.sessions_of(suite.person.id, suite.app.clock_now(), Timestamp::from_unix(0)).await.unwrap();
    let session = sessions[0].id;
    assert_eq!(sids[3], session.to_string(), "an app with public subjects");
    assert_eq!(sids[0], sids[1], "one sector, one name");
    assert_eq!(std::collections::BTreeSet::from([&sids[0], &sids[2], &sids[3]]).len(), 3, "{sids:?}");
    for ((rp, tokens), sid) in [&own, &sister, &other, &public].into_iter().zip(&told).zip(&sids) {
        let (access, refresh) = (tokens.answer.text("access_token"), tokens.answer.text("refresh_token"));
        assert_eq!(claims(access)["sid"], json!(sid));
        let introspected = rp.introspect(access).await;
        assert!(introspected.body.get("sid").is_none_or(|shown| shown == sid), "{introspected:?}");
        let refreshed = rp.refresh(refresh).await;
        assert_eq!(claims(refreshed.text("id_token"))["sid"], json!(sid));
        let (client_id, user_id) = (rp.client.id.clone(), suite.person.id);
        let notice = LogoutNotice { client_id: client_id.clone(), user_id, session_id: session };
        if let Some((_, token)) = karat.logout_token(&notice).await.unwrap() {
            assert_eq!(claims(&token)["sid"], json!(sid));
        }
        let event = SecurityEvent { client_id, user_id, kind: SecurityEventKind::SessionRevoked };
        if let Some((_, token)) = karat.security_event_token(&event).await.unwrap() {
            assert!(!claims(&token).to_string().contains(&session.to_string()));
        }
        if rp.client.id != public.client.id {
            let everything = [tokens.answer.body.to_string(), refreshed.body.to_string(), tokens.id_token.to_string()];
            assert!(!everything.concat().contains(&session.to_string()));
        }
    }
    // A hint of the other sector's name for the session proves that session at log-out; one of another session does not.
    let elsewhere = suite.pass(&other, &suite.browser(), &offline).await;
    let bye = |hint: &str, host: &str| {
        format!("/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2F{host}%2Fbye")
    };
    let asked = browser.get(&bye(elsewhere.answer.text("id_token"), "other.test")).await;
    assert_eq!(asked.path(), "/logout", "the person is asked: {}", asked.url);
    let page = browser.get(&bye(told[2].answer.text("id_token"), "other.test")).await;
    assert_eq!(page.url, "https://other.test/bye");
    assert!(
        karat.store.sessions_of(suite.person.id, suite.app.clock_now(), Timestamp::from_unix(0)).await.unwrap().len()
            == 1,
        "the other goes on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairwise_name_comes_back_as_a_hint_and_as_a_claim() {
    let suite = Suite::start(Mode::Query).await;
    let own = suite.register(pairwise("own", "own.test")).await;
    let other = suite.register(pairwise("other", "other.test")).await;
    let browser = suite.browser();
    let tokens = suite.pass(&own, &browser, &[]).await;
    let name = tokens.id_token["sub"].as_str().unwrap();
    let hint = tokens.answer.text("id_token");
    suite.ask(&own, &browser, &[("prompt", "none"), ("id_token_hint", hint)]).await.code();
    let wanted = |subject: &str| json!({ "id_token": { "sub": { "value": subject } } }).to_string();
    suite.ask(&own, &browser, &[("prompt", "none"), ("claims", &wanted(name))]).await.code();

    let others_name = suite.pass(&other, &browser, &[]).await.id_token["sub"].as_str().unwrap().to_owned();
    let stranger = suite.app.karat.subject(&own.client, karat::domain::ids::UserId::new(suite.app.karat.new_id()));
    let person = suite.person.id.to_string();
    for subject in [others_name.as_str(), &stranger, &person, "nobody"] {
        let reply = suite.ask(&own, &browser, &[("prompt", "none"), ("claims", &wanted(subject))]).await;
        assert_eq!(reply.parameters.get("error").map(String::as_str), Some("login_required"), "{subject}");
    }
    // The hint proves the session at log-out.
    let page = browser
        .get(&format!("/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fown.test%2Fbye"))
        .await;
    assert_eq!(page.url, "https://own.test/bye");
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_is_a_signed_jwt_for_those_who_registered_so() {
    let suite = Suite::start(Mode::Query).await;
    for alg in Algorithm::ALL {
        let id = format!("signed-{}", alg.as_str().to_lowercase());
        let rp = suite.register(Client { userinfo_alg: Some(alg), ..web_client(&id) }).await;
        let reply = suite.ask(&rp, &suite.browser(), &[("scope", "openid email")]).await;
        let tokens = rp.redeem(reply.code()).await;
        let told = rp.userinfo(tokens.text("access_token")).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert_eq!(told.headers["content-type"], "application/jwt");
        assert_eq!(told.headers["cache-control"], "no-store");
        let token = told.body.as_str().unwrap();
        let found = claims(token);
        assert_eq!(found["iss"], json!(suite.app.base));
        assert_eq!(found["aud"], json!(id));
        assert_eq!(found["sub"], claims(tokens.text("id_token"))["sub"]);
        assert_eq!(found["email"], json!(suite.person.email));
        let header = jsonwebtoken::decode_header(token).unwrap();
        assert_eq!(format!("{:?}", header.alg), alg.as_str());
        let key = checks::published_keys(&suite.app).await.find(header.kid.as_deref().unwrap()).cloned().unwrap();
        let mut expected = jsonwebtoken::Validation::new(header.alg);
        expected.required_spec_claims.clear();
        expected.validate_exp = false;
        expected.set_audience(&[&id]);
        let key = jsonwebtoken::DecodingKey::from_jwk(&key).unwrap();
        jsonwebtoken::decode::<Value>(token, &key, &expected).unwrap();
        // It is no ID token: as a hint it proves nothing.
        let reply = suite.ask(&rp, &suite.browser(), &[("prompt", "none"), ("id_token_hint", token)]).await;
        assert_eq!(reply.parameters.get("error").map(String::as_str), Some("invalid_request"));
    }
}
