//! How people see an app: its logo, uploaded and drawn anew, and the colour that the operator gave it.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use karat::domain::role::Role;

use super::desk;
use crate::support::app::web_client;
use crate::support::{Backends, Browser, RelyingParty, TestApp};

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let drawn = RgbImage::from_pixel(300, 200, Rgb([26, 86, 219]));
    DynamicImage::ImageRgb8(drawn).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn a_logo_is_uploaded_seen_and_removed(backends: Backends) {
    let app = TestApp::on(backends).await;
    app.add_client(&web_client("shop")).await;
    let cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    let (path, to) = ("/admin/clients/shop", "/admin/clients/shop/logo");
    let page = cara.open(path).await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_slice();
    let large = vec![0_u8; 300 << 10];
    for (name, upload) in
        [("nothing", b"".as_slice()), ("what could run scripts", svg), ("text", b"PNG"), ("much", &large)]
    {
        let told = cara.upload(&page, to, &[("logo", upload)]).await;
        assert_eq!(told.status, 422, "{name}: {}", told.text());
        assert!(told.body.contains("id=\"logo-error\""), "{name}: {}", told.text());
    }
    assert_eq!(cara.browser.get("/clients/shop/logo").await.status, 404);

    let saved = cara.upload(&page, to, &[("logo", &picture(ImageFormat::Jpeg))]).await;
    assert!(saved.text().contains("The app is saved."), "{}", saved.text());
    let shown = |body: &str| body.split("<img src=\"").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    let first = shown(&saved.body).expect("it is shown");
    assert!(first.starts_with("/clients/shop/logo?v="), "{first}");
    let kept = Browser::new(&app.base).get(&first).await;
    assert_eq!((kept.status.as_u16(), kept.header("content-type")), (200, "image/png"));

    // Another picture is at another address; and who looked at the first one does not take the second away.
    let another = cara.upload(&saved, to, &[("logo", &picture(ImageFormat::WebP))]).await;
    let same_pixels = shown(&another.body).unwrap();
    assert!(same_pixels.starts_with("/clients/shop/logo?v="));
    let late = cara.upload(&page, to, &[("logo", &picture(ImageFormat::Png))]).await;
    assert!(late.text().contains("it was changed meanwhile"), "{}", late.text());
    let gone = cara.press(&another, "/admin/clients/shop/logo/remove", &[]).await;
    assert!(shown(&gone.body).is_none() && gone.text().contains("The app is saved."), "{}", gone.text());
    assert_eq!(cara.browser.get("/clients/shop/logo").await.status, 404);
    let log = desk(&app, "adele@example.com", &[Role::Auditor]).await.open("/admin/audit?about=client%3Ashop").await;
    assert!(log.body.matches("clients.change").count() >= 3, "{}", log.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_uploaded_seen_and_removed_on_sqlite() {
    a_logo_is_uploaded_seen_and_removed(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_uploaded_seen_and_removed_on_postgres() {
    a_logo_is_uploaded_seen_and_removed(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_has_its_colour_on_the_pages_of_its_log_ins_and_nowhere_else() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, web_client("shop")).await;
    let cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    let edit = "/admin/clients/shop/edit";
    let form = cara.open(edit).await;
    let wanted = |colour: &'static str| {
        let uri = rp.redirect_uri().to_owned();
        [
            ("client_name", "Shop".to_owned()),
            ("redirect_uris", uri),
            ("scope", "openid".to_owned()),
            ("accent_color", colour.to_owned()),
        ]
    };
    let press = async |page, colour| {
        let typed = wanted(colour);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        cara.press(page, edit, &typed).await
    };
    for wrong in ["blue", "#12345", "#123456;}body{display:none", "url(https://evil.test)"] {
        let told = press(&form, wrong).await;
        assert_eq!(told.status, 422, "{wrong}");
        assert!(told.body.contains("id=\"accent_color-error\""), "{wrong}: {}", told.text());
    }
    let saved = press(&form, "#FFE600").await;
    assert!(saved.text().contains("The app is saved.") && saved.body.contains("#ffe600"), "{}", saved.text());

    let link = "<link rel=\"stylesheet\" href=\"/accents/ffe600.css\">";
    let person = Browser::new(&app.base);
    let log_in = person.get(&rp.authorize_path(&[])).await;
    assert!(
        log_in.body.contains(link) && log_in.body.contains("tabindex=\"-1\" class=\"accented\""),
        "{}",
        log_in.body
    );
    assert!(log_in.header("content-security-policy").contains("style-src 'self'"), "no exception is made");
    assert!(!log_in.body.contains(" style="));
    let style = person.get("/accents/ffe600.css").await;
    assert_eq!((style.status.as_u16(), style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(style.body.contains("--press-ink:") && style.body.contains("prefers-color-scheme: dark"), "{}", style.body);
    for page in ["/login", "/register"] {
        assert!(!Browser::new(&app.base).get(page).await.body.contains("/accents/"), "{page}");
    }
    for none in
        ["/accents/FFE600.css", "/accents/ffe60.css", "/accents/ffe600", "/accents/..%2fx.css", "/accents/blue.css"]
    {
        assert_eq!(person.get(none).await.status, 404, "{none}");
    }
}
