//! SQLite's only writer. One task owns the one connection that writes, and serves a fair queue: first come, first served.
//!
//! ```text
//! write ─┐                                  ┌─> one BEGIN IMMEDIATE .. COMMIT for all writes that wait, then all answers
//! write ─┼─> queue ─> task with connection ─┤
//! begin ─┘                                  └─> lends the connection to a transaction until it comes home
//! ```
//!
//! Each COMMIT waits for the disk; grouping lets many callers share one wait. The task is never cancelled with its
//! callers, so whatever happens to them, the connection comes back and is cleaned here.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::error::Error;
use super::statement::{Answer, Bound, Wants, on_sqlite};
use super::value::Value;

/// A handle on the queue. The connection closes when the last handle is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
    patience: Duration,
}

enum Job {
    Write(Write),
    Lend(Reply<Lease>),
    Close(oneshot::Sender<()>),
}

type Reply<T> = oneshot::Sender<Result<T, Error>>;

struct Write {
    before: Vec<Bound>,
    statement: Bound,
    wants: Wants,
    reply: Reply<Answer>,
}

const QUEUE: usize = 1024;
/// Bounds how long the first of a group waits for the last.
const LARGEST_GROUP: usize = 256;

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions, patience: Duration) -> Result<Self, Error> {
        let connection = options.connect().await?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(Task { options, connection: Some(connection), jobs }.serve());
        Ok(Self { queue, patience })
    }

    /// Answers after the COMMIT.
    pub(super) async fn write(&self, before: Vec<Bound>, statement: Bound, wants: Wants) -> Result<Answer, Error> {
        self.ask(|reply| Job::Write(Write { before, statement, wants, reply })).await
    }

    pub(super) async fn begin(&self) -> Result<SqliteTx, Error> {
        let lease = self.ask(Job::Lend).await?;
        Ok(SqliteTx { lease, patience: self.patience, fit: true })
    }

    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.queue.send(Job::Close(reply)).await.is_ok() {
            let _ = closed.await;
        }
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.queue.send(job(reply)).await.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        };
        timeout(self.patience, asked).await.unwrap_or_else(|_| Err(Error::unavailable("SQLite's writer is busy")))
    }
}

fn closed() -> Error {
    Error::unavailable("the database is closed")
}

struct Task {
    options: SqliteConnectOptions,
    /// None after a failure that leaves its state unknown: the next job opens a fresh one.
    connection: Option<SqliteConnection>,
    jobs: mpsc::Receiver<Job>,
}

impl Task {
    async fn serve(mut self) {
        let mut left_over = None;
        loop {
            let job = match left_over.take() {
                Some(job) => job,
                None => match self.jobs.recv().await {
                    Some(job) => job,
                    None => break,
                },
            };
            match job {
                Job::Write(first) => left_over = self.write_group(first).await,
                Job::Lend(reply) => self.lend(reply).await,
                Job::Close(reply) => {
                    self.disconnect().await;
                    let _ = reply.send(());
                    return;
                }
            }
        }
        self.disconnect().await;
    }

    /// Runs `first` and the writes that queue behind it in one transaction. Answers the job that ended the group.
    async fn write_group(&mut self, first: Write) -> Option<Job> {
        if let Err(error) = self.begin().await {
            let _ = first.reply.send(Err(error));
            return None;
        }
        let mut group = Vec::new();
        let mut next = Some(Job::Write(first));
        let mut whole = true;
        while whole && group.len() < LARGEST_GROUP {
            match next.take().or_else(|| self.jobs.try_recv().ok()) {
                // Its caller has given up: not starting is the kinder end.
                Some(Job::Write(write)) if write.reply.is_closed() => continue,
                Some(Job::Write(write)) => {
                    let result = self.run(&write).await;
                    // Other errors than these undo their own statement only, and not those before it.
                    whole = match &result {
                        Ok(_) => true,
                        Err(Error::Unavailable(_) | Error::Corrupt(_)) => false,
                        Err(_) => write.before.is_empty(),
                    };
                    group.push((write, result));
                }
                other => {
                    next = other;
                    break;
                }
            }
        }
        if whole && self.commit().await.is_ok() {
            for (write, result) in group {
                let _ = write.reply.send(result);
            }
        } else {
            self.write_one_by_one(group).await;
        }
        next
    }

    /// The group as a whole did not get through (say, one member violated a deferred constraint, or the disk filled up):
    /// undo it and give each member its own transaction, so that only the guilty fail.
    async fn write_one_by_one(&mut self, group: Vec<(Write, Result<Answer, Error>)>) {
        self.roll_back().await;
        for (write, _) in group {
            let result = self.write_alone(&write).await;
            let _ = write.reply.send(result);
        }
    }

    async fn write_alone(&mut self, write: &Write) -> Result<Answer, Error> {
        self.begin().await?;
        let ended = match self.run(write).await {
            Ok(answer) => self.commit().await.map(|()| answer),
            Err(error) => Err(error),
        };
        if ended.is_err() {
            self.roll_back().await;
        }
        ended
    }

    async fn lend(&mut self, reply: Reply<Lease>) {
        if reply.is_closed() {
            return;
        }
        if let Err(error) = self.begin().await {
            let _ = reply.send(Err(error));
            return;
        }
        let Some(connection) = self.connection.take() else { return };
        let (home, back) = oneshot::channel();
        // Not delivered, the lease comes home by being dropped.
        let _ = reply.send(Ok(Lease { connection: Some(connection), home: Some(home) }));
        let Ok(Returned { connection, commit }) = back.await else { return };
        self.connection = Some(connection);
        match commit {
            Some(reply) => {
                let result = self.commit().await;
                if result.is_err() {
                    self.roll_back().await;
                }
                let _ = reply.send(result);
            }
            None => self.roll_back().await,
        }
    }

    async fn begin(&mut self) -> Result<(), Error> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(self.options.connect().await?),
        };
        let result = sqlx::query("BEGIN IMMEDIATE").execute(connection).await;
        if result.is_err() {
            self.disconnect().await;
        }
        result.map(drop).map_err(Error::from)
    }

    async fn run(&mut self, write: &Write) -> Result<Answer, Error> {
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        for first in &write.before {
            on_sqlite(connection, first.text, &first.values, Wants::Count).await?;
        }
        on_sqlite(connection, write.statement.text, &write.statement.values, write.wants).await
    }

    async fn commit(&mut self) -> Result<(), Error> {
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        sqlx::query("COMMIT").execute(connection).await.map(drop).map_err(Error::from)
    }

    /// After a full disk and some other errors SQLite has rolled back already and has nothing left to roll back. Where that fails, closing the
    /// connection does it.
    async fn roll_back(&mut self) {
        let Some(connection) = self.connection.as_mut() else { return };
        if sqlx::query("ROLLBACK").execute(connection).await.is_err() {
            self.disconnect().await;
        }
    }

    async fn disconnect(&mut self) {
        if let Some(connection) = self.connection.take() {
            let _ = connection.close().await;
        }
    }
}

/// A transaction on the writer's connection.
pub(super) struct SqliteTx {
    lease: Lease,
    patience: Duration,
    /// False once a statement failed or was cancelled: as on PostgreSQL, such a transaction cannot commit.
    fit: bool,
}

impl SqliteTx {
    pub(super) async fn execute(
        &mut self,
        text: &'static str,
        values: &[Value],
        wants: Wants,
    ) -> Result<Answer, Error> {
        if !std::mem::replace(&mut self.fit, false) {
            return Err(super::db::unfit());
        }
        let connection = self.lease.connection.as_mut().ok_or_else(closed)?;
        let answer = on_sqlite(connection, text, values, wants).await?;
        self.fit = true;
        Ok(answer)
    }

    /// Once asked for, the COMMIT happens even when the caller stops waiting.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        if !self.fit {
            return Err(super::db::unfit());
        }
        let (reply, committed) = oneshot::channel();
        self.lease.return_with(Some(reply));
        let answer = timeout(self.patience, committed).await;
        answer.map_err(|_| Error::unavailable("SQLite did not commit in time"))?.map_err(|_| closed())?
    }

    /// The connection itself, inside the transaction.
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, Error> {
        self.lease.connection.as_mut().ok_or_else(closed)
    }
}

/// The lent connection; it goes home when dropped.
struct Lease {
    connection: Option<SqliteConnection>,
    home: Option<oneshot::Sender<Returned>>,
}

struct Returned {
    connection: SqliteConnection,
    /// None: roll back.
    commit: Option<Reply<()>>,
}

impl Lease {
    fn return_with(&mut self, commit: Option<Reply<()>>) {
        if let (Some(connection), Some(home)) = (self.connection.take(), self.home.take()) {
            let _ = home.send(Returned { connection, commit });
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.return_with(None);
    }
}
