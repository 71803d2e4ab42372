//! Telling people what became of their verification. What they may not know is not hinted at.

use super::record::{Changed, Subject};
use crate::domain::kyc::{Finding, Reason, Tier};
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::pages::mail::{Verification, VerificationNews as News};
use crate::storage::Change;

impl Karat {
    pub(super) async fn tell_person(
        &self,
        change: &mut Change,
        subject: &Subject,
        finding: &Finding,
        changed: &Changed,
    ) -> Result<(), Failure> {
        match self.news(finding, changed) {
            Some(mail) => self.put_mail_to(change, &subject.user, &mail).await,
            None => Ok(()),
        }
    }

    /// `None`: the person did it, sees it at once, or it changes nothing for them.
    fn news(&self, finding: &Finding, changed: &Changed) -> Option<Verification> {
        let (before, after) = (&changed.before, &changed.after);
        let counts_for_nothing = after.suspended().is_some() || self.is_restricted(after);
        let held = before.tier(changed.before_at);
        Some(match finding {
            Finding::Begun { .. } | Finding::Abandoned { .. } => return None,
            Finding::Submitted { .. } => {
                let tier = after.pending()?.tier;
                let section = self.settings.tier(tier).filter(|section| !section.is_automatic())?;
                let wait = Some(section.review_time).filter(|wait| *wait > Seconds(0));
                Verification { review_by: wait.map(|wait| self.now().plus(wait)), ..self.says(News::Submitted, tier) }
            }
            Finding::Approved { .. } if counts_for_nothing => return None,
            Finding::Approved { tier, until, .. } => {
                let opens = self.opened_by(*tier, held.min(*tier));
                Verification { until: *until, opens, ..self.says(News::Approved, *tier) }
            }
            Finding::Rejected { .. }
                if held > Tier::REGISTERED && before.suspended().is_none() && after.suspended().is_some() =>
            {
                self.says(News::Suspended, held)
            }
            Finding::Rejected { tier, reason, finally, .. } => {
                let news = if *finally { News::RejectedFinal } else { News::RejectedRetry };
                Verification { reason: Some(Reason::told(*reason)), ..self.says(news, *tier) }
            }
            Finding::Suspended { .. } => self.says(News::Suspended, held),
            Finding::Reinstated if before.suspended().is_none() => return None,
            Finding::Reinstated => self.says(News::Reinstated, held),
            Finding::Revoked { tier } => self.says(News::Revoked, *tier),
            Finding::Expiring { tier, .. } | Finding::Expired { tier }
                if counts_for_nothing || after.is_outlived(*tier) =>
            {
                return None;
            }
            Finding::Expiring { tier, .. } => {
                let until = end_of(changed, *tier)?;
                Verification { until: Some(until), ..self.says(News::Expiring, *tier) }
            }
            Finding::Expired { tier } => self.says(News::Expired, *tier),
        })
    }

    /// The scope values that take more than `held`, and no more than `tier`.
    fn opened_by(&self, tier: Tier, held: Tier) -> Vec<String> {
        let demands = self.settings.policy.scopes.iter();
        demands
            .filter(|(_, demand)| held < demand.tier && demand.tier <= tier)
            .map(|(scope, _)| scope.clone())
            .collect()
    }

    fn says(&self, news: News, tier: Tier) -> Verification {
        let link = self.issuer.join("/account/verification");
        Verification { news, tier, at: self.now(), until: None, review_by: None, reason: None, opens: Vec::new(), link }
    }
}

fn end_of(changed: &Changed, tier: Tier) -> Option<Timestamp> {
    changed.after.attained().iter().find(|attained| attained.tier == tier)?.until
}
