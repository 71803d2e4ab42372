//! The connections to PostgreSQL, lent out one at a time.
//!
//! One that comes back is not asked how it is: that would double the exchanges with the server. It is tried before it is lent
//! out again where there is a reason to. See `docs/decisions/0084-connections-are-tried-when-there-is-a-reason.md`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{
    self, Metrics, Object, PoolConfig, PoolError, QueueMode, RecycleError, RecycleResult, WeakPool,
};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};
use tokio::runtime::Handle;
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
/// Between attempts to reach a server that is just starting: twice as long each time.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

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
    /// Why the last attempt failed; nothing since one succeeded.
    refused: Mutex<Option<String>>,
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
    /// Nor while a transaction may be open.
    in_transaction: bool,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, limits: String, settings: &OpenSettings) -> Result<Self, Error> {
        let doubts = Arc::<Doubts>::default();
        let most = settings.max_connections.max(1) as usize;
        let maker = Maker { options, limits, doubts: doubts.clone(), refused: Mutex::default() };
        // The last one back is the first one out: in quiet times the others grow old and are closed.
        let config = PoolConfig { queue_mode: QueueMode::Lifo, ..PoolConfig::new(most) };
        let inner = managed::Pool::builder(maker).config(config).build();
        let inner = inner.map_err(|error| Error::Other(Cause::new(error)))?;
        tokio::spawn(tidy(inner.weak()));
        Ok(Self { inner, acquire_timeout: settings.acquire_timeout, doubts })
    }

    pub(super) async fn lend(&self) -> Result<Lent, Error> {
        match timeout(self.acquire_timeout, self.inner.get()).await {
            Ok(Ok(open)) => Ok(Lent { open: Some(open), is_spoiled: false, in_transaction: false }),
            Ok(Err(PoolError::Backend(error))) => Err(error.into()),
            Ok(Err(_)) => Err(sqlx::Error::PoolClosed.into()),
            Err(_) => Err(self.timed_out()),
        }
    }

    /// Not as the refusal itself, which would look as if a statement had been lost.
    fn timed_out(&self) -> Error {
        let status = self.inner.status();
        if status.size >= status.max_size {
            return Error::unavailable("all connections to the database are in use");
        }
        match locked(&self.inner.manager().refused).as_ref() {
            Some(why) => Error::unavailable(&format!("PostgreSQL cannot be reached: {why}")),
            None => Error::unavailable("PostgreSQL does not answer"),
        }
    }

    pub(super) fn connections(&self) -> Connections {
        let status = self.inner.status();
        Connections { open: status.size, idle: status.available }
    }

    /// Waits for those that are lent out, for so long at most.
    pub(super) async fn close(&self, patience: Duration) {
        self.inner.close();
        let all_back = async {
            while self.inner.status().size > 0 {
                sleep(SHORTEST_PAUSE).await;
            }
        };
        let _ = timeout(patience, all_back).await;
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

    /// Tries for as long as its caller waits, which is kind to a server that is just starting; nobody else tries in its place.
    async fn create(&self) -> Result<Open, sqlx::Error> {
        let mut pause = SHORTEST_PAUSE;
        let mut connection = loop {
            match PgConnection::connect_with(&self.options).await {
                Ok(connection) => break connection,
                Err(error) if may_pass(&error) => *locked(&self.refused) = Some(error.to_string()),
                Err(error) => return Err(error),
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        *locked(&self.refused) = None;
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
        open.answers().await.then_some(()).ok_or(RecycleError::message("it does not answer"))
    }
}

impl Open {
    /// Reads what nobody has waited for, and hears that the server is there. A lost one may swallow the question for minutes.
    async fn answers(&mut self) -> bool {
        let answers = matches!(timeout(NETWORK, self.connection.ping()).await, Ok(Ok(())));
        self.is_doubtful = !answers;
        answers
    }

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
        *locked(place) = Some(Instant::now());
    }

    fn since(place: &Mutex<Option<Instant>>) -> Duration {
        let at = *locked(place);
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

    pub(super) fn opens_transaction(&mut self) {
        self.in_transaction = true;
    }

    /// The server has said so.
    pub(super) fn ended_transaction(&mut self) {
        self.in_transaction = false;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if self.is_spoiled || self.in_transaction {
            drop(Object::take(open));
        } else if open.is_doubtful {
            tried(open);
        } else {
            open.idle_since = Instant::now();
        }
    }
}

/// Keeps it from others until the answer that nobody waits for any more is read.
fn tried(mut open: Object<Maker>) {
    let Ok(runtime) = Handle::try_current() else { return drop(Object::take(open)) };
    runtime.spawn(async move {
        if open.answers().await {
            open.idle_since = Instant::now();
        } else {
            drop(Object::take(open));
        }
    });
}

fn locked<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
