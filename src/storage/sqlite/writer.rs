//! SQLite's only writer. One thread owns the one connection that writes, and serves a fair queue: first come, first served.
//!
//! ```text
//! write ─┐                                    ┌─> one BEGIN IMMEDIATE .. COMMIT for all writes that wait, then all answers
//! write ─┼─> queue ─> thread with connection ─┤
//! begin ─┘                                    └─> serves one transaction until it commits or is dropped
//! ```
//!
//! Each COMMIT waits for the disk; grouping lets many callers share one wait. The thread is never cancelled with its
//! callers: whatever happens to them, it cleans the connection up.

use std::thread;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::closed;
use super::connection::{Connection, Place};
use crate::storage::db::unfit;
use crate::storage::error::{Cause, Error};
use crate::storage::statement::{Answer, Bound, Wants};

/// A handle on the queue. The connection closes when the last handle is dropped.
#[derive(Clone)]
pub(in crate::storage) struct Writer {
    queue: mpsc::Sender<Job>,
    patience: Duration,
}

enum Job {
    Write(Write),
    Begin(Reply<mpsc::Sender<Step>>),
    Close(oneshot::Sender<()>),
}

type Reply<T> = oneshot::Sender<Result<T, Error>>;

struct Write {
    asked: Asked,
    reply: Reply<Answer>,
}

/// A statement with what runs before it.
struct Asked {
    before: Vec<Bound>,
    statement: Bound,
    wants: Wants,
}

/// Of a transaction.
enum Step {
    Run(Write),
    Commit(Reply<()>),
}

const QUEUE: usize = 1024;
/// Bounds how long the first of a group waits for the last.
const LARGEST_GROUP: usize = 256;

impl Writer {
    pub(super) async fn open(place: Place, patience: Duration) -> Result<Self, Error> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (tell, opened) = oneshot::channel();
        let writing = move || match place.writer() {
            Ok(connection) => {
                let _ = tell.send(Ok(()));
                Thread { place, connection: Some(connection), jobs }.serve();
            }
            Err(error) => drop(tell.send(Err(error))),
        };
        let started = thread::Builder::new().name("sqlite-writer".into()).spawn(writing);
        started.map_err(|error| Error::Unavailable(Cause::new(error)))?;
        opened.await.map_err(|_| closed())??;
        Ok(Self { queue, patience })
    }

    /// Answers after the COMMIT.
    pub(in crate::storage) async fn write(
        &self,
        before: Vec<Bound>,
        statement: Bound,
        wants: Wants,
    ) -> Result<Answer, Error> {
        let asked = Asked { before, statement, wants };
        self.ask(|reply| Job::Write(Write { asked, reply })).await
    }

    pub(in crate::storage) async fn begin(&self) -> Result<SqliteTx, Error> {
        let steps = self.ask(Job::Begin).await?;
        Ok(SqliteTx { steps, patience: self.patience, fit: true })
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

struct Thread {
    place: Place,
    /// None after a failure that leaves its state unknown: the next job opens a fresh one.
    connection: Option<Connection>,
    jobs: mpsc::Receiver<Job>,
}

impl Thread {
    fn serve(mut self) {
        let mut left_over = None;
        while let Some(job) = left_over.take().or_else(|| self.jobs.blocking_recv()) {
            match job {
                Job::Write(first) => left_over = self.write_group(first),
                Job::Begin(reply) => self.serve_transaction(reply),
                Job::Close(reply) => {
                    self.disconnect();
                    let _ = reply.send(());
                    return;
                }
            }
        }
        self.disconnect();
    }

    /// Runs `first` and the writes that queue behind it in one transaction. Answers the job that ended the group.
    fn write_group(&mut self, first: Write) -> Option<Job> {
        if let Err(error) = self.begin() {
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
                    let result = self.run(&write.asked);
                    // Other errors than these undo their own statement only, and not those before it.
                    whole = match &result {
                        Ok(_) => true,
                        Err(Error::Unavailable(_) | Error::Corrupt(_)) => false,
                        Err(_) => write.asked.before.is_empty(),
                    };
                    group.push((write, result));
                }
                other => {
                    next = other;
                    break;
                }
            }
        }
        if whole && self.commit().is_ok() {
            for (write, result) in group {
                let _ = write.reply.send(result);
            }
        } else {
            self.write_one_by_one(group);
        }
        next
    }

    /// The group as a whole did not get through (say, one member violated a deferred constraint, or the disk filled up):
    /// undo it and give each member its own transaction, so that only the guilty fail.
    fn write_one_by_one(&mut self, group: Vec<(Write, Result<Answer, Error>)>) {
        self.roll_back();
        for (write, _) in group {
            let result = self.write_alone(&write.asked);
            let _ = write.reply.send(result);
        }
    }

    fn write_alone(&mut self, asked: &Asked) -> Result<Answer, Error> {
        self.begin()?;
        let ended = self.run(asked).and_then(|answer| self.commit().map(|()| answer));
        if ended.is_err() {
            self.roll_back();
        }
        ended
    }

    fn serve_transaction(&mut self, reply: Reply<mpsc::Sender<Step>>) {
        if reply.is_closed() {
            return;
        }
        if let Err(error) = self.begin() {
            let _ = reply.send(Err(error));
            return;
        }
        let (sender, mut steps) = mpsc::channel(1);
        // Not delivered, the other end of the steps is dropped.
        let _ = reply.send(Ok(sender));
        loop {
            match steps.blocking_recv() {
                Some(Step::Run(write)) => {
                    let result = self.run(&write.asked);
                    let _ = write.reply.send(result);
                }
                Some(Step::Commit(reply)) => {
                    let result = self.commit();
                    if result.is_err() {
                        self.roll_back();
                    }
                    let _ = reply.send(result);
                    return;
                }
                None => return self.roll_back(),
            }
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(self.place.writer()?),
        };
        let begun = connection.run("BEGIN IMMEDIATE", &[], Wants::Count).map(drop);
        if begun.is_err() {
            self.disconnect();
        }
        begun
    }

    fn run(&mut self, asked: &Asked) -> Result<Answer, Error> {
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        for first in &asked.before {
            connection.run(first.text, &first.values, Wants::Count)?;
        }
        connection.run(asked.statement.text, &asked.statement.values, asked.wants)
    }

    fn commit(&mut self) -> Result<(), Error> {
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        connection.run("COMMIT", &[], Wants::Count).map(drop)
    }

    /// After a full disk and some other errors SQLite has rolled back already and has nothing left to roll back. Where that fails, closing the
    /// connection does it.
    fn roll_back(&mut self) {
        let Some(connection) = self.connection.as_mut() else { return };
        if connection.run("ROLLBACK", &[], Wants::Count).is_err() {
            self.disconnect();
        }
    }

    fn disconnect(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.optimize();
        }
    }
}

/// A transaction on the writer's connection; dropped, it is rolled back.
pub(in crate::storage) struct SqliteTx {
    steps: mpsc::Sender<Step>,
    patience: Duration,
    /// False once a statement failed or was cancelled: as on PostgreSQL, such a transaction cannot commit.
    fit: bool,
}

impl SqliteTx {
    pub(in crate::storage) async fn execute(
        &mut self,
        before: Vec<Bound>,
        statement: Bound,
        wants: Wants,
    ) -> Result<Answer, Error> {
        if !std::mem::replace(&mut self.fit, false) {
            return Err(unfit());
        }
        let (reply, answer) = oneshot::channel();
        let asked = Asked { before, statement, wants };
        self.steps.send(Step::Run(Write { asked, reply })).await.map_err(|_| closed())?;
        let answer = answer.await.map_err(|_| closed())??;
        self.fit = true;
        Ok(answer)
    }

    /// Once asked for, the COMMIT happens even when the caller stops waiting.
    pub(in crate::storage) async fn commit(self) -> Result<(), Error> {
        if !self.fit {
            return Err(unfit());
        }
        let (reply, committed) = oneshot::channel();
        self.steps.send(Step::Commit(reply)).await.map_err(|_| closed())?;
        let answer = timeout(self.patience, committed).await;
        answer.map_err(|_| Error::unavailable("SQLite did not commit in time"))?.map_err(|_| closed())?
    }
}
