//! Listening: the sockets and their limits.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;

use super::doorman::{Doorman, Prompted};
use super::tls::CertificateFiles;
use crate::config::ServerSection;

/// What a request may bring in headers, altogether.
const HEADER_BYTES: usize = 32 * 1024;
const HEADERS: usize = 100;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 100;
/// Streams that a client has opened and reset before they were answered (CVE-2023-44487).
const RESET_STREAMS: usize = 20;
/// What a client may send before it is read, on one stream and on one connection.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// What waits to be read by a slow client, on one stream.
const SEND_BUFFER: usize = 64 * 1024;
/// A client on an HTTP/2 connection is asked this often whether it is still there.
const PING: Duration = Duration::from_secs(20);
const PONG: Duration = Duration::from_secs(10);

/// Serves until the handle says stop, then finishes what was started. Speaks TLS when the section names a certificate.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    section: &ServerSection,
    handle: Handle<SocketAddr>,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let patience = section.header_read_timeout.as_duration();
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    limit(&mut server, patience);
    let doorman = Doorman::new(section.trusted_proxies.clone());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let Some(files) = certificate_files(section) else {
        let acceptor = Prompted { inner: doorman, within: patience };
        return server.acceptor(acceptor).serve(service).await;
    };
    let interval = section.tls_reload_interval.as_duration();
    let (certificate, keep_fresh) = files.serve(interval).map_err(std::io::Error::other)?;
    let inner = RustlsAcceptor::new(certificate).handshake_timeout(patience).acceptor(doorman);
    let serving = server.acceptor(Prompted { inner, within: patience }).serve(service);
    tokio::select! {
        served = serving => served,
        () = keep_fresh => Ok(()),
    }
}

pub fn certificate_files(section: &ServerSection) -> Option<CertificateFiles> {
    let (certificate, key) = section.tls_certificate.clone().zip(section.tls_key.clone())?;
    Some(CertificateFiles { certificate, key })
}

fn limit(server: &mut Server<SocketAddr>, patience: Duration) {
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADERS);
    let header_bytes = u32::try_from(HEADER_BYTES).unwrap_or(u32::MAX);
    server
        .http_builder()
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESET_STREAMS)
        .max_local_error_reset_streams(RESET_STREAMS)
        .max_header_list_size(header_bytes)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
}
