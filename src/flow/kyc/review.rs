//! Deciding applications by looking: one reviewer, or the second of two after the first, or the operator's command line.
//!
//! ```text
//! submitted --approve / reject, one pair of eyes--> decided
//!     |  ^------send back, take back------.
//!     '--approve / reject, two pairs--> proposed --another confirms--> decided
//! ```

use super::draft::Draft;
use super::record::Cause;
use super::staff::{Judge, NotJudged};
use super::verdict::{Verdict, Verified};
use crate::config::Proof;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::case::Proposal;
use crate::domain::kyc::identity::{Check, CheckMethod, Evidence};
use crate::domain::kyc::{Case, CaseState, Provider, Reason};
use crate::flow::karat::Karat;
use crate::storage::Change;

/// What a reviewer makes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Approve,
    /// Finally: the person may not try again.
    Reject {
        reason: Reason,
        finally: bool,
    },
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    Decided,
    /// Another reviewer has to agree.
    Proposed,
}

impl Judgement {
    fn proposal(self, by: UserId, karat: &Karat) -> Proposal {
        let (reason, finally) = match self {
            Self::Approve => (None, false),
            Self::Reject { reason, finally } => (Some(reason), finally),
        };
        Proposal { by, at: karat.now(), reason, finally, note: String::new() }
    }

    fn is_of(self, proposal: &Proposal) -> bool {
        self == Self::of(proposal)
    }

    pub fn of(proposal: &Proposal) -> Self {
        match proposal.reason {
            None => Self::Approve,
            Some(reason) => Self::Reject { reason, finally: proposal.finally },
        }
    }
}

impl Karat {
    /// Whether a decision about this case takes two reviewers.
    pub fn needs_four_eyes(&self, case: &Case) -> bool {
        self.settings.kyc.four_eyes.contains(&case.tier) || case.state == CaseState::Proposed
    }

    pub async fn judge_case(
        &self,
        judge: Judge<'_>,
        id: CaseId,
        judgement: Judgement,
        note: &str,
    ) -> Result<Judged, NotJudged> {
        let read = self.store.kyc_case(id).await?.ok_or(NotJudged::Unknown)?;
        let subject = self.kyc_subject(read.user_id).await?.ok_or(NotJudged::Unknown)?;
        let verdict = match judgement {
            Judgement::Approve => Verdict::Approve(self.as_filled_in(&read).await?),
            Judgement::Reject { reason, finally } => Verdict::Reject { reason, finally },
        };
        let mut change = self.store.begin().await?;
        let case = self.held_case(&mut change, judge, &read).await?;
        let judged = self.next_step_of(judge, &case, judgement)?;
        let mut evidence = self.put_note(&mut change, judge, (case.user_id, Some(id)), note).await?;
        match (judged, judge) {
            (Judged::Proposed, Judge::Reviewer(reviewer)) => {
                let mut proposed = case.clone();
                proposed.state = CaseState::Proposed;
                proposed.proposal = Some(judgement.proposal(reviewer.id(), self));
                if !change.set_kyc_case(&proposed, case.state).await? {
                    return Err(NotJudged::NotWaiting);
                }
                self.note_review(&mut change, judge, (case.user_id, id), "proposed").await?;
            }
            _ => {
                if let Some(first) = &case.proposal {
                    evidence["proposed_by"] = first.by.to_string().into();
                }
                let cause = Cause { actor: judge.actor(), from: judge.came_from(), evidence };
                let decided = self.decide_case(&mut change, &subject, &case, &verdict, &cause).await?;
                decided.ok_or(NotJudged::NotWaiting)?;
            }
        }
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(judged)
    }

    /// The second of two reviewers disagrees, or the first thinks again: the case waits as before.
    pub async fn send_back(&self, judge: Judge<'_>, id: CaseId, note: &str) -> Result<(), NotJudged> {
        let read = self.store.kyc_case(id).await?.ok_or(NotJudged::Unknown)?;
        let mut change = self.store.begin().await?;
        let case = self.held_case(&mut change, judge, &read).await?;
        let mut back = case.clone();
        back.state = CaseState::Submitted;
        back.proposal = None;
        if case.state != CaseState::Proposed || !change.set_kyc_case(&back, case.state).await? {
            return Err(NotJudged::NotWaiting);
        }
        self.put_note(&mut change, judge, (case.user_id, Some(id)), note).await?;
        self.note_review(&mut change, judge, (case.user_id, id), "sent_back").await?;
        change.commit().await?;
        Ok(())
    }

    /// A note changes nothing, so no fresh proof is asked for.
    pub async fn add_note(&self, judge: Judge<'_>, id: CaseId, note: &str) -> Result<(), NotJudged> {
        if note.trim().is_empty() {
            return Err(NotJudged::NoteMissing);
        }
        let case = self.store.kyc_case(id).await?.ok_or(NotJudged::Unknown)?;
        let mut change = self.store.begin().await?;
        if !change.hold_account(case.user_id).await? {
            return Err(NotJudged::Unknown);
        }
        self.may_handle(&mut change, judge, case.user_id).await?;
        self.put_note(&mut change, judge, (case.user_id, Some(id)), note).await?;
        self.audit_review(&mut change, judge, (case.user_id, id), "noted");
        change.commit().await?;
        Ok(())
    }

    /// The case as it is inside the change, if `judge` may decide it.
    async fn held_case(&self, change: &mut Change, judge: Judge<'_>, read: &Case) -> Result<Case, NotJudged> {
        if !change.hold_account(read.user_id).await? {
            return Err(NotJudged::Unknown);
        }
        self.may_judge(change, judge, read.user_id).await?;
        let case = change.kyc_case(read.id).await?.ok_or(NotJudged::Unknown)?;
        match (judge, case.provider) {
            (Judge::Reviewer(_), provider) if provider != Provider::Review => Err(NotJudged::Providers(provider)),
            _ => Ok(case),
        }
    }

    fn next_step_of(&self, judge: Judge<'_>, case: &Case, judgement: Judgement) -> Result<Judged, NotJudged> {
        match (case.state, &case.proposal, judge) {
            (CaseState::Submitted, _, Judge::Operator) if self.needs_four_eyes(case) => Err(NotJudged::NeedsTwo),
            (CaseState::Submitted, _, Judge::Reviewer(_)) if self.needs_four_eyes(case) => Ok(Judged::Proposed),
            (CaseState::Submitted, ..) => Ok(Judged::Decided),
            (CaseState::Proposed, Some(first), Judge::Reviewer(second)) if first.by == second.id() => {
                Err(NotJudged::SameEyes)
            }
            (CaseState::Proposed, Some(first), _) if judgement.is_of(first) => Ok(Judged::Decided),
            (CaseState::Proposed, Some(_), _) => Err(NotJudged::Disagrees),
            _ => Err(NotJudged::NotWaiting),
        }
    }

    /// What an approval makes true: what the person filled in, and what was looked at for it. Of a provider's case that is
    /// nothing: the operator's word counts for the level, and for no attribute.
    async fn as_filled_in(&self, case: &Case) -> Result<Verified, NotJudged> {
        if case.provider != Provider::Review {
            return Ok(Verified::default());
        }
        let draft: Draft = self.store.kyc_draft(case).await?.ok_or(NotJudged::Unreadable)?;
        let proofs = self.settings.tier(case.tier).map(|tier| &tier.proofs);
        let faces = proofs.is_some_and(|proofs| proofs.contains(&Proof::Selfie));
        let check = |method| Check {
            method,
            organization: self.issuer.url().host_str().unwrap_or_default().to_owned(),
            check_id: case.id.to_string(),
            at: self.now(),
        };
        let document = draft.document.map(|document| Evidence {
            kind: document.kind,
            checks: [CheckMethod::Vri].into_iter().chain(faces.then_some(CheckMethod::Pvr)).map(check).collect(),
            issued_by: Some(document.issued_by),
            issued_on: None,
            expires_on: document.expires_on,
        });
        let address = draft.address_proof.map(|paper| Evidence {
            kind: paper.kind,
            checks: vec![check(CheckMethod::Vri)],
            issued_by: None,
            issued_on: Some(paper.issued_on),
            expires_on: None,
        });
        Ok(Verified { attributes: draft.attributes, evidence: document.into_iter().chain(address).collect() })
    }
}
