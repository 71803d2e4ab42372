//! `/verify`: where an application begins, and goes on.

use axum::response::Response;

use super::super::notice::Notice;
use super::super::owner::{OwnerForm, OwnerVisit};
use super::super::{PageQuery, ongoing, within_interaction};
use super::{PATH, VERIFY, beside, elsewhere, interaction_of, offered, rows, way_on};
use crate::domain::kyc::{CaseState, Provider, Tier};
use crate::domain::scope::Scope;
use crate::flow::authorize::Interaction;
use crate::flow::kyc::{Application, NotBegun};
use crate::flow::{Karat, Refused};
use crate::http::error::PageError;
use crate::pages::verification::{BeginPage, Closed, ClosedPage, HandOverPage};

pub async fn get(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    offered(&karat)?;
    let interaction = interaction_of(&at, &query).await?;
    let interaction = interaction.as_ref();
    let user = &at.signed_in.user;
    let wanted = match interaction {
        Some(interaction) => match wanted(&at, interaction).await? {
            Some((tier, _)) => Some(tier),
            // Verified meanwhile, or the app asks for something else now.
            None => return Ok(at.visit.see_other(&format!("/authorize/{}", interaction.id))),
        },
        None => query.text("level").and_then(|level| level.parse().ok()),
    };
    let open = karat.application_of(user).await?;
    let Some(tier) = wanted.or_else(|| open.as_ref().map(|open| open.case.tier)).or_else(|| karat.next_level(user))
    else {
        return closed(at, interaction, NotBegun::Reached).await;
    };
    match open {
        Some(open) if open.case.state != CaseState::Collecting => {
            Ok(at.visit.see_other(&within_interaction(&format!("{VERIFY}/status"), interaction)))
        }
        Some(open) if open.case.tier >= tier => go_on(at, interaction, &open).await,
        open => ask(at, interaction, (&karat, tier), open.as_ref()).await,
    }
}

/// Opens the application.
pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let karat = form.at.visit.web.karat.clone();
    offered(&karat)?;
    let interaction = ongoing(&form.at.visit, form.fields.get("interaction")).await?;
    let tier = form.text("level").parse().ok().filter(|tier| *tier > Tier::REGISTERED);
    let (at, interaction) = (form.at, interaction.as_ref());
    let Some(tier) = tier else { return Ok(at.visit.see_other(&within_interaction(VERIFY, interaction))) };
    match karat.begin_application(at.owner(), tier).await {
        Ok(_) | Err(NotBegun::UnderReview | NotBegun::Gone) => {
            Ok(at.visit.see_other(&within_interaction(VERIFY, interaction)))
        }
        Err(refused) => closed(at, interaction, refused).await,
    }
}

/// `/verify/later`: the person goes on without what the app wants the level for.
pub async fn post_later(form: OwnerForm) -> Result<Response, PageError> {
    let interaction = form.at.visit.interaction(form.text("interaction")).await?;
    let at = form.at;
    if let Some((_, scope)) = wanted(&at, &interaction).await? {
        at.visit.web.karat.note_going_without(&interaction, at.signed_in.user.id, &scope).await?;
    }
    Ok(at.visit.see_other(&format!("/authorize/{}", interaction.id)))
}

/// What the app waits for, when that is what comes next.
pub(super) async fn wanted(at: &OwnerVisit, interaction: &Interaction) -> Result<Option<(Tier, Scope)>, PageError> {
    let karat = &at.visit.web.karat;
    Ok(karat.verification_wanted(interaction, &at.signed_in, &at.visit.browser).await?)
}

/// `/verify/give-up`.
pub async fn post_give_up(form: OwnerForm) -> Result<Response, PageError> {
    let karat = form.at.visit.web.karat.clone();
    offered(&karat)?;
    let interaction = ongoing(&form.at.visit, form.fields.get("interaction")).await?;
    let at = form.at;
    match karat.give_up_application(at.owner()).await {
        Ok(()) | Err(Refused::Gone) if interaction.is_some() => {
            Ok(at.visit.see_other(&within_interaction(VERIFY, interaction.as_ref())))
        }
        Ok(()) => Ok(at.go(PATH, Notice::ApplicationGivenUp)),
        Err(Refused::Gone) => Ok(at.visit.see_other(PATH)),
        Err(refused) => super::super::errors_of(refused).map(|_| at.visit.see_other(PATH)),
    }
}

/// To the step where something is missing, or to the provider that asks.
async fn go_on(at: OwnerVisit, interaction: Option<&Interaction>, open: &Application) -> Result<Response, PageError> {
    match open.case.provider {
        Provider::Review => Ok(at.visit.see_other(&within_interaction(&way_on(open), interaction))),
        provider => {
            let karat = at.visit.web.karat.clone();
            let back = karat.issuer.join(&within_interaction(&format!("{VERIFY}/status"), interaction));
            match karat.hand_over(&at.signed_in.user, &open.case, &back).await {
                Ok(url) => {
                    let level = open.case.tier.level();
                    let page = HandOverPage { level, url: url.into(), provider: rows::provider_name(provider) };
                    beside(at, VERIFY, interaction, &page).await
                }
                // Decided or given up meanwhile; or the provider is not configured any more, and the app would only lead back here.
                Err(Refused::Gone) => match karat.application_of(&at.signed_in.user).await? {
                    Some(_) => Ok(at.visit.see_other(PATH)),
                    None => Ok(at.visit.see_other(&elsewhere(interaction))),
                },
                Err(Refused::TooMany(wait)) => Err(PageError::TooManyRequests { retry_after: wait.retry_after.0 }),
                Err(refused) => super::super::errors_of(refused).map(|_| at.visit.see_other(PATH)),
            }
        }
    }
}

async fn ask(
    at: OwnerVisit,
    interaction: Option<&Interaction>,
    (karat, tier): (&Karat, Tier),
    open: Option<&Application>,
) -> Result<Response, PageError> {
    let user = &at.signed_in.user;
    if let Err(refused) = karat.may_apply(user, tier) {
        return closed(at, interaction, refused).await;
    }
    let Some(rung) = rows::rung(karat, tier, karat.kyc_tier(user)) else {
        return closed(at, interaction, NotBegun::Reached).await;
    };
    let page = BeginPage {
        rung,
        replaces: open.map(|open| open.case.tier.level()),
        minimum_age: karat.settings.kyc.minimum_age,
        may_go_without: interaction.is_some(),
    };
    beside(at, VERIFY, interaction, &page).await
}

async fn closed(at: OwnerVisit, interaction: Option<&Interaction>, refused: NotBegun) -> Result<Response, PageError> {
    let (why, minutes) = match refused {
        NotBegun::Reached | NotBegun::UnderReview | NotBegun::Gone => (Closed::Reached, 0),
        NotBegun::Suspended => (Closed::Suspended, 0),
        NotBegun::Final => (Closed::Final, 0),
        NotBegun::TooMany(wait) => (Closed::TooMany, (wait.retry_after.0 + 59) / 60),
        NotBegun::Failed(failure) => return Err(failure.into()),
    };
    beside(at, VERIFY, interaction, &ClosedPage { why, minutes }).await
}
