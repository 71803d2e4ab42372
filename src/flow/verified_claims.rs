//! What of a person's verified identity is told to an app: read only when it was asked for, and judged at the moment of the answer.

use serde_json::Value;

use super::Failure;
use super::karat::Karat;
use crate::domain::kyc::Tier;
use crate::domain::time::Seconds;
use crate::domain::user::User;
use crate::domain::verified_claims::{LEAST_TIER, Request, answer, assurance_level, datasets};
use crate::pages::trust_framework::LevelMeant;

const TRUST_FRAMEWORK: &str = "/trust-frameworks/exchange-kyc/v1";

impl Karat {
    /// What the levels mean; the page of this address says it.
    pub fn trust_framework(&self) -> String {
        self.issuer.join(TRUST_FRAMEWORK)
    }

    /// What that page says of each level; `None`: nobody is verified here.
    pub fn levels_meant(&self) -> Option<Vec<LevelMeant>> {
        let levels = Tier::LADDER.into_iter().filter_map(|tier| Some((tier, self.settings.tier(tier)?)));
        let meant = levels.map(|(tier, section)| LevelMeant {
            level: tier.level(),
            assurance_level: (tier >= LEAST_TIER).then(|| assurance_level(tier)),
            proofs: section.proofs.iter().map(|proof| proof.as_str()).collect(),
            valid_minutes: (section.valid_for > Seconds(0)).then_some(section.valid_for.0 / 60),
        });
        self.settings.kyc.enabled.then(|| meant.collect())
    }

    /// `None`: `verified_claims` is left out, whatever the reason.
    pub(super) async fn verified_claims(&self, user: &User, wanted: &Request) -> Result<Option<Value>, Failure> {
        if wanted.is_empty() || !self.settings.kyc.enabled || self.kyc_tier(user) < LEAST_TIER {
            return Ok(None);
        }
        let (identity, now) = (self.store.identity(user.id).await?, self.now());
        Ok(answer(wanted, &datasets(&identity, &user.kyc, &self.trust_framework(), now), now))
    }
}
