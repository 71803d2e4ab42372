//! The hosted pages, one file a step.

pub mod accent;
pub mod approval;
pub mod apps;
pub mod consent;
pub mod data;
pub mod delete;
pub mod email;
pub mod freeze;
pub mod language;
pub mod login;
pub mod logo;
pub mod mfa;
pub(in crate::http) mod notice;
pub mod overview;
pub(in crate::http) mod owner;
pub mod password;
pub mod password_reset;
pub mod profile;
pub mod protection;
pub mod recovery;
pub mod register;
pub mod register_verify;
mod registration_cookie;
pub mod review;
pub mod security;
pub mod select_account;
pub mod sessions;
pub mod terms;
pub mod trust_framework;
pub mod unavailable;
pub mod verification;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::domain::parameters::Parameters;
use crate::flow::Refused;
use crate::flow::authorize::{Interaction, InteractionError};
use crate::http::error::PageError;
use crate::http::visit::Visit;
use crate::http::web::Web;
use crate::pages::{FieldError, FieldErrors, Frame};

/// The query of a page's URL, each name at most once.
pub struct PageQuery(pub Parameters);

impl FromRequestParts<Web> for PageQuery {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, PageError> {
        let query = parts.uri.query().unwrap_or_default();
        let parsed = Parameters::parse(query.as_bytes()).map_err(|error| PageError::bad_request(error.to_string()))?;
        Ok(Self(parsed))
    }
}

impl PageQuery {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }
}

/// The pages of the account that a log-in may lead back to. A fixed list: no address from outside is ever followed.
const PLACES: &[(&str, &str)] = &[
    ("password", "/account/password"),
    ("email", "/account/email"),
    ("profile", "/account/profile"),
    ("sessions", "/account/sessions"),
    ("apps", "/account/apps"),
    ("delete", "/account/delete"),
    ("data", "/account/data"),
    ("security", "/account/security"),
    ("phrase", "/account/security/phrase"),
    ("lock", "/account/security/lock"),
    ("totp", "/account/security/totp"),
    ("passkeys", "/account/security/passkeys"),
    ("phone", "/account/security/phone"),
    ("recovery-codes", "/account/security/recovery-codes"),
    ("review", "/review"),
    ("admin", "/admin"),
    ("setup", "/setup"),
    ("verification", "/account/verification"),
    ("verify", "/verify"),
];

fn place(slug: Option<&str>) -> Option<(&'static str, &'static str)> {
    PLACES.iter().copied().find(|(known, _)| Some(*known) == slug)
}

pub fn place_for(slug: Option<&str>) -> &'static str {
    place(slug).map_or("/account", |(_, path)| path)
}

/// What a refused form shows beside its fields, or the page that is shown instead.
pub(in crate::http) fn errors_of(refused: Refused) -> Result<FieldErrors, PageError> {
    match refused {
        Refused::Form(errors) => Ok(errors),
        Refused::TooMany(wait) => Ok(FieldError::whole_form(login::throttled(wait)).into()),
        Refused::Gone => Err(PageError::LinkGone),
        // The page led to the proof before it showed the form: it has been open for too long.
        Refused::ProveFirst => Err(PageError::FormExpired),
        Refused::Failed(failure) => Err(failure.into()),
    }
}

/// The interaction to go on with after a step aside, if it still runs in this browser. Registering and resetting a
/// password work without one.
async fn ongoing(visit: &Visit, id: Option<&str>) -> Result<Option<Interaction>, PageError> {
    let Some(id) = id else { return Ok(None) };
    match visit.interaction(id).await {
        Ok(interaction) => Ok(Some(interaction)),
        Err(InteractionError::Gone | InteractionError::Foreign) => Ok(None),
        Err(InteractionError::Failed(failure)) => Err(failure.into()),
    }
}

async fn frame_beside(visit: &mut Visit, interaction: Option<&Interaction>) -> Result<Frame, PageError> {
    match interaction {
        Some(interaction) => visit.frame_within(interaction).await,
        None => Ok(visit.frame()),
    }
}

fn within_interaction(path: &str, interaction: Option<&Interaction>) -> String {
    match interaction {
        Some(interaction) => format!("{path}?interaction={}", interaction.id),
        None => path.to_owned(),
    }
}
