//! The demo apps alone, against a provider that does what it should and one that does not: what an app must refuse.

use karat::crypto::clock::Clock;
use karat::demo::trading::{self, TradingSettings};
use karat::demo::wallet::{self, WalletSettings};
use karat::demo::{self, Running};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::fake_provider::FakeProvider;
use crate::visitor::{Page, Visitor};

struct Scene {
    provider: FakeProvider,
    app: String,
    visitor: Visitor,
    _running: Running,
}

impl Scene {
    async fn trading() -> anyhow::Result<Self> {
        let provider = FakeProvider::start().await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let app = format!("http://localhost:{}", listener.local_addr()?.port());
        let running = trading::start(TradingSettings {
            listener,
            base_url: app.parse()?,
            issuer: provider.issuer().to_owned(),
            client_id: "trading".to_owned(),
            client_secret: "s3cret".to_owned(),
            clock: Clock::system(),
        })?;
        Ok(Self { provider, app, visitor: Visitor::new()?, _running: running })
    }

    async fn wallet() -> anyhow::Result<Self> {
        let provider = FakeProvider::start().await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let app = format!("http://localhost:{}", listener.local_addr()?.port());
        let running = wallet::start(WalletSettings {
            listener,
            base_url: app.parse()?,
            issuer: provider.issuer().to_owned(),
            client_id: "wallet".to_owned(),
            clock: Clock::system(),
        })?;
        Ok(Self { provider, app, visitor: Visitor::new()?, _running: running })
    }

    async fn get(&mut self, path: &str) -> anyhow::Result<Page> {
        let url = format!("{}{path}", self.app);
        self.visitor.get(&url).await
    }

    async fn post(&mut self, path: &str) -> anyhow::Result<Page> {
        let url = format!("{}{path}", self.app);
        self.visitor.post(&url, &[]).await
    }

    async fn log_out_by_provider(&mut self, token: &str) -> anyhow::Result<StatusCode> {
        let url = format!("{}{}", self.app, demo::BACKCHANNEL_LOGOUT_PATH);
        Ok(Visitor::new()?.post(&url, &[("logout_token", token)]).await?.status)
    }

    async fn push_event(&self, kind: &str, token: String) -> anyhow::Result<u16> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answer = client.post(format!("{}{}", self.app, demo::EVENTS_PATH)).header("content-type", kind);
        Ok(answer.body(token).send().await?.status().as_u16())
    }

    async fn is_signed_in(&mut self) -> anyhow::Result<bool> {
        Ok(self.get("/").await?.body.contains(r#"id="person-sub""#))
    }
}

fn now() -> i64 {
    Clock::system().now().unix()
}

#[tokio::test]
async fn a_person_logs_in_asks_userinfo_refreshes_and_logs_out() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    assert!(scene.get("/").await?.body.contains("Log in with Karat"));

    let page = scene.get("/login").await?;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/"));
    assert!(page.body.contains("person-1") && page.body.contains("urn:karat:acr:pwd"));
    let page = scene.post("/userinfo").await?;
    assert!(page.body.contains("theo@example.com") && page.body.contains("Good to see you"));
    assert!(page.body.contains("kyc_level"), "claims beyond the standard ones are shown too");
    let page = scene.post("/refresh").await?;
    assert!(page.body.contains(r#"id="done-notice""#), "{}", page.body);
    let page = scene.post("/logout").await?;
    assert!(page.body.contains(r#"id="logged-out-notice""#));

    scene.provider.memory(|memory| {
        let request = &memory.authorization_requests[0];
        assert_eq!(request["response_type"], "code");
        assert_eq!(request["code_challenge_method"], "S256");
        assert_eq!(request["scope"], "openid profile email phone address offline_access");
        let [code, refresh] = &memory.token_requests[..] else { panic!("two token requests") };
        assert!(code["code_verifier"].len() >= 43);
        assert_eq!(refresh["refresh_token"], "refresh-1");
        assert!(memory.token_authorizations.iter().all(Option::is_some), "client_secret_basic every time");
    });
    Ok(())
}

#[tokio::test]
async fn the_wallet_is_a_public_client_with_pkce() -> anyhow::Result<()> {
    let mut scene = Scene::wallet().await?;
    scene.get("/login").await?;
    assert!(scene.is_signed_in().await?);
    scene.provider.memory(|memory| {
        assert_eq!(memory.token_authorizations, [None]);
        assert_eq!(memory.token_requests[0]["client_id"], "wallet");
        assert!(!memory.token_requests[0].contains_key("client_secret"));
        assert!(memory.token_requests[0].contains_key("code_verifier"));
    });
    Ok(())
}

#[tokio::test]
async fn an_id_token_that_is_wrong_in_one_claim_logs_nobody_in() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    let wrong = [
        json!({ "iss": "http://localhost:1" }),
        json!({ "aud": "wallet" }),
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "exp": now() - 300 }),
        json!({ "iat": now() + 3600 }),
        json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
    ];
    for twist in wrong {
        scene.provider.memory(|memory| memory.id_token_twist = twist.clone());
        let page = scene.get("/login").await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{twist}");
        assert!(page.body.contains(r#"id="problem-notice""#));
        assert!(!scene.is_signed_in().await?, "{twist}");
    }
    scene.provider.memory(|memory| memory.id_token_twist = Value::Null);
    scene.get("/login").await?;
    assert!(scene.is_signed_in().await?);
    Ok(())
}

#[tokio::test]
async fn with_max_age_an_old_log_in_is_refused() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    let page = scene.get("/login?max_age=300").await?;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.provider.memory(|memory| memory.authorization_requests[0]["max_age"].clone()), "300");
    scene.provider.memory(|memory| memory.id_token_twist = json!({ "auth_time": now() - 10 }));
    scene.get("/login?max_age=300").await?;
    assert!(scene.is_signed_in().await?);
    Ok(())
}

#[tokio::test]
async fn an_answer_of_another_issuer_or_of_none_is_refused() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    for answering in ["https://attacker.example", ""] {
        scene.provider.memory(|memory| memory.answering_issuer = Some(answering.to_owned()));
        assert_eq!(scene.get("/login").await?.status, StatusCode::BAD_REQUEST, "iss={answering}");
        assert!(!scene.is_signed_in().await?);
    }
    assert_eq!(scene.provider.memory(|memory| memory.token_requests.len()), 0, "the code is not even redeemed");
    Ok(())
}

#[tokio::test]
async fn an_answer_counts_only_in_the_browser_that_asked_and_only_once() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    let login = format!("{}/login", scene.app);
    let (_, headers) = scene.visitor.peek(&login).await?;
    let (_, headers) = scene.visitor.peek(headers["location"].to_str()?).await?;
    let answer = headers["location"].to_str()?.to_owned();

    let mut victim = Visitor::new()?;
    assert_eq!(victim.get(&answer).await?.status, StatusCode::BAD_REQUEST, "log-in CSRF");
    victim.get(&login).await?;
    assert_eq!(victim.get(&answer).await?.status, StatusCode::BAD_REQUEST, "though the victim has a session");

    assert_eq!(scene.visitor.get(&answer).await?.status, StatusCode::OK);
    assert!(scene.is_signed_in().await?);
    assert_eq!(scene.visitor.get(&answer).await?.status, StatusCode::BAD_REQUEST, "used already");
    Ok(())
}

#[tokio::test]
async fn logging_in_changes_the_session_cookie() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    let login = format!("{}/login", scene.app);
    let (_, headers) = scene.visitor.peek(&login).await?;
    let before = scene.visitor.cookie("trading_session").map(str::to_owned);
    assert!(before.is_some());
    let cookie = headers["set-cookie"].to_str()?;
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let to_provider = headers["location"].to_str()?.to_owned();
    scene.visitor.get(&to_provider).await?;
    assert!(scene.is_signed_in().await?);
    assert_ne!(scene.visitor.cookie("trading_session").map(str::to_owned), before);

    let mut planted = Visitor::new()?;
    planted.set_cookie("trading_session", &before.unwrap_or_default());
    assert!(!planted.get(&scene.app).await?.body.contains("person-sub"), "the old value is worth nothing");
    Ok(())
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_told_in_plain_words() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    scene.provider.memory(|memory| memory.refuse_with = Some("access_denied"));
    let page = scene.get("/login").await?;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/"));
    assert!(page.body.contains("You did not allow it") && page.body.contains("access_denied"));
    assert!(page.body.contains(r#"id="login""#), "and one can try again");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_and_found_again_later() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let app = format!("http://localhost:{}", listener.local_addr()?.port());
    let nobody = {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        format!("http://localhost:{}", taken.local_addr()?.port())
    };
    let _running = wallet::start(WalletSettings {
        listener,
        base_url: app.parse()?,
        issuer: nobody,
        client_id: "wallet".to_owned(),
        clock: Clock::system(),
    })?;
    let page = Visitor::new()?.get(&format!("{app}/login")).await?;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    assert!(page.body.contains("Karat cannot be reached at the moment"));
    Ok(())
}

#[tokio::test]
async fn the_provider_ends_a_session_by_back_channel() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    scene.get("/login").await?;
    let token = scene.provider.logout_token("trading", now(), json!({}));
    assert_eq!(scene.log_out_by_provider(&token).await?, StatusCode::OK);
    let page = scene.get("/").await?;
    assert!(page.body.contains(r#"id="signed-out-notice""#) && page.body.contains("You were logged out by Karat"));
    assert_eq!(scene.log_out_by_provider(&token).await?, StatusCode::BAD_REQUEST, "a replay");
    Ok(())
}

#[tokio::test]
async fn a_logout_token_may_name_the_person_or_the_session() -> anyhow::Result<()> {
    for twist in [json!({ "sid": null }), json!({ "sub": null })] {
        let mut scene = Scene::trading().await?;
        scene.get("/login").await?;
        let other = scene.provider.logout_token("trading", now(), json!({ "sid": "session-2" }));
        assert_eq!(scene.log_out_by_provider(&other).await?, StatusCode::OK);
        assert!(scene.is_signed_in().await?, "another session of the same person");
        let token = scene.provider.logout_token("trading", now(), twist.clone());
        assert_eq!(scene.log_out_by_provider(&token).await?, StatusCode::OK);
        assert!(!scene.is_signed_in().await?, "{twist}");
    }
    Ok(())
}

#[tokio::test]
async fn a_logout_token_that_is_wrong_in_one_point_ends_nothing() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    scene.get("/login").await?;
    let wrong = [
        json!({ "iss": "http://localhost:1" }),
        json!({ "aud": "wallet" }),
        json!({ "aud": null }),
        json!({ "iat": null }),
        json!({ "iat": now() - 3600 }),
        json!({ "iat": now() + 3600 }),
        json!({ "exp": now() - 300 }),
        json!({ "exp": null }),
        json!({ "jti": null }),
        json!({ "events": null }),
        json!({ "events": { "http://schemas.openid.net/event/other": {} } }),
        json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": true } }),
        json!({ "nonce": "n" }),
        json!({ "sub": null, "sid": null }),
    ];
    for twist in wrong {
        let token = scene.provider.logout_token("trading", now(), twist.clone());
        assert_eq!(scene.log_out_by_provider(&token).await?, StatusCode::BAD_REQUEST, "{twist}");
    }
    let right = scene.provider.logout_token("trading", now(), json!({}));
    let (signed, signature) = right.rsplit_once('.').unwrap_or_default();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{flipped}{}", &signature[1..]);
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", signed.split('.').nth(1).unwrap_or_default());
    for token in [forged.as_str(), unsigned.as_str(), signed, "", "a.b.c"] {
        assert_eq!(scene.log_out_by_provider(token).await?, StatusCode::BAD_REQUEST, "{token}");
    }
    let claims: Value = json!({ "iss": scene.provider.issuer(), "aud": "trading" });
    let id_token_in_disguise = scene.provider.sign("at+jwt", &claims);
    assert_eq!(scene.log_out_by_provider(&id_token_in_disguise).await?, StatusCode::BAD_REQUEST);
    assert!(scene.is_signed_in().await?, "after all of these");
    Ok(())
}

#[tokio::test]
async fn posts_from_other_pages_are_refused() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    scene.get("/login").await?;
    let cookie = format!("trading_session={}", scene.visitor.cookie("trading_session").unwrap_or_default());
    for origin in ["https://attacker.example", "http://localhost:1", "null"] {
        let answer = reqwest::Client::new()
            .post(format!("{}/logout", scene.app))
            .header("cookie", &cookie)
            .header("origin", origin)
            .send()
            .await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    assert!(scene.is_signed_in().await?);
    Ok(())
}

#[tokio::test]
async fn a_request_by_another_host_name_is_not_answered() -> anyhow::Result<()> {
    let scene = Scene::trading().await?;
    let answer = reqwest::Client::new().get(&scene.app).header("host", "rebound.example").send().await?;
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    Ok(())
}

#[tokio::test]
async fn new_keys_of_the_provider_are_fetched_when_a_token_names_one() -> anyhow::Result<()> {
    let mut scene = Scene::trading().await?;
    scene.get("/login").await?;
    scene.provider.rotate_key("key-2");
    // The app leaves a pause between two fetches; until then it refuses what it cannot check.
    assert_eq!(scene.get("/login").await?.status, StatusCode::BAD_REQUEST);
    tokio::time::sleep(std::time::Duration::from_millis(5200)).await;
    assert_eq!(scene.get("/login").await?.status, StatusCode::OK);
    assert!(scene.is_signed_in().await?);
    Ok(())
}

#[tokio::test]
async fn word_of_changed_rights_makes_the_app_ask_for_new_tokens() -> anyhow::Result<()> {
    let mut scene = Scene::wallet().await?;
    scene.get("/login").await?;
    let claims = json!({
        "iss": scene.provider.issuer(), "aud": "wallet", "iat": now(), "jti": "event-1",
        "sub_id": { "format": "iss_sub", "iss": scene.provider.issuer(), "sub": "person-1" },
        "events": { "https://schemas.openid.net/secevent/caep/event-type/token-claims-change": { "claims": { "kyc_level": 0 } } },
    });
    let changed = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let right = scene.provider.sign("secevent+jwt", &claims);
    let (signed, _) = right.rsplit_once('.').unwrap_or_default();
    let of_another_key = {
        let other = FakeProvider::start().await?;
        other.sign("secevent+jwt", &claims)
    };
    let wrong = [
        scene.provider.sign("logout+jwt", &claims),
        scene.provider.sign("secevent+jwt", &changed("iss", json!("https://attacker.example"))),
        scene.provider.sign("secevent+jwt", &changed("aud", json!("trading"))),
        scene.provider.sign("secevent+jwt", &changed("iat", json!(now() + 3600))),
        scene.provider.sign("secevent+jwt", &changed("sub_id", json!({ "format": "opaque", "id": "person-1" }))),
        of_another_key,
        format!("{signed}.AAAA"),
        "a.b.c".to_owned(),
    ];
    for token in wrong {
        assert_eq!(scene.push_event("application/secevent+jwt", token.clone()).await?, 400, "{token}");
    }
    assert_eq!(scene.push_event("text/plain", right.clone()).await?, 400);
    scene.get("/").await?;
    assert_eq!(scene.provider.memory(|memory| memory.token_requests.len()), 1, "none of these is believed");

    assert_eq!(scene.push_event("application/secevent+jwt", right).await?, 202);
    scene.get("/").await?;
    scene.get("/").await?;
    let requests = scene.provider.memory(|memory| memory.token_requests.clone());
    assert_eq!(
        requests.iter().map(|request| request["grant_type"].as_str()).collect::<Vec<_>>(),
        ["authorization_code", "refresh_token"]
    );
    Ok(())
}
