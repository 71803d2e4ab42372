//! The profile.

use crate::person::{logged_in, send};
use crate::support::TestApp;
use crate::support::app::web_client;
use crate::support::mails::newest_to;
use crate::support::{PASSWORD, RelyingParty};

const ADA: &str = "ada@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_writes_is_what_apps_are_told() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let browser = logged_in(&app, ADA).await;
    let fields = [
        ("name", "  Ada \u{202e} Lovelace "),
        ("given_name", "Ada"),
        ("family_name", "Lovelace"),
        ("nickname", ""),
        ("birthdate", "1815-12-10"),
        ("zoneinfo", "Europe/London"),
        ("locale", "es"),
    ];
    let page = send(&browser, "/account/profile", &fields).await;
    assert!(page.text().contains("Enter a date of birth"), "nobody is that old: {}", page.text());
    assert!(page.body.contains("value=\"Lovelace\""), "what was typed stays");
    let mut fields = fields.to_vec();
    fields[4] = ("birthdate", "1985-12-10");
    let page = send(&browser, "/account/profile", &fields).await;
    assert!(page.text().contains("Your profile is saved"), "{}", page.text());

    let tokens = rp.tokens_in(&browser, &person, "openid profile phone").await;
    let info = rp.userinfo(tokens.text("access_token")).await;
    assert_eq!(info.text("name"), "Ada Lovelace");
    assert_eq!((info.text("birthdate"), info.text("zoneinfo")), ("1985-12-10", "Europe/London"));
    assert_eq!(info.text("locale"), "es");
    assert!(info.body.get("nickname").is_none(), "empty is absent");
    assert_eq!(info.text("phone_number"), "+4915112345678", "what the form does not show stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_changes_nothing_that_it_does_not_show() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let fields = [
        ("name", "Ada"),
        ("phone_number", "+34600000000"),
        ("phone_number_verified", "true"),
        ("email", "x@example.com"),
    ];
    send(&browser, "/account/profile", &fields).await;
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(user.profile.name.as_deref(), Some("Ada"));
    assert_eq!(user.profile.phone_number.as_deref(), Some("+4915112345678"));
    assert_eq!(user.email.as_str(), ADA);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_come_in_the_language_of_the_profile() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    send(&browser, "/account/profile", &[("name", "Ada"), ("locale", "es")]).await;
    let fields = [("current_password", PASSWORD), ("new_password", "turbid lantern 9 pigeon")];
    send(&browser, "/account/password", &fields).await;
    let mail = newest_to(&app, ADA).await;
    assert!(mail.subject.contains("contraseña"), "{}", mail.subject);
}
