//! Threat 82: webhooks of providers of verification that are forged, bent, stale, repeated, in the wrong order, or about somebody
//! else. A level comes from nothing but what the provider answers when it is asked.

use std::time::Duration;

use axum::http::StatusCode;
use karat::domain::kyc::{CaseState, Reason, State};
use karat::flow::kyc::{Actor, Cause, Verdict};
use serde_json::Value;

use crate::support::verifiers::{
    ALL, Dialect, FakeProvider, Outcome, PREVIOUS, SECRET, Webhook, case_of, handed_over, level_of, opened,
};
use crate::support::{Backends, Person, TestApp};

struct Stage {
    app: TestApp,
    fake: FakeProvider,
    erika: Person,
}

async fn stage(dialect: Dialect) -> Stage {
    stage_on(Backends::SqliteAndMemory, dialect).await
}

async fn stage_on(backends: Backends, dialect: Dialect) -> Stage {
    let fake = FakeProvider::start(dialect).await;
    let app = TestApp::start_with(backends, &fake.configuration("")).await;
    let erika = app.person("erika@example.com").await;
    Stage { app, fake, erika }
}

#[tokio::test]
async fn who_the_provider_approves_has_the_level_and_a_late_rejection_takes_it_back() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let provider = dialect.provider;
        let (case, reference) = handed_over(&app, &erika, provider).await;
        assert_eq!(
            fake.known(&reference).case,
            case.to_string(),
            "{provider}: the case is all that the provider is told"
        );
        assert_eq!(level_of(&app, &erika).await, 0);

        app.advance(60);
        assert_eq!(fake.decide(&app, &reference, Outcome::Submitted, 1).await, StatusCode::OK);
        assert_eq!(case_of(&app, case).await.state, CaseState::Submitted, "{provider}");
        assert_eq!(level_of(&app, &erika).await, 0);

        app.advance(60);
        assert_eq!(fake.decide(&app, &reference, Outcome::Green, 2).await, StatusCode::OK);
        assert_eq!(level_of(&app, &erika).await, 2, "{provider}");
        let approved = case_of(&app, case).await;
        assert_eq!((approved.state, approved.decided_by.as_deref()), (CaseState::Approved, Some(provider.as_str())));
        let identity = app.karat.store.identity(erika.id).await.unwrap();
        let [verified] = &identity.verifications[..] else { panic!("{provider}: {identity:?}") };
        assert_eq!(verified.attributes.family_name.as_deref(), Some("Mustermann"), "{provider}");
        assert_eq!(verified.attributes.birthdate.as_deref(), Some("1984-01-26"), "{provider}");
        assert_eq!(verified.evidence.len(), 1, "{provider}");
        assert_eq!(verified.evidence[0].expires_on.as_deref(), Some("2030-01-01"), "{provider}");

        app.advance(86_400);
        assert_eq!(fake.decide(&app, &reference, Outcome::RedFinal, 3).await, StatusCode::OK);
        assert_eq!(level_of(&app, &erika).await, 0, "{provider}");
        assert_eq!(fake.refused(), 0, "{provider}: every request proved who sent it");
        let history = app.karat.store.kyc_history(erika.id).await.unwrap();
        assert!(history.iter().filter(|entry| entry.finding != "begun").all(|entry| entry.actor == provider.as_str()));
    }
}

#[tokio::test]
async fn a_webhook_that_is_not_signed_over_its_very_bytes_by_its_provider_changes_nothing() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let (_, reference) = handed_over(&app, &erika, dialect.provider).await;
        let now = app.clock_now().unix();
        fake.stands(&reference, Outcome::Green, now);
        let asked = fake.asked();
        let right = fake.webhook(&reference, 1, now);
        let mut bent: Vec<(&str, Webhook)> = Vec::new();
        let mut but = |why, how: &dyn Fn(&mut Webhook)| {
            let mut webhook = right.clone();
            how(&mut webhook);
            bent.push((why, webhook));
        };
        but("no signature", &|webhook| webhook.headers.clear());
        but("an empty one", &|webhook| webhook.headers[0].1.clear());
        but("a byte changed", &|webhook| webhook.body[5] ^= 1);
        but("a byte more", &|webhook| webhook.body.push(b' '));
        but("re-serialised", &|webhook| {
            let value: Value = serde_json::from_slice(&webhook.body).unwrap();
            webhook.body = serde_json::to_vec_pretty(&value).unwrap();
        });
        but("in capitals", &|webhook| {
            let value = &mut webhook.headers[0].1;
            *value = value
                .split('=')
                .map(|part| if part.len() >= 64 { part.to_uppercase() } else { part.to_owned() })
                .collect::<Vec<_>>()
                .join("=");
        });
        but("twice", &|webhook| webhook.headers.push(webhook.headers[0].clone()));
        but("no body", &|webhook| webhook.body.clear());
        bent.push(("another secret", fake.signed("another secret", right.body.clone(), now)));
        for other in ALL.iter().filter(|other| other.provider != dialect.provider) {
            let headers = (other.sign)(SECRET, &right.body, now);
            bent.push(("another provider's way", Webhook { headers, ..right.clone() }));
        }
        for (why, webhook) in bent {
            assert_eq!(webhook.post(&app).await, StatusCode::UNAUTHORIZED, "{}: {why}", dialect.provider);
        }
        assert_eq!(fake.asked(), asked, "nobody was even asked");
        assert_eq!(level_of(&app, &erika).await, 0);

        let rotated = fake.signed(PREVIOUS, right.body.clone(), now);
        assert_eq!(rotated.post(&app).await, StatusCode::OK, "the previous secret counts while it is being changed");
        assert_eq!(level_of(&app, &erika).await, 2);
    }
}

#[tokio::test]
async fn what_a_webhook_says_is_not_believed_but_asked_for() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let (case, reference) = handed_over(&app, &erika, dialect.provider).await;
        let now = app.clock_now().unix();
        // Signed, and says approved; asked, the provider says that the person is still at it.
        let mut said = fake.known(&reference);
        said.outcome = Outcome::Green;
        let body = (dialect.tell)(&said, 1, now).into_bytes();
        assert_eq!(fake.signed(SECRET, body, now).post(&app).await, StatusCode::OK);
        assert_eq!(level_of(&app, &erika).await, 0, "{}", dialect.provider);
        assert_eq!(case_of(&app, case).await.state, CaseState::Collecting);
    }
}

#[tokio::test]
async fn a_webhook_about_nobody_or_somebody_else_changes_nothing() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let max = app.person("max@example.com").await;
        let (case, reference) = handed_over(&app, &erika, dialect.provider).await;
        let (_, of_max) = handed_over(&app, &max, dialect.provider).await;
        let now = app.clock_now().unix();
        fake.stands(&reference, Outcome::Green, now);

        let mut unknown = fake.known(&reference);
        unknown.id = format!("{}0", unknown.id);
        let body = (dialect.tell)(&unknown, 1, now).into_bytes();
        assert_eq!(fake.signed(SECRET, body, now).post(&app).await, StatusCode::OK, "to send it again would not help");
        assert_eq!((level_of(&app, &erika).await, level_of(&app, &max).await), (0, 0));

        // Max's case at the provider is made to be about Erika's.
        fake.change(&of_max, |known| known.case = case.to_string());
        assert_eq!(fake.decide(&app, &of_max, Outcome::Green, 2).await, StatusCode::OK);
        assert_eq!((level_of(&app, &erika).await, level_of(&app, &max).await), (0, 0), "{}", dialect.provider);

        assert_eq!(fake.tell(&app, &reference, 3).await, StatusCode::OK);
        assert_eq!((level_of(&app, &erika).await, level_of(&app, &max).await), (2, 0), "{}", dialect.provider);
    }
}

#[tokio::test]
async fn an_event_counts_once_however_often_and_in_parallel_it_comes() {
    for dialect in ALL {
        repeated(stage(dialect).await).await;
    }
}

#[tokio::test]
async fn an_event_counts_once_on_postgres_too() {
    repeated(stage_on(Backends::PostgresAndRedis, ALL[0]).await).await;
}

async fn repeated(Stage { app, fake, erika }: Stage) {
    let (_, reference) = handed_over(&app, &erika, fake.dialect.provider).await;
    let now = app.clock_now().unix();
    fake.stands(&reference, Outcome::Green, now);
    let webhook = fake.webhook(&reference, 1, now);
    let app = std::sync::Arc::new(app);
    let posts: Vec<_> = (0..10)
        .map(|_| {
            let (app, webhook) = (app.clone(), webhook.clone());
            tokio::spawn(async move { webhook.post(&app).await })
        })
        .collect();
    for post in posts {
        let status = post.await.unwrap();
        assert!(matches!(status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE), "{status}");
    }
    assert_eq!(webhook.post(&app).await, StatusCode::OK);
    assert_eq!(level_of(&app, &erika).await, 2);
    let history = app.karat.store.kyc_history(erika.id).await.unwrap();
    assert_eq!(history.iter().filter(|entry| entry.finding == "approved").count(), 1, "{}", fake.dialect.provider);
    let asked = fake.asked();
    assert_eq!(webhook.post(&app).await, StatusCode::OK);
    assert_eq!(fake.asked(), asked, "what is known is not asked for again");
}

#[tokio::test]
async fn an_approval_that_comes_after_a_later_rejection_is_not_applied() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let (case, reference) = handed_over(&app, &erika, dialect.provider).await;
        app.advance(10);
        let early = app.clock_now().unix();
        fake.stands(&reference, Outcome::Green, early);
        let approval = (dialect.tell)(&fake.known(&reference), 1, early).into_bytes();
        app.advance(100);
        assert_eq!(fake.decide(&app, &reference, Outcome::RedRetry, 2).await, StatusCode::OK);
        assert_eq!(case_of(&app, case).await.state, CaseState::RejectedRetry);
        let now = app.clock_now().unix();
        assert_eq!(fake.signed(SECRET, approval.clone(), now).post(&app).await, StatusCode::OK);
        assert_eq!(case_of(&app, case).await.state, CaseState::RejectedRetry, "{}", dialect.provider);
        // Even if the provider's API were behind its webhooks, what is older than what is known does not count.
        fake.stands(&reference, Outcome::Green, early);
        let again = (dialect.tell)(&fake.known(&reference), 3, early).into_bytes();
        assert_eq!(fake.signed(SECRET, again, now).post(&app).await, StatusCode::OK);
        assert_eq!(level_of(&app, &erika).await, 0, "{}", dialect.provider);

        app.advance(100);
        assert_eq!(fake.decide(&app, &reference, Outcome::Green, 4).await, StatusCode::OK);
        assert_eq!(level_of(&app, &erika).await, 2, "a newer approval counts");
    }
}

#[tokio::test]
async fn keys_that_stand_twice_and_bodies_that_are_no_events_are_refused_though_signed() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let (_, reference) = handed_over(&app, &erika, dialect.provider).await;
        let now = app.clock_now().unix();
        fake.stands(&reference, Outcome::Green, now);
        let right = String::from_utf8(fake.webhook(&reference, 1, now).body).unwrap();
        let twice =
            format!("{{\"type\":\"x\",{}", right.trim_start_matches('{').replacen('{', "{\"twice\":1,\"twice\":2,", 1));
        for body in [twice, "[]".to_owned(), "null".to_owned(), right[..right.len() - 1].to_owned()] {
            let status = fake.signed(SECRET, body.clone().into_bytes(), now).post(&app).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        }
        assert_eq!(level_of(&app, &erika).await, 0);
        assert_eq!(fake.tell(&app, &reference, 2).await, StatusCode::OK);
        assert_eq!(level_of(&app, &erika).await, 2, "{}", dialect.provider);
    }
}

#[tokio::test]
async fn fifty_megabytes_are_not_read_to_their_end() {
    let Stage { app, fake, erika } = stage(ALL[0]).await;
    let (_, reference) = handed_over(&app, &erika, ALL[0].provider).await;
    let padded = |size: usize| {
        let mut body = fake.webhook(&reference, 1, app.clock_now().unix()).body;
        body.resize(size, b' ');
        fake.signed(SECRET, body, 0)
    };
    let webhook = padded(50 << 20);
    let mut request = reqwest::Client::new().post(app.url(&webhook.path)).body(webhook.body);
    for (name, value) in &webhook.headers {
        request = request.header(*name, value);
    }
    // The connection may be closed before all of it was sent.
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    assert_eq!(padded((1 << 20) + 1).post(&app).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(padded(1 << 20).post(&app).await, StatusCode::OK);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_to_tell_again() {
    let Stage { app, fake, erika } = stage(ALL[0]).await;
    let (_, reference) = handed_over(&app, &erika, ALL[0].provider).await;
    fake.stands(&reference, Outcome::Green, app.clock_now().unix());
    for status in [500, 429, 401] {
        fake.fail_with(Some(status));
        assert_eq!(fake.tell(&app, &reference, 1).await, StatusCode::SERVICE_UNAVAILABLE, "{status}");
    }
    fake.fail_with(None);
    fake.take(Duration::from_secs(10));
    let begun = std::time::Instant::now();
    assert_eq!(fake.tell(&app, &reference, 1).await, StatusCode::SERVICE_UNAVAILABLE);
    assert!(begun.elapsed() < Duration::from_secs(5), "providers wait five seconds");
    assert_eq!(level_of(&app, &erika).await, 0);
    fake.take(Duration::ZERO);
    assert_eq!(fake.tell(&app, &reference, 1).await, StatusCode::OK, "the same event, told again");
    assert_eq!(level_of(&app, &erika).await, 2);
}

#[tokio::test]
async fn an_approval_for_another_level_or_of_a_child_gives_no_level() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let (case, reference) = handed_over(&app, &erika, dialect.provider).await;
        let level = fake.known(&reference).level;
        fake.change(&reference, |known| known.level = "something-simpler".to_owned());
        if !level.is_empty() {
            assert_eq!(fake.decide(&app, &reference, Outcome::Green, 1).await, StatusCode::OK);
            assert_eq!(level_of(&app, &erika).await, 0, "{}", dialect.provider);
        }
        fake.change(&reference, |known| (known.level, known.birthdate) = (level, "2010-01-16".to_owned()));
        app.advance(1);
        assert_eq!(fake.decide(&app, &reference, Outcome::Green, 2).await, StatusCode::OK);
        let rejected = case_of(&app, case).await;
        assert_eq!((rejected.state, rejected.reason), (CaseState::RejectedFinal, Some(Reason::Underage)));
        assert_eq!(level_of(&app, &erika).await, 0, "{}", dialect.provider);
    }
}

#[tokio::test]
async fn what_people_rejected_no_webhook_approves() {
    let Stage { app, fake, erika } = stage(ALL[0]).await;
    let (case, reference) = handed_over(&app, &erika, ALL[0].provider).await;
    let subject = app.karat.kyc_subject(erika.id).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    let open = change.kyc_case(case).await.unwrap().unwrap();
    let verdict = Verdict::Reject { reason: Reason::SanctionsReview, finally: true };
    let cause = Cause::of(Actor::Operator, Value::Null);
    app.karat.decide_case(&mut change, &subject, &open, &verdict, &cause).await.unwrap().unwrap();
    change.commit().await.unwrap();

    assert_eq!(fake.decide(&app, &reference, Outcome::Green, 1).await, StatusCode::OK);
    assert_eq!(level_of(&app, &erika).await, 0);
    let user = app.karat.store.user(erika.id).await.unwrap().unwrap();
    assert_eq!(app.karat.kyc_state(&user.kyc), State::Suspended);
}

#[tokio::test]
async fn without_a_providers_configuration_there_is_nobody_to_take_its_webhooks() {
    let app = TestApp::start().await;
    for dialect in ALL {
        let headers = (dialect.sign)("", b"{}", app.clock_now().unix());
        let webhook = Webhook { path: format!("/hooks/kyc/{}", dialect.provider), headers, body: b"{}".to_vec() };
        assert_eq!(webhook.post(&app).await, StatusCode::NOT_FOUND);
        assert_eq!(Webhook { path: "/hooks/kyc/review".to_owned(), ..webhook }.post(&app).await, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn who_comes_again_is_sent_to_the_same_case_at_the_provider() {
    for dialect in ALL {
        let Stage { app, fake, erika } = stage(dialect).await;
        let case = opened(&app, &erika, dialect.provider).await;
        let user = app.karat.store.user(erika.id).await.unwrap().unwrap();
        let back = app.url("/verify/status");
        let (one, other) =
            tokio::join!(app.karat.hand_over(&user, &case, &back), app.karat.hand_over(&user, &case, &back));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.host_str(), other.host_str());
        let reference = case_of(&app, case.id).await.reference;
        let cases = fake.cases();
        app.karat.hand_over(&user, &case, &back).await.unwrap();
        assert_eq!(
            (case_of(&app, case.id).await.reference, fake.cases()),
            (reference.clone(), cases),
            "{}",
            dialect.provider
        );
        assert_eq!(fake.decide(&app, &reference.unwrap(), Outcome::Green, 1).await, StatusCode::OK);
        assert!(app.karat.hand_over(&user, &case, &back).await.is_err(), "a decided case leads nowhere");
        assert_eq!(level_of(&app, &erika).await, 2);
    }
}
