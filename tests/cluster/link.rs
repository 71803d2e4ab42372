//! The network between a node and a store: it carries everything, nothing, or no answers. Nobody is told; connections stay open, as when a
//! cable is pulled.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    Everything,
    Nothing,
    /// Questions arrive and are acted on; what comes back is held up.
    Questions,
}

pub struct Link {
    pub port: u16,
    passing: watch::Sender<Passing>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Link {
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (passing, told) = watch::channel(Passing::Everything);
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(join(near, target, told.clone()));
            }
        });
        Self { port, passing, accepting }
    }

    pub fn carries(&self, passing: Passing) {
        self.passing.send_replace(passing);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn join(near: TcpStream, target: u16, told: watch::Receiver<Passing>) {
    if !let_through(&mut told.clone(), |passing| passing != Passing::Nothing).await {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    tokio::select! {
        () = pump(from_near, to_far, told.clone(), |passing| passing != Passing::Nothing) => {}
        () = pump(from_far, to_near, told, |passing| passing == Passing::Everything) => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut told: watch::Receiver<Passing>,
    passes: fn(Passing) -> bool,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if !let_through(&mut told, passes).await || read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

async fn let_through(told: &mut watch::Receiver<Passing>, passes: fn(Passing) -> bool) -> bool {
    // Nothing is held up for longer than a test lasts.
    let passing = tokio::time::timeout(Duration::from_secs(120), told.wait_for(|passing| passes(*passing)));
    matches!(passing.await, Ok(Ok(_)))
}
