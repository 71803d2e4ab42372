//! `/mfa`: the factor that is missing, one page a way. Asked after a password, when an app wants more than the session is
//! worth, and before the account's protection changes.

pub mod passkey;
pub mod password;
pub mod recovery;
pub mod sms;
pub mod totp;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::{PageQuery, login, ongoing, place, place_for};
use crate::domain::authentication::{Acr, Method};
use crate::domain::authenticator::{Enrolled, Way};
use crate::domain::parameters::Parameters;
use crate::flow::authenticators::Verified;
use crate::flow::authorize::Interaction;
use crate::flow::login::{Accepted, Factor};
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::reply::see_other;
use crate::http::visit::Visit;
use crate::http::web::Web;
use crate::pages::factors::{FactorReason, Ways};
use crate::pages::{Frame, Page};

/// A visit to a page below `/mfa`: whose log-in it is about, and what would do.
pub struct FactorVisit {
    pub visit: Visit,
    pub factor: Factor,
    pub interaction: Option<Interaction>,
    /// The page of the account that asked for a proof.
    pub room: Option<&'static str>,
    pub why: FactorReason,
    /// The best first; never empty.
    pub usable: Vec<Way>,
    /// Whether the person wants this browser to be remembered.
    pub remember: bool,
}

/// A form of these pages, checked as every form is.
pub struct FactorForm {
    pub at: FactorVisit,
    pub fields: Parameters,
}

impl FromRequestParts<Web> for FactorVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, web).await.map_err(PageError::into_response)?;
        let query = PageQuery::from_request_parts(parts, web).await.map_err(PageError::into_response)?;
        Self::of(visit, &query.0).await.map_err(|answer| *answer)
    }
}

impl FromRequest<Web> for FactorForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let form = PageForm::from_request(request, web).await.map_err(PageError::into_response)?;
        let at = FactorVisit::of(form.visit, &form.fields).await.map_err(|answer| *answer)?;
        Ok(Self { at, fields: form.fields })
    }
}

impl FactorForm {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }
}

impl FactorVisit {
    /// The way back, as a response, when no factor is missing.
    async fn of(visit: Visit, fields: &Parameters) -> Result<Self, Box<Response>> {
        let failed = |error: PageError| Box::new(error.into_response());
        let interaction = ongoing(&visit, fields.get("interaction")).await.map_err(failed)?;
        if let Some((room, _)) = place(fields.get("next")) {
            return Self::confirming(visit, interaction, room).await;
        }
        let karat = visit.web.karat.clone();
        let (factor, least, why) = match &interaction {
            Some(ongoing) => {
                let missing = karat.missing_factor(ongoing, visit.signed_in.as_ref(), &visit.browser).await;
                match missing.map_err(|error| failed(error.into()))? {
                    Some((factor @ Factor::Pending(_), least)) => (factor, least, FactorReason::Login),
                    Some((factor, least)) => (factor, least, FactorReason::App),
                    None => return Err(leads(visit, &format!("/authorize/{}", ongoing.id))),
                }
            }
            None => match karat.pending_login(&visit.browser).await.map_err(|error| failed(error.into()))? {
                Some(pending) => (Factor::Pending(Box::new(pending)), Acr::Password, FactorReason::Login),
                None if visit.signed_in.is_some() => return Err(leads(visit, "/account")),
                None => return Err(leads(visit, "/login")),
            },
        };
        let enrolled = karat.enrolled(factor.user().id).await.map_err(|error| failed(error.into()))?;
        let usable = usable(&enrolled, least);
        if usable.is_empty() {
            return Err(failed(PageError::Refused));
        }
        Ok(Self {
            visit,
            factor,
            interaction,
            room: None,
            why,
            usable,
            remember: fields.get("remember") == Some("yes"),
        })
    }

    async fn confirming(
        visit: Visit,
        interaction: Option<Interaction>,
        room: &'static str,
    ) -> Result<Self, Box<Response>> {
        let Some(signed_in) = visit.signed_in.clone() else {
            return Err(leads(visit, &format!("/login?next={room}")));
        };
        let enrolled = visit.web.karat.enrolled(signed_in.user.id).await;
        let enrolled = enrolled.map_err(|error| Box::new(PageError::from(error).into_response()))?;
        let factor = Factor::Session(Box::new(signed_in));
        let usable = usable_to_confirm(&enrolled);
        Ok(Self { visit, factor, interaction, room: Some(room), why: FactorReason::Confirm, usable, remember: false })
    }

    /// What the page shows of the other ways.
    pub fn ways(&self, this: Way) -> Ways {
        Ways {
            why: self.why,
            others: self.usable.iter().copied().filter(|way| *way != this).collect(),
            remember_days: self.remember_days().filter(|_| this != Way::RecoveryCode),
            room: self.room,
        }
    }

    /// Only at a log-in, and only where the operator allows it.
    fn remember_days(&self) -> Option<i64> {
        let longest = self.visit.web.karat.settings.authentication.remember_devices_for;
        (self.why == FactorReason::Login && longest.0 > 0).then(|| (longest.0 / 86_400).max(1))
    }

    /// The path of a page below `/mfa` for this same visit.
    pub fn path_of(&self, way: Way) -> String {
        self.within(&format!("/mfa/{}", way.slug()))
    }

    pub fn within(&self, path: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(room) = self.room {
            query.append_pair("next", room);
        }
        if let Some(interaction) = &self.interaction {
            query.append_pair("interaction", &interaction.id);
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// A way that the person does not have, or that is not enough, is not offered by its address either.
    pub fn offers(&self, way: Way) -> bool {
        self.usable.contains(&way)
    }

    pub async fn page<P: Page>(mut self, page: &P) -> Result<Response, PageError> {
        let frame = match (&self.interaction, self.room) {
            (Some(interaction), None) => self.visit.frame_within(interaction).await?,
            (Some(interaction), Some(_)) => self.visit.frame().with_interaction(interaction.id.clone()),
            (None, _) => self.visit.frame(),
        };
        let path = self.within(frame.path.split('?').next().unwrap_or("/mfa"));
        let frame = Frame { path, ..frame };
        let target = self.interaction.as_ref().map(|interaction| interaction.request.reply.redirect_uri.clone());
        self.visit.page_with_target(page, &frame, target.as_deref())
    }

    /// The factor was right: the log-in goes on, stronger.
    pub async fn passed(self, verified: Verified) -> Result<Response, PageError> {
        // A code that stands in for what was lost makes no browser stand for it, whatever the form says.
        let stands_in = verified.proven().method == Method::RecoveryCode;
        let wants_remembering = self.remember && !stands_in && self.remember_days().is_some();
        let Self { visit, factor, interaction, room, .. } = self;
        let karat = visit.web.karat.clone();
        let accepted = karat.accept_factor(&factor, &verified, &visit.browser, visit.signed_in.as_ref()).await?;
        let within = |path: &str| super::within_interaction(path, interaction.as_ref());
        match (accepted, factor) {
            (Accepted::SignedIn(begun), Factor::Pending(pending)) => {
                if wants_remembering {
                    karat.trust_device(&begun, &visit.browser).await?;
                }
                let towards = pending.login.towards.room.as_deref();
                login::logged_in(visit, *begun, interaction.as_ref(), towards).await
            }
            (Accepted::SignedIn(begun), Factor::Session(_)) => {
                let mut visit = visit;
                visit.sign_in(begun.signed_in, &begun.token, begun.device.as_ref());
                let path = match (room, &interaction) {
                    (None, Some(interaction)) => format!("/authorize/{}", interaction.id),
                    (room, _) => within(place_for(room)),
                };
                Ok(visit.see_other(&path))
            }
            (Accepted::Pending, _) => Ok(visit.see_other(&match &interaction {
                Some(interaction) => format!("/authorize/{}", interaction.id),
                None => "/mfa".to_owned(),
            })),
            (Accepted::AwaitsApproval, _) => Ok(visit.see_other("/login/approval")),
            (Accepted::Gone, _) => Ok(visit.see_other(&within("/login"))),
        }
    }
}

fn leads(visit: Visit, path: &str) -> Box<Response> {
    Box::new(visit.finish(see_other(path)))
}

fn usable(enrolled: &Enrolled, least: Acr) -> Vec<Way> {
    let enough = |way: &Way| *way != Way::Password && enrolled.reach_of(*way).is_some_and(|reach| reach >= least);
    Way::BEST_FIRST.into_iter().filter(enough).collect()
}

/// The strongest that the person has, or what stands in for it when it is lost.
fn usable_to_confirm(enrolled: &Enrolled) -> Vec<Way> {
    if !enrolled.has_second_factor() {
        return vec![Way::Password];
    }
    let strongest = enrolled.reach();
    let enough = |way: &Way| match (way, enrolled.reach_of(*way)) {
        (Way::Password, _) | (_, None) => false,
        (Way::RecoveryCode, Some(_)) => true,
        (_, Some(reach)) => reach >= strongest,
    };
    Way::BEST_FIRST.into_iter().filter(enough).collect()
}

/// Sends the browser to the best way there is.
pub async fn get(at: FactorVisit) -> Result<Response, PageError> {
    let best = at.usable.first().copied().unwrap_or(Way::Password);
    let path = at.path_of(best);
    Ok(at.visit.see_other(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::authentication::PasskeyUse;

    const SYNCED: PasskeyUse = PasskeyUse { user_verified: true, synced: true, attested: false };

    #[test]
    fn only_ways_that_are_enough_are_offered_the_best_first() {
        let all = Enrolled { passkey: Some(SYNCED), totp: true, sms: true, recovery_codes: true };
        assert_eq!(usable(&all, Acr::Password), [Way::Passkey, Way::Totp, Way::Sms, Way::RecoveryCode]);
        assert_eq!(usable(&all, Acr::Mfa), [Way::Passkey, Way::Totp, Way::RecoveryCode]);
        assert_eq!(usable(&all, Acr::Phr), [Way::Passkey]);
        assert_eq!(usable(&all, Acr::Phrh), []);
        assert_eq!(usable_to_confirm(&all), [Way::Passkey, Way::RecoveryCode]);
        let phone = Enrolled { sms: true, ..Enrolled::default() };
        assert_eq!(usable(&phone, Acr::Mfa), []);
        assert_eq!(usable_to_confirm(&phone), [Way::Sms]);
        assert_eq!(usable_to_confirm(&Enrolled::default()), [Way::Password]);
    }
}
