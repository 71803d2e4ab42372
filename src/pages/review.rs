//! `/review`: what the operator's own people see of applications for a verification level.

use serde::Serialize;

use super::{FieldErrors, Page};
use crate::domain::time::Timestamp;

/// `/review`. Each case is a link (`case-<n>`, from 1). Posts `email` to `/review/find`; button `find-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct QueuePage {
    pub now: Timestamp,
    /// What stands after `review-state-`; `waiting` for those that wait for a decision.
    pub state: &'static str,
    /// 0: every level.
    pub level: u8,
    pub states: Vec<&'static str>,
    pub cases: Vec<CaseRow>,
    /// Links to the first page of the list, when this is another, and to the one after this.
    pub beginning: Option<String>,
    pub further: Option<String>,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Serialize)]
pub struct CaseRow {
    pub id: String,
    /// `None`: the account is gone.
    pub email: Option<String>,
    pub level: u8,
    /// What stands after `review-state-`.
    pub state: &'static str,
    /// `None`: the operator's own people decide.
    pub provider: Option<&'static str>,
    pub since: Timestamp,
    /// The same was told in another account.
    pub is_doubtful: bool,
}

/// `/review/{case}`. While the case waits and the reviewer may decide: posts `note` to `approve` (button `approve-submit`), `reason`,
/// `final` and `reject_note` to `reject` (button `reject-submit`); with a proposal of somebody else to `confirm` (`confirm-submit`) and
/// `send-back` (`send-back-submit`). `words` go to `note` (button `note-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct CasePage {
    pub now: Timestamp,
    pub id: String,
    pub person: PersonBadge,
    pub level: u8,
    pub state: &'static str,
    pub provider: Option<&'static str>,
    pub reason: Option<&'static str>,
    pub created_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    /// `None`: nothing is filled in, or it cannot be read any more.
    pub told: Option<Told>,
    pub documents: Vec<DocumentRow>,
    pub duplicates: Vec<DuplicateRow>,
    pub proposal: Option<ProposalRow>,
    pub decide: Decide,
    /// Else whoever looks only reads.
    pub may_note: bool,
    /// Two reviewers are needed.
    pub four_eyes: bool,
    pub reasons: Vec<&'static str>,
    pub notes: Vec<NoteRow>,
    pub history: Vec<HistoryRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PersonBadge {
    pub id: String,
    pub email: Option<String>,
    pub level: u8,
    /// What stands after `review-standing-`.
    pub standing: &'static str,
}

/// What the person filled in.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Told {
    pub name: String,
    pub birthdate: Option<String>,
    pub age: Option<i64>,
    pub underage: bool,
    pub nationalities: Vec<String>,
    pub residence: Option<String>,
    /// Nobody is served there.
    pub restricted: bool,
    /// Line by line.
    pub address: Vec<String>,
    pub document: Option<ToldDocument>,
    pub address_proof: Option<ToldPaper>,
    pub funds: Option<ToldFunds>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ToldDocument {
    pub kind: &'static str,
    pub number: String,
    pub issued_by: String,
    pub expires_on: Option<String>,
    pub expired: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct ToldPaper {
    pub kind: &'static str,
    pub issued_on: String,
    /// Older than the operator takes.
    pub old: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct ToldFunds {
    pub source: &'static str,
    pub note: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct DocumentRow {
    /// What stands after `review-document-`, and the last segment of its address.
    pub kind: &'static str,
    /// Else it is a paper to be saved.
    pub picture: bool,
    pub kilobytes: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct DuplicateRow {
    /// `document` or `person`.
    pub what: &'static str,
    pub person: String,
    pub email: Option<String>,
    pub case: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ProposalRow {
    pub by: String,
    pub at: Timestamp,
    /// `None`: to approve.
    pub reason: Option<&'static str>,
    pub finally: bool,
}

/// What the one who looks may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decide {
    /// It is decided, or not handed in.
    Nothing,
    /// A provider decides.
    Provider,
    /// Their second factor comes first: a link (`prove-link`).
    Prove,
    Judge,
    /// Another proposed.
    Second,
    /// They proposed themselves.
    TakeBack,
}

#[derive(Clone, Debug, Serialize)]
pub struct NoteRow {
    pub by: String,
    pub at: Timestamp,
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct HistoryRow {
    pub at: Timestamp,
    /// What stands after `review-finding-`; `None` for what this version does not know.
    pub finding: Option<&'static str>,
    pub from_level: i64,
    pub to_level: i64,
    pub reason: Option<&'static str>,
    pub by: String,
}

/// `/review/people/{id}`. Posts `reason` and `suspend_note` to `suspend` (button `suspend-submit`), `reinstate_note` to `reinstate` (button
/// `reinstate-submit`), `level` and `revoke_note` to `revoke` (button `revoke-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct PersonPage {
    pub now: Timestamp,
    pub person: PersonBadge,
    pub attained: Vec<AttainedRow>,
    /// Why.
    pub suspended: Option<&'static str>,
    pub suspended_since: Option<Timestamp>,
    /// May not apply again until somebody reinstates them.
    pub is_rejected_finally: bool,
    pub cases: Vec<CaseRow>,
    pub duplicates: Vec<DuplicateRow>,
    pub notes: Vec<NoteRow>,
    pub history: Vec<HistoryRow>,
    /// [`Decide::Prove`] or [`Decide::Judge`].
    pub decide: Decide,
    pub reasons: Vec<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AttainedRow {
    pub level: u8,
    pub at: Timestamp,
    pub until: Option<Timestamp>,
}

macro_rules! pages {
    ($($page:ty => $template:literal,)+) => {
        $(impl Page for $page {
            const TEMPLATE: &'static str = $template;
        })+
    };
}

pages! {
    QueuePage => "pages/review.html",
    CasePage => "pages/review_case.html",
    PersonPage => "pages/review_person.html",
}
