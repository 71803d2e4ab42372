//! Names and values from outside cannot become markup, turn the text around them, or flood the page (docs/attacks.md, 6).

use karat::pages::account::{AppRow, AppsPage, SessionRow, SessionsPage};
use karat::pages::consent::{ConsentPage, ConsentScope};
use karat::pages::errors::{ErrorKind, ErrorPage};
use karat::pages::form_post::FormPostPage;
use karat::pages::login::{LoginAs, LoginPage};
use karat::pages::mail::{NewDevice, PasswordChanged};
use karat::pages::{AppBadge, FieldErrors, Frame, Locale, Page};

use crate::html::Document;
use karat::pages::passkeys::{PasskeyQuestion, PasskeyRow, PasskeysPage};

use crate::samples::{self, NOW, renderer};

const SCRIPT: &str = "<script>alert(1)</script>";
const BREAKOUT: &str = "\"><img src=x onerror=alert(1)>'";
const TURNED: &str = "\u{202E}gnidarT murruA\u{2066}";

fn hostile_texts() -> Vec<String> {
    vec![
        SCRIPT.into(),
        BREAKOUT.into(),
        TURNED.into(),
        "{{ 7 * 7 }}{% raw %}".into(),
        "x".repeat(10_000),
        String::new(),
    ]
}

fn badge(text: &str) -> AppBadge {
    AppBadge {
        accent: None,
        name: text.into(),
        logo_url: Some(format!("javascript:{text}")),
        home_url: Some(format!("data:text/html,{text}")),
        policy_url: Some("javascript:alert(1)".into()),
        tos_url: Some("//evil.test/".into()),
        verified: false,
        host: text.into(),
    }
}

fn rendered(text: &str) -> Vec<String> {
    let renderer = renderer();
    let mut pages = Vec::new();
    for locale in Locale::ALL {
        let frame = Frame::new(locale, format!("/login?x={text}"))
            .with_csrf(text)
            .with_interaction(text)
            .signed_in_as(text)
            .with_app(badge(text));
        let mut put = |html: Result<String, _>| pages.push(html.expect("rendered"));
        put(renderer
            .render(&LoginPage { email: text.into(), ..samples::login(LoginAs::Anyone, FieldErrors::none()) }, &frame));
        put(renderer.render(
            &LoginPage { email: text.into(), ..samples::login(LoginAs::AgainForApp, FieldErrors::none()) },
            &frame,
        ));
        let passkey = PasskeyRow { name: text.into(), synced: true, attested: true, added_at: NOW, used_at: None };
        put(renderer.render(
            &PasskeysPage {
                now: NOW,
                passkeys: vec![passkey],
                question: Some(PasskeyQuestion { ticket: text.into(), options: text.into() }),
                name: text.into(),
                attestation_required: true,
                errors: FieldErrors::none(),
            },
            &frame,
        ));
        let scopes = vec![ConsentScope::asked(text), ConsentScope::granted_before(text)];
        put(renderer.render(&ConsentPage { email: text.into(), scopes }, &frame));
        let session = SessionRow {
            id: text.into(),
            device: Some(text.into()),
            place: text.into(),
            started_at: NOW,
            last_seen_at: NOW,
            current: false,
        };
        put(renderer.render(&SessionsPage { now: NOW, sessions: vec![session] }, &frame));
        let app = AppRow {
            client_id: text.into(),
            name: text.into(),
            logo_url: Some(text.into()),
            home_url: Some("javascript:alert(1)".into()),
            verified: false,
            scopes: vec![text.into()],
            since: NOW,
            last_used_at: None,
        };
        put(renderer.render(&AppsPage { now: NOW, apps: vec![app] }, &frame));
        put(renderer.render(&ErrorPage::new(ErrorKind::BadRequest, text).with_detail(text), &frame));
    }
    pages
}

#[test]
fn markup_in_a_value_stays_text() {
    for text in hostile_texts() {
        for html in rendered(&text) {
            // The reader panics at a bare angle bracket, a broken attribute or an element out of order.
            let document = Document::read(&text, &html);
            let is_ours = |src: &str| src.starts_with("/assets/passkey.");
            assert!(document.all("script").all(|one| one.attr("src").is_some_and(is_ours) && one.text.is_empty()));
            assert_eq!(document.all("img").count(), 0, "no logo of a hostile URL");
            for element in &document.elements {
                assert!(
                    element.attributes.keys().all(|name| !name.starts_with("on")),
                    "<{}> has a handler",
                    element.tag
                );
            }
        }
    }
}

#[test]
fn only_web_urls_become_links() {
    for text in hostile_texts() {
        for html in rendered(&text) {
            for link in Document::read(&text, &html).all("a") {
                let url = link.attr("href").expect("href");
                assert!(url.starts_with('/') && !url.starts_with("//") || url.starts_with('#'), "{url}");
            }
        }
    }
}

#[test]
fn a_name_cannot_turn_the_text_around_it() {
    for html in rendered(TURNED) {
        let visible: String = Document::read("turned", &html).all("body").map(|body| body.text.clone()).collect();
        assert!(!visible.contains(['\u{202E}', '\u{2066}']), "direction marks are printed");
        assert!(visible.contains("gnidarT murruA"), "the name itself is shown");
    }
    let renderer = renderer();
    let frame = Frame::new(Locale::En, "/consent").with_app(badge(TURNED));
    let page = ConsentPage { email: "ada@example.com".into(), scopes: vec![ConsentScope::asked("openid")] };
    let html = renderer.render(&page, &frame).expect("rendered");
    assert!(html.contains("<bdi>gnidarT murruA</bdi> asks for access"), "the name is isolated");
}

#[test]
fn a_long_name_is_cut_and_the_page_stays_small() {
    for html in rendered(&"x".repeat(10_000)) {
        let document = Document::read("long", &html);
        for heading in document.all("h1") {
            assert!(heading.text.chars().count() < 120, "{}", heading.text.len());
        }
        let visible: usize = document.all("body").map(|body| body.text.len()).sum();
        assert!(visible < 20_000, "{visible} characters are shown");
    }
}

#[test]
fn the_form_post_page_carries_every_value_unchanged_and_escaped() {
    let fields =
        vec![("state".to_owned(), format!("{BREAKOUT}{SCRIPT}{TURNED}")), (BREAKOUT.to_owned(), "x".repeat(10_000))];
    let page = FormPostPage::new("https://app.test/cb?a=1&b=2", fields.clone());
    let html = renderer().render(&page, &Frame::new(Locale::En, "/authorize")).expect("rendered");
    let document = Document::read("form-post", &html);
    assert_eq!(
        document.all("script").map(|script| script.text.as_str()).collect::<Vec<_>>(),
        ["document.forms[0].submit();"]
    );
    let sent: Vec<(String, String)> = document
        .all("input")
        .map(|input| (unescaped(input.attr("name").expect("name")), unescaped(input.attr("value").expect("value"))))
        .collect();
    assert_eq!(sent, fields);
    assert_eq!(
        document.all("form").next().and_then(|form| form.attr("action")).map(unescaped).as_deref(),
        Some("https://app.test/cb?a=1&b=2")
    );
}

#[test]
fn a_device_name_in_a_mail_stays_text() {
    for text in hostile_texts() {
        let link = || "https://id.karat.example/x".to_owned();
        let device = || Some(text.clone());
        let mail =
            NewDevice { at: NOW, device: device(), place: device(), sessions_link: link(), forgotten_link: link() };
        let rendered = renderer().mail(&mail, Locale::En).expect("rendered");
        let document = Document::read("mail", &rendered.html);
        assert_eq!(document.all("script").count() + document.all("img").count(), 0);
        assert!(!rendered.text.contains('\u{202E}') && !rendered.subject.contains('\n'));
        assert!(rendered.text.len() < 8_000, "{}", rendered.text.len());
        let mail = PasswordChanged { at: NOW, device: device(), place: device(), forgotten_link: link() };
        Document::read("mail", &renderer().mail(&mail, Locale::Es).expect("rendered").html);
    }
}

#[test]
fn a_well_behaved_app_is_shown_with_logo_and_links() {
    let app = AppBadge { logo_url: Some("/clients/aurum/logo".into()), ..samples::app() };
    let frame = Frame::new(Locale::En, "/login").with_app(app);
    let html = renderer().render(&samples::login(LoginAs::Anyone, FieldErrors::none()), &frame).expect("rendered");
    let document = Document::read(LoginPage::TEMPLATE, &html);
    assert_eq!(document.all("img").filter_map(|logo| logo.attr("src")).collect::<Vec<_>>(), ["/clients/aurum/logo"]);
    assert_eq!(document.by_id("app-policy").and_then(|link| link.attr("href")), Some("https://aurum.example/privacy"));
    assert_eq!(document.by_id("app-terms").and_then(|link| link.attr("href")), Some("https://aurum.example/terms"));
    assert!(html.contains("to continue to <bdi>Aurum Trading</bdi>"));
}

fn unescaped(value: &str) -> String {
    value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}
