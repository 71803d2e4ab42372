//! What reviewers decide: alone, in pairs, never about themselves, and once.

use karat::domain::kyc::{CaseState, Reason, State, Tier};
use karat::domain::time::Timestamp;

use crate::person::press;
use crate::review::{ERIKA, RITA, ROLF, events, open, reviewer, standing};
use crate::support::applications::{self, draft, submitted};
use crate::support::{Backends, TestApp};

const FOUR_EYES: &str = "[kyc]\nfour_eyes = [2]\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_tells_the_reason_that_may_be_told() {
    let app = TestApp::start().await;
    let (erika, max) = (app.person(ERIKA).await, app.person("max@example.com").await);
    let rita = reviewer(&app, RITA).await;
    for (person, fields, state, reason) in [
        (&erika, &[("reason", "doc_unreadable")][..], State::RejectedRetry, Reason::DocUnreadable),
        (&max, &[("reason", "sanctions_review"), ("final", "yes")], State::Suspended, Reason::SanctionsReview),
    ] {
        let case = submitted(&app.karat, person.id, Tier::STANDARD, &draft()).await;
        let path = format!("/review/{}", case.id);
        let page = open(&rita, &path).await;
        let without = press(&rita, &page, &format!("{path}/reject"), &[]).await;
        assert_eq!(without.status, 400, "a reason is needed");
        let done = press(&rita, &page, &format!("{path}/reject"), fields).await;
        assert!(done.text().contains("The application is rejected."), "{}", done.text());
        assert_eq!(standing(&app, person).await, (Tier::REGISTERED, state));
        let case = app.karat.store.kyc_case(case.id).await.unwrap().unwrap();
        assert_eq!(case.reason, Some(reason), "the true one is kept");
        // Once decided it is not decided again.
        let again = press(&rita, &page, &format!("{path}/approve"), &[]).await;
        assert!(again.text().contains("Nothing was changed"), "{}", again.text());
        assert_eq!(standing(&app, person).await, (Tier::REGISTERED, state));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_eyes_are_two_people() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, FOUR_EYES).await;
        let erika = app.person(ERIKA).await;
        let case = submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
        let (rita, rolf) = (reviewer(&app, RITA).await, reviewer(&app, ROLF).await);
        let path = format!("/review/{}", case.id);
        let (confirm, back) = (format!("{path}/confirm"), format!("{path}/send-back"));
        let state = async || app.karat.store.kyc_case(case.id).await.unwrap().unwrap().state;

        let page = open(&rita, &path).await;
        assert!(page.text().contains("takes two reviewers"), "{}", page.text());
        let done = press(&rita, &page, &format!("{path}/approve"), &[]).await;
        assert!(done.text().contains("waits for another reviewer"), "{}", done.text());
        assert_eq!((state().await, standing(&app, &erika).await.0), (CaseState::Proposed, Tier::REGISTERED));
        // The first one cannot be the second, by whichever form.
        assert!(!done.body.contains(&confirm), "not offered");
        let (_, hidden) = done.form_to(&back);
        let csrf = &hidden.iter().find(|(name, _)| name == "csrf").unwrap().1;
        for act in ["confirm", "approve"] {
            let fields = [("csrf", csrf.as_str()), ("proposed", "approve")];
            assert_eq!(rita.post(&format!("{path}/{act}"), &fields).await.status, 403, "{act}");
        }
        assert_eq!(state().await, CaseState::Proposed);

        // The second sends it back, the first proposes otherwise; who agreed with what is no more agrees with nothing.
        let seen = open(&rolf, &path).await;
        let (_, stale) = seen.form_to(&confirm);
        let sent = press(&rolf, &seen, &back, &[("back_note", "The back is missing.")]).await;
        assert!(sent.text().contains("waits again") && sent.text().contains("The back is missing."), "{}", sent.text());
        assert_eq!(state().await, CaseState::Submitted);
        let page = open(&rita, &path).await;
        press(&rita, &page, &format!("{path}/reject"), &[("reason", "doc_unreadable")]).await;
        let stale: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(rolf.post(&confirm, &stale).await.text().contains("Nothing was changed"));
        assert_eq!((state().await, standing(&app, &erika).await.0), (CaseState::Proposed, Tier::REGISTERED));

        let seen = open(&rolf, &path).await;
        let done = press(&rolf, &seen, &confirm, &[]).await;
        assert!(done.text().contains("The application is rejected."), "{}", done.text());
        assert_eq!(state().await, CaseState::RejectedRetry);
        let acts = events(&app, &erika, "kyc.reviewed").await;
        let mut acts: Vec<_> = acts.iter().map(|act| act["act"].as_str().unwrap()).collect();
        acts.sort_unstable();
        assert_eq!(acts, ["proposed", "proposed", "sent_back"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reviews_themselves() {
    let app = TestApp::start().await;
    let rita = reviewer(&app, RITA).await;
    let person = app.karat.store.user_by_email(&RITA.parse().unwrap()).await.unwrap().unwrap().user;
    let case = submitted(&app.karat, person.id, Tier::STANDARD, &draft()).await;
    let path = format!("/review/{}", case.id);
    let queue = open(&rita, "/review").await;
    assert!(!queue.body.contains(&path), "it is not in the list");
    let csrf = queue.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    for page in [&path, &format!("{path}/documents/front"), &format!("/review/people/{}", person.id)] {
        assert_eq!(rita.get(page).await.status, 403, "{page}");
    }
    for act in [format!("{path}/approve"), format!("/review/people/{}/suspend", person.id)] {
        let refused = rita.post(&act, &[("csrf", &csrf), ("reason", "other")]).await;
        assert_eq!(refused.status, 403, "{act}: {}", refused.text());
    }
    assert_eq!(app.karat.store.kyc_case(case.id).await.unwrap().unwrap().state, CaseState::Submitted);

    let rolf = reviewer(&app, ROLF).await;
    let page = open(&rolf, &path).await;
    press(&rolf, &page, &format!("{path}/approve"), &[]).await;
    assert_eq!(app.karat.store.kyc_case(case.id).await.unwrap().unwrap().state, CaseState::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_document_in_two_accounts_is_flagged_to_reviewers() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let (erika, max) = (app.person(ERIKA).await, app.person("max@example.com").await);
        let lone = app.person("lone@example.com").await;
        submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
        let mut other = draft();
        other.attributes.given_name = Some("Max".to_owned());
        other.document.as_mut().unwrap().number = "c01x-0006 h".to_owned();
        let case = submitted(&app.karat, max.id, Tier::STANDARD, &other).await;
        let mut third = draft();
        third.attributes.birthdate = Some("1990-01-01".to_owned());
        third.document.as_mut().unwrap().number = "X1234567".to_owned();
        let clean = submitted(&app.karat, lone.id, Tier::STANDARD, &third).await;

        let rita = reviewer(&app, RITA).await;
        let queue = open(&rita, "/review").await;
        assert_eq!(queue.text().matches("Seen elsewhere").count(), 2, "{}", queue.text());
        let page = open(&rita, &format!("/review/{}", case.id)).await;
        assert!(page.text().contains("This identity document, by erika@example.com"), "{}", page.text());
        assert!(!page.text().contains("This name and birthdate"), "the names differ");
        let page = open(&rita, &format!("/review/{}", clean.id)).await;
        assert!(!page.text().contains("The same was told"), "{}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_suspended_reinstated_and_loses_a_level() {
    let app = TestApp::start().await;
    let erika = app.person(ERIKA).await;
    let rita = reviewer(&app, RITA).await;
    let case = submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
    let path = format!("/review/{}", case.id);
    press(&rita, &open(&rita, &path).await, &format!("{path}/approve"), &[]).await;

    let found = press(&rita, &open(&rita, "/review").await, "/review/find", &[("email", "Erika@Example.com")]).await;
    let path = format!("/review/people/{}", erika.id);
    assert_eq!(found.path(), path);
    let nobody = press(&rita, &open(&rita, "/review").await, "/review/find", &[("email", "no@example.com")]).await;
    assert!(nobody.text().contains("Nobody has that address."), "{}", nobody.text());

    app.advance(1);
    let page = press(&rita, &found, &format!("{path}/suspend"), &[("reason", "sanctions_review")]).await;
    assert!(page.text().contains("The person is suspended."), "{}", page.text());
    assert_eq!(standing(&app, &erika).await, (Tier::REGISTERED, State::Suspended));
    let refused = press(&rita, &page, &format!("{path}/reinstate"), &[("reinstate_note", " ")]).await;
    assert!(refused.text().contains("a few words are needed"), "{}", refused.text());
    assert_eq!(standing(&app, &erika).await.1, State::Suspended);
    app.advance(1);
    let note = [("reinstate_note", "Another person of that name.")];
    let page = press(&rita, &refused, &format!("{path}/reinstate"), &note).await;
    assert_eq!(standing(&app, &erika).await, (Tier::STANDARD, State::Verified));
    assert!(page.text().contains("Another person of that name."), "{}", page.text());

    app.advance(1);
    let fields = [("level", "2"), ("revoke_note", "The document was not hers.")];
    let page = press(&rita, &page, &format!("{path}/revoke"), &fields).await;
    assert!(page.text().contains("The level is taken back."), "{}", page.text());
    assert_eq!(standing(&app, &erika).await, (Tier::REGISTERED, State::None));
    let history = app.karat.store.kyc_history(erika.id).await.unwrap();
    let found: Vec<_> = history.iter().take(3).map(|made| made.finding.as_str()).collect();
    assert_eq!(found, ["revoked", "reinstated", "suspended"]);
    assert!(history.iter().take(3).all(|made| made.actor.starts_with("reviewer:")));
    assert!(history[0].evidence["note"].is_string(), "the evidence points to the note and does not repeat it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_decides_is_not_decided_here_but_by_the_operator() {
    use karat::domain::kyc::Provider;
    use karat::flow::kyc::review::Judgement;
    use karat::flow::kyc::staff::{Judge, NotJudged};
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[kyc]\nfour_eyes = [3]\n").await;
    let (erika, max) = (app.person(ERIKA).await, app.person("max@example.com").await);
    let rita = reviewer(&app, RITA).await;
    let case = applications::apply(&app.karat, erika.id, Tier::STANDARD, Provider::Veriff, &draft()).await;
    let path = format!("/review/{}", case.id);
    assert!(!open(&rita, "/review").await.body.contains(&path));
    let page = open(&rita, &path).await;
    assert!(page.text().contains("A provider decides this application."), "{}", page.text());
    let (_, hidden) = page.form_to(&format!("{path}/note"));
    let csrf = &hidden.iter().find(|(name, _)| name == "csrf").unwrap().1;
    assert_eq!(rita.post(&format!("{path}/approve"), &[("csrf", csrf)]).await.status, 403);
    app.karat.judge_case(Judge::Operator, case.id, Judgement::Approve, "").await.unwrap();
    assert_eq!(standing(&app, &erika).await.0, Tier::STANDARD);

    // Four eyes hold for the command line, too: it is the second pair, never the only one.
    let case = submitted(&app.karat, max.id, Tier::ENHANCED, &draft()).await;
    let alone = app.karat.judge_case(Judge::Operator, case.id, Judgement::Approve, "").await;
    assert!(matches!(alone, Err(NotJudged::NeedsTwo)), "{alone:?}");
    let path = format!("/review/{}", case.id);
    press(&rita, &open(&rita, &path).await, &format!("{path}/approve"), &[]).await;
    app.karat.judge_case(Judge::Operator, case.id, Judgement::Approve, "").await.unwrap();
    assert_eq!(standing(&app, &max).await.0, Tier::ENHANCED);
    let until = app.karat.store.user(max.id).await.unwrap().unwrap().kyc.attained()[0].until;
    assert_eq!(until, Some(Timestamp::from_unix(app.clock_now().unix() + 365 * 86_400)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_decide_at_once_one_does() {
    use karat::flow::kyc::review::{Judged, Judgement};
    use karat::flow::kyc::staff::{Judge, NotJudged};
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let erika = app.person(ERIKA).await;
        let case = submitted(&app.karat, erika.id, Tier::STANDARD, &draft()).await;
        let reject = Judgement::Reject { reason: Reason::Other, finally: false };
        let all = (0..12).map(|number| {
            let judgement = if number % 2 == 0 { Judgement::Approve } else { reject };
            let karat = app.karat.clone();
            async move { (judgement, karat.judge_case(Judge::Operator, case.id, judgement, "").await) }
        });
        let mut won = Vec::new();
        for (judgement, judged) in futures_util::future::join_all(all).await {
            match judged {
                Ok(Judged::Decided) => won.push(judgement),
                Err(NotJudged::NotWaiting) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won.len(), 1, "{won:?}");
        let expected = if won[0] == Judgement::Approve { State::Verified } else { State::RejectedRetry };
        assert_eq!(standing(&app, &erika).await.1, expected);
    }
}
