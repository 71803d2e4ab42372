//! Applications for a verification level, as if a person had filled them in.

use karat::domain::ids::CaseId;
use karat::domain::kyc::identity::{Attributes, EvidenceKind};
use karat::domain::kyc::{Case, CaseState, DocumentKind, Finding, MediaType, Provider, Tier};
use karat::flow::Karat;
use karat::flow::kyc::draft::DocumentDraft;
use karat::flow::kyc::{Actor, Cause, Draft};
use karat::storage::kyc::documents::Document;

use karat::domain::ids::UserId;

/// What Erika fills in for level 2.
pub fn draft() -> Draft {
    let some = |text: &str| Some(text.to_owned());
    Draft {
        attributes: Attributes {
            given_name: some("Erika"),
            family_name: some("Mustermann"),
            birthdate: some("1984-01-26"),
            nationalities: vec!["DE".parse().unwrap()],
            residence: Some("DE".parse().unwrap()),
            ..Attributes::default()
        },
        document: Some(DocumentDraft {
            kind: EvidenceKind::Passport,
            number: "C01X0006H".to_owned(),
            issued_by: "DE".parse().unwrap(),
            expires_on: some("2031-03-12"),
        }),
        ..Draft::default()
    }
}

/// An application that waits for the reviewers, with a picture.
pub async fn submitted(karat: &Karat, person: UserId, tier: Tier, draft: &Draft) -> Case {
    apply(karat, person, tier, Provider::Review, draft).await
}

pub async fn apply(karat: &Karat, person: UserId, tier: Tier, provider: Provider, draft: &Draft) -> Case {
    let now = karat.now();
    let mut case = Case {
        id: CaseId::new(karat.new_id()),
        user_id: person,
        tier,
        provider,
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
    let subject = karat.kyc_subject(person).await.unwrap().expect("the person is there");
    let cause = Cause::of(Actor::Person, serde_json::json!({}));
    let mut change = karat.store.begin().await.unwrap();
    change.add_kyc_case(&case).await.unwrap();
    karat.record_finding(&mut change, &subject, &Finding::Begun { case: case.id, tier }, &cause).await.unwrap();
    let key = change.person_key(person, now).await.unwrap();
    assert!(change.set_kyc_draft(case.id, &key, draft).await.unwrap());
    let picture = Document {
        id: karat.new_id().to_string(),
        case_id: case.id,
        user_id: person,
        kind: DocumentKind::Front,
        media_type: MediaType::Jpeg,
        size: PICTURE.len() as i64,
        created_at: now,
        delete_at: None,
    };
    change.set_kyc_document(&key, &picture, PICTURE).await.unwrap();
    case.state = CaseState::Submitted;
    case.submitted_at = Some(now);
    assert!(change.set_kyc_case(&case, CaseState::Collecting).await.unwrap());
    let document = draft.document.as_ref().map(|document| (document.issued_by, document.number.as_str()));
    karat.note_fingerprints(&mut change, &case, &draft.attributes, document).await.unwrap();
    karat.record_finding(&mut change, &subject, &Finding::Submitted { case: case.id }, &cause).await.unwrap();
    change.commit().await.unwrap();
    case
}

/// What stands for a picture.
pub const PICTURE: &[u8] = b"\xff\xd8\xff\xe0 the front of a passport \xff\xd9";
