//! The most dangerous acts: at once, or, where the operator wants it so, once a second person has agreed.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::Target;
use super::{Authority, Refusal, Who};
use crate::domain::admin::Act;
use crate::domain::ids::UserId;
use crate::domain::kyc::{Finding, Reason, Tier};
use crate::domain::role::Role;
use crate::domain::time::Seconds;
use crate::domain::user::User;
use crate::flow::karat::Karat;
use crate::flow::kyc::{Cause, Subject};
use crate::storage::Change;
use crate::storage::proposals::{Outcome as Decided, Proposal};

/// How long an agreed export can be fetched by whoever asked for it.
const EXPORT_OPEN: Seconds = Seconds::minutes(60);
const LONGEST_REASON: usize = 1_000;
const MOST_SHOWN: i64 = 200;

/// What exactly is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Grave {
    Role {
        user: UserId,
        #[serde(with = "as_text")]
        role: Role,
        granted: bool,
    },
    RemoveAuthenticator {
        user: UserId,
        authenticator: String,
    },
    Suspend {
        user: UserId,
        #[serde(with = "as_text")]
        reason: Reason,
    },
    Reinstate {
        user: UserId,
    },
    RevokeLevel {
        user: UserId,
        tier: Tier,
    },
    ExportPerson {
        user: UserId,
    },
    ExportAudit,
}

/// What became of the request for a grave act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Waits for a second person: the proposal's id.
    Proposed(String),
}

impl Grave {
    pub const fn act(&self) -> Act {
        match self {
            Self::Role { .. } => Act::ChangeRoles,
            Self::RemoveAuthenticator { .. } => Act::RemoveAuthenticator,
            Self::Suspend { .. } | Self::Reinstate { .. } | Self::RevokeLevel { .. } => Act::SetLevel,
            Self::ExportPerson { .. } => Act::ExportPerson,
            Self::ExportAudit => Act::ExportAudit,
        }
    }

    /// Whose account it is about.
    pub const fn about(&self) -> Option<UserId> {
        match self {
            Self::Role { user, .. }
            | Self::RemoveAuthenticator { user, .. }
            | Self::Suspend { user, .. }
            | Self::Reinstate { user }
            | Self::RevokeLevel { user, .. }
            | Self::ExportPerson { user } => Some(*user),
            Self::ExportAudit => None,
        }
    }

    fn target(&self) -> Target {
        self.about().map_or(Target("audit", String::new()), Target::user)
    }
}

impl Karat {
    /// Does it, or proposes it to a second person.
    pub async fn grave(&self, by: &Authority, wanted: Grave, reason: &str) -> Result<Outcome, Refusal> {
        permitted(by, &wanted)?;
        let reason = words(reason);
        let person = by.person().filter(|_| self.settings.admin.second_person.contains(&wanted.act()));
        if let Some(proposer) = person {
            return self.propose(by, proposer, &wanted, reason).await.map(Outcome::Proposed);
        }
        if reason.is_empty() && *by.who() != Who::Operator {
            return Err(Refusal::ReasonMissing);
        }
        let prepared = self.prepare(&wanted).await?;
        let mut change = self.store.begin().await?;
        self.perform(&mut change, by, &wanted, prepared, &reason).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(Outcome::Done)
    }

    async fn propose(
        &self,
        by: &Authority,
        proposer: UserId,
        wanted: &Grave,
        reason: String,
    ) -> Result<String, Refusal> {
        if reason.is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        let now = self.now();
        let Target(kind, target) = wanted.target();
        let proposal = Proposal {
            id: self.new_id().to_string(),
            act: wanted.act().to_string(),
            target_kind: kind.to_owned(),
            target,
            asked: serde_json::to_value(wanted)?,
            reason,
            proposed_by: proposer,
            proposed_at: now,
            expires_at: now.plus(self.settings.admin.proposal_lifetime),
            outcome: None,
            decided_by: None,
            decided_at: None,
        };
        let mut change = self.store.begin().await?;
        change.add_proposal(&proposal).await?;
        let told =
            json!({ "proposal": proposal.id, "step": "proposed", "asked": proposal.asked, "reason": proposal.reason });
        change.audit(by.entry(self, wanted.act(), wanted.target(), told));
        change.commit().await?;
        Ok(proposal.id)
    }

    /// Those that wait and that `by` could do.
    pub async fn proposals(&self, by: &Authority) -> Result<Vec<Proposal>, Refusal> {
        let all = self.store.open_proposals(self.now(), MOST_SHOWN).await?;
        let theirs = |proposal: &Proposal| proposal.act.parse::<Act>().is_ok_and(|act| by.may(act));
        Ok(all.into_iter().filter(theirs).collect())
    }

    pub async fn confirm_proposal(&self, by: &Authority, id: &str) -> Result<(), Refusal> {
        let (proposal, wanted) = self.waiting(id).await?;
        permitted(by, &wanted)?;
        let person = by.person().ok_or(Refusal::Forbidden(wanted.act()))?;
        if person == proposal.proposed_by {
            return Err(Refusal::SameEyes);
        }
        // Who has lost the right since is not heard any more, and neither is an account that was frozen: it may have been stolen when it asked.
        let proposer = self.store.user(proposal.proposed_by).await?.filter(User::is_active);
        let roles = self.store.roles_of(proposal.proposed_by).await?;
        if proposer.is_none() || !roles.iter().any(|role| role.may(wanted.act())) {
            return Err(Refusal::conflict("whoever proposed this may not do it any more"));
        }
        let prepared = self.prepare(&wanted).await?;
        let mut change = self.store.begin().await?;
        self.perform(&mut change, by, &wanted, prepared, &proposal.reason).await?;
        if !change.decide_proposal(id, Decided::Done, person, self.now()).await? {
            return Err(Refusal::conflict("it is decided already, or its time is over"));
        }
        let told =
            json!({ "proposal": id, "step": "confirmed", "proposed_by": format!("person:{}", proposal.proposed_by) });
        change.audit(by.entry(self, wanted.act(), wanted.target(), told));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// By a second person, or taken back by whoever proposed it.
    pub async fn decline_proposal(&self, by: &Authority, id: &str) -> Result<(), Refusal> {
        let (proposal, wanted) = self.waiting(id).await?;
        let person = by.person().filter(|_| by.may(wanted.act())).ok_or(Refusal::Forbidden(wanted.act()))?;
        if person != proposal.proposed_by {
            // Whom it is about does not stop it, and neither does a session that somebody left open.
            permitted(by, &wanted)?;
        }
        let (outcome, step) = match person == proposal.proposed_by {
            true => (Decided::Withdrawn, "withdrawn"),
            false => (Decided::Declined, "declined"),
        };
        let mut change = self.store.begin().await?;
        if !change.decide_proposal(id, outcome, person, self.now()).await? {
            return Err(Refusal::conflict("it is decided already, or its time is over"));
        }
        change.audit(by.entry(self, wanted.act(), wanted.target(), json!({ "proposal": id, "step": step })));
        Ok(change.commit().await?)
    }

    async fn waiting(&self, id: &str) -> Result<(Proposal, Grave), Refusal> {
        let proposal = self.store.proposal(id).await?.ok_or(Refusal::NotFound)?;
        let wanted = serde_json::from_value(proposal.asked.clone()).map_err(|_| Refusal::NotFound)?;
        Ok((proposal, wanted))
    }

    /// Whether an export may be fetched: at once, or by an agreed proposal of the last hour.
    pub async fn may_export(&self, by: &Authority, wanted: &Grave) -> Result<(), Refusal> {
        permitted(by, wanted)?;
        let Some(person) = by.person().filter(|_| self.settings.admin.second_person.contains(&wanted.act())) else {
            return Ok(());
        };
        let Target(kind, target) = wanted.target();
        let since = self.now().minus(EXPORT_OPEN);
        match self.store.has_agreed_proposal(wanted.act().as_str(), (kind, &target), person, since).await? {
            true => Ok(()),
            false => Err(Refusal::conflict("a second person has to agree first: propose it")),
        }
    }

    /// What has to be read before the change begins.
    async fn prepare(&self, wanted: &Grave) -> Result<Option<Subject>, Refusal> {
        let Some(user) = wanted.about() else { return Ok(None) };
        self.kyc_subject(user).await?.ok_or(Refusal::NotFound).map(Some)
    }

    async fn perform(
        &self,
        change: &mut Change,
        by: &Authority,
        wanted: &Grave,
        subject: Option<Subject>,
        reason: &str,
    ) -> Result<(), Refusal> {
        let finding = match wanted {
            Grave::Role { user, role, granted } => {
                return self.switch_role(change, by, (*user, *role, *granted), reason).await;
            }
            Grave::RemoveAuthenticator { authenticator, .. } => {
                let user = subject.map(|subject| subject.user).ok_or(Refusal::NotFound)?;
                return self.take_authenticator(change, by, &user, authenticator, reason).await;
            }
            Grave::ExportPerson { .. } | Grave::ExportAudit => return Ok(()),
            Grave::Suspend { reason, .. } => Finding::Suspended { reason: *reason },
            Grave::Reinstate { .. } => Finding::Reinstated,
            Grave::RevokeLevel { tier, .. } => Finding::Revoked { tier: *tier },
        };
        let subject = subject.ok_or(Refusal::NotFound)?;
        if !change.hold_account(subject.user.id).await? {
            return Err(Refusal::NotFound);
        }
        let cause = Cause { actor: by.kyc_actor(), from: by.came_from(), evidence: json!({ "reason": reason }) };
        if !self.record_finding(change, &subject, &finding, &cause).await?.is_change() {
            return Err(Refusal::conflict("the person stands so already"));
        }
        Ok(())
    }
}

fn permitted(by: &Authority, wanted: &Grave) -> Result<(), Refusal> {
    match wanted.about() {
        Some(user) => by.permit_on(wanted.act(), user),
        None => by.permit(wanted.act()),
    }
}

/// What people write down: no control characters, and no novels.
pub(in crate::flow) fn words(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect()
}

/// By the names that people read.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::domain::kyc::Reason;
    use crate::domain::role::Role;

    pub trait Named: Sized {
        fn name(&self) -> &'static str;
        fn named(text: &str) -> Option<Self>;
    }

    impl Named for Role {
        fn name(&self) -> &'static str {
            self.as_str()
        }

        fn named(text: &str) -> Option<Self> {
            text.parse().ok()
        }
    }

    impl Named for Reason {
        fn name(&self) -> &'static str {
            self.as_str()
        }

        fn named(text: &str) -> Option<Self> {
            Self::parse(text)
        }
    }

    pub fn serialize<T: Named, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.name())
    }

    pub fn deserialize<'de, T: Named, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::named(&text).ok_or_else(|| de::Error::custom("unknown name"))
    }
}
