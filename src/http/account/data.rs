//! `/account/data`: everything that is held about the person, to take along.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use tokio::sync::mpsc;

use super::errors_of;
use super::owner::{OwnerForm, OwnerVisit};
use crate::flow::export::Export;
use crate::flow::{Karat, Refused};
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::account::DataPage;

const PATH: &str = "/account/data";
/// How long reading it may take.
const PATIENCE: Duration = Duration::from_secs(600);

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

/// The file itself: the browser saves it, and keeps no other copy.
pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    match at.visit.web.karat.export_own(at.owner()).await {
        Ok(export) => {
            let karat = at.visit.web.karat.clone();
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"my-data.json\"")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            Ok((headers, Body::from_stream(stream(karat, export))).into_response())
        }
        Err(Refused::ProveFirst) => show(at, FieldErrors::none()).await,
        // The session ended while the page was open.
        Err(Refused::Gone) => Ok(at.visit.see_other("/login?next=data")),
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

/// What could not be read to its end breaks the download off, so that nobody takes a part for the whole. The export is not kept for who does not
/// read it.
fn stream(karat: Arc<Karat>, mut export: Export) -> impl Stream<Item = Result<String, BrokenOff>> {
    let (sender, receiver) = mpsc::channel(1);
    let making = async move {
        loop {
            match export.next(&karat).await {
                Ok(Some(piece)) => sender.send(Ok(Some(piece))).await.ok()?,
                Ok(None) => return sender.send(Ok(None)).await.ok(),
                Err(failure) => {
                    tracing::error!(%failure, "an export broke off");
                    return sender.send(Err(BrokenOff)).await.ok();
                }
            }
        }
    };
    tokio::spawn(tokio::time::timeout(PATIENCE, making));
    futures_util::stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Ok(Some(piece))) => Some((Ok(piece), Some(receiver))),
            Some(Ok(None)) => None,
            Some(Err(_)) | None => Some((Err(BrokenOff), None)),
        }
    })
}

#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
struct BrokenOff;

async fn show(at: OwnerVisit, errors: FieldErrors) -> Result<Response, PageError> {
    let at = match at.fresh("data", None).await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    at.page(PATH, &DataPage { errors })
}
