//! The steps of an application: which ones a level takes, in their order, and which of them are done.

use std::collections::BTreeSet;

use super::draft::{DocumentDraft, Draft};
use crate::config::Proof;
use crate::domain::kyc::identity::EvidenceKind;
use crate::domain::kyc::{Case, DocumentKind};
use crate::storage::kyc::documents::Document;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Details,
    Phone,
    Document,
    Selfie,
    Address,
    AddressProof,
    Funds,
}

impl Step {
    pub const ALL: [Step; 7] =
        [Self::Details, Self::Phone, Self::Document, Self::Selfie, Self::Address, Self::AddressProof, Self::Funds];

    /// The last word of its page's path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Details => "details",
            Self::Phone => "phone",
            Self::Document => "document",
            Self::Selfie => "selfie",
            Self::Address => "address",
            Self::AddressProof => "address-proof",
            Self::Funds => "funds",
        }
    }

    const fn proof(self) -> Proof {
        match self {
            Self::Details => Proof::Details,
            Self::Phone => Proof::Phone,
            Self::Document => Proof::Document,
            Self::Selfie => Proof::Selfie,
            Self::Address | Self::AddressProof => Proof::Address,
            Self::Funds => Proof::Funds,
        }
    }

    pub fn of(proofs: &BTreeSet<Proof>) -> impl Iterator<Item = Step> {
        Self::ALL.into_iter().filter(|step| proofs.contains(&step.proof()))
    }
}

/// A step, and whether nothing is missing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub step: Step,
    pub is_done: bool,
}

/// An application that is not decided.
#[derive(Clone, Debug)]
pub struct Application {
    pub case: Case,
    pub draft: Draft,
    pub documents: Vec<Document>,
    /// Of the level applied for; empty when a provider asks everything itself.
    pub steps: Vec<Mark>,
}

impl Application {
    /// The first one that something is missing in.
    pub fn next_step(&self) -> Option<Step> {
        self.steps.iter().find(|mark| !mark.is_done).map(|mark| mark.step)
    }

    pub fn has(&self, kind: DocumentKind) -> bool {
        self.documents.iter().any(|document| document.kind == kind)
    }

    pub fn takes(&self, step: Step) -> bool {
        self.steps.iter().any(|mark| mark.step == step)
    }
}

pub(super) fn is_done(step: Step, draft: &Draft, shown: &BTreeSet<DocumentKind>, has_phone: bool) -> bool {
    let attributes = &draft.attributes;
    match step {
        Step::Details => {
            attributes.family_name.is_some()
                && attributes.birthdate.is_some()
                && !attributes.nationalities.is_empty()
                && attributes.residence.is_some()
        }
        Step::Phone => has_phone,
        Step::Document => draft.document.as_ref().is_some_and(|document| {
            shown.contains(&DocumentKind::Front) && (!document.has_two_sides() || shown.contains(&DocumentKind::Back))
        }),
        Step::Selfie => shown.contains(&DocumentKind::Selfie),
        Step::Address => attributes.address.as_ref().is_some_and(|address| !address.is_empty()),
        Step::AddressProof => draft.address_proof.is_some() && shown.contains(&DocumentKind::AddressProof),
        Step::Funds => draft.funds.is_some(),
    }
}

impl DocumentDraft {
    /// A passport says everything on one page.
    pub fn has_two_sides(&self) -> bool {
        self.kind != EvidenceKind::Passport
    }
}
