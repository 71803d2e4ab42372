//! Takes the demo's ready-made people to where they stand, by the functions that reviewers and pages use.

use anyhow::Context as _;
use serde_json::json;

use crate::crypto::random::random_bytes;
use crate::demo::people::{DemoPerson, DemoStanding};
use crate::domain::hold::HoldCause;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::identity::{Attributes, Check, CheckMethod, Evidence, EvidenceKind};
use crate::domain::kyc::{Case, CaseState, DocumentKind, Finding, MediaType, Provider, Reason, Tier};
use crate::domain::phone::Country;
use crate::domain::role::Role;
use crate::flow::Karat;
use crate::flow::admin::Authority;
use crate::flow::kyc::draft::DocumentDraft;
use crate::flow::kyc::{Actor, Cause, Draft, Verdict, Verified};
use crate::storage::kyc::documents::Document;

pub(super) async fn take_there(karat: &Karat, user: UserId, person: &DemoPerson) -> anyhow::Result<()> {
    if let Some(seed) = person.authenticator_seed {
        karat.give_totp(user, "The demo desk", seed).await?;
    }
    match person.standing {
        DemoStanding::Unverified => {}
        DemoStanding::Verified(level) => verify(karat, user, person, level).await?,
        DemoStanding::Waiting => {
            apply(karat, user, person, Tier::STANDARD).await?;
        }
        DemoStanding::Suspended => {
            verify(karat, user, person, 2).await?;
            let subject = karat.kyc_subject(user).await?.context("the person is there")?;
            let mut change = karat.store.begin().await?;
            let finding = Finding::Suspended { reason: Reason::SanctionsReview };
            karat.record_finding(&mut change, &subject, &finding, &operator()).await?;
            change.commit().await?;
        }
        DemoStanding::OnHold => {
            verify(karat, user, person, 2).await?;
            let subject = karat.kyc_subject(user).await?.context("the person is there")?;
            let mut change = karat.store.begin().await?;
            karat.start_hold(&mut change, &subject.user, HoldCause::PasswordChanged).await?;
            change.commit().await?;
        }
        DemoStanding::Reviewer => {
            karat.grant_role(&Authority::operator(), user, Role::Compliance, "").await?;
        }
        DemoStanding::Owner => {
            karat.grant_role(&Authority::operator(), user, Role::Owner, "").await?;
        }
    }
    Ok(())
}

async fn verify(karat: &Karat, user: UserId, person: &DemoPerson, level: u8) -> anyhow::Result<()> {
    let tier = Tier::try_from(level)?;
    let case = apply(karat, user, person, tier).await?;
    let draft = draft(person)?;
    let document = draft.document.context("a document")?;
    let now = karat.now();
    let check = |method| Check { method, organization: "demo desk".to_owned(), check_id: case.id.to_string(), at: now };
    let verified = Verified {
        attributes: draft.attributes,
        evidence: vec![Evidence {
            kind: document.kind,
            checks: vec![check(CheckMethod::Vri), check(CheckMethod::Pvr)],
            issued_by: Some(document.issued_by),
            issued_on: None,
            expires_on: document.expires_on,
        }],
    };
    let subject = karat.kyc_subject(user).await?.context("the person is there")?;
    let mut change = karat.store.begin().await?;
    karat.decide_case(&mut change, &subject, &case, &Verdict::Approve(verified), &operator()).await?;
    Ok(change.commit().await?)
}

/// An application as a person hands it in, with a picture of nothing in particular.
async fn apply(karat: &Karat, user: UserId, person: &DemoPerson, tier: Tier) -> anyhow::Result<Case> {
    let (now, draft, picture) = (karat.now(), draft(person)?, picture()?);
    let collecting = Case {
        id: CaseId::new(karat.new_id()),
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
    let case = Case { state: CaseState::Submitted, submitted_at: Some(now), ..collecting.clone() };
    let subject = karat.kyc_subject(user).await?.context("the person is there")?;
    let cause = Cause::of(Actor::Person, json!({}));
    let mut change = karat.store.begin().await?;
    change.add_kyc_case(&collecting).await?;
    karat.record_finding(&mut change, &subject, &Finding::Begun { case: case.id, tier }, &cause).await?;
    let key = change.person_key(user, now).await?;
    change.set_kyc_draft(case.id, &key, &draft).await?;
    for kind in [DocumentKind::Front, DocumentKind::Selfie] {
        let document = Document {
            id: karat.new_id().to_string(),
            case_id: case.id,
            user_id: user,
            kind,
            media_type: MediaType::Jpeg,
            size: i64::try_from(picture.len())?,
            created_at: now,
            delete_at: None,
        };
        change.set_kyc_document(&key, &document, &picture).await?;
    }
    change.set_kyc_case(&case, CaseState::Collecting).await?;
    let document = draft.document.as_ref().map(|document| (document.issued_by, document.number.as_str()));
    karat.note_fingerprints(&mut change, &case, &draft.attributes, document).await?;
    karat.record_finding(&mut change, &subject, &Finding::Submitted { case: case.id }, &cause).await?;
    change.commit().await?;
    Ok(case)
}

fn draft(person: &DemoPerson) -> anyhow::Result<Draft> {
    let given = person.profile.as_ref().context("who is verified has a name")?;
    let germany: Country = "DE".parse().map_err(anyhow::Error::msg)?;
    let some = |text: &str| Some(text.to_owned());
    Ok(Draft {
        attributes: Attributes {
            given_name: some(given.given_name),
            middle_name: given.middle_name.map(str::to_owned),
            family_name: some(given.family_name),
            birthdate: some(given.birthdate.unwrap_or("1988-05-17")),
            nationalities: vec![germany],
            residence: Some(germany),
            address: None,
        },
        document: Some(DocumentDraft {
            kind: EvidenceKind::Passport,
            number: format!("C{:07}", u32::from_le_bytes(random_bytes()) % 10_000_000),
            issued_by: germany,
            expires_on: some("2034-08-31"),
        }),
        ..Draft::default()
    })
}

/// A small picture with a frame, where a passport or a face would be.
fn picture() -> anyhow::Result<Vec<u8>> {
    let (wide, high) = (480, 320);
    let drawn = image::RgbImage::from_fn(wide, high, |x, y| {
        let is_frame = x < 12 || y < 12 || x >= wide - 12 || y >= high - 12;
        let is_photo = (40..170).contains(&x) && (70..250).contains(&y);
        let is_line = (200..430).contains(&x) && y % 40 < 12 && (80..250).contains(&y);
        image::Rgb(match (is_frame, is_photo, is_line) {
            (true, ..) => [122, 36, 52],
            (_, true, _) => [186, 170, 150],
            (.., true) => [120, 128, 140],
            _ => [238, 232, 220],
        })
    });
    let mut written = std::io::Cursor::new(Vec::new());
    drawn.write_to(&mut written, image::ImageFormat::Jpeg)?;
    Ok(written.into_inner())
}

fn operator() -> Cause {
    Cause::of(Actor::Operator, json!({ "by": "the demo" }))
}
