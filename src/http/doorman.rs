//! Who gets in: bounds on connections, altogether and from one network, and on how long one may stay silent.
//!
//! Without the last, a client that connects and sends nothing, or a single letter, would be waited for without end: the
//! limit on reading headers begins only once it is known which HTTP it speaks.

use std::collections::HashMap;
use std::future::{Future, Ready, ready};
use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The preface of HTTP/2; no HTTP/1.1 request is shorter.
const FIRST_BYTES: usize = 24;
/// Files that the program needs for other things than connections.
const OTHER_FILES: usize = 256;
const FEWEST_CONNECTIONS: usize = 64;
const MOST_CONNECTIONS: usize = 16_384;

/// Admits connections while there is room.
#[derive(Clone)]
pub struct Doorman(Arc<Door>);

struct Door {
    most: usize,
    most_of_a_network: usize,
    /// Many people come from there.
    proxies: Vec<IpNet>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

impl Doorman {
    /// As many as the system lets this process have; from one network no more than half of them.
    pub fn new(proxies: Vec<IpNet>) -> Self {
        let most = open_files().saturating_sub(OTHER_FILES).clamp(FEWEST_CONNECTIONS, MOST_CONNECTIONS);
        Self::with_limits(most, most / 2, proxies)
    }

    fn with_limits(most: usize, most_of_a_network: usize, proxies: Vec<IpNet>) -> Self {
        Self(Arc::new(Door { most, most_of_a_network, proxies, inside: Mutex::default() }))
    }

    fn admit(&self, from: IpAddr) -> Option<Place> {
        let from = from.to_canonical();
        let network = (!self.0.proxies.iter().any(|proxies| proxies.contains(&from))).then(|| network(from));
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.all >= self.0.most {
            return None;
        }
        if let Some(network) = network {
            let there = inside.by_network.entry(network).or_default();
            if *there >= self.0.most_of_a_network {
                return None;
            }
            *there += 1;
        }
        inside.all += 1;
        Some(Place { door: self.0.clone(), network })
    }
}

/// A connection's place inside; free again when it is dropped.
struct Place {
    door: Arc<Door>,
    network: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.door.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.all -= 1;
        if let Some(network) = self.network
            && let Some(there) = inside.by_network.get_mut(&network)
        {
            *there -= 1;
            if *there == 0 {
                inside.by_network.remove(&network);
            }
        }
    }
}

/// An IPv6 customer has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

/// The process's limit on open files; the usual one where it cannot be read.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    soft.map_or(1024, |soft| if soft == "unlimited" { usize::MAX } else { soft.parse().unwrap_or(1024) })
}

impl<S> Accept<TcpStream, S> for Doorman {
    type Stream = Admitted;
    type Service = S;
    type Future = Ready<io::Result<(Admitted, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let admitted = stream.peer_addr().and_then(|peer| {
            stream.set_nodelay(true)?;
            let place = self.admit(peer.ip()).ok_or_else(|| {
                tracing::debug!("a connection was turned away: too many are open");
                io::Error::from(io::ErrorKind::QuotaExceeded)
            })?;
            Ok(Admitted { stream, _place: place })
        });
        ready(admitted.map(|admitted| (admitted, service)))
    }
}

/// A connection that has a place.
pub struct Admitted {
    stream: TcpStream,
    _place: Place,
}

/// Wraps what another acceptor accepts, such as the inside of TLS, and closes it when its first bytes do not come in time.
#[derive(Clone)]
pub struct Prompted<A> {
    pub inner: A,
    pub within: Duration,
}

impl<A, I, S> Accept<I, S> for Prompted<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Awaited<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepted = self.inner.accept(stream, service);
        let within = self.within;
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            let deadline = Box::pin(tokio::time::sleep(within));
            Ok((Awaited { stream, missing: FIRST_BYTES, deadline }, service))
        })
    }
}

/// A connection whose first bytes are waited for.
pub struct Awaited<S> {
    stream: S,
    missing: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Awaited<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.missing == 0 {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.missing = self.missing.saturating_sub(buffer.filled().len() - before);
        polled
    }
}

macro_rules! write_through {
    ($type:ty $(, $bound:ident)?) => {
        impl$(<$bound: AsyncWrite + Unpin>)? AsyncWrite for $type {
            fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.stream).poll_write(cx, bytes)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.stream).poll_flush(cx)
            }

            fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.stream).poll_shutdown(cx)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                slices: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
            }

            fn is_write_vectored(&self) -> bool {
                self.stream.is_write_vectored()
            }
        }
    };
}

write_through!(Admitted);
write_through!(Awaited<S>, S);

impl AsyncRead for Admitted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_network_cannot_take_every_place() {
        let doorman = Doorman::with_limits(4, 2, vec!["10.0.0.0/8".parse().unwrap()]);
        let first: Vec<_> = (1..=3).map(|last| doorman.admit(address(&format!("2001:db8::{last}")))).collect();
        assert_eq!(first.iter().flatten().count(), 2, "a /64 is one network");
        let other = doorman.admit(address("192.0.2.1"));
        let mapped = doorman.admit(address("::ffff:192.0.2.1"));
        assert!(other.is_some() && mapped.is_some());
        assert!(doorman.admit(address("192.0.2.2")).is_none(), "the house is full");
        drop(first);
        assert!(doorman.admit(address("192.0.2.1")).is_none(), "its network has its half");
        assert!(doorman.admit(address("192.0.2.2")).is_some());
        assert_eq!(doorman.0.inside.lock().unwrap().by_network.len(), 1, "what left is forgotten");
    }

    #[test]
    fn many_people_come_through_a_declared_proxy() {
        let doorman = Doorman::with_limits(4, 1, vec!["10.0.0.0/8".parse().unwrap()]);
        let inside: Vec<_> = (0..4).filter_map(|_| doorman.admit(address("10.1.2.3"))).collect();
        assert_eq!(inside.len(), 4);
    }
}
