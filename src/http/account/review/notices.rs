//! What the pages of reviewers say once after a form.

use crate::pages::{Message, keys};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewNotice {
    Approved,
    Rejected,
    /// Another reviewer has to agree.
    Proposed,
    SentBack,
    Noted,
    /// Nothing was changed: somebody was faster.
    Meanwhile,
    /// What was filled in cannot be read any more.
    Unreadable,
    NoteNeeded,
    NobodyFound,
    Suspended,
    Reinstated,
    Revoked,
    /// Before the pages open, a second factor has to be added.
    FactorNeeded,
}

impl ReviewNotice {
    const ALL: [ReviewNotice; 13] = [
        Self::Approved,
        Self::Rejected,
        Self::Proposed,
        Self::SentBack,
        Self::Noted,
        Self::Meanwhile,
        Self::Unreadable,
        Self::NoteNeeded,
        Self::NobodyFound,
        Self::Suspended,
        Self::Reinstated,
        Self::Revoked,
        Self::FactorNeeded,
    ];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.slug() == text)
    }

    pub const fn slug(self) -> &'static str {
        match self {
            Self::Approved => "review-approved",
            Self::Rejected => "review-rejected",
            Self::Proposed => "review-proposed",
            Self::SentBack => "review-sent-back",
            Self::Noted => "review-noted",
            Self::Meanwhile => "review-meanwhile",
            Self::Unreadable => "review-unreadable",
            Self::NoteNeeded => "review-note-needed",
            Self::NobodyFound => "review-nobody-found",
            Self::Suspended => "review-suspended",
            Self::Reinstated => "review-reinstated",
            Self::Revoked => "review-revoked",
            Self::FactorNeeded => "review-factor-needed",
        }
    }

    pub fn message(self) -> Message {
        Message::new(match self {
            Self::Approved => keys::NOTICE_REVIEW_APPROVED,
            Self::Rejected => keys::NOTICE_REVIEW_REJECTED,
            Self::Proposed => keys::NOTICE_REVIEW_PROPOSED,
            Self::SentBack => keys::NOTICE_REVIEW_SENT_BACK,
            Self::Noted => keys::NOTICE_REVIEW_NOTED,
            Self::Meanwhile => keys::NOTICE_REVIEW_MEANWHILE,
            Self::Unreadable => keys::NOTICE_REVIEW_UNREADABLE,
            Self::NoteNeeded => keys::NOTICE_REVIEW_NOTE_NEEDED,
            Self::NobodyFound => keys::NOTICE_REVIEW_NOBODY_FOUND,
            Self::Suspended => keys::NOTICE_REVIEW_SUSPENDED,
            Self::Reinstated => keys::NOTICE_REVIEW_REINSTATED,
            Self::Revoked => keys::NOTICE_REVIEW_REVOKED,
            Self::FactorNeeded => keys::NOTICE_REVIEW_FACTOR_NEEDED,
        })
    }
}
