//! An application from its beginning to the person's last word: begun, filled in, submitted, or given up.

use std::collections::BTreeSet;

use serde_json::json;

use super::draft::Draft;
use super::pictures::Prepared;
use super::record::{Actor, Cause, Subject};
use super::rules;
use super::steps::{Application, Mark, Step, is_done};
use super::verdict::{Verdict, Verified};
use crate::domain::ids::CaseId;
use crate::domain::kyc::identity::{Attributes, Evidence, EvidenceKind};
use crate::domain::kyc::{Case, CaseState, Finding, Provider, Reason, State, Tier};
use crate::domain::user::User;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;
use crate::flow::throttle::TooMany;
use crate::flow::{Failure, Refused};
use crate::storage::kyc::documents::Document;
use crate::storage::{self, Change};

/// Why none can be begun now.
#[derive(Debug)]
pub enum NotBegun {
    /// The person has that level, or a higher one.
    Reached,
    /// Another one is with the reviewers.
    UnderReview,
    Suspended,
    /// The last one was rejected finally.
    Final,
    TooMany(TooMany),
    /// The account was thrown out or changed meanwhile.
    Gone,
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for NotBegun {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

/// What came of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// A reviewer looks at it.
    UnderReview,
    /// Decided by rules; the person's page says how.
    Decided,
}

impl Karat {
    /// The one that is not decided; at most one of a person is.
    pub async fn application_of(&self, user: &User) -> Result<Option<Application>, Failure> {
        let open = self.store.kyc_cases(user.id).await?.into_iter().find(|case| case.state.is_open());
        match open {
            Some(case) => self.application(user, case).await.map(Some),
            None => Ok(None),
        }
    }

    async fn application(&self, user: &User, case: Case) -> Result<Application, Failure> {
        let draft: Draft = self.store.kyc_draft(&case).await?.unwrap_or_default();
        let documents = self.store.kyc_documents(case.id).await?;
        let shown: BTreeSet<_> = documents.iter().map(|document| document.kind).collect();
        let steps: Vec<Step> = match self.settings.tier(case.tier) {
            Some(section) if case.provider == Provider::Review => Step::of(&section.proofs).collect(),
            _ => Vec::new(),
        };
        let has_phone = steps.contains(&Step::Phone) && self.phone_of(user).await?.is_some();
        let mark = |step| Mark { step, is_done: is_done(step, &draft, &shown, has_phone) };
        let steps = steps.into_iter().map(mark).collect();
        Ok(Application { case, draft, documents, steps })
    }

    /// The level that a person applies for when nobody asks for a certain one: the next one up, or the one that ends soon.
    pub fn next_level(&self, user: &User) -> Option<Tier> {
        let held = self.kyc_tier(user);
        match self.kyc_state(&user.kyc) {
            State::Expiring => Some(held),
            State::Expired => Some(user.kyc.tier_before_expiry()),
            _ => held.next(),
        }
    }

    /// Whether somebody could begin to apply for `tier` now.
    pub fn may_apply(&self, user: &User, tier: Tier) -> Result<(), NotBegun> {
        let standing = &user.kyc;
        if standing.rejected().is_some_and(|rejected| rejected.finally) {
            return Err(NotBegun::Final);
        }
        if standing.suspended().is_some() {
            return Err(NotBegun::Suspended);
        }
        let renews = self.kyc_state(standing) == State::Expiring && tier == self.kyc_tier(user);
        match tier > self.kyc_tier(user) || renews {
            true => Ok(()),
            false => Err(NotBegun::Reached),
        }
    }

    /// Opens an application, or answers the one that is open for the level. What was filled in for another one comes along.
    pub async fn begin_application(&self, owner: Owner<'_>, tier: Tier) -> Result<Case, NotBegun> {
        let user = &owner.signed_in.user;
        self.may_apply(user, tier)?;
        let section = self.settings.tier(tier).ok_or(NotBegun::Reached)?;
        let earlier = self.store.kyc_cases(user.id).await?;
        let open = earlier.iter().find(|case| case.state.is_open());
        let goes_on = |open: &Case| open.state == CaseState::Collecting && open.tier == tier;
        if let Some(open) = open.filter(|open| goes_on(open)) {
            return Ok(open.clone());
        }
        let key = format!("kyc:applications:{}", user.id);
        if let Err(wait) = self.within(self.settings.kyc.applications_per_account, &key).await? {
            return Err(NotBegun::TooMany(wait));
        }
        if open.is_some_and(|open| open.state != CaseState::Collecting) {
            return Err(NotBegun::UnderReview);
        }
        let draft = self.known_so_far(user, &earlier).await?;
        let (now, subject) = (self.now(), Subject { user: user.clone() });
        let case = Case {
            id: CaseId::new(self.new_id()),
            user_id: user.id,
            tier,
            provider: section.provider,
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
        let cause = Cause::of(Actor::Person, json!({}));
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await.map_err(|_| NotBegun::Gone)?;
        // A case may have been decided since the session was looked up.
        let kyc = change.kyc_standing(user.id).await?.ok_or(NotBegun::Gone)?;
        self.may_apply(&User { kyc, ..user.clone() }, tier)?;
        if let Some(open) = open {
            self.close_unfinished(&mut change, &subject, open, &cause).await?;
        }
        match change.add_kyc_case(&case).await {
            Err(storage::Error::Conflict) => return Err(NotBegun::Gone),
            added => added?,
        }
        let key = change.person_key(user.id, now).await?;
        change.set_kyc_draft(case.id, &key, &draft).await?;
        self.record_finding(&mut change, &subject, &Finding::Begun { case: case.id, tier }, &cause).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(case)
    }

    /// What the person need not type again: of the last application, or of what was verified.
    async fn known_so_far(&self, user: &User, earlier: &[Case]) -> Result<Draft, Failure> {
        for case in earlier.iter().take(1) {
            if let Some(draft) = self.store.kyc_draft::<Draft>(case).await? {
                return Ok(draft);
            }
        }
        let verified = self.store.identity(user.id).await?.verifications.pop();
        let attributes = verified.map(|verification| verification.attributes);
        Ok(Draft { attributes: attributes.unwrap_or_default(), ..Draft::default() })
    }

    /// Writes what a step has got, in place of what it had.
    pub(super) async fn keep_step(
        &self,
        owner: Owner<'_>,
        edit: impl FnOnce(&mut Draft),
        papers: Vec<Prepared>,
    ) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        let application = self.collecting(user).await?.ok_or(Refused::Gone)?;
        let now = self.now();
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        let key = change.person_key(user.id, now).await?;
        let mut draft: Draft = change.kyc_draft(application.case.id, &key).await?.unwrap_or_default();
        edit(&mut draft);
        if !change.set_kyc_draft(application.case.id, &key, &draft).await? {
            return Err(Refused::Gone);
        }
        for paper in papers {
            let document = Document {
                id: self.new_id().to_string(),
                case_id: application.case.id,
                user_id: user.id,
                kind: paper.kind,
                media_type: paper.media_type,
                size: i64::try_from(paper.content.len()).unwrap_or(i64::MAX),
                created_at: now,
                delete_at: None,
            };
            change.set_kyc_document(&key, &document, &paper.content).await?;
        }
        Ok(change.commit().await?)
    }

    /// The person's own application, as long as it is filled in on Karat's pages.
    pub async fn collecting(&self, user: &User) -> Result<Option<Application>, Failure> {
        let open = self.application_of(user).await?;
        Ok(open.filter(|open| open.case.state == CaseState::Collecting && open.case.provider == Provider::Review))
    }

    /// The person's last word. [`Refused::Gone`] when something is missing, or it was submitted already.
    pub async fn submit_application(&self, owner: Owner<'_>) -> Result<Submitted, Refused> {
        let user = &owner.signed_in.user;
        let application = self.collecting(user).await?.ok_or(Refused::Gone)?;
        if application.next_step().is_some() {
            return Err(Refused::Gone);
        }
        let earlier = self.store.kyc_cases(user.id).await?;
        let history = self.store.kyc_history(user.id).await?;
        let is_doubtful = rules::is_doubtful(&earlier) || rules::was_taken_back(&history);
        let (now, subject) = (self.now(), Subject { user: user.clone() });
        let mut case = application.case;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        let key = change.person_key(user.id, now).await?;
        let draft: Draft = change.kyc_draft(case.id, &key).await?.unwrap_or_default();
        (case.state, case.submitted_at) = (CaseState::Submitted, Some(now));
        if !change.set_kyc_case(&case, CaseState::Collecting).await? {
            return Err(Refused::Gone);
        }
        let evidence =
            json!({ "documents": application.documents.iter().map(|one| one.id.as_str()).collect::<Vec<_>>() });
        let cause = Cause::of(Actor::Person, evidence);
        self.record_finding(&mut change, &subject, &Finding::Submitted { case: case.id }, &cause).await?;
        let document = draft.document.as_ref().map(|document| (document.issued_by, document.number.as_str()));
        self.note_fingerprints(&mut change, &case, &draft.attributes, document).await?;
        let verdict = self.verdict_by_rules(&case, &draft, user, is_doubtful);
        if let Some(verdict) = &verdict {
            let cause = Cause::of(Actor::Rules, json!({ "minimum_age": self.settings.kyc.minimum_age }));
            self.decide_case(&mut change, &subject, &case, verdict, &cause).await?;
        }
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(if verdict.is_some() { Submitted::Decided } else { Submitted::UnderReview })
    }

    /// What needs nobody to look at. Who lives where nobody is served does not talk that away.
    fn verdict_by_rules(&self, case: &Case, draft: &Draft, user: &User, is_doubtful: bool) -> Option<Verdict> {
        let is_automatic = self.settings.tier(case.tier).is_some_and(|section| section.is_automatic());
        if let Some(reason) = rules::broken(draft, &self.settings.kyc, self.now()) {
            return Some(Verdict::Reject { reason, finally: false });
        }
        // A reviewer looks at it when somebody has moved.
        let has_moved = user.kyc.residence().is_some_and(|known| draft.attributes.residence != Some(known));
        if !is_automatic || is_doubtful || has_moved || self.is_restricted(&user.kyc) {
            return None;
        }
        let told = Evidence {
            kind: EvidenceKind::SelfDeclared,
            checks: Vec::new(),
            issued_by: None,
            issued_on: None,
            expires_on: None,
        };
        let attributes = Attributes { address: None, ..draft.attributes.clone() };
        Some(Verdict::Approve(Verified { attributes, evidence: vec![told] }))
    }

    /// Closes the application that the person does not want to finish; its pictures and papers go at once.
    pub async fn give_up_application(&self, owner: Owner<'_>) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        let open = self.application_of(user).await?.map(|application| application.case);
        let case = open.filter(|case| case.state == CaseState::Collecting).ok_or(Refused::Gone)?;
        let cause = Cause::of(Actor::Person, json!({}));
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        self.close_unfinished(&mut change, &Subject { user: user.clone() }, &case, &cause).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Gives up a case that is still filled in, within `change`. Nothing happens when it is not any more.
    pub async fn close_unfinished(
        &self,
        change: &mut Change,
        subject: &Subject,
        case: &Case,
        cause: &Cause,
    ) -> Result<(), Failure> {
        let mut closed = case.clone();
        closed.state = CaseState::Abandoned;
        closed.reason = Some(Reason::Abandoned);
        closed.decided_at = Some(self.now());
        closed.decided_by = Some(cause.actor.to_string());
        if !change.set_kyc_case(&closed, CaseState::Collecting).await? {
            return Ok(());
        }
        change.remove_kyc_documents(&closed).await?;
        self.record_finding(change, subject, &Finding::Abandoned { case: case.id }, cause).await?;
        Ok(())
    }
}
