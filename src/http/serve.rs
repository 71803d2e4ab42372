//! Listening: the sockets and their limits.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;

use crate::config::ServerSection;

/// Serves until the handle says stop, then finishes what was started.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    section: &ServerSection,
    handle: Handle<SocketAddr>,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    let header_timeout = section.header_read_timeout.as_duration();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(64 * 1024);
    server
        .http_builder()
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(Duration::from_secs(20));
    server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await
}
