//! Passkeys from the person's side: what the page lists, what a log-in with one is worth, and which makers are believed.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use karat::domain::authentication::Acr;
use karat::domain::authenticator::Facts;
use karat::domain::time::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DistinguishedName, DnType, IsCa, KeyPair,
};

use crate::support::app::{START, web_client};
use crate::support::authenticator::{Maker, SoftPasskey};
use crate::support::{Backends, Browser, PASSWORD, Page, Person, RelyingParty, TestApp};

const ENROL: &str = "/account/security/passkeys";
const MODEL: [u8; 16] =
    [0x2f, 0xc0, 0x57, 0x9f, 0x81, 0x13, 0x47, 0xea, 0xb1, 0x16, 0xbb, 0x5a, 0x8d, 0xb9, 0x20, 0x2a];

async fn logged_in(app: &TestApp, email: &str) -> (Person, Browser) {
    let (person, browser) = (app.person(email).await, Browser::new(&app.base));
    let page = browser.get("/login").await;
    browser.submit(&page, &[("email", email), ("password", PASSWORD)]).await;
    (person, browser)
}

/// Posts the page's own form with the passkey's answer in it.
async fn answer(browser: &Browser, page: &Page, action: &str, more: &[(&str, &str)]) -> Page {
    let (action, hidden) = page.form_to(action);
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
    fields.extend_from_slice(more);
    browser.post(&action, &fields).await
}

async fn enrol(app: &TestApp, browser: &Browser, key: &mut SoftPasskey, name: &str) -> Page {
    let page = browser.get(ENROL).await;
    let made = key.create(&page.data("options").expect(&page.body), &app.base);
    answer(browser, &page, ENROL, &[("credential", &made), ("name", name)]).await
}

/// What a log-in with the passkey alone is worth.
async fn class_of(app: &TestApp, person: &Person, key: &mut SoftPasskey) -> Option<(Acr, String)> {
    let browser = Browser::new(&app.base);
    app.advance(1);
    let page = browser.get("/login").await;
    let said = key.get(&page.data("options").expect(&page.body), &app.base);
    answer(&browser, &page, "/login/passkey", &[("credential", &said)]).await;
    browser.cookie("karat_session")?;
    let sessions = app.karat.store.sessions_of(person.id, app.clock_now(), Timestamp::from_unix(0)).await;
    let newest = sessions.unwrap().into_iter().max_by_key(|session| session.created_at).unwrap();
    Some((newest.authentication.acr, newest.authentication.amr.join(" ")))
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_listed_with_their_names_and_what_they_are() {
    let app = TestApp::start().await;
    let (person, browser) = logged_in(&app, "mia@example.com").await;
    let (mut phone, mut key) = (SoftPasskey::synced(), SoftPasskey::new());
    enrol(&app, &browser, &mut phone, "  My   phone ").await;
    enrol(&app, &browser, &mut key, "").await;
    let page = browser.get(ENROL).await;
    let text = page.text();
    assert!(text.contains("My phone") || text.contains("My   phone"), "{text}");
    assert!(text.contains("Synced between your devices") && text.contains("On one device only"), "{text}");
    assert!(text.contains("Not used yet"), "{text}");
    assert_eq!(class_of(&app, &person, &mut phone).await, Some((Acr::Phr, "swk user mfa".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_passkeys_are_switched_off_none_is_offered_enrolled_or_taken() {
    for (more, offered) in [("", true), ("[passkeys]\nenabled = false\n", false)] {
        let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
        let (_, browser) = logged_in(&app, "mia@example.com").await;
        let login = Browser::new(&app.base).get("/login").await;
        assert_eq!(login.body.contains("/login/passkey"), offered);
        assert_eq!(login.header("content-security-policy").contains("script-src"), offered);
        assert_eq!(browser.get(ENROL).await.status.as_u16(), if offered { 200 } else { 404 });
        let security = browser.get("/account/security").await;
        assert!(security.body.contains("add-totp"), "{}", security.text());
        assert_eq!(security.body.contains(&format!("href=\"{ENROL}\"")), offered, "{}", security.text());
    }
}

/// What an app that insists on `phrh` is told.
async fn insisted(app: &TestApp, browser: &Browser) -> Page {
    let rp = RelyingParty::of(app, web_client("app"));
    let demand = r#"{"id_token":{"acr":{"essential":true,"value":"phrh"}}}"#;
    browser.get(&rp.authorize_path(&[("claims", demand)])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_insists_on_attested_hardware_is_told_where_there_is_none() {
    let app = TestApp::start().await;
    app.add_client(&web_client("app")).await;
    let (_, browser) = logged_in(&app, "mia@example.com").await;
    let page = insisted(&app, &browser).await;
    assert_eq!(page.param("error").as_deref(), Some("unmet_authentication_requirements"), "{}", page.url);
    let offered = app.karat.discovery()["acr_values_supported"].clone();
    assert!(!offered.to_string().contains("phrh") && offered.to_string().contains("phr"), "{offered}");

    let house = House::new("A maker");
    let (app, path) = app_that_believes(&house, "preferred").await;
    app.add_client(&web_client("app")).await;
    assert!(app.karat.discovery()["acr_values_supported"].to_string().contains("phrh"));
    let (_, browser) = logged_in(&app, "mia@example.com").await;
    let page = insisted(&app, &browser).await;
    assert_eq!(page.path(), "/account/security/enrol", "{}", page.text());
    enrol(&app, &browser, &mut house.builds(MODEL, SoftPasskey::new()), "key").await;
    let page = insisted(&app, &browser).await;
    assert_eq!(page.path(), "/consent", "{}", page.text());
    std::fs::remove_file(path).unwrap();
}

/// A maker of authenticators: its root certificate, and what it builds into each device.
struct House {
    root: CertifiedIssuer<'static, KeyPair>,
}

impl House {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        Self { root: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// WebAuthn Level 3 section 8.2.1.
    fn builds(&self, model: [u8; 16], mut key: SoftPasskey) -> SoftPasskey {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in [
            (DnType::CountryName, "SE"),
            (DnType::OrganizationName, "Tests"),
            (DnType::OrganizationalUnitName, "Authenticator Attestation"),
            (DnType::CommonName, "Tests Attestation 1"),
        ] {
            params.distinguished_name.push(kind, value);
        }
        params.is_ca = IsCa::ExplicitNoCa;
        let number = [&[0x04, 0x10][..], &model].concat();
        params.custom_extensions = vec![CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4], number)];
        let pair = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&pair, &self.root).unwrap().der().to_vec();
        let signer = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pair.serialized_der()).unwrap();
        (key.aaguid, key.maker) = (model, Some(Maker { certificate, key: signer }));
        key
    }
}

/// An app that believes this house, of its models one.
async fn app_that_believes(house: &House, demand: &str) -> (TestApp, std::path::PathBuf) {
    let path =
        std::env::temp_dir().join(format!("karat-test-roots-{}.pem", karat::crypto::random::new_uuid(START * 1000)));
    std::fs::write(&path, house.root.pem()).unwrap();
    let model = uuid::Uuid::from_bytes(MODEL);
    let more = format!(
        "[passkeys]\nattestation = \"{demand}\"\nattestation_roots = \"{}\"\nattestation_aaguids = [\"{model}\"]\n",
        path.display()
    );
    (TestApp::start_with(Backends::SqliteAndMemory, &more).await, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_hardware_that_a_believed_maker_vouches_for_is_worth_phrh() {
    let (house, other) = (House::new("A maker"), House::new("Another maker"));
    let (app, path) = app_that_believes(&house, "preferred").await;
    let cases = [
        ("vouched", house.builds(MODEL, SoftPasskey::new()), Acr::Phrh, "hwk user mfa"),
        ("nobody", SoftPasskey::new(), Acr::Phr, "pop user mfa"),
        ("another-maker", other.builds(MODEL, SoftPasskey::new()), Acr::Phr, "pop user mfa"),
        ("another-model", house.builds([9; 16], SoftPasskey::new()), Acr::Phr, "pop user mfa"),
        ("synced", house.builds(MODEL, SoftPasskey::synced()), Acr::Phr, "swk user mfa"),
    ];
    for (name, mut key, acr, amr) in cases {
        let (person, browser) = logged_in(&app, &format!("{name}@example.com")).await;
        let page = enrol(&app, &browser, &mut key, name).await;
        let found = app.karat.store.authenticators_of(person.id).await.unwrap();
        let Some(Facts::Passkey(facts)) = found.first().map(|one| one.facts.clone()) else {
            panic!("{name}: {}", page.text())
        };
        assert_eq!(facts.attested, acr == Acr::Phrh, "{name}");
        assert_eq!(class_of(&app, &person, &mut key).await, Some((acr, amr.to_owned())), "{name}");
    }
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_attestation_is_required_nothing_else_is_enrolled() {
    let (house, other) = (House::new("A maker"), House::new("Another maker"));
    let (app, path) = app_that_believes(&house, "required").await;
    let (person, browser) = logged_in(&app, "mia@example.com").await;
    for (what, mut key) in [
        ("nobody vouches", SoftPasskey::new()),
        ("a synced one", SoftPasskey::synced()),
        ("another maker", other.builds(MODEL, SoftPasskey::new())),
        ("another model", house.builds([9; 16], SoftPasskey::new())),
        ("a vouched for one that can be copied", house.builds(MODEL, SoftPasskey::synced())),
    ] {
        let page = enrol(&app, &browser, &mut key, what).await;
        assert!(page.text().contains("not one of the models accepted here"), "{what}: {}", page.text());
    }
    // Another device's certificate under this one's model number.
    let mut lying = house.builds([9; 16], SoftPasskey::new());
    lying.aaguid = MODEL;
    enrol(&app, &browser, &mut lying, "a model it is not").await;
    assert!(app.karat.store.authenticators_of(person.id).await.unwrap().is_empty());
    let mut key = house.builds(MODEL, SoftPasskey::new());
    enrol(&app, &browser, &mut key, "the right one").await;
    assert_eq!(class_of(&app, &person, &mut key).await, Some((Acr::Phrh, "hwk user mfa".to_owned())));
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_settings_are_locked_passkeys_are_listed_and_none_is_added() {
    let app = TestApp::start().await;
    let (person, browser) = logged_in(&app, "mia@example.com").await;
    enrol(&app, &browser, &mut SoftPasskey::synced(), "My phone").await;
    let open = browser.get(ENROL).await;
    let page = browser.get("/account/security/lock").await;
    answer(&browser, &page, "/account/security/lock", &[("days", "2")]).await;
    let closed = browser.get(ENROL).await;
    assert!(closed.status == 200 && closed.data("options").is_none(), "{}", closed.text());
    assert!(
        closed.text().contains("Your settings are locked") && closed.text().contains("My phone"),
        "{}",
        closed.text()
    );
    let made = SoftPasskey::synced().create(&open.data("options").unwrap(), &app.base);
    let refused = answer(&browser, &open, ENROL, &[("credential", &made)]).await;
    assert!(refused.text().contains("Your settings are locked"), "{}", refused.text());
    assert_eq!(app.karat.store.authenticators_of(person.id).await.unwrap().len(), 1);
}
