//! The PostgreSQL side of [`Db`](super::db::Db): its pool and its transactions.

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::{PoolConnection, PoolConnectionMetadata};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Executor};

use super::db::{Connections, OpenSettings};
use super::error::{Aftermath, Error};
use super::statement::{Answer, Wants, on_postgres};
use super::value::Value;

#[derive(Clone)]
pub(super) struct Postgres {
    pool: PgPool,
    options: PgConnectOptions,
    patience: Duration,
    doubts: Arc<Doubts>,
}

/// When a statement is tried once more, on another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// When it certainly did not happen: it was undone, or refused by a server that is not the primary any more.
    WhenUndone,
    /// Also when the connection broke: it changes nothing, so that it may happen twice.
    WhenLost,
}

impl Again {
    fn after(self, error: &Error) -> bool {
        match error.aftermath() {
            Aftermath::Undone | Aftermath::NotThePrimary => true,
            Aftermath::Lost => self == Self::WhenLost,
            Aftermath::Other => false,
        }
    }
}

/// What one connection's end says about the others.
#[derive(Default)]
struct Doubts {
    /// When a connection broke last.
    lost: Mutex<Option<Instant>>,
    /// When a server was found not to be the primary any more.
    demoted: Mutex<Option<Instant>>,
}

impl Doubts {
    fn note(&self, error: &Error) {
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

    /// An idle connection: one made before the last fail-over leads to the old primary.
    fn rule_out(&self, seen: &PoolConnectionMetadata) -> bool {
        seen.age > Self::since(&self.demoted)
    }

    /// One that was idle for a while, or already when another one broke, is tried before it is used.
    fn trust(&self, seen: &PoolConnectionMetadata) -> bool {
        seen.idle_for < TRUSTED_WHEN_IDLE_FOR && seen.idle_for < Self::since(&self.lost)
    }
}

/// A connection idle for longer than this is tried before it is used, so that a restarted server costs no request.
const TRUSTED_WHEN_IDLE_FOR: Duration = Duration::from_millis(500);
/// What the network may add to the server's own statement time-out.
const NETWORK: Duration = Duration::from_secs(2);

impl Postgres {
    pub(super) async fn open(settings: &OpenSettings) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(&settings.url)?
            .application_name("karat")
            .statement_cache_capacity(settings.statement_cache);
        let limits = session_limits(settings);
        let doubts = Arc::<Doubts>::default();
        let looking = doubts.clone();
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections.max(1))
            .acquire_timeout(settings.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(move |connection, seen| {
                let (ruled_out, trusted) = (looking.rule_out(&seen), looking.trust(&seen));
                Box::pin(async move {
                    if ruled_out || trusted {
                        return Ok(!ruled_out);
                    }
                    // A lost server may swallow the question for minutes.
                    let alive = tokio::time::timeout(NETWORK, connection.ping()).await;
                    Ok(matches!(alive, Ok(Ok(()))))
                })
            })
            .after_connect(move |connection, _| {
                let limits = limits.clone();
                Box::pin(async move {
                    connection.execute(sqlx::AssertSqlSafe(limits)).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options.clone());
        let postgres = Self { pool, options, patience: settings.statement_timeout + NETWORK, doubts };
        postgres.try_connection().await?;
        Ok(postgres)
    }

    /// The pool tries for as long as a caller may wait, which is kind to a server that is just starting, but forgets the
    /// reason when that time is over; then one more attempt tells the operator.
    async fn try_connection(&self) -> Result<(), Error> {
        match self.pool.acquire().await {
            Ok(_) => Ok(()),
            Err(sqlx::Error::PoolTimedOut) => {
                let reason = tokio::time::timeout(NETWORK, self.connect_unlimited()).await;
                reason.unwrap_or_else(|_| Err(Error::unavailable("PostgreSQL does not answer"))).map(drop)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn execute(
        &self,
        text: &'static str,
        values: &[Value],
        wants: Wants,
        again: Again,
    ) -> Result<Answer, Error> {
        match self.attempt(text, values, wants).await {
            Err(error) if again.after(&error) => self.attempt(text, values, wants).await,
            answer => answer,
        }
    }

    async fn attempt(&self, text: &'static str, values: &[Value], wants: Wants) -> Result<Answer, Error> {
        let mut connection = self.pool.acquire().await?;
        let work = async |connection: &mut PgConnection| on_postgres(connection, text, values, wants).await;
        let answer = within(self.patience, &mut connection, work).await;
        if let Err(error) = &answer {
            self.doubts.note(error);
            if error.aftermath() == Aftermath::NotThePrimary {
                connection.close_on_drop();
            }
        }
        answer
    }

    /// Nothing has happened before `BEGIN` was answered: it is tried again like a reading statement.
    pub(super) async fn begin(&self) -> Result<PostgresTx, Error> {
        match self.begin_once().await {
            Err(error) if Again::WhenLost.after(&error) => self.begin_once().await,
            begun => begun,
        }
    }

    async fn begin_once(&self) -> Result<PostgresTx, Error> {
        let mut connection = self.pool.acquire().await?;
        let begun =
            within(self.patience, &mut connection, async |connection| Ok(connection.execute("BEGIN").await?)).await;
        // Also when it failed: the transaction's drop cleans the connection.
        let (patience, doubts) = (self.patience, self.doubts.clone());
        let tx = PostgresTx { connection: Some(connection), patience, doubts, fit: true };
        begun.map(|_| tx).inspect_err(|error| self.doubts.note(error))
    }

    /// A connection outside the pool and without its limits, for work that may take long.
    pub(super) async fn connect_unlimited(&self) -> Result<PgConnection, Error> {
        Ok(PgConnection::connect_with(&self.options).await?)
    }

    pub(super) fn connections(&self) -> Connections {
        Connections { open: usize::try_from(self.pool.size()).unwrap_or(usize::MAX), idle: self.pool.num_idle() }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Set after connecting and not as start-up options, which poolers between us and the server refuse.
fn session_limits(settings: &OpenSettings) -> String {
    let statement = settings.statement_timeout.as_millis();
    let lock = settings.acquire_timeout.as_millis();
    format!(
        "SET statement_timeout = {statement}; SET lock_timeout = {lock}; \
         SET idle_in_transaction_session_timeout = {statement}"
    )
}

pub(super) struct PostgresTx {
    /// None once committed.
    connection: Option<PoolConnection<sqlx::Postgres>>,
    patience: Duration,
    doubts: Arc<Doubts>,
    /// False once a statement failed or was cancelled: PostgreSQL would answer COMMIT with a quiet rollback.
    fit: bool,
}

impl PostgresTx {
    pub(super) async fn execute(
        &mut self,
        text: &'static str,
        values: &[Value],
        wants: Wants,
    ) -> Result<Answer, Error> {
        let Some(connection) = self.connection.as_mut().filter(|_| std::mem::replace(&mut self.fit, false)) else {
            return Err(super::db::unfit());
        };
        let work = async |connection: &mut PgConnection| on_postgres(connection, text, values, wants).await;
        let answer = within(self.patience, connection, work).await;
        if let Err(error) = &answer {
            self.doubts.note(error);
            if error.aftermath() == Aftermath::NotThePrimary {
                connection.close_on_drop();
            }
        }
        self.fit = answer.is_ok();
        answer
    }

    pub(super) async fn commit(mut self) -> Result<(), Error> {
        let Some(connection) = self.connection.as_mut().filter(|_| self.fit) else {
            return Err(super::db::unfit());
        };
        within(self.patience, connection, async |connection| Ok(connection.execute("COMMIT").await?)).await?;
        self.connection = None;
        Ok(())
    }
}

impl Drop for PostgresTx {
    /// Rolls back before anybody else gets the connection.
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            tokio::spawn(async move {
                let _ = within(NETWORK, &mut connection, async |connection| Ok(connection.execute("ROLLBACK").await?))
                    .await;
            });
        }
    }
}

/// Runs `work`; a connection that does not answer in time is closed rather than handed to somebody else.
async fn within<T>(
    patience: Duration,
    connection: &mut PoolConnection<sqlx::Postgres>,
    work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
) -> Result<T, Error> {
    match tokio::time::timeout(patience, work(&mut *connection)).await {
        Ok(result) => result,
        Err(_) => {
            connection.close_on_drop();
            Err(Error::unavailable("PostgreSQL did not answer in time"))
        }
    }
}
