//! Deciding a case: what its person gets, or why not. The same for reviewers, rules, providers and the command line.

use super::record::{Actor, Cause, Changed, Subject};
use crate::domain::kyc::identity::{Attributes, Evidence, Verification};
use crate::domain::kyc::{Case, CaseState, Finding, Reason, Tier};
use crate::domain::phone::Country;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::Change;

#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "one is made for each decision, and none is kept")]
pub enum Verdict {
    Approve(Verified),
    /// Finally: the person may not try again.
    Reject {
        reason: Reason,
        finally: bool,
    },
}

/// What was found to be true.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    pub attributes: Attributes,
    pub evidence: Vec<Evidence>,
}

impl Verified {
    /// Where the person is taken to live. Nobody escapes the rules of regions by a provider that does not ask: then it is what is `known`,
    /// and at last the country that issued the document.
    fn residence(&self, known: Option<Country>) -> Option<Country> {
        let issuer = || self.evidence.iter().find_map(|evidence| evidence.issued_by);
        self.attributes.residence.or(known).or_else(issuer)
    }
}

impl Karat {
    /// Decides `case`, which is as it was read inside `change`, with everything that follows. `None`, and nothing is changed, when the
    /// case is not in that state any more. The caller rings the outbox bell after the commit.
    pub async fn decide_case(
        &self,
        change: &mut Change,
        subject: &Subject,
        case: &Case,
        verdict: &Verdict,
        cause: &Cause,
    ) -> Result<Option<Changed>, Failure> {
        let now = self.now();
        let mut decided = case.clone();
        decided.decided_at = Some(now);
        decided.decided_by = Some(cause.actor.to_string());
        decided.proposal = None;
        (decided.state, decided.reason) = match verdict {
            Verdict::Approve(_) => (CaseState::Approved, None),
            Verdict::Reject { reason, finally: true } => (CaseState::RejectedFinal, Some(*reason)),
            Verdict::Reject { reason, finally: false } => (CaseState::RejectedRetry, Some(*reason)),
        };
        if !change.hold_account(subject.user.id).await? || !change.set_kyc_case(&decided, case.state).await? {
            return Ok(None);
        }
        let finding = match verdict {
            Verdict::Approve(verified) => {
                self.keep_verified(change, case, verified).await?;
                let known = change.kyc_standing(case.user_id).await?.and_then(|standing| standing.residence());
                Finding::Approved {
                    case: case.id,
                    tier: case.tier,
                    until: self.valid_until(case.tier, &verified.evidence, now),
                    residence: verified.residence(known),
                }
            }
            Verdict::Reject { reason, finally } => {
                Finding::Rejected { case: case.id, tier: case.tier, reason: *reason, finally: *finally }
            }
        };
        change.let_documents_go(case.id, now.plus(self.settings.kyc.keep_documents)).await?;
        self.record_finding(change, subject, &finding, cause).await.map(Some)
    }

    async fn keep_verified(&self, change: &mut Change, case: &Case, verified: &Verified) -> Result<(), Failure> {
        let now = self.now();
        let key = change.person_key(case.user_id, now).await?;
        let identity = change.identity(case.user_id, &key).await?.with(Verification {
            tier: case.tier,
            case: case.id,
            provider: case.provider,
            at: now,
            attributes: verified.attributes.clone(),
            evidence: verified.evidence.clone(),
        });
        change.set_identity(case.user_id, &key, &identity, now).await?;
        Ok(())
    }

    /// When a level that is approved now ends: after its time, or when the first of its documents expires. `None`: not by itself.
    pub fn valid_until(&self, tier: Tier, evidence: &[Evidence], now: Timestamp) -> Option<Timestamp> {
        let span = self.settings.tier(tier).map(|tier| tier.valid_for).filter(|span| *span > Seconds(0));
        let by_time = span.map(|span| now.plus(span));
        let by_document = evidence.iter().filter_map(|evidence| evidence.expires_on.as_deref()).filter_map(end_of_day);
        by_document.chain(by_time).min()
    }
}

impl Actor {
    /// Whether a person of the operator's stands behind it.
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Reviewer(_) | Self::Operator)
    }
}

/// The first second after a day (`YYYY-MM-DD`) is over everywhere: a document counts on its last day.
fn end_of_day(date: &str) -> Option<Timestamp> {
    let day: chrono::NaiveDate = date.parse().ok()?;
    let next = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
    Some(Timestamp::from_unix(next.and_utc().timestamp()))
}
