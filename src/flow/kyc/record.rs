//! The one way a person's standing changes.

use std::fmt;

use serde_json::Value;

use crate::domain::admin::Act;
use crate::domain::ids::UserId;
use crate::domain::kyc::{Finding, Provider, Reason, Standing, State, Tier};
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::flow::Failure;
use crate::flow::admin::Authority;
use crate::flow::admin::audit::Target;
use crate::flow::karat::Karat;
use crate::flow::tell_apps::RightsChange;
use crate::storage::Change;
use crate::storage::audit::AuditEntry;
use crate::storage::events::EventKind;
use crate::storage::kyc::history::Transition;

/// Whom a finding is about. Read before the change begins: a change holds one connection, and must not wait for a second.
pub struct Subject {
    pub user: User,
}

/// Who made a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// About themselves.
    Person,
    Reviewer(UserId),
    /// By the command line.
    Operator,
    /// The configured rules, when there is nothing to look at.
    Rules,
    /// A time has come.
    Clock,
    Provider(Provider),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person => f.write_str("person"),
            Self::Reviewer(id) => write!(f, "reviewer:{id}"),
            Self::Operator => f.write_str("operator"),
            Self::Rules => f.write_str("rules"),
            Self::Clock => f.write_str("clock"),
            Self::Provider(provider) => provider.fmt(f),
        }
    }
}

/// From where somebody asked, as far as anybody did: for the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CameFrom {
    /// The IP address.
    pub address: Option<String>,
    pub request_id: Option<String>,
}

/// Who, from where, and on what evidence: references, never identity data.
pub struct Cause {
    pub actor: Actor,
    pub from: CameFrom,
    pub evidence: Value,
}

impl Cause {
    /// Of whoever asked at no door of the operator's.
    pub fn of(actor: Actor, evidence: Value) -> Self {
        Self { actor, from: CameFrom::default(), evidence }
    }
}

impl Actor {
    /// As the audit log names them: reviewers are people there.
    fn audited(self) -> String {
        match self {
            Self::Reviewer(id) => format!("person:{id}"),
            other => other.to_string(),
        }
    }
}

impl Authority {
    /// As the history of verifications names whoever asks.
    pub(in crate::flow) fn kyc_actor(&self) -> Actor {
        self.person().map_or(Actor::Operator, Actor::Reviewer)
    }

    pub(in crate::flow) fn came_from(&self) -> CameFrom {
        CameFrom { address: self.address.clone(), request_id: self.request_id.clone() }
    }
}

/// Where the person stood before and after.
pub struct Changed {
    pub before: Standing,
    pub after: Standing,
    /// At which moment `before` is judged: now, or just before its end for what has ended by itself.
    pub before_at: Timestamp,
}

impl Changed {
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

impl Karat {
    /// `None`: there is no such account.
    pub async fn kyc_subject(&self, user: UserId) -> Result<Option<Subject>, Failure> {
        Ok(self.store.user(user).await?.map(|user| Subject { user }))
    }

    /// What a person's verification is worth now: the `kyc_level` claim.
    pub fn kyc_tier(&self, user: &User) -> Tier {
        self.settings.policy.tier(&user.kyc, self.now())
    }

    pub fn kyc_state(&self, standing: &Standing) -> State {
        standing.state(self.now(), self.settings.kyc.expiry_notice, self.is_restricted(standing))
    }

    /// As the person is told. A suspicion against who never had a level looks like any other final rejection.
    pub fn kyc_state_told(&self, standing: &Standing) -> State {
        let never_held = standing.attained().is_empty() && standing.residence().is_none();
        let is_final = standing.rejected().is_some_and(|rejected| rejected.finally);
        match self.kyc_state(standing) {
            State::Suspended if never_held && is_final => State::RejectedFinal,
            state => state,
        }
    }

    /// Whether the person lives where nobody is served.
    pub fn is_restricted(&self, standing: &Standing) -> bool {
        self.settings.policy.is_restricted(standing)
    }

    fn worth(&self, standing: &Standing, at: Timestamp) -> Tier {
        self.settings.policy.tier(standing, at)
    }

    /// Applies a finding to the person's standing within `change`, with its history, its event, its mail and what the apps are told. The
    /// caller rings the outbox bell after the commit. A finding that changes nothing leaves no trace.
    pub async fn record_finding(
        &self,
        change: &mut Change,
        subject: &Subject,
        finding: &Finding,
        cause: &Cause,
    ) -> Result<Changed, Failure> {
        let (user, now) = (&subject.user, self.now());
        let Some(before) = change.kyc_standing(user.id).await? else {
            // The account has gone meanwhile; what law wants kept is kept elsewhere.
            return Ok(Changed { before: user.kyc.clone(), after: user.kyc.clone(), before_at: now });
        };
        let after = before.after(finding, now);
        let before_at = moment_before(finding, &before, now);
        let changed = Changed { before, after, before_at };
        if !changed.is_change() {
            return Ok(changed);
        }
        let due = changed.after.due_at(self.settings.kyc.expiry_notice);
        change.set_kyc_standing(user.id, &changed.after, due).await?;
        let made = self.transition(user.id, finding, cause, &changed);
        let event = self.event(EventKind::KycChanged, user.id).with(serde_json::json!({
            "finding": made.finding, "from": made.from_tier, "to": made.to_tier, "state": made.to_state, "by": made.actor,
            "level": made.to_tier, "previous_level": made.from_tier,
            "state_told": self.kyc_state_told(&changed.after).as_str(), "reason_told": reason_told(finding),
        }));
        change.add_kyc_transition(&made).await?;
        change.record(&event).await?;
        let told = serde_json::json!({
            "finding": made.finding,
            "before": { "state": made.from_state, "level": made.from_tier },
            "after": { "state": made.to_state, "level": made.to_tier },
            "reason": made.reason, "case": made.case_id, "evidence": made.evidence,
        });
        // What people do about their own applications is no act of the operator's: it stands in their history.
        if cause.actor != Actor::Person {
            change.audit(self.kyc_entry((cause.actor, &cause.from), act_of(finding), user.id, told));
        }
        self.tell_person(change, subject, finding, &changed).await?;
        let (from, to) = (self.worth(&changed.before, changed.before_at), self.worth(&changed.after, now));
        if from != to {
            self.tell_apps(change, user.id, RightsChange::Level { from, to }).await?;
        }
        Ok(changed)
    }

    /// An entry of the audit log about somebody's verification.
    pub(super) fn kyc_entry(
        &self,
        (actor, from): (Actor, &CameFrom),
        act: Act,
        user: UserId,
        told: Value,
    ) -> AuditEntry {
        AuditEntry {
            address: from.address.clone(),
            request_id: from.request_id.clone(),
            ..self.house_entry(&actor.audited(), act.as_str(), Target::user(user), told)
        }
    }

    fn transition(&self, user_id: UserId, finding: &Finding, cause: &Cause, changed: &Changed) -> Transition {
        let now = self.now();
        let state = |standing: &Standing, at| {
            standing.state(at, self.settings.kyc.expiry_notice, self.is_restricted(standing)).as_str().to_owned()
        };
        let tier = |standing: &Standing, at| i64::from(self.worth(standing, at).level());
        let reason = match finding {
            Finding::Rejected { reason, .. } | Finding::Suspended { reason } => Some(*reason),
            _ => None,
        };
        Transition {
            id: self.new_id().to_string(),
            user_id,
            at: now,
            finding: finding.name().to_owned(),
            from_state: state(&changed.before, changed.before_at),
            to_state: state(&changed.after, now),
            from_tier: tier(&changed.before, changed.before_at),
            to_tier: tier(&changed.after, now),
            actor: cause.actor.to_string(),
            case_id: finding.case().map(|case| case.to_string()),
            reason: reason.map(|reason| Reason::as_str(reason).to_owned()),
            evidence: cause.evidence.clone(),
        }
    }
}

/// Which act a finding is, also where a provider, a rule or the clock found it.
const fn act_of(finding: &Finding) -> Act {
    match finding {
        Finding::Begun { .. }
        | Finding::Submitted { .. }
        | Finding::Approved { .. }
        | Finding::Rejected { .. }
        | Finding::Abandoned { .. } => Act::DecideCase,
        Finding::Suspended { .. }
        | Finding::Reinstated
        | Finding::Revoked { .. }
        | Finding::Expiring { .. }
        | Finding::Expired { .. } => Act::SetLevel,
    }
}

/// Nobody who is suspended learns why.
fn reason_told(finding: &Finding) -> Option<&'static str> {
    match finding {
        Finding::Rejected { reason, .. } => Some(reason.told().as_str()),
        _ => None,
    }
}

fn moment_before(finding: &Finding, before: &Standing, now: Timestamp) -> Timestamp {
    let Finding::Expired { tier } = finding else { return now };
    let ended = before.attained().iter().find(|attained| attained.tier == *tier).and_then(|attained| attained.until);
    ended.map_or(now, |end| end.minus(Seconds(1)).min(now))
}
