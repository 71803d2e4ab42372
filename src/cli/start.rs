//! Starting a server and stopping it in good order: what `serve` and `demo` share.

use std::net::{SocketAddr, TcpListener};

use anyhow::Context;
use axum_server::Handle;

use crate::app::App;
use crate::http::{Web, router, serve};

/// Serves until the process is told to stop, then finishes what was started.
pub async fn until_stopped(app: &App, listener: TcpListener) -> anyhow::Result<()> {
    let web = Web::new(app.karat.clone(), &app.config.server);
    let handle = Handle::new();
    let grace = app.config.server.shutdown_grace.as_duration();
    let (stop, ready) = (handle.clone(), web.clone());
    tokio::spawn(async move {
        told_to_stop().await;
        ready.ready.store(false, std::sync::atomic::Ordering::Relaxed);
        stop.graceful_shutdown(Some(grace));
    });
    serve::serve(listener, router(web), &app.config.server, handle).await?;
    Ok(())
}

/// Binds before anything else is done, so that an address in use is told at once.
pub fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address}: is something running there already?"))
}

/// SIGTERM or Ctrl-C.
pub async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
