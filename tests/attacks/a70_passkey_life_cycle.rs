//! From enrolment to the copy that somebody made: who may add a passkey, what its counter tells, and who hears of it
//! (WebAuthn Level 3 section 6.1.1; OWASP ASVS 6.3.7, 7.5.1).

use karat::domain::authenticator::{Authenticator, Facts, PasskeyFacts};
use karat::domain::user::Condition;

use crate::passkeys::{ENROL, PROOF, answer, events, holder, is_in, options, passkeys, use_alone, works};
use crate::person::try_log_in;
use crate::support::authenticator::{BS, SoftPasskey};
use crate::support::mails::mails_to;
use crate::support::{Backends, Browser, PASSWORD, Person, TestApp};

async fn facts(app: &TestApp, person: &Person) -> PasskeyFacts {
    match passkeys(app, person).await.remove(0).facts {
        Facts::Passkey(facts) => facts,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_goes_back_stops_a_key_that_cannot_be_copied() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::new()).await;
    mia.key.counter = Some(7);
    assert!(works(&app, &mut mia.key).await);
    for counter in [0, 3, 8] {
        let browser = Browser::new(&app.base);
        let page = use_alone(&app, &browser, &mut mia.key, |it| it.counter = counter).await;
        assert!(!is_in(&browser) && page.text().contains("a copy of it seems to exist"), "{counter}: {}", page.text());
    }
    let told = events(&app, &mia.person, "passkey.refused").await;
    assert_eq!(told.len(), 3);
    assert_eq!(told[0].detail["passkey"], passkeys(&app, &mia.person).await[0].name);
    mia.key.counter = Some(20);
    assert!(works(&app, &mut mia.key).await, "the one that counts on is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_stays_zero_is_no_error() {
    let app = TestApp::start().await;
    for (email, key) in
        [("mia@example.com", SoftPasskey::synced()), ("eve@example.com", SoftPasskey::new().with_counter(None))]
    {
        let mut holder = holder(&app, email, key).await;
        for _ in 0..3 {
            assert!(works(&app, &mut holder.key).await);
        }
        assert!(events(&app, &holder.person, "passkey.refused").await.is_empty());
        assert!(events(&app, &holder.person, "passkey.counter_went_back").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_synced_key_whose_counter_goes_back_is_noted_and_not_punished() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced().with_counter(Some(9))).await;
    mia.key.counter = Some(3);
    assert!(works(&app, &mut mia.key).await);
    let told = events(&app, &mia.person, "passkey.counter_went_back").await;
    assert_eq!((told.len(), told[0].detail["counter"].as_u64()), (1, Some(4)));
    // Everything else about it is still looked at.
    let browser = Browser::new(&app.base);
    use_alone(&app, &browser, &mut mia.key, |it| (it.counter, it.spoil_signature) = (1, true)).await;
    assert!(!is_in(&browser));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_key_says_of_its_copies_is_kept_up_to_date() {
    let app = TestApp::start().await;
    let mut key = SoftPasskey::synced();
    key.flags &= !BS;
    let mut mia = holder(&app, "mia@example.com", key).await;
    assert!(matches!(facts(&app, &mia.person).await, PasskeyFacts { synced: true, backed_up: false, .. }));
    mia.key.flags |= BS;
    assert!(works(&app, &mut mia.key).await);
    assert!(matches!(facts(&app, &mia.person).await, PasskeyFacts { synced: true, backed_up: true, .. }));
    assert_eq!(passkeys(&app, &mia.person).await[0].last_used_at, Some(app.clock_now()));
    let eve = holder(&app, "eve@example.com", SoftPasskey::new()).await;
    assert!(matches!(facts(&app, &eve.person).await, PasskeyFacts { synced: false, backed_up: false, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_log_in_enrols_nothing() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let thief = Browser::new(&app.base);
    try_log_in(&thief, "mia@example.com", PASSWORD).await;
    let page = thief.get(ENROL).await;
    assert_ne!(page.path(), ENROL, "{}", page.text());
    // The form of another session, sent from here.
    let form = mia.browser.get(ENROL).await;
    let made = SoftPasskey::synced().create(&options(&form), &app.base);
    let (action, fields) = form.form_to(ENROL);
    let csrf = thief.get("/login").await.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.retain(|(name, _)| !["csrf", "credential"].contains(name));
    fields.extend([("csrf", csrf.as_str()), ("credential", made.as_str())]);
    thief.post(&action, &fields).await;
    assert_eq!(passkeys(&app, &mia.person).await.len(), 1);
    // Complete, it does.
    let page = thief.get(PROOF).await;
    answer(&thief, &page, PROOF, &mia.key.get(&options(&page), &app.base)).await;
    let page = thief.get(ENROL).await;
    answer(&thief, &page, ENROL, &SoftPasskey::synced().create(&options(&page), &app.base)).await;
    assert_eq!(passkeys(&app, &mia.person).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_session_proves_itself_before_it_enrols() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let open = mia.browser.get(ENROL).await;
    let made = SoftPasskey::synced().create(&options(&open), &app.base);
    // Five minutes after the proof the page leads to another one, and the form that was open is not taken either.
    app.advance(299);
    let newer = mia.browser.get(ENROL).await;
    assert_eq!(newer.path(), ENROL);
    app.advance(2);
    let led = mia.browser.get(ENROL).await;
    assert_eq!(led.path(), PROOF, "{}", led.text());
    for (page, made) in [(&open, made), (&newer, SoftPasskey::synced().create(&options(&newer), &app.base))] {
        let answered = answer(&mia.browser, page, ENROL, &made).await;
        assert_eq!(answered.path(), PROOF, "{}", answered.text());
    }
    assert_eq!(passkeys(&app, &mia.person).await.len(), 1);
    let page = mia.browser.get(PROOF.to_owned().as_str()).await;
    assert_ne!(page.path(), ENROL);
    let led = mia.browser.get(ENROL).await;
    let back = answer(&mia.browser, &led, PROOF, &mia.key.get(&options(&led), &app.base)).await;
    assert_eq!(back.path(), ENROL, "{}", back.text());
    answer(&mia.browser, &back, ENROL, &SoftPasskey::synced().create(&options(&back), &app.base)).await;
    assert_eq!(passkeys(&app, &mia.person).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_is_told_of_a_new_passkey() {
    let app = TestApp::start().await;
    let mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let mails = mails_to(&app, "mia@example.com").await;
    let told: Vec<_> = mails.iter().filter(|mail| mail.text.to_lowercase().contains("passkey")).collect();
    assert_eq!(told.len(), 1, "{mails:?}");
    assert_eq!(events(&app, &mia.person, "authenticator.added").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_passkey_of_a_locked_person_logs_nobody_in() {
    let app = TestApp::start().await;
    let mut mia = holder(&app, "mia@example.com", SoftPasskey::synced()).await;
    let set = async |condition: Condition| {
        let mut change = app.karat.store.begin().await.unwrap();
        change.set_condition(mia.person.id, &condition).await.unwrap();
        change.commit().await.unwrap();
    };
    set(Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() }).await;
    let browser = Browser::new(&app.base);
    let page = use_alone(&app, &browser, &mut mia.key, |_| {}).await;
    assert!(page.status == 403 && !is_in(&browser), "{}: {}", page.status, page.text());
    set(Condition::Active).await;
    assert!(works(&app, &mut mia.key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_passkeys_are_switched_off_the_ones_there_are_keep_nobody_out() {
    for (more, waits) in [("", true), ("[passkeys]\nenabled = false\n", false)] {
        let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
        let person = app.person("mia@example.com").await;
        let facts =
            PasskeyFacts { synced: true, backed_up: true, attested: false, aaguid: None, transports: Vec::new() };
        let made = Authenticator {
            id: app.karat.new_id().to_string(),
            user_id: person.id,
            name: "Phone".to_owned(),
            facts: Facts::Passkey(facts),
            created_at: app.clock_now(),
            last_used_at: None,
        };
        let mut change = app.karat.store.begin().await.unwrap();
        change.add_authenticator(&made, Some("AAAA"), &()).await.unwrap();
        change.commit().await.unwrap();
        let browser = Browser::new(&app.base);
        try_log_in(&browser, "mia@example.com", PASSWORD).await;
        assert_eq!(is_in(&browser), !waits, "{more}");
        if !waits {
            let security = browser.get("/account/security").await;
            assert!(security.text().contains("Only your password protects"), "{}", security.text());
        }
    }
}
