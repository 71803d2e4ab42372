//! What a person shows in an application: the identity document, the face, proofs of the address and of where the money comes from.

use chrono::Days;

use super::draft::{AddressProofDraft, DocumentDraft, Draft, FundsDraft, FundsSource};
use super::entries::country;
use super::pictures::{Prepared, Unfit};
use super::rules::{day, today};
use super::steps::Application;
use crate::domain::kyc::DocumentKind;
use crate::domain::kyc::identity::EvidenceKind;
use crate::domain::time::Seconds;
use crate::flow::Refused;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;
use crate::pages::{FieldErrors, Message, keys};

const LONGEST_NOTE: usize = 1_000;
/// Characters of a document's number: the shortest are of small countries, the longest of driving licences.
const NUMBER: std::ops::RangeInclusive<usize> = 4..=30;

/// The bytes of one file field, as sent; `None`: the person chose no file.
pub type Upload = Option<Vec<u8>>;

/// `/verify/document` as typed.
#[derive(Clone, Debug, Default)]
pub struct DocumentEntry {
    pub kind: String,
    pub issued_by: String,
    pub number: String,
    pub expires_on: String,
}

/// `/verify/address-proof` as typed.
#[derive(Clone, Debug, Default)]
pub struct AddressProofEntry {
    pub kind: String,
    pub issued_on: String,
}

/// `/verify/funds` as typed.
#[derive(Clone, Debug, Default)]
pub struct FundsEntry {
    pub source: String,
    pub note: String,
}

impl Karat {
    pub async fn keep_document(
        &self,
        owner: Owner<'_>,
        entry: &DocumentEntry,
        (front, back): (Upload, Upload),
    ) -> Result<(), Refused> {
        let open = self.collecting(&owner.signed_in.user).await?.ok_or(Refused::Gone)?;
        let mut errors = FieldErrors::none();
        let document = self.checked_document(entry, &mut errors);
        let two_sides = document.as_ref().is_some_and(DocumentDraft::has_two_sides);
        self.require(&open, DocumentKind::Front, &front, &mut errors);
        if two_sides {
            self.require(&open, DocumentKind::Back, &back, &mut errors);
        }
        let uploads = [(DocumentKind::Front, front), (DocumentKind::Back, back.filter(|_| two_sides))];
        let papers = self.prepared(uploads.into(), &mut errors).await?;
        match document.filter(|_| errors.is_empty()) {
            Some(document) => self.keep_step(owner, |draft| draft.document = Some(document), papers).await,
            None => Err(Refused::Form(errors)),
        }
    }

    pub async fn keep_selfie(&self, owner: Owner<'_>, picture: Upload) -> Result<(), Refused> {
        let open = self.collecting(&owner.signed_in.user).await?.ok_or(Refused::Gone)?;
        let mut errors = FieldErrors::none();
        self.require(&open, DocumentKind::Selfie, &picture, &mut errors);
        let papers = self.prepared(vec![(DocumentKind::Selfie, picture)], &mut errors).await?;
        match errors.is_empty() {
            true => self.keep_step(owner, |_| {}, papers).await,
            false => Err(Refused::Form(errors)),
        }
    }

    pub async fn keep_address_proof(
        &self,
        owner: Owner<'_>,
        entry: &AddressProofEntry,
        paper: Upload,
    ) -> Result<(), Refused> {
        let open = self.collecting(&owner.signed_in.user).await?.ok_or(Refused::Gone)?;
        let mut errors = FieldErrors::none();
        let proof = self.checked_address_proof(entry, &mut errors);
        self.require(&open, DocumentKind::AddressProof, &paper, &mut errors);
        let papers = self.prepared(vec![(DocumentKind::AddressProof, paper)], &mut errors).await?;
        match proof.filter(|_| errors.is_empty()) {
            Some(proof) => self.keep_step(owner, |draft| draft.address_proof = Some(proof), papers).await,
            None => Err(Refused::Form(errors)),
        }
    }

    /// A paper helps, and is not asked for.
    pub async fn keep_funds(&self, owner: Owner<'_>, entry: &FundsEntry, paper: Upload) -> Result<(), Refused> {
        let mut errors = FieldErrors::none();
        let funds = entry.checked(&mut errors);
        let papers = self.prepared(vec![(DocumentKind::FundsProof, paper)], &mut errors).await?;
        match funds.filter(|_| errors.is_empty()) {
            Some(funds) => self.keep_step(owner, |draft: &mut Draft| draft.funds = Some(funds), papers).await,
            None => Err(Refused::Form(errors)),
        }
    }

    fn require(&self, open: &Application, kind: DocumentKind, upload: &Upload, errors: &mut FieldErrors) {
        if upload.is_none() && !open.has(kind) {
            errors.push(kind.as_str(), Message::new(keys::FILE_REQUIRED));
        }
    }

    /// Judges the files, when nothing else is wrong: looking at pictures takes time.
    async fn prepared(
        &self,
        uploads: Vec<(DocumentKind, Upload)>,
        errors: &mut FieldErrors,
    ) -> Result<Vec<Prepared>, Refused> {
        let mut prepared = Vec::new();
        if !errors.is_empty() {
            return Ok(prepared);
        }
        let limit = self.settings.kyc.document_size_limit.0;
        for (kind, upload) in uploads {
            let Some(upload) = upload else { continue };
            match self.pictures.prepare(kind, upload, limit).await? {
                Ok(paper) => prepared.push(paper),
                Err(Unfit::TooSmall) => errors.push(kind.as_str(), Message::new(keys::FILE_TOO_SMALL)),
                Err(Unfit::TooLarge) => errors.push(kind.as_str(), too_large(limit)),
                Err(Unfit::Unreadable) if kind.may_be_pdf() => {
                    errors.push(kind.as_str(), Message::new(keys::FILE_NO_PAPER));
                }
                Err(Unfit::Unreadable) => errors.push(kind.as_str(), Message::new(keys::FILE_NO_PICTURE)),
            }
        }
        Ok(prepared)
    }

    fn checked_document(&self, entry: &DocumentEntry, errors: &mut FieldErrors) -> Option<DocumentDraft> {
        let kind = EvidenceKind::parse(entry.kind.trim()).filter(|kind| EvidenceKind::IDENTITY.contains(kind));
        if kind.is_none() {
            errors.push("kind", Message::new(keys::DOCUMENT_KIND_REQUIRED));
        }
        let issued_by = country(errors, "issued_by", &entry.issued_by);
        let number: String = entry.number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let number = number.to_uppercase();
        let is_number = NUMBER.contains(&number.chars().count()) && number.chars().all(char::is_alphanumeric);
        if !is_number {
            errors.push("number", Message::new(keys::DOCUMENT_NUMBER_INVALID));
        }
        let expires_on = Some(entry.expires_on.trim().to_owned()).filter(|text| !text.is_empty());
        match expires_on.as_deref().map(day) {
            Some(Some(last)) if Some(last) < today(self.now()) => {
                errors.push("expires_on", Message::new(keys::DOCUMENT_EXPIRED));
            }
            Some(Some(_)) => {}
            // Some identity cards of elderly people have no end; nothing else comes without one.
            None if kind == Some(EvidenceKind::Idcard) => {}
            None | Some(None) => errors.push("expires_on", Message::new(keys::DATE_REQUIRED)),
        }
        Some(DocumentDraft { kind: kind?, number, issued_by: issued_by?, expires_on })
    }

    fn checked_address_proof(&self, entry: &AddressProofEntry, errors: &mut FieldErrors) -> Option<AddressProofDraft> {
        let kind = EvidenceKind::parse(entry.kind.trim()).filter(|kind| EvidenceKind::ADDRESS.contains(kind));
        if kind.is_none() {
            errors.push("kind", Message::new(keys::DOCUMENT_KIND_REQUIRED));
        }
        let issued_on = entry.issued_on.trim().to_owned();
        let age = self.settings.kyc.address_proof_age.0 / Seconds::days(1).0;
        let oldest = today(self.now()).and_then(|today| today.checked_sub_days(Days::new(u64::try_from(age).ok()?)));
        match day(&issued_on) {
            Some(issued) if Some(issued) < oldest => {
                errors.push("issued_on", Message::new(keys::PROOF_TOO_OLD).with("days", age));
            }
            Some(issued) if Some(issued) <= today(self.now()) => {}
            _ => errors.push("issued_on", Message::new(keys::DATE_REQUIRED)),
        }
        Some(AddressProofDraft { kind: kind?, issued_on })
    }
}

impl FundsEntry {
    fn checked(&self, errors: &mut FieldErrors) -> Option<FundsDraft> {
        let source = FundsSource::parse(self.source.trim());
        if source.is_none() {
            errors.push("source", Message::new(keys::FUNDS_SOURCE_REQUIRED));
        }
        let note: String =
            self.note.trim().chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
        if note.is_empty() {
            errors.push("note", Message::new(keys::FUNDS_NOTE_REQUIRED));
        } else if note.chars().count() > LONGEST_NOTE {
            let longest = i64::try_from(LONGEST_NOTE).unwrap_or(i64::MAX);
            errors.push("note", Message::new(keys::TEXT_TOO_LONG).with("max", longest));
        }
        Some(FundsDraft { source: source?, note })
    }
}

fn too_large(limit: usize) -> Message {
    Message::new(keys::FILE_TOO_LARGE).with("megabytes", i64::try_from((limit >> 20).max(1)).unwrap_or(i64::MAX))
}

impl From<&DocumentDraft> for DocumentEntry {
    fn from(draft: &DocumentDraft) -> Self {
        Self {
            kind: draft.kind.as_str().to_owned(),
            issued_by: draft.issued_by.to_string(),
            number: draft.number.clone(),
            expires_on: draft.expires_on.clone().unwrap_or_default(),
        }
    }
}

impl From<&AddressProofDraft> for AddressProofEntry {
    fn from(draft: &AddressProofDraft) -> Self {
        Self { kind: draft.kind.as_str().to_owned(), issued_on: draft.issued_on.clone() }
    }
}

impl From<&FundsDraft> for FundsEntry {
    fn from(draft: &FundsDraft) -> Self {
        Self { source: draft.source.as_str().to_owned(), note: draft.note.clone() }
    }
}
