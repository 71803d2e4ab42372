//! Names, links and pictures of apps that nobody looked at: shown escaped, by https only, and never fetched by the person's browser.

use serde_json::json;

use crate::support::registering::{OPEN, Registered, metadata_with, register};
use crate::support::{Backends, Browser, PASSWORD, Publisher, TestApp};

const LINKS: [&str; 3] = ["client_uri", "policy_uri", "tos_uri"];

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_text_and_nothing_else() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, OPEN).await;
    let person = app.person("erika@example.com").await;
    for name in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'; alert(1); //",
        "{{ 7*7 }}{% raw %}",
        "&lt;b&gt;",
        "Ünïcödé Börse",
        "取引所",
    ] {
        let own = Registered::made(&app, &metadata_with(json!({ "client_name": name }))).await;
        let rp = own.party(&app).await;
        let browser = Browser::new(&app.base);
        let login = browser.get(&rp.authorize_path(&[])).await;
        let consent = browser.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
        assert_eq!((login.path(), consent.path()), ("/login", "/consent"), "{name}");
        for page in [&login, &consent] {
            assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{name}: {}", page.body);
            assert!(page.text().contains(name), "{name}: {}", page.text());
            assert!(!page.body.contains(">49<"), "{name}");
        }
    }
    for name in [
        "\u{202e}gnp.evil",
        "Karat\u{200b}",
        "Ka\u{00ad}rat",
        "\u{2066}Karat\u{2069}",
        "Karat\u{200d}",
        "\u{feff}Karat",
        "Ka\u{e0041}rat",
        "two\nlines",
        "a\u{0}b",
        " Karat ",
        "",
        &"x".repeat(65),
        &"x".repeat(10_000),
    ] {
        let found = register(&app, &metadata_with(json!({ "client_name": name }))).await;
        assert_eq!((found.status, found.error()), (400, "invalid_client_metadata"), "{name:?}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_https_and_nothing_else() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, OPEN).await;
    for link in LINKS {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "http://app.test/",
            "http://localhost/",
            "//app.test/",
            "/relative",
            "https://user:password@app.test/",
            "https://app.test/\"onmouseover=\"alert(1)",
            "https://app.test/\n",
            "https://",
            &format!("https://app.test/{}", "x".repeat(3_000)),
        ] {
            let found = register(&app, &metadata_with(json!({ link: bad }))).await;
            assert_eq!((found.status, found.error()), (400, "invalid_client_metadata"), "{link} {bad}: {found:?}");
        }
        let good = metadata_with(json!({ link: "https://app.test/path?a=b&c=%3Cx%3E" }));
        let rp = Registered::made(&app, &good).await.party(&app).await;
        let page = Browser::new(&app.base).get(&rp.authorize_path(&[])).await;
        assert!(!page.body.contains("javascript:"), "{}", page.body);
    }
}

fn picture(format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(300, 200).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The picture is fetched once, at the registration, and written anew: nobody's browser asks the app's host for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_fetched_once_and_served_by_us_without_anything_that_hid_in_it() {
    let host = Publisher::start_tls("logos").await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &format!("{OPEN}{}", host.section())).await;
    let mut hiding = picture(image::ImageFormat::Jpeg);
    hiding.extend_from_slice(b"<script>alert(1)</script>");
    let url = host.publish("/logo.jpg", hiding);
    let own = Registered::made(&app, &metadata_with(json!({ "logo_uri": url }))).await;
    let ours = own.told["logo_uri"].as_str().unwrap().to_owned();
    assert!(ours.starts_with(&app.url(&format!("/clients/{}/logo?v=", own.id))), "{ours}");
    let rp = own.party(&app).await;
    let person = app.person("erika@example.com").await;
    let browser = Browser::new(&app.base);
    for _ in 0..3 {
        let page = browser.get(&rp.authorize_path(&[("prompt", "login")])).await;
        assert!(!page.body.contains(&host.target()), "{}", page.body);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("img-src 'self'") && !policy.contains("localhost:"), "{policy}");
    }
    rp.tokens(&person, "openid").await;
    let http = crate::support::browser::http();
    let served = http.get(&ours).send().await.unwrap();
    assert_eq!(served.headers()["content-type"], "image/png");
    assert_eq!(served.headers()["x-content-type-options"], "nosniff");
    let bytes = served.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && !bytes.windows(7).any(|window| window == b"<script"));
    assert_eq!(host.asked(), ["/logo.jpg"]);

    // Repeating our own address keeps it; leaving it out takes it away; another app's is not to be had.
    let kept = Registered::of(&own.change(&app, &metadata_with(json!({ "logo_uri": ours }))).await);
    assert_eq!(kept.told["logo_uri"], json!(ours));
    assert_eq!(host.asked().len(), 1);
    let other = Registered::made(&app, &metadata_with(json!({}))).await;
    assert_eq!(other.change(&app, &metadata_with(json!({ "logo_uri": ours }))).await.status, 400);
    let without = Registered::of(&kept.change(&app, &metadata_with(json!({}))).await);
    assert!(without.told.get("logo_uri").is_none());
    assert_eq!(http.get(&ours).send().await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_no_logo() {
    let host = Publisher::start_tls("no-logos").await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &format!("{OPEN}{}", host.section())).await;
    let good = picture(image::ImageFormat::Png);
    let mut vast = good.clone();
    vast[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    for (path, body) in [
        ("/script.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec()),
        ("/still.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
        ("/page.png", b"<html><script>alert(1)</script>".to_vec()),
        ("/half.png", good[..good.len() / 2].to_vec()),
        ("/vast.png", vast),
        ("/empty.png", Vec::new()),
        ("/long.png", [good.as_slice(), &vec![0; 300 << 10]].concat()),
    ] {
        let url = host.publish(path, body);
        let found = register(&app, &metadata_with(json!({ "logo_uri": url }))).await;
        assert_eq!((found.status, found.error()), (400, "invalid_client_metadata"), "{path}: {found:?}");
    }
    for bad in ["data:image/png;base64,AAAA", "javascript:alert(1)", "http://app.test/logo.png", "/logo.png"] {
        let found = register(&app, &metadata_with(json!({ "logo_uri": bad }))).await;
        assert_eq!((found.status, found.error()), (400, "invalid_client_metadata"), "{bad}: {found:?}");
    }
    let url = host.publish("/good.png", good);
    assert_eq!(register(&app, &metadata_with(json!({ "logo_uri": url }))).await.status, 201);
}
