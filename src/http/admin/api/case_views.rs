//! What the API tells of verifications: where they stand, and neither what people filled in nor their documents.

use serde::Serialize;

use crate::domain::ids::UserId;
use crate::domain::kyc::{Case, Reason};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::flow::Karat;
use crate::flow::admin::cases::CaseView;
use crate::flow::kyc::dossier::PersonFile;
use crate::storage::kyc::fingerprints::Duplicate;
use crate::storage::kyc::history::Transition;

#[derive(Serialize, utoipa::ToSchema)]
pub struct CaseShown {
    #[serde(flatten)]
    case: CaseFacts,
    /// Which there are, as `front`.
    documents: Vec<&'static str>,
    /// Of the person's verification, the youngest first.
    history: Vec<HistoryRow>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct CaseFacts {
    id: String,
    /// The `sub`.
    user: String,
    level: u8,
    /// Who decides: `review`, or a provider.
    provider: &'static str,
    /// The provider's.
    reference: Option<String>,
    state: &'static str,
    reason: Option<&'static str>,
    created_at: i64,
    submitted_at: Option<i64>,
    decided_at: Option<i64>,
    decided_by: Option<String>,
    /// Whether one of two reviewers has said what they want.
    proposed: bool,
}

/// Where a person stands. What is absent: the account is gone.
#[derive(Serialize, utoipa::ToSchema)]
pub struct VerificationShown {
    /// The `sub`.
    user: String,
    email: Option<String>,
    /// What the verification is worth now.
    kyc_level: Option<u8>,
    kyc_state: Option<&'static str>,
    attained: Vec<AttainedLevel>,
    /// Why every level counts for nothing.
    suspended: Option<&'static str>,
    /// Other accounts in which the same was told.
    duplicates: Vec<DuplicateRow>,
    /// The youngest first.
    cases: Vec<CaseFacts>,
    /// The youngest first.
    history: Vec<HistoryRow>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AttainedLevel {
    level: u8,
    at: i64,
    until: Option<i64>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct DuplicateRow {
    /// As `document`.
    what: &'static str,
    user: String,
    email: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct HistoryRow {
    at: i64,
    finding: String,
    from_state: String,
    to_state: String,
    from_level: i64,
    to_level: i64,
    /// The true one, which the person may not be told.
    reason: Option<String>,
    case: Option<String>,
    actor: String,
}

impl From<Case> for CaseFacts {
    fn from(case: Case) -> Self {
        Self {
            id: case.id.to_string(),
            user: case.user_id.to_string(),
            level: case.tier.level(),
            provider: case.provider.as_str(),
            reference: case.reference,
            state: case.state.as_str(),
            reason: case.reason.map(Reason::as_str),
            created_at: case.created_at.unix(),
            submitted_at: case.submitted_at.map(Timestamp::unix),
            decided_at: case.decided_at.map(Timestamp::unix),
            decided_by: case.decided_by,
            proposed: case.proposal.is_some(),
        }
    }
}

impl From<Transition> for HistoryRow {
    fn from(made: Transition) -> Self {
        Self {
            at: made.at.unix(),
            finding: made.finding,
            from_state: made.from_state,
            to_state: made.to_state,
            from_level: made.from_tier,
            to_level: made.to_tier,
            reason: made.reason,
            case: made.case_id,
            actor: made.actor,
        }
    }
}

impl From<Duplicate> for DuplicateRow {
    fn from(other: Duplicate) -> Self {
        Self { what: other.what.as_str(), user: other.user_id.to_string(), email: other.email }
    }
}

impl From<CaseView> for CaseShown {
    fn from(view: CaseView) -> Self {
        Self {
            case: view.case.into(),
            documents: view.documents.iter().map(|kind| kind.as_str()).collect(),
            history: view.history.into_iter().map(HistoryRow::from).collect(),
        }
    }
}

impl VerificationShown {
    pub fn of(karat: &Karat, file: PersonFile) -> Self {
        let user = file.user.as_ref();
        let attained = user.map(|user| user.kyc.attained()).unwrap_or_default().iter();
        Self {
            user: UserId::to_string(&file.id),
            email: user.map(|user| user.email.to_string()),
            kyc_level: user.map(|user| karat.kyc_tier(user).level()),
            kyc_state: user.map(|user: &User| karat.kyc_state(&user.kyc).as_str()),
            attained: attained
                .map(|level| AttainedLevel {
                    level: level.tier.level(),
                    at: level.at.unix(),
                    until: level.until.map(Timestamp::unix),
                })
                .collect(),
            suspended: user.and_then(|user| user.kyc.suspended()).map(|suspended| suspended.reason.as_str()),
            duplicates: file.duplicates.into_iter().map(DuplicateRow::from).collect(),
            cases: file.cases.into_iter().map(CaseFacts::from).collect(),
            history: file.history.into_iter().map(HistoryRow::from).collect(),
        }
    }
}
