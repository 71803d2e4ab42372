//! The operator's people who decide: who they are, what they may look at, and what they may not decide.

use serde_json::{Value, json};

use super::record::{Actor, CameFrom, Cause, Subject};
use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{Finding, Provider, Reason, Tier};
use crate::domain::role::Role;
use crate::flow::Failure;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::kyc::notes::Note;

/// Longer notes are cut: a note is no file.
const LONGEST_NOTE: usize = 2_000;

/// Whether somebody may see the pages of reviewers.
pub enum Admission {
    /// Has not the role: for them there are no such pages.
    Stranger,
    /// The session is worth less than reviewing asks for; `can_show_more`: the person has what is missing.
    TooWeak {
        can_show_more: bool,
    },
    Admitted(Reviewer),
}

/// Who has the role, in a session with a second factor. Made here and nowhere else.
#[derive(Clone, Debug)]
pub struct Reviewer {
    id: UserId,
    /// Has shown it just now: without that nothing is decided.
    is_fresh: bool,
    /// Else looks on: an auditor.
    decides: bool,
    from: CameFrom,
}

impl Reviewer {
    pub fn id(&self) -> UserId {
        self.id
    }

    pub fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Whether their role decides, or only reads.
    pub fn decides(&self) -> bool {
        self.decides
    }

    pub fn from_address(self, address: &str, request_id: &str) -> Self {
        let told = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self { from: CameFrom { address: told(address), request_id: told(request_id) }, ..self }
    }
}

/// Who decides.
#[derive(Clone, Copy, Debug)]
pub enum Judge<'a> {
    Reviewer(&'a Reviewer),
    /// By the command line.
    Operator,
}

impl Judge<'_> {
    pub(super) fn actor(self) -> Actor {
        match self {
            Self::Reviewer(reviewer) => Actor::Reviewer(reviewer.id),
            Self::Operator => Actor::Operator,
        }
    }

    pub(super) fn came_from(self) -> CameFrom {
        match self {
            Self::Reviewer(reviewer) => reviewer.from.clone(),
            Self::Operator => CameFrom::default(),
        }
    }
}

/// Why nothing was decided, or written down.
#[derive(Debug, thiserror::Error)]
pub enum NotJudged {
    #[error("there is no such case or person")]
    Unknown,
    #[error("nobody decides about themselves")]
    Own,
    #[error("the second of two reviewers has to be another than the first")]
    SameEyes,
    #[error("this level takes two reviewers: one proposes on /review, and then this command confirms")]
    NeedsTwo,
    #[error("another reviewer has proposed otherwise: send the case back first")]
    Disagrees,
    #[error("the case does not wait for a decision (any more)")]
    NotWaiting,
    #[error("{0} decides this case")]
    Providers(Provider),
    #[error("what the person filled in cannot be read any more")]
    Unreadable,
    #[error("a few words are needed on why")]
    NoteMissing,
    #[error("the person stands so already")]
    Already,
    #[error("the second factor has to be shown again first")]
    ProveFirst,
    #[error(transparent)]
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for NotJudged {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

impl Karat {
    pub async fn admit_reviewer(&self, owner: Owner<'_>) -> Result<Admission, Failure> {
        let user = &owner.signed_in.user;
        let roles = self.store.roles_of(user.id).await?;
        if !roles.iter().any(|role| role.may(Act::ReadCases)) {
            return Ok(Admission::Stranger);
        }
        let decides = roles.iter().any(|role| role.may(Act::DecideCase));
        if owner.signed_in.session.authentication.acr < Acr::Mfa {
            let can_show_more = self.enrolled(user.id).await?.reach() >= Acr::Mfa;
            return Ok(Admission::TooWeak { can_show_more });
        }
        let is_fresh = self.has_proven_lately(owner).await?;
        Ok(Admission::Admitted(Reviewer { id: user.id, is_fresh, decides, from: CameFrom::default() }))
    }

    /// Whether `judge` may decide about a person: as [`Karat::may_handle`], and just now shown to be there.
    pub(super) async fn may_judge(
        &self,
        change: &mut Change,
        judge: Judge<'_>,
        about: UserId,
    ) -> Result<(), NotJudged> {
        self.may_handle(change, judge, about).await?;
        match judge {
            Judge::Reviewer(reviewer) if !reviewer.is_fresh => Err(NotJudged::ProveFirst),
            _ => Ok(()),
        }
    }

    /// Whether `judge` has to do with a person at all. Within the change: who lost the role a moment ago has not.
    pub(super) async fn may_handle(
        &self,
        change: &mut Change,
        judge: Judge<'_>,
        about: UserId,
    ) -> Result<(), NotJudged> {
        let Judge::Reviewer(reviewer) = judge else { return Ok(()) };
        if reviewer.id == about {
            return Err(NotJudged::Own);
        }
        if !change.has_role(reviewer.id, Role::Compliance).await? {
            return Err(NotJudged::Unknown);
        }
        Ok(())
    }

    /// Writes the note down, if there is one, and answers the evidence that points to it.
    pub(super) async fn put_note(
        &self,
        change: &mut Change,
        judge: Judge<'_>,
        (user, case): (UserId, Option<CaseId>),
        text: &str,
    ) -> Result<Value, Failure> {
        let text: String = text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_NOTE).collect();
        if text.is_empty() {
            return Ok(json!({}));
        }
        let id = self.new_id().to_string();
        let evidence = json!({ "note": id });
        let author = judge.actor().to_string();
        let key = change.person_key(user, self.now()).await?;
        let note = Note { id, user_id: user, case_id: case, at: self.now(), author, text };
        change.add_kyc_note(&key, &note).await?;
        Ok(evidence)
    }

    /// What was done with a case that did not change where the person stands.
    pub(super) async fn note_review(
        &self,
        change: &mut Change,
        judge: Judge<'_>,
        (user, case): (UserId, CaseId),
        act: &str,
    ) -> Result<(), Failure> {
        let detail = json!({ "case": case.to_string(), "act": act, "by": judge.actor().to_string() });
        change.record(&self.event(EventKind::KycReviewed, user).with(detail)).await?;
        self.audit_review(change, judge, (user, case), act);
        Ok(())
    }

    pub(super) fn audit_review(
        &self,
        change: &mut Change,
        judge: Judge<'_>,
        (user, case): (UserId, CaseId),
        step: &str,
    ) {
        let told = json!({ "case": case.to_string(), "step": step });
        change.audit(self.kyc_entry((judge.actor(), &judge.came_from()), Act::DecideCase, user, told));
    }

    /// A look at what a person handed in. Recorded before it is shown.
    pub async fn note_look(
        &self,
        reviewer: &Reviewer,
        (user, case): (UserId, CaseId),
        document: &str,
    ) -> Result<(), Failure> {
        let by = Actor::Reviewer(reviewer.id).to_string();
        let detail = json!({ "case": case.to_string(), "document": document, "by": by });
        self.store.record(&self.event(EventKind::DocumentSeen, user).with(detail)).await?;
        Ok(())
    }

    /// Everything the person attained counts for nothing until the suspension is lifted.
    pub async fn suspend_person(
        &self,
        judge: Judge<'_>,
        user: UserId,
        reason: Reason,
        note: &str,
    ) -> Result<(), NotJudged> {
        self.find(judge, user, &Finding::Suspended { reason }, note).await
    }

    pub async fn reinstate_person(&self, judge: Judge<'_>, user: UserId, note: &str) -> Result<(), NotJudged> {
        if note.trim().is_empty() {
            return Err(NotJudged::NoteMissing);
        }
        self.find(judge, user, &Finding::Reinstated, note).await
    }

    /// Takes back `tier` and what is above it.
    pub async fn revoke_level(&self, judge: Judge<'_>, user: UserId, tier: Tier, note: &str) -> Result<(), NotJudged> {
        if note.trim().is_empty() {
            return Err(NotJudged::NoteMissing);
        }
        self.find(judge, user, &Finding::Revoked { tier }, note).await
    }

    async fn find(&self, judge: Judge<'_>, user: UserId, finding: &Finding, note: &str) -> Result<(), NotJudged> {
        let subject: Subject = self.kyc_subject(user).await?.ok_or(NotJudged::Unknown)?;
        let mut change = self.store.begin().await?;
        if !change.hold_account(user).await? {
            return Err(NotJudged::Unknown);
        }
        self.may_judge(&mut change, judge, user).await?;
        let evidence = self.put_note(&mut change, judge, (user, None), note).await?;
        let cause = Cause { actor: judge.actor(), from: judge.came_from(), evidence };
        if !self.record_finding(&mut change, &subject, finding, &cause).await?.is_change() {
            return Err(NotJudged::Already);
        }
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }
}
