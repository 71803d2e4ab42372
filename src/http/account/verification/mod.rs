//! `/account/verification` and `/verify/*`: how far a person is verified, and the way to the next level.

pub mod begin;
pub mod check;
pub mod papers;
mod rows;
pub mod shown;
pub mod steps;
mod upload;

use axum::response::Response;

use super::owner::OwnerVisit;
use super::{PageQuery, ongoing, within_interaction};
use crate::domain::kyc::Tier;
use crate::flow::authorize::Interaction;
use crate::flow::kyc::uploads::Room;
use crate::flow::kyc::{Application, Step};
use crate::flow::{Karat, Refused};
use crate::http::error::PageError;
use crate::pages::verification::VerificationPage;
use crate::pages::{FieldErrors, Page};

const PATH: &str = "/account/verification";
const VERIFY: &str = "/verify";

/// `/account/verification`.
pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    offered(&karat)?;
    let (user, now) = (&at.signed_in.user, karat.now());
    let level = karat.kyc_tier(user);
    let open = karat.application_of(user).await?;
    let next = karat.next_level(user).filter(|next| open.is_none() && karat.may_apply(user, *next).is_ok());
    let page = VerificationPage {
        now,
        level: level.level(),
        state: karat.kyc_state_told(&user.kyc),
        until: user.kyc.current(now).filter(|held| held.tier == level).and_then(|held| held.until),
        pending: open.as_ref().map(|open| rows::pending(&karat, open)),
        rejected: user.kyc.rejected().filter(|_| open.is_none()).map(rows::rejected),
        ladder: Tier::LADDER.into_iter().filter_map(|tier| rows::rung(&karat, tier, level)).collect(),
        next: next.map(Tier::level),
        history: rows::history(&karat, user.id).await?,
    };
    at.page(PATH, &page)
}

/// A visit to a step of an application that is filled in here.
struct AtStep {
    at: OwnerVisit,
    interaction: Option<Interaction>,
    open: Application,
    /// That the files of the form take, until the answer is made.
    _room: Option<Room>,
}

impl AtStep {
    /// Or the way to where the person may go on.
    async fn of(
        at: OwnerVisit,
        interaction: Option<&str>,
        step: Option<Step>,
    ) -> Result<Result<Self, Response>, PageError> {
        let karat = at.visit.web.karat.clone();
        offered(&karat)?;
        let interaction = ongoing(&at.visit, interaction).await?;
        let open = karat.collecting(&at.signed_in.user).await?;
        Ok(match open.filter(|open| step.is_none_or(|step| open.takes(step))) {
            Some(open) => Ok(Self { at, interaction, open, _room: None }),
            None => Err(at.visit.see_other(&within_interaction(VERIFY, interaction.as_ref()))),
        })
    }

    fn show<P: Page>(self, path: &str, page: &P) -> Result<Response, PageError> {
        self.at.page_within(path, self.interaction.as_ref(), page)
    }

    /// To the next step that something is missing in, or to the last look.
    async fn go_on(self) -> Result<Response, PageError> {
        let karat = self.at.visit.web.karat.clone();
        let open = karat.collecting(&self.at.signed_in.user).await?;
        let path = open.map_or(VERIFY.to_owned(), |open| way_on(&open));
        Ok(self.at.visit.see_other(&within_interaction(&path, self.interaction.as_ref())))
    }

    /// What is wrong with the form, or the way to where the person may go on.
    fn errors(self, refused: Refused) -> Result<Result<(Self, FieldErrors), Response>, PageError> {
        match refused {
            // Submitted, decided or given up meanwhile.
            Refused::Gone => {
                let path = within_interaction(VERIFY, self.interaction.as_ref());
                Ok(Err(self.at.visit.see_other(&path)))
            }
            refused => Ok(Ok((self, super::errors_of(refused)?))),
        }
    }
}

/// When there is no application to show any more: the app that waits knows what comes next.
fn elsewhere(interaction: Option<&Interaction>) -> String {
    interaction.map_or_else(|| PATH.to_owned(), |interaction| format!("/authorize/{}", interaction.id))
}

fn way_on(open: &Application) -> String {
    let step = open.next_step().map_or("check", Step::as_str);
    format!("{VERIFY}/{step}")
}

/// A deployment that verifies nobody has no such pages.
fn offered(karat: &Karat) -> Result<(), PageError> {
    if karat.settings.kyc.enabled { Ok(()) } else { Err(PageError::NotFound) }
}

/// Shows a page beside an app that waits, or alone.
async fn beside<P: Page>(
    mut at: OwnerVisit,
    path: &str,
    interaction: Option<&Interaction>,
    page: &P,
) -> Result<Response, PageError> {
    let Some(interaction) = interaction else { return at.page(path, page) };
    let frame = at.visit.frame_within(interaction).await?;
    at.visit.page_with_target(page, &frame, Some(&interaction.request.reply.redirect_uri))
}

async fn interaction_of(at: &OwnerVisit, query: &PageQuery) -> Result<Option<Interaction>, PageError> {
    ongoing(&at.visit, query.text("interaction")).await
}
