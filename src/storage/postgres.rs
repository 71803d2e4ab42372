//! The PostgreSQL side of [`Db`](super::db::Db): its pool and its transactions.

mod pool;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};
use tokio::runtime::Handle;

use self::pool::{Doubts, Lent, Pool};
use super::db::{Connections, OpenSettings};
use super::error::{Aftermath, Error};
use super::statement::{Answer, Wants, on_postgres};
use super::value::Value;

#[derive(Clone)]
pub(super) struct Postgres {
    pool: Pool,
    options: PgConnectOptions,
    patience: Duration,
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

/// What the network may add to the server's own statement time-out.
const NETWORK: Duration = Duration::from_secs(2);

impl Postgres {
    pub(super) async fn open(settings: &OpenSettings) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(&settings.url)?
            .application_name("karat")
            .statement_cache_capacity(settings.statement_cache);
        let pool = Pool::new(options.clone(), session_limits(settings), settings)?;
        drop(pool.lend().await?);
        Ok(Self { pool, options, patience: settings.statement_timeout + NETWORK })
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
        let mut lent = self.pool.lend().await?;
        let work = async |connection: &mut PgConnection| on_postgres(connection, text, values, wants).await;
        lent.ask(self.patience, work).await.inspect_err(|error| self.pool.doubts.note(error))
    }

    /// Nothing has happened before `BEGIN` was answered: it is tried again like a reading statement.
    pub(super) async fn begin(&self) -> Result<PostgresTx, Error> {
        match self.begin_once().await {
            Err(error) if Again::WhenLost.after(&error) => self.begin_once().await,
            begun => begun,
        }
    }

    async fn begin_once(&self) -> Result<PostgresTx, Error> {
        let mut lent = self.pool.lend().await?;
        lent.opens_transaction();
        // Before the server is asked: whoever goes away meanwhile drops a transaction, which cleans the connection.
        let (patience, doubts) = (self.patience, self.pool.doubts.clone());
        let mut tx = PostgresTx { lent: Some(lent), patience, doubts, fit: true };
        tx.say("BEGIN").await.inspect_err(|error| self.pool.doubts.note(error))?;
        Ok(tx)
    }

    /// A connection outside the pool and without its limits, for work that may take long.
    pub(super) async fn connect_unlimited(&self) -> Result<PgConnection, Error> {
        Ok(PgConnection::connect_with(&self.options).await?)
    }

    pub(super) fn connections(&self) -> Connections {
        self.pool.connections()
    }

    /// Waits for what is under way.
    pub(super) async fn close(&self) {
        self.pool.close(self.patience).await;
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
    lent: Option<Lent>,
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
        let Some(lent) = self.lent.as_mut().filter(|_| std::mem::replace(&mut self.fit, false)) else {
            return Err(super::db::unfit());
        };
        let work = async |connection: &mut PgConnection| on_postgres(connection, text, values, wants).await;
        let answer = lent.ask(self.patience, work).await.inspect_err(|error| self.doubts.note(error));
        self.fit = answer.is_ok();
        answer
    }

    pub(super) async fn commit(mut self) -> Result<(), Error> {
        if !self.fit {
            return Err(super::db::unfit());
        }
        self.say("COMMIT").await?;
        if let Some(mut lent) = self.lent.take() {
            lent.ended_transaction();
        }
        Ok(())
    }

    async fn say(&mut self, word: &'static str) -> Result<(), Error> {
        let Some(lent) = self.lent.as_mut() else { return Err(super::db::unfit()) };
        lent.ask(self.patience, async |connection| Ok(connection.execute(word).await?)).await.map(drop)
    }
}

impl Drop for PostgresTx {
    /// Rolls back before anybody else gets the connection. Where that cannot be, the connection's end does it.
    fn drop(&mut self) {
        let (Some(mut lent), Ok(runtime)) = (self.lent.take(), Handle::try_current()) else { return };
        runtime.spawn(async move {
            let undone = lent.ask(NETWORK, async |connection| Ok(connection.execute("ROLLBACK").await?)).await;
            if undone.is_ok() {
                lent.ended_transaction();
            }
        });
    }
}
