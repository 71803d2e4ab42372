//! Apps in the console: the guided form, the secret shown once, and the test of a log-in.

use karat::domain::client::{ClientAuthentication, ConsentRule};
use karat::domain::redirect_uri::ApplicationType;
use karat::domain::role::Role;
use karat::flow::admin::Authority;
use karat::flow::clients::metadata::secrets;

use super::desk;
use crate::support::registering::{OPEN, Registered, metadata, register_with};
use crate::support::{Backends, Page, TestApp};

const NEW: &str = "/admin/clients/new";
const URI: &str = "https://shop.test/callback";

fn secret_of(page: &Page) -> String {
    let rest = page.body.split("id=\"client-secret\"").nth(1).expect("a secret is shown");
    rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
}

async fn an_app_is_registered_tested_rotated_and_removed(backends: Backends) {
    let app = TestApp::on(backends).await;
    let cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    let kinds = cara.open(NEW).await;
    for kind in ["web", "single_page", "native", "service"] {
        assert!(kinds.body.contains(&format!("id=\"kind-{kind}\"")), "{kind}");
    }
    let form = cara.open("/admin/clients/new?kind=web").await;
    let wrong = [
        ("client_id", "the shop"),
        ("client_name", "Shop"),
        ("redirect_uris", "http://shop.test/cb"),
        ("scope", "openid"),
    ];
    let page = cara.press(&form, NEW, &wrong).await;
    assert_eq!(page.status, 422);
    assert!(
        page.body.contains("id=\"client_id-error\"") && page.body.contains("id=\"redirect_uris-error\""),
        "{}",
        page.text()
    );
    assert!(page.body.contains("http://shop.test/cb"), "nothing typed is lost");
    assert!(app.karat.clients.find("shop").await.unwrap().is_none());

    let right = [
        ("client_id", "shop"),
        ("client_name", "Shop"),
        ("redirect_uris", "https://shop.test/callback\r\nhttps://beta.shop.test/callback"),
        ("scope", "openid  email"),
        ("consent", "first_party"),
        ("client_uri", "https://shop.test/"),
    ];
    let made = cara.press(&page, NEW, &right).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let secret = secret_of(&made);
    assert!(secret.len() > 40 && made.text().contains("openid-client"), "{}", made.text());
    let client = app.karat.clients.find("shop").await.unwrap().expect("it is registered");
    assert_eq!(
        (client.kind, client.require_pkce, client.consent),
        (ApplicationType::Web, true, ConsentRule::FirstParty)
    );
    assert_eq!(client.redirect_uris.len(), 2);
    assert!(!cara.open("/admin/clients/shop").await.body.contains(&secret), "once");
    let again = cara.press(&form, NEW, &right).await;
    assert!(again.text().contains("There is an app with this id already."), "{}", again.text());

    let page = cara.open("/admin/clients/shop").await;
    let tested = cara.press(&page, "/admin/clients/shop/test", &[("redirect_uri", URI)]).await;
    assert!(
        tested.text().contains("It would be let in.") && tested.body.contains("href=\"/authorize/"),
        "{}",
        tested.text()
    );
    let elsewhere = cara.press(&page, "/admin/clients/shop/test", &[("redirect_uri", "https://evil.test/")]).await;
    assert!(elsewhere.text().contains("It would be refused."), "{}", elsewhere.text());

    let rotated = cara.press(&page, "/admin/clients/shop/rotate", &[]).await;
    assert_ne!(secret_of(&rotated), secret);
    assert!(rotated.text().contains("2 secrets"), "{}", rotated.text());
    let client = app.karat.clients.find("shop").await.unwrap().unwrap();
    assert_eq!(secrets(&client).len(), 2);

    let form = cara.open("/admin/clients/shop/edit").await;
    let change = [("client_name", "The Shop"), ("redirect_uris", URI), ("scope", "openid"), ("consent", "always")];
    let saved = cara.press(&form, "/admin/clients/shop/edit", &change).await;
    assert!(saved.text().contains("The app is saved.") && saved.text().contains("The Shop"), "{}", saved.text());
    let client = app.karat.clients.find("shop").await.unwrap().unwrap();
    assert_eq!((client.redirect_uris.len(), secrets(&client).len(), client.consent), (1, 2, ConsentRule::Always));

    let off = cara.press(&saved, "/admin/clients/shop/disable", &[]).await;
    assert!(off.text().contains("switched off"), "{}", off.text());
    let gone = cara.press(&off, "/admin/clients/shop/remove", &[]).await;
    assert!(
        gone.text().contains("The app is removed") && !gone.body.contains("/admin/clients/shop"),
        "{}",
        gone.text()
    );
    let log = desk(&app, "adele@example.com", &[Role::Auditor]).await.open("/admin/audit?about=client%3Ashop").await;
    for act in ["clients.add", "clients.rotate_secret", "clients.change", "clients.remove"] {
        assert!(log.text().contains(act), "{act}: {}", log.text());
    }
    assert!(!log.body.contains(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_registered_tested_rotated_and_removed_on_sqlite() {
    an_app_is_registered_tested_rotated_and_removed(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_registered_tested_rotated_and_removed_on_postgres() {
    an_app_is_registered_tested_rotated_and_removed(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_app_gets_what_suits_it() {
    let app = TestApp::start().await;
    let olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let register = async |kind: &str, more: &[(&str, &str)]| {
        let form = olga.open(&format!("/admin/clients/new?kind={kind}")).await;
        let id = kind.replace('_', "-");
        let all = [&[("client_id", id.as_str()), ("client_name", "An app")], more].concat();
        let page = olga.press(&form, NEW, &all).await;
        (app.karat.clients.find(&id).await.unwrap().unwrap_or_else(|| panic!("{kind}: {}", page.text())), page)
    };
    let (spa, page) = register("single_page", &[("redirect_uris", URI), ("scope", "openid")]).await;
    assert_eq!(
        (spa.kind, spa.authentication.clone(), spa.require_pkce),
        (ApplicationType::Web, ClientAuthentication::None, true)
    );
    assert!(page.text().contains("oidc-client-ts") && !page.body.contains("id=\"secret\""), "{}", page.text());
    let (native, page) = register("native", &[("redirect_uris", "com.example.app:/cb"), ("scope", "openid")]).await;
    assert_eq!((native.kind, native.authentication.clone()), (ApplicationType::Native, ClientAuthentication::None));
    assert!(page.text().contains("AppAuth"), "{}", page.text());
    let (service, page) = register("service", &[("scope", "payments"), ("audience", "https://api.test")]).await;
    assert_eq!(
        (service.kind, service.audience.as_slice()),
        (ApplicationType::Service, ["https://api.test".to_owned()].as_slice())
    );
    assert!(page.body.contains("id=\"secret\"") && page.text().contains("grant_type=client_credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_an_app_the_second_sees_what_the_first_did() {
    let app = TestApp::start().await;
    let cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    let olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    app.add_client(&crate::support::app::web_client("shop")).await;
    let (path, page) = ("/admin/clients/shop/edit", "/admin/clients/shop");
    let (form, seen) = (cara.open(path).await, cara.open(page).await);
    let hers = [("client_name", "Olga's shop"), ("redirect_uris", URI), ("scope", "openid")];
    let saved = olga.press(&olga.open(path).await, path, &hers).await;
    assert!(saved.text().contains("The app is saved."), "{}", saved.text());
    let mine = [("client_name", "Cara's shop"), ("redirect_uris", URI), ("scope", "openid")];
    let told = cara.press(&form, path, &mine).await;
    assert_eq!(told.status, 409, "{}", told.text());
    assert!(told.text().contains("Olga's shop") && told.body.contains("Cara&#39;s shop"), "{}", told.body);
    let name = async || app.karat.store.client(&"shop".parse().unwrap()).await.unwrap().unwrap().name;
    assert_eq!(name().await, "Olga's shop", "not written over unseen");
    // Nor is the app that was looked at switched off, when it is another by now.
    let off = cara.press(&seen, "/admin/clients/shop/disable", &[]).await;
    assert!(off.text().contains("it was changed meanwhile"), "{}", off.text());
    assert!(app.karat.clients.find("shop").await.unwrap().is_some());
    // Who has seen both may.
    let saved = cara.press(&told, path, &mine).await;
    assert!(saved.text().contains("The app is saved."), "{}", saved.text());
    assert_eq!(name().await, "Cara's shop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_comes_back_after_the_passkey() {
    let app = TestApp::start().await;
    let mut cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    let form = cara.open("/admin/clients/new?kind=web").await;
    app.advance(11 * 60);
    let typed =
        [("client_id", "shop"), ("client_name", "My long typed name"), ("redirect_uris", URI), ("scope", "openid")];
    let asked = cara.press(&form, NEW, &typed).await;
    let back = cara.show_passkey(&app, &asked).await;
    assert_eq!(back.url, "/admin/clients/new?kind=web", "{}", back.text());
    assert!(back.body.contains("My long typed name") && back.body.contains(URI), "{}", back.text());
    // Nobody else finds it there.
    let other = desk(&app, "olga@example.com", &[Role::Owner]).await;
    assert!(!other.open("/admin/clients/new?kind=web").await.body.contains("My long typed name"));
    let made = cara.press(&back, NEW, &typed).await;
    assert!(made.body.contains("id=\"secret\""), "{}", made.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_refuse_is_said_in_the_language_of_the_page() {
    let app = TestApp::start().await;
    let cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    let page = cara.open("/admin/clients").await;
    cara.press(&page, "/language", &[("locale", "es")]).await;
    let long = "x".repeat(129);
    let wrong = [
        ("client_id", long.as_str()),
        ("client_name", "\u{202e}poh"),
        ("redirect_uris", "https://shop.test/cb http://shop.test/cb"),
        ("post_logout_redirect_uris", "https://*.test/"),
        ("backchannel_logout_uri", "http://127.0.0.1/"),
        ("scope", "a\"b"),
        ("client_uri", "javascript:alert(1)"),
        ("policy_uri", "ftp://shop.test/"),
        ("tos_uri", "shop"),
        ("accent_color", "red"),
    ];
    let form = cara.open("/admin/clients/new?kind=web").await;
    let told = cara.press(&form, NEW, &wrong).await;
    assert_eq!(told.status, 422);
    for (field, _) in wrong {
        assert!(told.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", told.text());
    }
    assert!(told.text().contains("Línea 2: "), "{}", told.text());
    for english in ["must", "Refused", "is not", "Rechazado"] {
        assert!(!told.text().contains(english), "{english}: {}", told.text());
    }
    let form = cara.open("/admin/clients/new?kind=service").await;
    let wrong = [("client_id", "pay"), ("client_name", "Pay"), ("scope", "openid"), ("audience", "a\u{e9}")];
    let told = cara.press(&form, NEW, &wrong).await;
    assert!(told.text().contains("Un servicio no actúa por ninguna persona"), "{}", told.text());
    assert!(told.body.contains("id=\"audience-error\""), "{}", told.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_registered_itself_is_marked_and_looked_after_as_every_app() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, OPEN).await;
    let own = Registered::made(&app, &metadata()).await;
    let cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    let list = cara.open("/admin/clients").await;
    assert!(list.text().contains("registered itself"), "{}", list.text());
    let path = format!("/admin/clients/{}", own.id);
    let page = cara.open(&path).await;
    assert!(page.body.contains("id=\"registered-itself\""), "{}", page.text());
    let rotated = cara.press(&page, &format!("{path}/rotate"), &[]).await;
    assert_ne!(secret_of(&rotated), own.secret);
    let form = cara.open(&format!("{path}/edit")).await;
    let change = [
        ("client_name", "Looked at"),
        ("redirect_uris", "https://app.test/cb"),
        ("scope", "openid"),
        ("consent", "always"),
    ];
    let saved = cara.press(&form, &format!("{path}/edit"), &change).await;
    assert!(saved.text().contains("The app is saved.") && saved.text().contains("Looked at"), "{}", saved.text());
    let off = cara.press(&saved, &format!("{path}/disable"), &[]).await;
    let gone = cara.press(&off, &format!("{path}/remove"), &[]).await;
    assert!(gone.text().contains("The app is removed"), "{}", gone.text());
    assert_eq!(own.read(&app).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_made_shown_once_and_withdrawn() {
    let invited = OPEN.replace("'open'", "'token'");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &invited).await;
    let cara = desk(&app, "cara@example.com", &[Role::ClientAdmin]).await;
    assert!(cara.open("/admin/clients").await.body.contains("href=\"/admin/invitations\""));
    let page = cara.open("/admin/invitations").await;
    let wrong = [("note", "Robots"), ("uses", "many"), ("days", "7")];
    let refused = cara.press(&page, "/admin/invitations/make", &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    let right = [("note", "Robots"), ("uses", "1"), ("days", "7")];
    let made = cara.press(&page, "/admin/invitations/make", &right).await;
    let rest = made.body.split("id=\"invitation-token\"").nth(1).expect("a token is shown");
    let token = rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned();
    let page = cara.open("/admin/invitations").await;
    assert!(page.text().contains("Robots") && !page.body.contains(&token), "{}", page.text());
    let registered = Registered::of(&register_with(&app, Some(&token), &metadata()).await);
    let page = cara.open("/admin/invitations").await;
    assert!(page.text().contains("over"), "{}", page.text());
    let known = app.karat.client_invitations(&Authority::operator()).await.unwrap();
    let gone = cara.press(&page, &format!("/admin/invitations/{}/withdraw", known[0].id), &[]).await;
    assert!(gone.text().contains("The invitation is withdrawn"), "{}", gone.text());
    assert!(!gone.text().contains("Robots"), "{}", gone.text());
    assert_eq!(registered.read(&app).await.status, 200, "who registered with it stays");
    assert_eq!(register_with(&app, Some(&token), &metadata()).await.status, 401);
}
