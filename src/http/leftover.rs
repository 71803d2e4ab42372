//! What a client still sends when its request is already refused. A connection that is closed with bytes unread is reset, and a
//! reset can overtake the answer: a person who sent too large a picture would read of a broken connection. So the rest is
//! taken in before the answer, within limits; beyond them the answer says that the connection ends (RFC 9112 section 9.6).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

/// What is taken in at most: more than the largest form may have, twice.
const MOST: u64 = 48 * 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(20);
/// So many bytes have so long to come: neither silence nor a trickle is waited for.
const PIECE: u64 = 32 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

pub async fn take_in(request: Request, next: Next) -> Response {
    // A stream of HTTP/2 ends without its connection.
    if request.version() > Version::HTTP_11 || request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Who waits to be told to go on is not told so: nothing was sent yet.
    let waits = request.headers().contains_key(header::EXPECT);
    let leftover = Leftover::default();
    let keep = leftover.clone();
    let mut response = next.run(request.map(|body| Body::new(Lent { body, keep }))).await;
    if let Some(rest) = leftover.take()
        && (waits || !is_taken_in(rest).await)
    {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the body came to its end.
async fn is_taken_in(rest: Body) -> bool {
    if rest.size_hint().lower() > MOST {
        return false;
    }
    let mut rest = rest.into_data_stream();
    let until = Instant::now() + LONGEST;
    let (mut taken, mut piece, mut piece_until) = (0, 0, Instant::now() + PATIENCE);
    while taken <= MOST {
        match tokio::time::timeout_at(until.min(piece_until), rest.next()).await {
            Ok(Some(Ok(part))) => {
                taken += part.len() as u64;
                piece += part.len() as u64;
            }
            Ok(None) => return true,
            Ok(Some(Err(_))) | Err(_) => return false,
        }
        if piece >= PIECE {
            (piece, piece_until) = (0, Instant::now() + PATIENCE);
        }
    }
    false
}

/// The body of a request that was let go before its end.
#[derive(Clone, Default)]
struct Leftover(Arc<Mutex<Option<Body>>>);

impl Leftover {
    fn put(&self, body: Body) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    }

    fn take(&self) -> Option<Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body that is given back when its reader lets go of it.
struct Lent {
    body: Body,
    keep: Leftover,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            self.keep.put(std::mem::take(&mut self.body));
        }
    }
}
