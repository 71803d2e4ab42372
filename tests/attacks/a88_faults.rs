//! What is malformed is the client's fault and told plainly; what fails on our side tells nothing of our inside and is
//! never skipped (OWASP ASVS 16.5).

use reqwest::Method;

use crate::common::{code_in, logged_in, own_client, raw};
use crate::person::{register, try_log_in};
use crate::support::app::service_client;
use crate::support::relying_party::answer;
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

/// What no answer may contain.
const INSIDE: &[&str] = &[
    "panicked",
    "backtrace",
    "src/",
    ".rs:",
    "sqlx",
    "SQLITE",
    "sqlite",
    "postgres",
    "PgDatabaseError",
    "SELECT ",
    "INSERT ",
    "redis",
    "tokio",
    "axum",
    "hyper",
    "RUST_",
    "/root",
    "/home",
    "/work",
    "thread '",
    "Error {",
    "called `",
];

fn assert_tells_nothing(text: &str, what: &str) {
    for sign in INSIDE {
        assert!(!text.contains(sign), "{what} tells {sign}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_and_tell_nothing_of_the_inside() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let form = "application/x-www-form-urlencoded";
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_claims = format!("/authorize?client_id=bot&claims={}", "%5B".repeat(5_000));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("application/json", br#"{"grant_type":"client_credentials"}"#.to_vec()),
        ("application/json", deep.into_bytes()),
        ("", b"grant_type=client_credentials".to_vec()),
        ("text/plain", b"grant_type=client_credentials".to_vec()),
        ("application/x-www-form-urlencoded; charset=utf-7", b"+ADw-script+AD4-".to_vec()),
        (form, b"grant_type=%ff%fe".to_vec()),
        (form, b"grant_type=\xff\xfe".to_vec()),
        (form, b"grant_type=%".to_vec()),
        (form, b"grant_type=%zz".to_vec()),
        (form, b"grant_type[]=client_credentials".to_vec()),
        (form, b"grant_type=client_credentials&grant_type=x".to_vec()),
        (form, b"=&=&=&&&&".to_vec()),
        (form, vec![0; 1_000]),
        (form, vec![b'&'; 60_000]),
        (form, b"a=b&".repeat(15_000)),
        (form, [b"scope=".to_vec(), b"a+".repeat(10_000)].concat()),
        (form, b"grant_type=client_credentials&scope=99999999999999999999999999999999".to_vec()),
    ];
    for path in ["/token", "/introspect", "/revoke"] {
        for (kind, body) in &bodies {
            let mut request =
                rp.http().post(app.url(path)).basic_auth("bot", Some(crate::support::app::SECRET)).body(body.clone());
            if !kind.is_empty() {
                request = request.header("content-type", *kind);
            }
            let refused = answer(request).await;
            let what = format!("{path} {kind} {}", String::from_utf8_lossy(&body[..body.len().min(40)]));
            assert!((400..500).contains(&refused.status), "{what}: {refused:?}");
            assert!(!refused.error().is_empty(), "{what}: an OAuth error: {refused:?}");
            assert!(refused.headers.contains_key("x-request-id"), "{what}");
            assert_tells_nothing(&refused.body.to_string(), &what);
        }
    }
    let browser = Browser::new(&app.base);
    for path in [
        "/authorize?client_id=%ff",
        "/authorize?%ff=%fe",
        "/authorize?client_id=bot&max_age=99999999999999999999",
        deep_claims.as_str(),
        "/authorize/%00",
        "/authorize/%ff",
        "/login?interaction=%ff",
        "/login?interaction=%00",
        "/logout?id_token_hint=%ff",
        "/register/confirm?token=%ff",
        "/register/confirm?token=%00",
        "/password/reset?token=%00",
        "/clients/%00/logo",
        "/clients/..%2f..%2fetc%2fpasswd/logo",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%2e%2e%2fconfig.toml",
        "/.git/config",
        "/config.toml",
        "/.env",
        "/administrator",
        "/debug",
        "/metrics",
        "/%00",
    ] {
        let page = browser.send(browser.request(Method::GET, path)).await;
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
        assert_tells_nothing(&page.body, path);
        assert!(page.body.contains("request-id"), "{path}: people can name it");
    }
    for method in ["TRACE", "CONNECT", "PROPFIND", "GETT", "get"] {
        let answer = raw(
            &app,
            format!("{method} /login HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", app.host()).as_bytes(),
        )
        .await;
        assert!([0, 400, 405, 421, 501].contains(&answer.status), "{method}: {}", answer.text);
        assert_tells_nothing(&answer.text, method);
    }
    assert_eq!(rp.post("/token", &[("grant_type", "client_credentials")]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_names_the_program_behind_it() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    for path in ["/login", "/nowhere", "/token", "/.well-known/openid-configuration"] {
        let page = browser.get(path).await;
        for name in ["server", "x-powered-by", "via", "x-runtime", "x-version"] {
            assert_eq!(page.header(name), "", "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_page_names_its_request_and_takes_no_name_from_outside() {
    let app = TestApp::start().await;
    let browser = Browser::new(&app.base);
    let page = browser.send(browser.request(Method::GET, "/nowhere").header("x-request-id", "<script>forged")).await;
    let id = page.header("x-request-id").to_owned();
    assert!(id.len() >= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    assert!(page.body.contains(&id) && !page.body.contains("forged"));
    assert_ne!(browser.get("/nowhere").await.header("x-request-id"), id);
}

/// Everything that would need the database says "later", grants nothing, and tells nothing.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_the_server_refuses_everything_and_afterwards_goes_on() {
    use sqlx::Executor;
    let app = TestApp::start_with(Backends::PostgresAndRedis, "").await;
    let person = app.person("dora@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let bot = RelyingParty::register(&app, service_client("bot", "trade:read")).await;
    let browser = logged_in(&rp, &person).await;
    let tokens = rp.tokens_in(&browser, &person, "openid offline_access").await;
    let code = code_in(&rp, &browser, "openid").await;
    let login = Browser::new(&app.base);
    let login_page = login.get("/login").await;
    let registering = Browser::new(&app.base);

    let name = app.database().url.rsplit('/').next().unwrap().to_owned();
    let server = crate::support::databases::postgres_url();
    let admin = async |statement: String| {
        use sqlx::{AssertSqlSafe, Connection, PgConnection};
        let mut connection = PgConnection::connect(&server).await.unwrap();
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    };
    admin(format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).await;
    admin(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;

    for (what, refused) in [
        ("a refresh", rp.refresh(tokens.text("refresh_token")).await),
        ("a code", rp.redeem(&code).await),
        ("introspection", rp.introspect(tokens.text("access_token")).await),
        ("revocation", rp.revoke(tokens.text("refresh_token")).await),
        ("userinfo", rp.userinfo(tokens.text("access_token")).await),
        (
            "a client unknown to the cache",
            answer(
                bot.http()
                    .post(app.url("/token"))
                    .basic_auth("other", Some("x"))
                    .form(&[("grant_type", "client_credentials")]),
            )
            .await,
        ),
    ] {
        assert!([500, 503].contains(&refused.status), "{what}: {refused:?}");
        assert_eq!(refused.body.get("active"), None, "{what}");
        assert!(refused.body.get("access_token").is_none() && refused.body.get("sub").is_none(), "{what}");
        assert_tells_nothing(&refused.body.to_string(), what);
    }
    let silent = browser.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert!(silent.status.is_server_error(), "{}: {}", silent.url, silent.text());
    let posted = login.submit_once(&login_page, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert!(posted.status.is_server_error() && login.cookie("karat_session").is_none());
    for page in [&silent, &posted] {
        assert_tells_nothing(&page.body, &page.url);
        assert!(page.body.contains("request-id"));
    }
    let registered = register(&registering, "new@example.com", PASSWORD).await;
    assert!(registered.status.is_server_error(), "{}", registered.status);
    let keys = rp.http().get(app.url("/jwks")).send().await.unwrap();
    assert_eq!(keys.status(), 200, "what needs no database is answered");

    admin(format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).await;
    let mut recovered = rp.refresh(tokens.text("refresh_token")).await;
    for _ in 0..20 {
        if recovered.status == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        recovered = rp.refresh(tokens.text("refresh_token")).await;
    }
    assert_eq!(recovered.status, 200, "{recovered:?}");
    try_log_in(&login, &person.email, PASSWORD).await;
    assert!(login.cookie("karat_session").is_some());
}

/// The throttle lives in the short-lived store: when it is away, guesses are not free.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_short_lived_store_the_server_lets_nobody_guess_or_in() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let redis: url::Url = crate::support::databases::redis_url().parse().unwrap();
    let target = format!("{}:{}", redis.host_str().unwrap(), redis.port().unwrap());
    let up = std::sync::Arc::new(AtomicBool::new(true));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let through = listener.local_addr().unwrap();
    let (is_up, switch) = (up.clone(), tokio::sync::watch::channel(()).0);
    let switch = std::sync::Arc::new(switch);
    let cut = switch.clone();
    tokio::spawn(async move {
        while let Ok((mut inside, _)) = listener.accept().await {
            if !is_up.load(Ordering::SeqCst) {
                continue;
            }
            let (target, mut cut) = (target.clone(), cut.subscribe());
            tokio::spawn(async move {
                let Ok(mut outside) = tokio::net::TcpStream::connect(target).await else { return };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut inside, &mut outside) => {}
                    _ = cut.changed() => {}
                }
            });
        }
    });
    let app = TestApp::start_on_redis(&format!("redis://{through}/0")).await;
    let person = app.person("dora@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let code = code_in(&rp, &browser, "openid").await;
    let login = Browser::new(&app.base);
    let page = login.get("/login").await;

    up.store(false, Ordering::SeqCst);
    switch.send_replace(());
    for password in [PASSWORD, "wrong password 77"] {
        let posted = login.submit_once(&page, &[("email", &person.email), ("password", password)]).await;
        assert!(posted.status.is_server_error(), "{}: {}", posted.status, posted.text());
        assert_eq!(login.cookie("karat_session"), None);
        assert_tells_nothing(&posted.body, "log-in");
    }
    let redeemed = rp.redeem(&code).await;
    assert!(redeemed.status >= 500 && redeemed.body.get("access_token").is_none(), "{redeemed:?}");
    assert_tells_nothing(&redeemed.body.to_string(), "a code");
    let wrong_secret = answer(
        rp.http()
            .post(app.url("/token"))
            .basic_auth("app", Some("wrong"))
            .form(&[("grant_type", "client_credentials")]),
    )
    .await;
    assert!([401, 500, 503].contains(&wrong_secret.status), "{wrong_secret:?}");
    let started = browser.get(&rp.authorize_path(&[])).await;
    assert!(started.param("code").is_none() && !started.url.contains("code="), "{}", started.url);

    up.store(true, Ordering::SeqCst);
    let mut back = 0;
    for _ in 0..40 {
        let posted = login.submit_once(&page, &[("email", &person.email), ("password", PASSWORD)]).await;
        back = posted.status.as_u16();
        if back == 303 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    assert_eq!(back, 303, "afterwards all is well");
}
