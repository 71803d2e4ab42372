//! The hosted pages, one file a step.

pub mod consent;
pub mod language;
pub mod login;
pub mod logo;
pub mod select_account;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::domain::parameters::Parameters;
use crate::http::error::PageError;
use crate::http::web::Web;

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
pub fn place_for(slug: Option<&str>) -> &'static str {
    match slug {
        Some("password") => "/account/password",
        Some("email") => "/account/email",
        Some("profile") => "/account/profile",
        Some("sessions") => "/account/sessions",
        Some("apps") => "/account/apps",
        Some("delete") => "/account/delete",
        _ => "/account",
    }
}
