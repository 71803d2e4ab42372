//! What providers tell by their webhooks, and what comes of it.
//!
//! A webhook is believed when its provider signed it, and then only as "look again": the result is fetched. It is applied to the case
//! that it was fetched for, as it was before the fetch, and when something has happened to the case in between, it is fetched once
//! more; so what is applied last was also fetched last, in whatever order, and however often, the webhooks come.

use std::time::Duration;

use serde_json::json;

use super::record::{Actor, Cause, Subject};
use super::verdict::{Verdict, Verified};
use crate::domain::kyc::{Case, CaseState, Finding, Provider, Reason};
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::gateway::kyc::{Found, Notice, Post, ProviderError, Report, Stage, Unverified, Verifier, hash};
use crate::storage::kyc::webhooks::ProviderEvent;
use crate::storage::{Change, Error};

/// Providers wait five seconds for an answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often a result is fetched anew when the case moves meanwhile.
const TRIES: usize = 3;
/// An event's name is never longer.
const LONGEST_EVENT_ID: usize = 300;

#[derive(Debug)]
pub enum WebhookRefused {
    /// The provider is not configured.
    NoSuchProvider,
    /// Not signed by the provider, or not of now.
    Unsigned,
    /// Signed, and not to be understood.
    Malformed,
    /// Ours or the provider's side fails: it is to be told again.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for WebhookRefused {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

impl From<Unverified> for WebhookRefused {
    fn from(why: Unverified) -> Self {
        match why {
            Unverified::Unsigned => Self::Unsigned,
            Unverified::Malformed => Self::Malformed,
        }
    }
}

/// What a report does to a case.
#[derive(Debug)]
enum Step {
    /// With the reason, for the record.
    Nothing(&'static str),
    Submit,
    /// The person has mended what the case was rejected for.
    Reopen,
    /// The person has to begin their part again.
    Return,
    Abandon,
    Decide(Box<Verdict>),
}

enum Applied {
    /// In a word, for the record.
    Done(&'static str),
    /// The case is not as it was when the report was asked for.
    Meanwhile,
}

impl Karat {
    /// Takes a webhook. What is about nobody we know is taken, too, and changes nothing: to send it again would not help.
    pub async fn provider_told(&self, provider: Provider, post: Post<'_>) -> Result<(), WebhookRefused> {
        let verifier = self.providers.of(provider).ok_or(WebhookRefused::NoSuchProvider)?;
        let notice = verifier.judge(post, self.now())?;
        if notice.event_id.len() > LONGEST_EVENT_ID {
            return Err(WebhookRefused::Malformed);
        }
        if self.store.kyc_event_is_known(provider, &notice.event_id).await? {
            tracing::debug!(%provider, event = %notice.event_id, "a provider told again what it had told");
            return Ok(());
        }
        let body_hash = hash(post.body);
        let outcome = tokio::time::timeout(PATIENCE, self.look_again(verifier, &notice, body_hash)).await;
        let outcome = outcome.map_err(|_| later("the provider's answer takes too long"))??;
        tracing::info!(%provider, event = %notice.event_id, kind = %notice.kind, outcome, "a provider told something");
        Ok(())
    }

    /// Asks the provider and applies what it says, until the case holds still for it.
    async fn look_again(
        &self,
        verifier: &dyn Verifier,
        notice: &Notice,
        body_hash: String,
    ) -> Result<&'static str, Failure> {
        let provider = verifier.provider();
        let Some(reference) = &notice.reference else { return Ok("about no case") };
        let event = ProviderEvent { provider, event_id: notice.event_id.clone(), body_hash, received_at: self.now() };
        for _ in 0..TRIES {
            let Some(case) = self.store.kyc_case_of(provider, reference).await? else { return Ok("unknown case") };
            let Some(subject) = self.kyc_subject(case.user_id).await? else { return Ok("account gone") };
            let report = match verifier.ask(self.providers.call(self.now()), reference, case.tier).await {
                Ok(report) => report,
                Err(ProviderError::Gone) => gone(&case),
                Err(error) => return Err(unanswered(provider, error)),
            };
            match self.apply(&case, &subject, &report, (notice, &event)).await {
                Ok(Applied::Done(outcome)) => return Ok(outcome),
                // Somebody opened another case at the same moment.
                Ok(Applied::Meanwhile) | Err(Failed::Conflict) => {}
                Err(Failed::Other(failure)) => return Err(failure),
            }
        }
        Err(later("the case changes all the time"))
    }

    async fn apply(
        &self,
        case: &Case,
        subject: &Subject,
        report: &Report,
        (notice, event): (&Notice, &ProviderEvent),
    ) -> Result<Applied, Failed> {
        // What is so when it is asked for was so at the latest when it was told; nothing happens in the future.
        let at = report.at.max(notice.at).map(|at| at.min(self.clock.now_millis()));
        let cases = self.store.kyc_cases(case.user_id).await?;
        let has_another = cases.iter().any(|other| other.id != case.id && other.state.is_open());
        let step = match () {
            () if report.case.as_deref().is_some_and(|told| told != case.id.to_string()) => {
                Step::Nothing("another's case")
            }
            () if at.is_some() && at < case.provider_time => Step::Nothing("older than what is known"),
            () => self.of_age(step(case, report, has_another)),
        };
        let mut change = self.store.begin().await?;
        if !change.hold_account(case.user_id).await? {
            return Ok(Applied::Done("account gone"));
        }
        if change.kyc_case(case.id).await?.as_ref() != Some(case) {
            return Ok(Applied::Meanwhile);
        }
        let standing = change.kyc_standing(case.user_id).await?;
        let is_barred = standing.is_some_and(|standing| standing.is_barred(case.id));
        let step = if is_barred && step.raises() { Step::Nothing("another case was rejected for good") } else { step };
        if !change.add_kyc_event(event, step.name()).await? {
            return Ok(Applied::Done("told twice at once"));
        }
        let evidence = json!({ "reference": case.reference, "event": notice.event_id, "codes": report.codes });
        let cause = Cause::of(Actor::Provider(case.provider), evidence);
        let timed = Case { provider_time: at.max(case.provider_time), ..case.clone() };
        self.take_step(&mut change, subject, (&timed, &step), &cause).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(Applied::Done(step.name()))
    }

    async fn take_step(
        &self,
        change: &mut Change,
        subject: &Subject,
        (case, step): (&Case, &Step),
        cause: &Cause,
    ) -> Result<(), Failed> {
        let (id, tier, now) = (case.id, case.tier, self.now());
        let became = |state| Case { state, decided_at: None, decided_by: None, reason: None, ..case.clone() };
        let (next, findings) = match step {
            Step::Nothing(_) => (case.clone(), vec![]),
            Step::Decide(verdict) => {
                if let Verdict::Approve(verified) = verdict.as_ref() {
                    self.note_fingerprints(change, case, &verified.attributes, None).await?;
                }
                self.decide_case(change, subject, case, verdict, cause).await?;
                return Ok(());
            }
            Step::Submit => (
                Case { submitted_at: Some(now), ..became(CaseState::Submitted) },
                vec![Finding::Submitted { case: id }],
            ),
            Step::Reopen => {
                let next = Case { submitted_at: Some(now), ..became(CaseState::Submitted) };
                (next, vec![Finding::Begun { case: id, tier }, Finding::Submitted { case: id }])
            }
            Step::Return => (
                Case { submitted_at: None, ..became(CaseState::Collecting) },
                vec![Finding::Abandoned { case: id }, Finding::Begun { case: id, tier }],
            ),
            Step::Abandon => {
                let decided_by = Some(cause.actor.to_string());
                let next = Case { decided_at: Some(now), decided_by, ..became(CaseState::Abandoned) };
                (next, vec![Finding::Abandoned { case: id }])
            }
        };
        change.set_kyc_case(&next, case.state).await?;
        for finding in &findings {
            self.record_finding(change, subject, finding, cause).await?;
        }
        Ok(())
    }

    /// A provider may have been asked for less than the operator asks for.
    fn of_age(&self, step: Step) -> Step {
        let Step::Decide(verdict) = &step else { return step };
        let Verdict::Approve(verified) = verdict.as_ref() else { return step };
        let years = verified.attributes.birthdate.as_deref().and_then(|birthdate| self.years_since(birthdate));
        match years {
            Some(years) if years < self.settings.kyc.minimum_age => Step::reject(Reason::Underage, true),
            _ => step,
        }
    }

    /// Whole years from a day (`YYYY-MM-DD`) to today (UTC); 0 for a day to come.
    fn years_since(&self, date: &str) -> Option<u32> {
        let day: chrono::NaiveDate = date.parse().ok()?;
        let today = chrono::DateTime::from_timestamp(self.now().unix(), 0)?.date_naive();
        Some(today.years_since(day).unwrap_or(0))
    }
}

/// What a report does to a case as it stands. `has_another`: the person has begun another one meanwhile.
fn step(case: &Case, report: &Report, has_another: bool) -> Step {
    use CaseState::{Abandoned, Approved, Collecting, Proposed, RejectedFinal, RejectedRetry, Submitted};
    let by_provider = case.decided_by.as_deref().is_none_or(|by| by == case.provider.as_str());
    match (&report.stage, case.state) {
        (Stage::Elsewhere, _) => Step::Nothing("not for this level"),
        (_, Abandoned) => Step::Nothing("given up before"),

        (Stage::Collecting, Submitted | Proposed) => Step::Return,
        // What was approved is to be shown once more.
        (Stage::Collecting, Approved) => Step::reject(Reason::Other, false),
        (Stage::Collecting, _) => Step::Nothing("as before"),

        (Stage::Submitted, Collecting) => Step::Submit,
        (Stage::Submitted, RejectedRetry) if by_provider && !has_another => Step::Reopen,
        (Stage::Submitted, _) => Step::Nothing("as before"),

        (Stage::Approved(_), Approved) => Step::Nothing("as before"),
        (Stage::Approved(_), RejectedRetry | RejectedFinal) if !by_provider => Step::Nothing("decided by people"),
        (Stage::Approved(found), _) => {
            let Found { attributes, evidence } = found.as_ref().clone();
            Step::Decide(Box::new(Verdict::Approve(Verified { attributes, evidence })))
        }

        (Stage::Rejected { reason, finally }, RejectedRetry | RejectedFinal)
            if case.reason == Some(*reason) && (case.state == RejectedFinal) == *finally =>
        {
            Step::Nothing("as before")
        }
        // A final rejection stays one, whoever made it, until it is an approval.
        (Stage::Rejected { finally: false, .. }, RejectedFinal) => Step::Nothing("decided for good"),
        (Stage::Rejected { reason, finally }, _) => Step::reject(*reason, *finally),

        (Stage::Abandoned(Reason::Abandoned), Collecting | Submitted | Proposed) => Step::Abandon,
        (Stage::Abandoned(reason), Collecting | Submitted | Proposed) => Step::reject(*reason, false),
        (Stage::Abandoned(_), _) => Step::Nothing("decided before"),
    }
}

impl Step {
    /// In a word, for the record.
    fn name(&self) -> &'static str {
        match self {
            Self::Nothing(why) => why,
            Self::Submit => "submitted",
            Self::Reopen => "submitted again",
            Self::Return => "returned",
            Self::Abandon => "abandoned",
            Self::Decide(verdict) => match verdict.as_ref() {
                Verdict::Approve(_) => "approved",
                Verdict::Reject { .. } => "rejected",
            },
        }
    }

    /// Whether the person comes nearer to a level by it than they were after a rejection.
    fn raises(&self) -> bool {
        match self {
            Self::Reopen => true,
            Self::Decide(verdict) => matches!(verdict.as_ref(), Verdict::Approve(_)),
            Self::Nothing(_) | Self::Submit | Self::Return | Self::Abandon => false,
        }
    }

    fn reject(reason: Reason, finally: bool) -> Self {
        Self::Decide(Box::new(Verdict::Reject { reason, finally }))
    }
}

/// The provider has no such case any more: what was decided stays decided, what was not never will be.
fn gone(case: &Case) -> Report {
    Report { case: Some(case.id.to_string()), at: None, stage: Stage::Abandoned(Reason::Abandoned), codes: Vec::new() }
}

enum Failed {
    /// Another case of the person was opened in between.
    Conflict,
    Other(Failure),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict => Self::Conflict,
            other => Self::Other(other.into()),
        }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

fn later(cause: &str) -> Failure {
    Failure::Later { retry_after: Seconds(30), cause: cause.into() }
}

fn unanswered(provider: Provider, error: ProviderError) -> Failure {
    if !matches!(error, ProviderError::NotNow(_)) {
        tracing::error!(%provider, %error, "a provider of verification does not take our requests");
    }
    Failure::Later { retry_after: Seconds(30), cause: error.into() }
}
