//! `POST /hooks/sms/twilio` and `POST /hooks/sms/webhook`: delivery receipts.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::flow::Failure;
use crate::flow::authenticators::sms::{ReceiptRefused, SignedReceipt};
use crate::gateway::sms::SignedHead;
use crate::http::error::PageError;
use crate::http::visit::text_of;
use crate::http::web::Web;

pub async fn twilio(State(web): State<Web>, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let is_form = text_of(&headers, header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
    let post = SignedReceipt { query: query.as_deref(), is_form, body: &body };
    let Some(signature) = the_one(&headers, "x-twilio-signature") else { return refused(ReceiptRefused::Unsigned) };
    answer(web.karat.take_twilio_receipt(post, signature).await)
}

pub async fn webhook(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Response {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let [Some(id), Some(timestamp), Some(signature)] = names.map(|name| the_one(&headers, name)) else {
        return refused(ReceiptRefused::Unsigned);
    };
    answer(web.karat.take_webhook_receipt(SignedHead { id, timestamp, signature }, &body).await)
}

/// A header that is there once.
fn the_one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

fn answer(taken: Result<(), ReceiptRefused>) -> Response {
    match taken {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => refused(why),
    }
}

fn refused(why: ReceiptRefused) -> Response {
    let status = match why {
        ReceiptRefused::NoSuchGateway => return PageError::NotFound.into_response(),
        ReceiptRefused::Unsigned => StatusCode::UNAUTHORIZED,
        ReceiptRefused::Replayed => StatusCode::CONFLICT,
        ReceiptRefused::Malformed => StatusCode::BAD_REQUEST,
        ReceiptRefused::Failed(Failure::Later { cause, .. }) => {
            tracing::warn!(%cause, "a receipt was put off");
            StatusCode::SERVICE_UNAVAILABLE
        }
        ReceiptRefused::Failed(Failure::Fault(cause)) => {
            tracing::error!(%cause, "a receipt could not be taken");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    // With a type, so that no page for people takes its place.
    (status, [(header::CONTENT_TYPE, "application/json")], "{}").into_response()
}
