//! One person's passkey opens no other person's account (WebAuthn Level 3 sections 7.1 step 26 and 7.2 steps 5 to 7).

use crate::passkeys::{ENROL, PROOF, answer, events, holder, is_in, options, passkeys, use_alone, works};
use crate::person::try_log_in;
use crate::support::authenticator::SoftPasskey;
use crate::support::{Browser, PASSWORD, TestApp};

const UNKNOWN: &str = "This passkey is not known here";

#[tokio::test(flavor = "multi_thread")]
async fn anothers_passkey_is_no_second_factor() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let mut eve = holder(&app, "eve@example.com", SoftPasskey::synced()).await;
    let mias_handle = mia.key.user_handle.clone();
    for handle in [None, Some(mias_handle), Some(eve.key.user_handle.clone())] {
        // Eve knows Mia's password, and has a passkey of her own.
        let browser = Browser::new(&app.base);
        try_log_in(&browser, "mia@example.com", PASSWORD).await;
        let page = browser.get(PROOF).await;
        let said = eve.key.get_bent(&options(&page), &app.base, |it| it.user_handle = handle);
        let answered = answer(&browser, &page, PROOF, &said).await;
        assert!(!is_in(&browser) && answered.text().contains(UNKNOWN), "{}", answered.text());
        let again = answer(&browser, &page, PROOF, &mia.key.get(&options(&page), &app.base)).await;
        assert!(!is_in(&browser), "the challenge is spent: {}", again.text());
    }
    let told = events(&app, &mia.person, "passkey.refused").await;
    assert_eq!(told.len(), 3, "it stands in the history of whose log-in it was");
    assert!(told.iter().all(|event| event.detail["passkey"].is_null()), "without the name of another's passkey");

    let browser = Browser::new(&app.base);
    try_log_in(&browser, "mia@example.com", PASSWORD).await;
    let page = browser.get(PROOF).await;
    answer(&browser, &page, PROOF, &mia.key.get(&options(&page), &app.base)).await;
    assert!(is_in(&browser), "her own is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_handle_that_is_not_the_owners_logs_nobody_in() {
    let app = TestApp::start().await;
    let mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let mut eve = holder(&app, "eve@example.com", SoftPasskey::synced()).await;
    let browser = Browser::new(&app.base);
    let page = use_alone(&app, &browser, &mut eve.key, |it| it.user_handle = Some(mia.key.user_handle.clone())).await;
    assert!(!is_in(&browser) && page.text().contains(UNKNOWN), "{}", page.text());
    assert_eq!(events(&app, &eve.person, "passkey.refused").await.len(), 1);
    assert!(works(&app, &mut eve.key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_was_not_asked_for_is_not_taken() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, "mia@example.com", PASSWORD).await;
    let asked = browser.get(PROOF).await;
    // Enrolled after that question, in the session there is.
    let (mut newer, page) = (SoftPasskey::synced(), mia.browser.get(ENROL).await);
    answer(&mia.browser, &page, ENROL, &newer.create(&options(&page), &app.base)).await;
    assert_eq!(passkeys(&app, &mia.person).await.len(), 2);
    let answered = answer(&browser, &asked, PROOF, &newer.get(&options(&asked), &app.base)).await;
    assert!(!is_in(&browser) && answered.text().contains(UNKNOWN), "{}", answered.text());
    let asked = browser.get(PROOF).await;
    answer(&browser, &asked, PROOF, &newer.get(&options(&asked), &app.base)).await;
    assert!(is_in(&browser), "asked for, it is");
    assert!(works(&app, &mut mia.key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_somebody_has_is_not_enrolled_again() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let (eve, browser) = (app.person("eve@example.com").await, Browser::new(&app.base));
    try_log_in(&browser, "eve@example.com", PASSWORD).await;
    // With a key of her own under Mia's credential id: had it replaced Mia's, Eve could log in as her.
    let mut forged = SoftPasskey::synced();
    forged.id = mia.key.id.clone();
    let page = browser.get(ENROL).await;
    let answered = answer(&browser, &page, ENROL, &forged.create(&options(&page), &app.base)).await;
    assert!(answered.text().contains("in use for an account already"), "{}", answered.text());
    assert!(passkeys(&app, &eve).await.is_empty());
    forged.user_handle = mia.key.user_handle.clone();
    assert!(!works(&app, &mut forged).await);
    assert!(works(&app, &mut mia.key).await);
    // Nor twice by the same person.
    let page = mia.browser.get(ENROL).await;
    let twice = answer(&mia.browser, &page, ENROL, &mia.key.create(&options(&page), &app.base)).await;
    assert!(passkeys(&app, &mia.person).await.len() == 1 && twice.status.is_success(), "{}", twice.text());

    let page = browser.get(ENROL).await;
    let mut own = SoftPasskey::synced();
    answer(&browser, &page, ENROL, &own.create(&options(&page), &app.base)).await;
    assert!(works(&app, &mut own).await, "one that nobody has is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_was_removed_is_nobodys() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    assert!(works(&app, &mut mia.key).await);
    // Also when it was asked for before it was removed.
    let browser = Browser::new(&app.base);
    let asked = browser.get("/login").await;
    let id = passkeys(&app, &mia.person).await[0].id.clone();
    let mut change = app.karat.store.begin().await.unwrap();
    assert!(change.remove_authenticator(mia.person.id, &id).await.unwrap());
    change.commit().await.unwrap();
    let said = mia.key.get(&options(&asked), &app.base);
    answer(&browser, &asked, crate::passkeys::LOGIN, &said).await;
    assert!(!is_in(&browser));
    assert!(!works(&app, &mut mia.key).await);
}
