//! People whose identity was verified, as a reviewer's decision leaves it.

use karat::domain::ids::CaseId;
use karat::domain::kyc::identity::{Attributes, Check, CheckMethod, Evidence, EvidenceKind};
use karat::domain::kyc::{Case, CaseState, Finding, Provider, Reason, Tier};
use karat::domain::profile::PostalAddress;
use karat::domain::time::Timestamp;
use karat::flow::kyc::{Actor, Cause, Verdict, Verified};

use super::app::{Person, TestApp};

impl TestApp {
    /// Takes a case of the person's to its approval; answers its id.
    pub async fn verify(&self, person: &Person, tier: Tier, verified: Verified) -> CaseId {
        let case = self.open_case(person, tier).await;
        self.decide(person, case, &Verdict::Approve(verified)).await;
        case
    }

    /// Verified at level 2 as [`erika`].
    pub async fn verified_person(&self, email: &str) -> Person {
        let person = self.person(email).await;
        self.verify(&person, Tier::STANDARD, erika(self.clock_now())).await;
        person
    }

    pub async fn open_case(&self, person: &Person, tier: Tier) -> CaseId {
        let now = self.clock_now();
        let case = Case {
            id: CaseId::new(self.karat.new_id()),
            user_id: person.id,
            tier,
            provider: Provider::Review,
            reference: None,
            state: CaseState::Submitted,
            reason: None,
            provider_time: None,
            created_at: now,
            submitted_at: Some(now),
            decided_at: None,
            decided_by: None,
            proposal: None,
        };
        let subject = self.karat.kyc_subject(person.id).await.unwrap().unwrap();
        let mut change = self.karat.store.begin().await.unwrap();
        change.add_kyc_case(&case).await.unwrap();
        let begun = Finding::Begun { case: case.id, tier };
        self.karat.record_finding(&mut change, &subject, &begun, &operator()).await.unwrap();
        change.commit().await.unwrap();
        case.id
    }

    pub async fn decide(&self, person: &Person, case: CaseId, verdict: &Verdict) {
        let subject = self.karat.kyc_subject(person.id).await.unwrap().unwrap();
        let case = self.karat.store.kyc_case(case).await.unwrap().unwrap();
        let mut change = self.karat.store.begin().await.unwrap();
        let changed = self.karat.decide_case(&mut change, &subject, &case, verdict, &operator()).await.unwrap();
        assert!(changed.is_some_and(|changed| changed.is_change()));
        change.commit().await.unwrap();
    }

    pub async fn reject(&self, person: &Person, case: CaseId, reason: Reason, finally: bool) {
        self.decide(person, case, &Verdict::Reject { reason, finally }).await;
    }

    /// Records what became known of a person.
    pub async fn find(&self, person: &Person, finding: Finding) {
        let subject = self.karat.kyc_subject(person.id).await.unwrap().unwrap();
        let mut change = self.karat.store.begin().await.unwrap();
        self.karat.record_finding(&mut change, &subject, &finding, &operator()).await.unwrap();
        change.commit().await.unwrap();
    }
}

fn operator() -> Cause {
    Cause::of(Actor::Operator, serde_json::json!({ "by": "a test" }))
}

/// What a passport shows of Erika Mustermann, checked at `now`. Her document says more and other things than her profile.
pub fn erika(now: Timestamp) -> Verified {
    let some = |text: &str| Some(text.to_owned());
    let check = |method, id: &str| Check { method, organization: "idp.test".into(), check_id: id.into(), at: now };
    Verified {
        attributes: Attributes {
            given_name: some("ERIKA"),
            middle_name: None,
            family_name: some("MUSTERMANN"),
            birthdate: some("1984-01-26"),
            nationalities: vec!["DE".parse().unwrap()],
            residence: Some("DE".parse().unwrap()),
            address: None,
        },
        evidence: vec![Evidence {
            kind: EvidenceKind::Passport,
            checks: vec![check(CheckMethod::Vri, "check-1"), check(CheckMethod::Pvr, "check-2")],
            issued_by: Some("DE".parse().unwrap()),
            issued_on: some("2021-03-13"),
            expires_on: some("2031-03-12"),
        }],
    }
}

/// As [`erika`], with a bill that shows where she lives.
pub fn erika_at_home(now: Timestamp) -> Verified {
    let mut verified = erika(now);
    let some = |text: &str| Some(text.to_owned());
    verified.attributes.address = Some(PostalAddress {
        street_address: some("Heidestrasse 17"),
        locality: some("Cologne"),
        postal_code: some("51147"),
        country: some("DE"),
        ..PostalAddress::default()
    });
    verified.evidence.push(Evidence {
        kind: EvidenceKind::UtilityStatement,
        checks: vec![Check {
            method: CheckMethod::Vri,
            organization: "idp.test".into(),
            check_id: "check-3".into(),
            at: now,
        }],
        issued_by: None,
        issued_on: some("2026-01-02"),
        expires_on: None,
    });
    verified
}
