//! The contract of single pages: ids and names that scripted browsers rely on, fixed English texts, and operators' overrides.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use karat::pages::consent::{ConsentPage, ConsentScope};
use karat::pages::errors::{ErrorKind, ErrorPage};
use karat::pages::login::LoginAs;
use karat::pages::terms::TermsPage;
use karat::pages::{FieldErrors, Frame, Locale, Renderer, RendererSettings, Support};

use crate::html::Document;
use crate::samples;

fn english() -> BTreeMap<String, String> {
    let pages = samples::pages().into_iter().filter(|sample| sample.locale == Locale::En);
    pages.map(|sample| (sample.name, sample.html)).collect()
}

/// (sample, action of the form, names it sends, ids of its submit buttons)
type Contract = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const FORMS: &[Contract] = &[
    ("login", "/login", &["csrf", "next", "email", "password", "submit"], &["login-submit"]),
    ("login-app", "/login", &["csrf", "interaction", "email", "password", "submit"], &["login-submit"]),
    ("login-again-app", "/login", &["csrf", "interaction", "email", "password", "submit"], &["login-submit"]),
    (
        "select-account",
        "/select-account",
        &["csrf", "interaction", "choice", "choice"],
        &["select-continue", "select-other"],
    ),
    (
        "register",
        "/register",
        &["csrf", "interaction", "terms_version", "email", "password", "accept_terms", "submit"],
        &["register-submit"],
    ),
    ("register-verify", "/register/verify", &["csrf", "interaction", "code", "submit"], &["verify-submit"]),
    ("register-verify", "/register/verify/resend", &["csrf", "interaction", "submit"], &["verify-resend"]),
    ("register-confirm", "/register/confirm", &["csrf", "token", "submit"], &["confirm-submit"]),
    ("register-confirm-password", "/register/confirm", &["csrf", "token", "password", "submit"], &["confirm-submit"]),
    ("password-forgotten", "/password/forgotten", &["csrf", "interaction", "email", "submit"], &["forgotten-submit"]),
    ("password-reset", "/password/reset", &["csrf", "token", "new_password", "submit"], &["reset-submit"]),
    ("consent", "/consent", &["csrf", "interaction", "decision", "decision"], &["consent-allow", "consent-deny"]),
    ("logout", "/logout", &["csrf", "request", "submit"], &["logout-confirm"]),
    (
        "account-password",
        "/account/password",
        &["csrf", "username", "current_password", "new_password", "submit"],
        &["password-submit"],
    ),
    (
        "account-email",
        "/account/email",
        &["csrf", "new_email", "username", "current_password", "submit"],
        &["email-submit"],
    ),
    (
        "terms-accept",
        "/terms/accept",
        &["csrf", "interaction", "terms_version", "accept_terms", "submit"],
        &["terms-submit"],
    ),
    ("account-email-pending", "/account/email/code", &["csrf", "code", "submit"], &["email-code-submit"]),
    ("account-email-pending", "/account/email/resend", &["csrf", "submit"], &["email-resend"]),
    ("account-email-pending", "/account/email/cancel", &["csrf", "submit"], &["email-cancel"]),
    ("account-email-confirm", "/account/email/confirm", &["csrf", "token", "submit"], &["email-confirm-submit"]),
    ("account-sessions", "/account/sessions/end", &["csrf", "session", "submit"], &["session-end-1"]),
    ("account-sessions", "/account/sessions/end-others", &["csrf", "submit"], &["sessions-end-others"]),
    ("account-apps", "/account/apps/withdraw", &["csrf", "client_id", "submit"], &["app-withdraw-1"]),
    (
        "account-profile",
        "/account/profile",
        &["csrf", "name", "given_name", "family_name", "nickname", "birthdate", "zoneinfo", "locale", "submit"],
        &["profile-submit"],
    ),
    ("account-data", "/account/data", &["csrf", "submit"], &["data-submit"]),
    ("account-delete", "/account/delete", &["csrf", "username", "password", "confirm", "submit"], &["delete-submit"]),
    ("form-post", "https://app.aurum.example/cb", &["code", "state"], &["form-post-submit"]),
];

#[test]
fn forms_keep_their_names_and_ids() {
    let pages = english();
    for (sample, action, names, buttons) in FORMS {
        let document = Document::read(sample, &pages[*sample]);
        let form = document
            .elements
            .iter()
            .position(|element| element.tag == "form" && element.attr("action") == Some(action));
        let form = form.unwrap_or_else(|| panic!("{sample} has no form to {action}"));
        let sent: Vec<_> = document.inside(form).filter_map(|element| element.attr("name")).collect();
        assert_eq!(sent, *names, "{sample} {action}");
        let submits: Vec<_> = document
            .inside(form)
            .filter(|element| element.tag == "button")
            .filter_map(|button| button.attr("id"))
            .collect();
        assert_eq!(submits, *buttons, "{sample} {action}");
    }
}

#[test]
fn links_keep_the_interaction() {
    let document = Document::read("login", &english()["login-app"]);
    for (id, url) in [
        ("register-link", "/register?interaction=inter-action-1"),
        ("forgotten-link", "/password/forgotten?interaction=inter-action-1"),
    ] {
        assert_eq!(document.by_id(id).and_then(|link| link.attr("href")), Some(url));
    }
    let bare = Document::read("login", &english()["login"]);
    assert_eq!(bare.by_id("register-link").and_then(|link| link.attr("href")), Some("/register"));
}

#[test]
fn the_language_switch_comes_back_into_the_interaction() {
    // "login-wrong" answers a POST to /login: the interaction was a form field there, not part of the URL.
    for (sample, path) in [
        ("login-app", "/login?interaction=inter-action-1"),
        ("login-wrong", "/login?interaction=inter-action-1"),
        ("login", "/login"),
        ("account-apps", "/account/apps"),
    ] {
        let document = Document::read(sample, &english()[sample]);
        let back = document.all("input").find(|input| input.attr("name") == Some("path"));
        assert_eq!(back.and_then(|input| input.attr("value")), Some(path), "{sample}");
    }
}

#[test]
fn password_managers_are_told_what_each_field_is() {
    let pages = english();
    let autocomplete = |sample: &str, id: &str| {
        let document = Document::read(sample, &pages[sample]);
        document.by_id(id).and_then(|input| input.attr("autocomplete")).map(str::to_owned)
    };
    for (sample, id, expected) in [
        ("login", "email", "username webauthn"),
        ("login-without-passkeys", "email", "username"),
        ("login", "password", "current-password"),
        ("register", "password", "new-password"),
        ("register-verify", "code", "one-time-code"),
        ("password-reset", "new_password", "new-password"),
        ("account-password", "current_password", "current-password"),
        ("account-password", "new_password", "new-password"),
        ("account-delete", "password", "current-password"),
    ] {
        assert_eq!(autocomplete(sample, id).as_deref(), Some(expected), "{sample} {id}");
    }
    let verify = Document::read("verify", &pages["register-verify"]);
    assert_eq!(verify.by_id("code").and_then(|code| code.attr("inputmode")), Some("numeric"));
}

#[test]
fn the_address_is_fixed_when_a_person_confirms_to_be_there() {
    let pages = english();
    for (sample, fixed) in [("login-app", false), ("login-again-app", true)] {
        let document = Document::read(sample, &pages[sample]);
        let email = document.by_id("email").expect("email");
        assert_eq!(email.attr("readonly").is_some(), fixed, "{sample}");
        assert_eq!(email.attr("value"), fixed.then_some("ada@example.com"), "{sample}");
    }
}

#[test]
fn consent_tells_new_from_known_and_verified_from_not() {
    let pages = english();
    let asked = Document::read("consent", &pages["consent"]);
    assert!(asked.by_id("app-verified").is_some() && asked.by_id("app-unverified").is_none());
    assert!(asked.by_id("granted-title").is_none());
    assert!(pages["consent"].contains("trade:read") && pages["consent"].contains("Stay connected"));
    let more = Document::read("consent", &pages["consent-unverified"]);
    assert!(more.by_id("app-unverified").is_some() && more.by_id("app-verified").is_none());
    assert!(more.by_id("asked-title").is_some() && more.by_id("granted-title").is_some());
    assert!(
        pages["consent-unverified"].contains("com.gilt.wallet:") && pages["consent-unverified"].contains("wallet:read")
    );
}

#[test]
fn fixed_english_texts_can_be_matched() {
    let pages = english();
    assert!(pages["logged-out"].contains("You are logged out"));
    assert!(pages["login-wrong"].contains("The e-mail address or the password is not right."));
    assert!(pages["login-throttled"].contains("try again in 7 minutes"));
    assert!(pages["error-unavailable"].contains("Please try again in 5 seconds."));
    assert!(pages["error-too-many-requests"].contains("Please try again in 10 minutes."));
    let page = ErrorPage::new(ErrorKind::BadRequest, "r-1").with_detail("invalid redirect_uri");
    for locale in Locale::ALL {
        let html = samples::renderer().render(&page, &Frame::new(locale, "/error")).expect("rendered");
        let document = Document::read("error", &html);
        assert_eq!(
            document.by_id("error-detail").map(|detail| detail.text.as_str()),
            Some("invalid redirect_uri"),
            "{locale:?}"
        );
        assert_eq!(document.by_id("request-id").map(|id| id.text.as_str()), Some("r-1"), "{locale:?}");
    }
}

#[test]
fn sessions_say_when_in_words_and_which_is_this_one() {
    let html = &english()["account-sessions"];
    for words in ["just now", "one hour ago", "3 days ago", "13 November 2026", "Unknown device"] {
        assert!(html.contains(words), "{words}");
    }
    assert_eq!(html.matches("This session").count(), 1);
    assert!(!english()["account-sessions-one"].contains("sessions-end-others"));
}

fn scratch(name: &str, file: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("karat-pages-{}-{name}", std::process::id()));
    let path = folder.join(file);
    fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    fs::write(path, text).expect("written");
    folder
}

#[test]
fn an_operator_overrides_one_file_and_keeps_the_rest() {
    let folder = scratch("override", "parts/terms.en.html", "<p>Terms of {{ brand }}, our own.</p>");
    let settings = RendererSettings {
        templates_dir: Some(folder.clone()),
        brand_name: "Oro & Cía".to_owned(),
        ..RendererSettings::default()
    };
    let renderer = Renderer::new(settings).expect("loads");
    let render = |locale| {
        renderer
            .render(&TermsPage { version: "7".into(), text: None }, &Frame::new(locale, "/terms"))
            .expect("rendered")
    };
    assert!(render(Locale::En).contains("<p>Terms of Oro &amp; Cía, our own.</p>"));
    assert!(render(Locale::Es).contains("Estas condiciones son un ejemplo"));
    let login = samples::login(LoginAs::Anyone, FieldErrors::none());
    assert!(
        renderer
            .render(&login, &Frame::new(Locale::En, "/login"))
            .expect("rendered")
            .contains("name-text\">Oro &amp; Cía<")
    );
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_broken_override_stops_the_start_and_is_named() {
    let folder = scratch("broken", "pages/login.html", "{% if %}");
    let settings = RendererSettings { templates_dir: Some(folder.clone()), ..RendererSettings::default() };
    let error = Renderer::new(settings).err().expect("refused");
    assert!(error.to_string().contains("pages/login.html"), "{error}");
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn an_override_that_asks_for_what_is_not_there_fails_instead_of_printing_nothing() {
    let folder = scratch("strict", "pages/terms.html", "{{ page.secret }}");
    let settings = RendererSettings { templates_dir: Some(folder.clone()), ..RendererSettings::default() };
    let renderer = Renderer::new(settings).expect("parses");
    assert!(
        renderer.render(&TermsPage { version: "7".into(), text: None }, &Frame::new(Locale::En, "/terms")).is_err()
    );
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn support_is_named_where_only_it_can_help_and_only_when_there_is_some() {
    let support =
        Support { url: Some("https://help.example/".to_owned()), email: Some("help@aurum.example".to_owned()) };
    let with = Renderer::new(RendererSettings { support, ..RendererSettings::default() }).expect("loads");
    let without = samples::renderer();
    for locale in Locale::ALL {
        for kind in ErrorKind::ALL {
            let page = ErrorPage::new(kind, "01939f2e-7f3a-7c11-9c0e-3f2b8a1d4e5f");
            let frame = Frame::new(locale, "/error");
            let html = with.render(&page, &frame).expect("rendered");
            let named = [ErrorKind::Refused, ErrorKind::Internal].contains(&kind);
            assert_eq!(html.contains("href=\"https://help.example/\""), named, "{kind:?}");
            assert_eq!(html.contains("href=\"mailto:help@aurum.example\""), named, "{kind:?}");
            let html = without.render(&page, &frame).expect("rendered");
            assert!(!html.contains("support") && !html.contains("soporte"), "{kind:?}");
        }
    }
}

#[test]
fn a_link_that_is_gone_leads_to_a_new_one_and_to_the_log_in() {
    let page = ErrorPage::new(ErrorKind::LinkGone, "01939f2e-7f3a-7c11-9c0e-3f2b8a1d4e5f");
    let html = samples::renderer().render(&page, &Frame::new(Locale::En, "/password/reset")).expect("rendered");
    assert!(html.contains("href=\"/password/forgotten\"") && html.contains("href=\"/login\""));
}

#[test]
fn where_nobody_may_register_the_log_in_offers_no_account() {
    for registration in [true, false] {
        let renderer = Renderer::new(RendererSettings { registration, ..RendererSettings::default() }).expect("loads");
        let login = samples::login(LoginAs::Anyone, FieldErrors::none());
        let html = renderer.render(&login, &samples::frame(Locale::En, "/login")).expect("rendered");
        assert_eq!(html.contains("id=\"register-link\""), registration);
    }
}

/// One detail is told in words, not by the name of its claim.
#[test]
fn a_single_claim_is_described_in_words() {
    let scopes = vec![ConsentScope::asked("openid"), ConsentScope::asked("claim:birthdate")];
    let page = ConsentPage { email: "ada@example.com".into(), scopes };
    for (locale, words) in [(Locale::En, "Your date of birth"), (Locale::Es, "Tu fecha de nacimiento")] {
        let frame = samples::frame(locale, "/consent").with_app(samples::app());
        let html = samples::renderer().render(&page, &frame).expect("rendered");
        assert!(html.contains(words) && !html.contains("claim:"), "{html}");
    }
}
