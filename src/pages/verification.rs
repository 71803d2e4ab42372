//! `/account/verification` and `/verify/*`: how far a person is verified, and the way to the next level.

use serde::Serialize;

use super::{FieldErrors, Page};
use crate::domain::kyc::{Reason, State};
use crate::domain::time::Timestamp;

/// `/account/verification`. Links `verify-link` (to `/verify`), `status-link` (to `/verify/status`).
#[derive(Clone, Debug, Serialize)]
pub struct VerificationPage {
    pub now: Timestamp,
    pub level: u8,
    pub state: State,
    /// When the level held ends.
    pub until: Option<Timestamp>,
    /// The application under way.
    pub pending: Option<PendingLevel>,
    /// How the last one failed, as far as the person may know.
    pub rejected: Option<RejectedLevel>,
    /// Levels 1 to 3.
    pub ladder: Vec<Rung>,
    /// The level that can be applied for now.
    pub next: Option<u8>,
    pub history: Vec<HistoryRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PendingLevel {
    pub level: u8,
    pub submitted: bool,
    pub since: Timestamp,
    /// Minutes that a review usually takes.
    pub review: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct RejectedLevel {
    pub level: u8,
    pub reason: Reason,
    #[serde(rename = "final")]
    pub finally: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Rung {
    pub level: u8,
    pub held: bool,
    /// Names of [`crate::config::Proof`].
    pub proofs: Vec<&'static str>,
    /// Somebody else asks, on pages of their own.
    pub elsewhere: bool,
    /// Scopes that it is the lowest level for.
    pub unlocks: Vec<String>,
    /// Minutes; 0: at once.
    pub review: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct HistoryRow {
    pub at: Timestamp,
    /// What stands after `kyc-history-` in the key of its words.
    pub what: String,
    /// The level that counted from then on.
    pub level: i64,
    /// As far as the person may know it.
    pub reason: Option<Reason>,
}

/// `/verify` before an application: what the level takes. Posts `level`; button `verify-begin`.
#[derive(Clone, Debug, Serialize)]
pub struct BeginPage {
    pub rung: Rung,
    /// An application for another level that this one takes the place of.
    pub replaces: Option<u8>,
    pub minimum_age: u32,
    /// An app asked, and goes on with less: button `verify-later`.
    pub may_go_without: bool,
}

/// `/verify` when none can be begun.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedPage {
    pub why: Closed,
    /// Minutes to wait.
    pub minutes: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    Reached,
    Suspended,
    Final,
    TooMany,
}

/// `/verify/status`: submitted, or decided. Links `status-back`; in an interaction `status-app`.
#[derive(Clone, Debug, Serialize)]
pub struct StatusPage {
    pub now: Timestamp,
    pub level: u8,
    pub outcome: Outcome,
    pub submitted_at: Option<Timestamp>,
    /// Minutes.
    pub review: i64,
    pub reason: Option<Reason>,
    /// An app waits, and can go on with less: button `verify-later`.
    pub may_go_without: bool,
    /// Whether the app that sent the person here waits: where its page goes on.
    pub back: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    UnderReview,
    Approved,
    /// Another try is welcome.
    Rejected,
    RejectedFinally,
}

/// Where in an application a page stands. Every page posts also to `/verify/give-up` (button `verify-give-up`).
#[derive(Clone, Debug, Serialize)]
pub struct Progress {
    pub level: u8,
    pub steps: Vec<StepMark>,
}

#[derive(Clone, Debug, Serialize)]
pub struct StepMark {
    /// The last word of its path.
    pub name: &'static str,
    pub done: bool,
    pub current: bool,
}

/// `/verify/details`. Posts `given_name`, `middle_name`, `family_name`, `birthdate`, `nationality`, `second_nationality`, `residence`; button
/// `details-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct DetailsPage {
    pub progress: Progress,
    pub form: DetailsForm,
    pub minimum_age: u32,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct DetailsForm {
    pub given_name: String,
    pub middle_name: String,
    pub family_name: String,
    pub birthdate: String,
    pub nationality: String,
    pub second_nationality: String,
    pub residence: String,
}

/// `/verify/phone`: the number is added elsewhere. Link `phone-add`; goes on by the link `phone-done`.
#[derive(Clone, Debug, Serialize)]
pub struct PhoneStepPage {
    pub progress: Progress,
    /// Masked.
    pub number: Option<String>,
}

/// `/verify/address`. Posts `street_address`, `postal_code`, `locality`, `region`; button `address-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct AddressPage {
    pub progress: Progress,
    pub form: AddressForm,
    /// ISO 3166-1, as told in the details.
    pub country: Option<String>,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct AddressForm {
    pub street_address: String,
    pub postal_code: String,
    pub locality: String,
    pub region: String,
}

/// `/verify/document`. Posts `kind`, `issued_by`, `number`, `expires_on` and the files `front` and `back`; button `document-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentPage {
    pub progress: Progress,
    pub kind: String,
    pub issued_by: String,
    pub number: String,
    pub expires_on: String,
    pub front: Shown,
    pub back: Shown,
    pub megabytes: i64,
    pub errors: FieldErrors,
}

/// `/verify/selfie`. Posts the file `selfie`; button `selfie-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct SelfiePage {
    pub progress: Progress,
    pub selfie: Shown,
    pub megabytes: i64,
    pub errors: FieldErrors,
}

/// `/verify/address-proof`. Posts `kind`, `issued_on` and the file `address_proof`; button `proof-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct AddressProofPage {
    pub progress: Progress,
    pub kind: String,
    pub issued_on: String,
    pub address_proof: Shown,
    /// Days.
    pub oldest: i64,
    pub megabytes: i64,
    pub errors: FieldErrors,
}

/// `/verify/funds`. Posts `source`, `note` and the file `funds_proof`; button `funds-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct FundsPage {
    pub progress: Progress,
    pub source: String,
    pub sources: Vec<&'static str>,
    pub note: String,
    pub funds_proof: Shown,
    pub megabytes: i64,
    pub errors: FieldErrors,
}

/// What was uploaded already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Nothing,
    /// At `/verify/documents/<kind>`.
    Picture,
    Pdf,
}

/// `/verify/check`: everything once more. Posts nothing; button `verify-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct CheckPage {
    pub progress: Progress,
    pub form: DetailsForm,
    pub number: Option<String>,
    pub address: Option<AddressForm>,
    pub document: Option<CheckedDocument>,
    pub selfie: Shown,
    pub address_proof: Option<CheckedProof>,
    pub funds: Option<CheckedFunds>,
    /// Minutes; 0: at once.
    pub review: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct CheckedDocument {
    pub kind: &'static str,
    pub issued_by: String,
    pub number: String,
    pub expires_on: Option<String>,
    pub front: Shown,
    pub back: Shown,
}

#[derive(Clone, Debug, Serialize)]
pub struct CheckedProof {
    pub kind: &'static str,
    pub issued_on: String,
    pub shown: Shown,
}

#[derive(Clone, Debug, Serialize)]
pub struct CheckedFunds {
    pub source: &'static str,
    pub note: String,
    pub shown: Shown,
}

/// `/verify` when a provider asks the questions: link `provider-link`.
#[derive(Clone, Debug, Serialize)]
pub struct HandOverPage {
    pub level: u8,
    pub url: String,
    /// As people know it.
    pub provider: &'static str,
}

macro_rules! pages {
    ($($page:ty => $template:literal,)+) => {
        $(impl Page for $page {
            const TEMPLATE: &'static str = $template;
        })+
    };
}

pages! {
    VerificationPage => "pages/verification.html",
    BeginPage => "pages/verify_begin.html",
    ClosedPage => "pages/verify_closed.html",
    StatusPage => "pages/verify_status.html",
    DetailsPage => "pages/verify_details.html",
    PhoneStepPage => "pages/verify_phone.html",
    AddressPage => "pages/verify_address.html",
    DocumentPage => "pages/verify_document.html",
    SelfiePage => "pages/verify_selfie.html",
    AddressProofPage => "pages/verify_address_proof.html",
    FundsPage => "pages/verify_funds.html",
    CheckPage => "pages/verify_check.html",
    HandOverPage => "pages/verify_elsewhere.html",
}
