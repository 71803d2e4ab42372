//! Pictures and papers that a person shows for a case.

use serde::{Deserialize, Serialize};

/// What it shows. A case has at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Of the identity document: the page, or the side, with the picture.
    Front,
    /// Its other side.
    Back,
    /// The face, with the document.
    Selfie,
    AddressProof,
    /// A paper that shows where the money comes from.
    FundsProof,
}

impl DocumentKind {
    pub const ALL: [DocumentKind; 5] = [Self::Front, Self::Back, Self::Selfie, Self::AddressProof, Self::FundsProof];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
            Self::Selfie => "selfie",
            Self::AddressProof => "address_proof",
            Self::FundsProof => "funds_proof",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Papers also come as PDF. What shows a face is a picture.
    pub const fn may_be_pdf(self) -> bool {
        matches!(self, Self::AddressProof | Self::FundsProof)
    }
}

/// What is kept. Pictures are always kept as JPEG, written by Karat itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// As it was sent: never rendered here.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl MediaType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Jpeg, Self::Pdf].into_iter().find(|media| media.as_str() == text)
    }

    /// Of a file that is saved.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Pdf => "pdf",
        }
    }
}
