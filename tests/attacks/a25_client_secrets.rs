//! Client secrets: malformed headers are refused like wrong ones, and no answer or pause tells how near a guess was
//! (RFC 6749 section 2.3.1).

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::common::raw;
use crate::support::app::{SECRET, native_client, service_client, web_client};
use crate::support::relying_party::{Answer, answer};
use crate::support::{RelyingParty, TestApp};
use crate::timing::assert_indistinguishable;

const FIELDS: [(&str, &str); 1] = [("grant_type", "client_credentials")];

async fn with_header(rp: &RelyingParty<'_>, value: &[u8]) -> Answer {
    answer(rp.http().post(rp.app.url("/token")).header("authorization", value).form(&FIELDS)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_basic_header_is_a_failed_authentication_and_no_fault() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let basic = |text: &[u8]| [b"Basic ", STANDARD.encode(text).as_bytes()].concat();
    let right = format!("bot:{SECRET}");
    let mut attacks: Vec<Vec<u8>> = vec![
        b"Basic".to_vec(),
        b"Basic ".to_vec(),
        b"Basic !!!!".to_vec(),
        b"Basic Ym90".to_vec(),
        b"Basic \xff\xfe".to_vec(),
        b"Bearer abc".to_vec(),
        b"Digest username=bot".to_vec(),
        [b"Basic:", STANDARD.encode(&right).as_bytes()].concat(),
        [b"BasicX ", STANDARD.encode(&right).as_bytes()].concat(),
        [b"Basic ", STANDARD.encode(&right).as_bytes(), b" x"].concat(),
        [b"Basic ", right.as_bytes()].concat(),
        basic(b"bot"),
        basic(b":"),
        basic(b"bot:"),
        basic(b":secret"),
        basic(b"bot:%zz"),
        basic(b"bot:%"),
        basic(b"bot:%f"),
        basic(b"bot:%ff%fe"),
        basic(b"bot:\xff\xfe"),
        basic(b"bot:\0"),
        basic(b"bot%00:x"),
        basic(b"bot:a:b:c:d"),
        basic(b"nobody:x"),
        basic(format!("bot:{SECRET}\0").as_bytes()),
        basic(format!("bot:{SECRET}:x").as_bytes()),
        basic(format!("bot:{}", &SECRET[..SECRET.len() - 1]).as_bytes()),
        basic(format!("bot: {SECRET}").as_bytes()),
        basic(format!("bot:{}", SECRET.to_uppercase()).as_bytes()),
        basic(format!("BOT:{SECRET}").as_bytes()),
    ];
    attacks.push(basic("x".repeat(8_000).as_bytes()));
    for attack in attacks {
        let refused = with_header(&rp, &attack).await;
        assert_eq!(
            (refused.status, refused.error()),
            (401, "invalid_client"),
            "{:?}",
            String::from_utf8_lossy(&attack)
        );
        assert_eq!(refused.headers["www-authenticate"], "Basic realm=\"karat\"");
        assert_eq!(refused.headers["cache-control"], "no-store");
    }
    assert_eq!(with_header(&rp, &basic(right.as_bytes())).await.status, 200);
    let lower = [b"basic ", STANDARD.encode(&right).as_bytes()].concat();
    assert_eq!(with_header(&rp, &lower).await.status, 200, "scheme names have no case");
    let encoded = format!("b%6ft:{}", SECRET.replace('-', "%2D"));
    assert_eq!(with_header(&rp, &basic(encoded.as_bytes())).await.status, 200, "form-encoded parts are decoded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_of_64_kilobytes_is_refused_and_the_server_goes_on() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    for size in [16 * 1024, 48 * 1024, 64 * 1024, 200 * 1024] {
        let head = format!(
            "POST /token HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            app.host()
        );
        let request = format!(
            "{head}Authorization: Basic {}\r\nContent-Length: 29\r\nConnection: close\r\n\r\ngrant_type=client_credentials",
            "A".repeat(size)
        );
        let refused = raw(&app, request.as_bytes()).await;
        assert!([0, 400, 401, 413, 431].contains(&refused.status), "{size}: {}", refused.text);
    }
    assert_eq!(rp.post("/token", &FIELDS).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_registered_method_authenticates_and_only_one_at_a_time() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    RelyingParty::register(&app, native_client("wallet")).await;
    let post = |fields: &[(&str, &str)]| rp.http().post(app.url("/token")).form(&[&FIELDS[..], fields].concat());
    for (request, status, error) in [
        (post(&[("client_id", "bot"), ("client_secret", SECRET)]), 401, "invalid_client"),
        (post(&[("client_id", "bot")]), 401, "invalid_client"),
        (post(&[]), 401, "invalid_client"),
        (
            post(&[("client_id", "bot"), ("client_secret", SECRET)]).basic_auth("bot", Some(SECRET)),
            400,
            "invalid_request",
        ),
        (post(&[("client_id", "wallet")]).basic_auth("bot", Some(SECRET)), 400, "invalid_request"),
        (post(&[("client_id", "wallet"), ("client_secret", SECRET)]), 401, "invalid_client"),
        (post(&[]).basic_auth("wallet", Some("")), 401, "invalid_client"),
        (post(&[]).basic_auth("bot", None::<&str>), 401, "invalid_client"),
        (post(&[]).basic_auth("bot", Some(SECRET)).header("authorization", "Basic AAAA"), 400, "invalid_request"),
        (post(&[("client_assertion", "e30.e30."), ("client_assertion_type", "x")]), 401, "invalid_client"),
        (post(&[("client_assertion", "e30.e30.")]).basic_auth("bot", Some(SECRET)), 400, "invalid_request"),
        (rp.http().post(app.url("/token?client_id=bot&client_secret=x")).form(&FIELDS), 401, "invalid_client"),
        (
            post(&[("client_id", "bot")])
                .header("x-client-cert", "anything")
                .header("x-forwarded-client-cert", "Subject=CN=bot"),
            401,
            "invalid_client",
        ),
    ] {
        let refused = answer(request).await;
        assert_eq!((refused.status, refused.error()), (status, error), "{refused:?}");
    }
    assert_eq!(rp.post("/token", &FIELDS).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_query_is_never_taken() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(
        &app,
        karat::domain::client::Client {
            authentication: karat::domain::client::ClientAuthentication::ClientSecretPost {
                secret: vec![karat::domain::client::SecretHash(karat::flow::client_auth::hash_secret(SECRET))],
            },
            ..service_client("bot", "trade:read")
        },
    )
    .await;
    let query = format!("/token?client_id=bot&client_secret={SECRET}&grant_type=client_credentials");
    let refused = answer(rp.http().post(app.url(&query)).form(&FIELDS)).await;
    assert_eq!((refused.status, refused.error()), (401, "invalid_client"), "{refused:?}");
    assert_eq!(rp.post("/token", &FIELDS).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_refusal_does_not_tell_how_much_of_a_secret_was_right() {
    let app = TestApp::start_with(
        crate::support::Backends::SqliteAndMemory,
        "[throttle]\nclient_failures_per_address = \"100000 per 5m\"\n",
    )
    .await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let near = format!("{}X", &SECRET[..SECRET.len() - 1]);
    let far = format!("X{}", &SECRET[1..]);
    assert_indistinguishable("a nearly right and a wholly wrong secret", 100, async |second| {
        let secret = if second { &near } else { &far };
        let request = rp.http().post(app.url("/token")).basic_auth("app", Some(secret)).form(&FIELDS);
        let started = Instant::now();
        let refused = answer(request).await;
        assert_eq!(refused.status, 401);
        started.elapsed()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_limit_no_secret_is_looked_at_and_other_clients_go_on() {
    let app = TestApp::start_with(
        crate::support::Backends::SqliteAndMemory,
        "[throttle]\nclient_failures_per_address = \"3 per 5m\"\n",
    )
    .await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let other = RelyingParty::register(&app, service_client("other", "trade:read")).await;
    let guess = |secret| answer(rp.http().post(app.url("/token")).basic_auth("bot", Some(secret)).form(&FIELDS));
    for _ in 0..3 {
        assert_eq!(guess("wrong").await.error(), "invalid_client");
    }
    for secret in ["wrong", SECRET] {
        let refused = guess(secret).await;
        assert_eq!((refused.status, refused.error()), (503, "temporarily_unavailable"), "{secret}");
    }
    assert_eq!(other.post("/token", &FIELDS).await.status, 200);
}
