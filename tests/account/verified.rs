//! Verifying people without the pages: the same flow that reviewers, rules and providers use.

use karat::domain::ids::{CaseId, UserId};
use karat::domain::kyc::identity::{Attributes, Check, CheckMethod, Evidence, EvidenceKind};
use karat::domain::kyc::{Case, CaseState, DocumentKind, Finding, MediaType, Provider, Reason, Tier};
use karat::flow::kyc::draft::DocumentDraft;
use karat::flow::kyc::{Actor, Cause, Draft, Verdict, Verified};
use karat::storage::kyc::documents::Document;
use serde_json::json;

use crate::support::TestApp;

pub const PASSPORT_NUMBER: &str = "X7654321";
pub const PICTURE: &[u8] = b"what the picture shows";

/// An application that is with the reviewers, with a picture.
pub async fn applied(app: &TestApp, user: UserId, tier: Tier) -> Case {
    let case = begun(app, user, tier).await;
    let submitted = Case { state: CaseState::Submitted, submitted_at: Some(app.clock_now()), ..case.clone() };
    let subject = app.karat.kyc_subject(user).await.unwrap().unwrap();
    let cause = Cause::of(Actor::Person, json!({}));
    let mut change = app.karat.store.begin().await.unwrap();
    assert!(change.set_kyc_case(&submitted, CaseState::Collecting).await.unwrap());
    app.karat.record_finding(&mut change, &subject, &Finding::Submitted { case: case.id }, &cause).await.unwrap();
    change.commit().await.unwrap();
    submitted
}

/// An application that the person is filling in.
pub async fn begun(app: &TestApp, user: UserId, tier: Tier) -> Case {
    let now = app.clock_now();
    let case = Case {
        id: CaseId::new(app.karat.new_id()),
        user_id: user,
        tier,
        provider: Provider::Review,
        reference: None,
        state: CaseState::Collecting,
        reason: None,
        provider_time: None,
        created_at: now,
        submitted_at: None,
        decided_at: None,
        decided_by: None,
        proposal: None,
    };
    let draft = Draft {
        attributes: attributes(),
        document: Some(DocumentDraft {
            kind: EvidenceKind::Passport,
            number: PASSPORT_NUMBER.into(),
            issued_by: "ES".parse().unwrap(),
            expires_on: None,
        }),
        ..Draft::default()
    };
    let picture = Document {
        id: app.karat.new_id().to_string(),
        case_id: case.id,
        user_id: user,
        kind: DocumentKind::Front,
        media_type: MediaType::Jpeg,
        size: PICTURE.len() as i64,
        created_at: now,
        delete_at: None,
    };
    let subject = app.karat.kyc_subject(user).await.unwrap().unwrap();
    let cause = Cause::of(Actor::Person, json!({}));
    let mut change = app.karat.store.begin().await.unwrap();
    let key = change.person_key(user, now).await.unwrap();
    change.add_kyc_case(&case).await.unwrap();
    assert!(change.set_kyc_draft(case.id, &key, &draft).await.unwrap());
    change.set_kyc_document(&key, &picture, PICTURE).await.unwrap();
    let finding = Finding::Begun { case: case.id, tier };
    app.karat.record_finding(&mut change, &subject, &finding, &cause).await.unwrap();
    change.commit().await.unwrap();
    case
}

/// Decides as an operator does.
pub async fn decided(app: &TestApp, case: &Case, verdict: Verdict) {
    let subject = app.karat.kyc_subject(case.user_id).await.unwrap().unwrap();
    let cause = Cause::of(Actor::Operator, json!({}));
    let mut change = app.karat.store.begin().await.unwrap();
    let case = change.kyc_case(case.id).await.unwrap().unwrap();
    assert!(app.karat.decide_case(&mut change, &subject, &case, &verdict, &cause).await.unwrap().is_some());
    change.commit().await.unwrap();
}

/// A person who has the level, on a passport that expires on a day (`YYYY-MM-DD`).
pub async fn verified(app: &TestApp, user: UserId, tier: Tier, expires_on: Option<&str>) -> Case {
    let case = applied(app, user, tier).await;
    let check = Check {
        method: CheckMethod::Vri,
        organization: "id.test".into(),
        check_id: case.id.to_string(),
        at: app.clock_now(),
    };
    let evidence = Evidence {
        kind: EvidenceKind::Passport,
        checks: vec![check],
        issued_by: Some("ES".parse().unwrap()),
        issued_on: None,
        expires_on: expires_on.map(str::to_owned),
    };
    decided(app, &case, Verdict::Approve(Verified { attributes: attributes(), evidence: vec![evidence] })).await;
    case
}

pub fn rejection(reason: Reason, finally: bool) -> Verdict {
    Verdict::Reject { reason, finally }
}

fn attributes() -> Attributes {
    Attributes {
        given_name: Some("Ada".into()),
        family_name: Some("Montenegro Ruiz".into()),
        birthdate: Some("1990-12-10".into()),
        nationalities: vec!["ES".parse().unwrap()],
        residence: Some("ES".parse().unwrap()),
        ..Attributes::default()
    }
}
