//! The connections to PostgreSQL, lent out one at a time.
//!
//! One that comes back is not asked how it is: that would double the exchanges with the server. It is tried before it is lent
//! out again where there is a reason to. See `docs/decisions/0084-connections-are-tried-when-there-is-a-reason.md`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{
    self, Metrics, Object, PoolConfig, PoolError, QueueMode, RecycleError, RecycleResult, WeakPool,
};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};
use tokio::time::{sleep, timeout};

use super::NETWORK;
use crate::storage::db::{Connections, OpenSettings};
use crate::storage::error::{Aftermath, Cause, Error};

/// A connection idle for longer than this is tried before it is used, so that a restarted server costs no request.
const TRUSTED_WHEN_IDLE_FOR: Duration = Duration::from_millis(500);
/// Then it is closed: what stands between us and the server may have forgotten it.
const MOST_IDLE: Duration = Duration::from_secs(600);
/// Sessions of the server gather memory.
const LONGEST_LIFE: Duration = Duration::from_secs(1800);
/// How often that is looked after.
const LOOK: Duration = Duration::from_secs(60);
/// Between attempts to reach a server that is just starting.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Clone)]
pub(super) struct Pool {
    inner: managed::Pool<Maker>,
    /// How long anybody waits for a connection.
    acquire_timeout: Duration,
    pub(super) doubts: Arc<Doubts>,
}

/// What one connection's end says about the others.
#[derive(Default)]
pub(super) struct Doubts {
    /// When a connection broke last.
    lost: Mutex<Option<Instant>>,
    /// When a server was found not to be the primary any more.
    demoted: Mutex<Option<Instant>>,
}

/// Makes connections, and judges those that are there.
struct Maker {
    options: PgConnectOptions,
    /// Said to the server first of all.
    limits: String,
    doubts: Arc<Doubts>,
}

pub(super) struct Open {
    connection: PgConnection,
    idle_since: Instant,
    /// The last exchange was broken off, so that its answer may still be on the way, or failed.
    is_doubtful: bool,
}

/// One connection, until it is dropped.
pub(super) struct Lent {
    /// None only while it is dropped.
    open: Option<Object<Maker>>,
    /// It goes to nobody else.
    is_spoiled: bool,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, limits: String, settings: &OpenSettings) -> Result<Self, Error> {
        let doubts = Arc::<Doubts>::default();
        let most = settings.max_connections.max(1) as usize;
        let maker = Maker { options, limits, doubts: doubts.clone() };
        // The last one back is the first one out: in quiet times the others grow old and are closed.
        let config = PoolConfig { queue_mode: QueueMode::Lifo, ..PoolConfig::new(most) };
        let inner = managed::Pool::builder(maker).config(config).build();
        let inner = inner.map_err(|error| Error::Other(Cause::new(error)))?;
        tokio::spawn(tidy(inner.weak()));
        Ok(Self { inner, acquire_timeout: settings.acquire_timeout, doubts })
    }

    /// Tries for as long as a caller may wait, which is kind to a server that is just starting.
    pub(super) async fn lend(&self) -> Result<Lent, Error> {
        let mut refused = None;
        let trying = async {
            loop {
                match self.inner.get().await {
                    Ok(open) => return Ok(Lent { open: Some(open), is_spoiled: false }),
                    Err(PoolError::Backend(error)) if may_pass(&error) => refused = Some(error),
                    Err(PoolError::Backend(error)) => return Err(error.into()),
                    Err(_) => return Err(sqlx::Error::PoolClosed.into()),
                }
                sleep(PAUSE).await;
            }
        };
        match timeout(self.acquire_timeout, trying).await {
            Ok(lent) => lent,
            Err(_) => Err(self.timed_out(refused)),
        }
    }

    /// Not as the refusal itself, which would look as if a statement had been lost.
    fn timed_out(&self, refused: Option<sqlx::Error>) -> Error {
        let status = self.inner.status();
        match refused {
            Some(error) => Error::unavailable(&format!("PostgreSQL cannot be reached: {error}")),
            None if status.size >= status.max_size => Error::unavailable("all connections to the database are in use"),
            None => Error::unavailable("PostgreSQL does not answer"),
        }
    }

    pub(super) fn connections(&self) -> Connections {
        let status = self.inner.status();
        Connections { open: status.size, idle: status.available }
    }

    pub(super) fn close(&self) {
        self.inner.close();
    }
}

/// Closes what nobody has used for long, as long as there is a pool.
async fn tidy(pool: WeakPool<Maker>) {
    while let Some(pool) = pool.upgrade().filter(|pool| !pool.is_closed()) {
        pool.retain(|open, metrics| !open.is_old(metrics));
        drop(pool);
        sleep(LOOK).await;
    }
}

/// A server that starts, or is full, may answer soon.
fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(refusal) => refusal.is_transient_in_connect_phase(),
        _ => false,
    }
}

impl managed::Manager for Maker {
    type Type = Open;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Open, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        connection.execute(sqlx::AssertSqlSafe(self.limits.clone())).await?;
        Ok(Open { connection, idle_since: Instant::now(), is_doubtful: false })
    }

    async fn recycle(&self, open: &mut Open, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if open.is_old(*metrics) || self.doubts.rule_out(metrics.age()) {
            return Err(RecycleError::message("it is too old"));
        }
        if !open.is_doubtful && self.doubts.trust(open.idle_since.elapsed()) {
            return Ok(());
        }
        // A lost server may swallow the question for minutes.
        match timeout(NETWORK, open.connection.ping()).await {
            Ok(answered) => answered?,
            Err(_) => return Err(RecycleError::message("it does not answer")),
        }
        open.is_doubtful = false;
        Ok(())
    }
}

impl Open {
    fn is_old(&self, metrics: Metrics) -> bool {
        metrics.age() > LONGEST_LIFE || self.idle_since.elapsed() > MOST_IDLE
    }
}

impl Doubts {
    pub(super) fn note(&self, error: &Error) {
        let place = match error.aftermath() {
            Aftermath::Lost => &self.lost,
            Aftermath::NotThePrimary => &self.demoted,
            Aftermath::Undone | Aftermath::Other => return,
        };
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn since(place: &Mutex<Option<Instant>>) -> Duration {
        let at = *place.lock().unwrap_or_else(PoisonError::into_inner);
        at.map_or(Duration::MAX, |at| at.elapsed())
    }

    /// One made before the last fail-over leads to the old primary.
    fn rule_out(&self, age: Duration) -> bool {
        age > Self::since(&self.demoted)
    }

    /// One that was idle for a while, or already when another one broke, is tried before it is used.
    fn trust(&self, idle: Duration) -> bool {
        idle < TRUSTED_WHEN_IDLE_FOR && idle < Self::since(&self.lost)
    }
}

impl Lent {
    /// One exchange with the server. What does not answer in time is closed rather than lent to somebody else.
    pub(super) async fn ask<T>(
        &mut self,
        patience: Duration,
        exchange: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(open) = self.open.as_deref_mut() else { return Err(sqlx::Error::PoolClosed.into()) };
        open.is_doubtful = true;
        let answer = match timeout(patience, exchange(&mut open.connection)).await {
            Ok(answer) => answer,
            Err(_) => {
                self.is_spoiled = true;
                return Err(Error::unavailable("PostgreSQL did not answer in time"));
            }
        };
        match &answer {
            Ok(_) => open.is_doubtful = false,
            Err(error) => self.is_spoiled |= matches!(error.aftermath(), Aftermath::Lost | Aftermath::NotThePrimary),
        }
        answer
    }

    pub(super) fn spoil(&mut self) {
        self.is_spoiled = true;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if self.is_spoiled {
            drop(Object::take(open));
        } else {
            open.idle_since = Instant::now();
        }
    }
}
