//! `/account/data`: everything that is held about the person, to take along.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::errors_of;
use super::owner::{OwnerForm, OwnerVisit};
use crate::flow::Refused;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::account::DataPage;

const PATH: &str = "/account/data";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

/// The file itself: the browser saves it, and keeps no other copy.
pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    match at.visit.web.karat.export_own(at.owner()).await {
        Ok(held) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"my-data.json\"")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            Ok((headers, format!("{held:#}\n")).into_response())
        }
        Err(Refused::ProveFirst) => show(at, FieldErrors::none()).await,
        // The session ended while the page was open.
        Err(Refused::Gone) => Ok(at.visit.see_other("/login?next=data")),
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

async fn show(at: OwnerVisit, errors: FieldErrors) -> Result<Response, PageError> {
    let at = match at.fresh("data", None).await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    at.page(PATH, &DataPage { errors })
}
