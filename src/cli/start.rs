//! Starting a server and stopping it in good order: what `serve` and `demo` share.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use axum_server::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::App;
use crate::http::{Web, metrics, router, serve};
use crate::jobs::Jobs;

/// What background loops get beyond the grace of requests: their own time limits end them.
const LOOPS_GRACE: Duration = Duration::from_secs(10);

/// Serves until the process is told to stop; then no new connections, requests under way are finished, then deliveries,
/// then the database is closed. A second signal stops the waiting.
pub async fn until_stopped(app: &App, listener: TcpListener, figures: Option<Figures>) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let figures = figures.map(|Figures { listener, figures }| tokio::spawn(figures.serve(listener, app.karat.clone())));
    let web = Web::new(app.karat.clone(), &app.config.server);
    let jobs = Jobs::start(&app.karat, &app.config)?;
    let handle = Handle::new();
    let grace = app.config.server.shutdown_grace.as_duration();
    let (stop, ready) = (handle.clone(), web.clone());
    let watch = tokio::spawn(async move {
        signals.next().await;
        tracing::info!("told to stop: requests under way are finished first");
        ready.ready.store(false, Ordering::Relaxed);
        stop.graceful_shutdown(Some(grace));
        signals.next().await;
        tracing::warn!("told twice: stopping at once");
        stop.shutdown();
    });
    let served = serve::serve(listener, router(web), &app.config.server, handle).await;
    tokio::select! {
        finished = jobs.stop(LOOPS_GRACE) => {
            if !finished {
                tracing::warn!("some deliveries were cut off; they are tried again at the next start");
            }
        }
        _ = watch => {}
    }
    if let Some(figures) = figures {
        figures.abort();
    }
    app.karat.store.db().close().await;
    served.context("the server failed")
}

/// What a Prometheus server reads, and where.
pub struct Figures {
    listener: TcpListener,
    figures: metrics::Figures,
}

impl Figures {
    pub fn at(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = listen(address)?;
        Ok(Self { listener, figures: metrics::Figures::begin().context("metrics")? })
    }
}

/// Binds before anything else is done, so that an address in use is told at once.
pub fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address}: is something running there already?"))
}

/// SIGTERM and Ctrl-C, listened for from the start so that none is lost.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
