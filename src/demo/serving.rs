//! Serving a demo app: on a loopback listener only, stopped in good order.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

/// How long a stopping app waits for answers under way.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// A demo app that is being served. It stops when this is dropped; `stop` also waits for it.
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("demo apps serve this machine only, but {0} can be reached from others")]
    NotLoopback(SocketAddr),
    #[error("the address to listen on is not usable: {0}")]
    Listener(#[from] std::io::Error),
    #[error(transparent)]
    Templates(#[from] minijinja::Error),
    #[error(transparent)]
    RelyingParty(#[from] super::relying_party::RelyingPartyError),
}

impl Running {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn stop(mut self) {
        drop(self.stop.take());
        if tokio::time::timeout(STOP_WITHIN, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// Serves `router` to browsers that ask for `base_url` by name; others get 421 (see [`only_by_own_name`]).
pub fn serve(listener: TcpListener, base_url: &Url, router: Router) -> Result<Running, StartError> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    let router = router.layer(axum::middleware::from_fn_with_state(authority(base_url), only_by_own_name));
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
            // Sent or dropped, both mean stop.
            let _ = stopped.await;
        });
        if let Err(error) = serving.await {
            tracing::warn!(%error, "a demo app stopped serving");
        }
    });
    Ok(Running { address, stop: Some(stop), task })
}

/// Whether a POST comes from a page of this very app: browsers say so in `Sec-Fetch-Site` or at least in `Origin`.
pub fn is_same_origin(headers: &HeaderMap, base_url: &Url) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN.as_str());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => origin == Some(base_url.origin().ascii_serialization().as_str()),
    }
}

/// Answers only requests that name this app as their host. A site of a stranger that lets its name point to 127.0.0.1
/// (DNS rebinding) would otherwise read what the demo shows: mails and passwords.
async fn only_by_own_name(State(authority): State<String>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host == Some(authority.as_str()) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, format!("This is http://{authority}/\n")).into_response()
    }
}

fn authority(base_url: &Url) -> String {
    match (base_url.host_str(), base_url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_post_counts_only_from_the_apps_own_pages() {
        let base: Url = "http://localhost:8081".parse().unwrap();
        assert!(is_same_origin(&headers(&[("sec-fetch-site", "same-origin")]), &base));
        assert!(is_same_origin(&headers(&[("origin", "http://localhost:8081")]), &base));
        assert!(!is_same_origin(&headers(&[("sec-fetch-site", "same-site")]), &base), "another port is another app");
        assert!(!is_same_origin(&headers(&[("origin", "http://localhost:8080")]), &base));
        assert!(!is_same_origin(&headers(&[("origin", "null")]), &base));
        assert!(!is_same_origin(&headers(&[]), &base));
    }
}
