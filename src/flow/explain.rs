//! Explaining the decision: what a person would be granted by an app, what not, why, and what they could do about it.

use serde_json::{Value, json};

use super::admin::{self, Authority};
use super::karat::Karat;
use crate::domain::admin::Act;
use crate::domain::authentication::{Acr, Authentication, Method, PasskeyUse, Proven};
use crate::domain::client::{Client, GrantType, WhenWithheld};
use crate::domain::policy::{Refusal, Withheld};
use crate::domain::scope::Scope;
use crate::domain::time::Seconds;
use crate::domain::user::User;

/// For which log-in the decision is to be explained.
#[derive(Clone, Copy, Debug)]
pub struct SupposedLogIn {
    /// `None`: the strongest that the person has enrolled.
    pub acr: Option<Acr>,
    /// How long ago it was.
    pub age: Seconds,
}

impl Karat {
    /// The answer of `karat policy explain` and of the API, as JSON. Nothing is changed by it.
    pub async fn explain(
        &self,
        by: &Authority,
        (user, client): (&User, &Client),
        asked: &Scope,
        log_in: SupposedLogIn,
    ) -> Result<Value, admin::Refusal> {
        by.permit(Act::ExplainPolicy)?;
        let acr = match log_in.acr {
            Some(acr) => acr,
            None => self.enrolled(user.id).await?.reach().max(Acr::Password),
        };
        let authentication = self.supposed(acr, log_in.age);
        let decision = self.decide(asked, client, user, &authentication);
        let withheld: Vec<Value> = decision.withheld.iter().map(|refusal| self.explained(refusal, client)).collect();
        Ok(json!({
            "user": user.id.to_string(),
            "client": client.id,
            "kyc_level": self.kyc_tier(user).level(),
            "kyc_state": self.kyc_state(&user.kyc).as_str(),
            "hold_until": self.hold_until(user),
            "log_in": { "acr": authentication.acr.as_str(), "age": log_in.age.0 },
            "granted": decision.granted.to_string(),
            "withheld": withheld,
            "when_withheld": client.when_withheld.as_str(),
        }))
    }

    fn supposed(&self, acr: Acr, age: Seconds) -> Authentication {
        let passkey = |attested: bool| Method::Passkey(PasskeyUse { user_verified: true, synced: !attested, attested });
        let methods = match acr {
            Acr::Password => vec![Method::Password],
            Acr::MfaSms => vec![Method::Password, Method::Sms],
            Acr::Mfa => vec![Method::Password, Method::Totp],
            Acr::Phr => vec![passkey(false)],
            Acr::Phrh => vec![passkey(true)],
        };
        let at = self.now().minus(age);
        let proven: Vec<Proven> = methods.into_iter().map(|method| Proven { method, at }).collect();
        Authentication::of(&proven).unwrap_or_else(|| Authentication::by_password(at))
    }

    fn explained(&self, refusal: &Refusal, client: &Client) -> Value {
        let reasons: Vec<Value> = refusal.why.iter().map(|why| self.reason(*why, client)).collect();
        json!({ "scope": refusal.scope, "reasons": reasons })
    }

    fn reason(&self, why: Withheld, client: &Client) -> Value {
        let guided = client.when_withheld == WhenWithheld::Guide;
        let by_guide = |does: &'static str, otherwise: &'static str| if guided { does } else { otherwise };
        match why {
            Withheld::Frozen => json!({
                "reason": "frozen",
                "remedy": "the account is frozen or locked, or the app is switched off: whoever did it lifts it",
            }),
            Withheld::NotRegistered => json!({
                "reason": "not_registered",
                "remedy": "add it to the app's registered scope, if the app is to have it",
            }),
            Withheld::NoRefresh => json!({
                "reason": "no_refresh",
                "remedy": if client.may_use(GrantType::RefreshToken) { "none" } else { "register the app for the grant refresh_token" },
            }),
            Withheld::Region => json!({
                "reason": "region",
                "remedy": "none: it is not offered where the person lives, or nobody knows where that is",
            }),
            Withheld::Tier(tier) => json!({
                "reason": "tier",
                "needed": tier.level(),
                "remedy": by_guide(
                    "the person proves more: the app's next request leads them to it, and so does /account/verification",
                    "the person proves more at /account/verification",
                ),
            }),
            Withheld::Hold(until) => json!({
                "reason": "hold",
                "until": until.unix(),
                "remedy": "wait: nobody can shorten a hold",
            }),
            Withheld::SettingsLocked => json!({
                "reason": "settings_locked",
                "remedy": "the person unlocks the settings at /account/security/lock, which takes the time they chose",
            }),
            Withheld::Acr(acr) => json!({
                "reason": "acr",
                "needed": acr.as_str(),
                "remedy": by_guide(
                    "a stronger log-in: the app's next request asks for it, or for enrolling what it takes",
                    "a stronger log-in: the app asks for it by acr_values",
                ),
            }),
            Withheld::TooOld(most) => json!({
                "reason": "too_old",
                "max_age": most.0,
                "remedy": by_guide(
                    "a fresh log-in: the app's next request asks for it",
                    "a fresh log-in: the app asks for it by max_age",
                ),
            }),
        }
    }
}
