//! Those who read the SQLite file while its writer writes.
//!
//! Nearly all reads follow an index to a few rows and take some microseconds: less than handing them to another thread and
//! back. They run where they are asked for, on one of a few connections that interrupt what takes longer. What was interrupted,
//! would have to wait for another process, or finds no connection free, starts again on a thread that may wait. See
//! `docs/decisions/0080-short-reads-run-where-they-are-asked-for.md`.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use super::connection::{Connection, Place};
use crate::storage::db::Connections;
use crate::storage::error::{Cause, Error};
use crate::storage::statement::{Answer, Bound, Wants};

/// Steps of SQLite's virtual machine: some tens of microseconds.
const SHORT: i32 = 2000;

#[derive(Clone)]
pub(super) struct Readers(Arc<Shared>);

struct Shared {
    place: Place,
    patience: Duration,
    /// As many as there are threads to ask.
    short: Vec<Mutex<Option<Short>>>,
    /// Those of the threads that may wait, while nobody uses them.
    long: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
    most: usize,
    /// Of those.
    opened: AtomicUsize,
}

struct Short {
    connection: Connection,
    /// How often SQLite has asked whether to go on.
    asked: Arc<AtomicU32>,
}

impl Readers {
    pub(super) fn new(place: Place, most: u32, patience: Duration) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let most = most.max(1) as usize;
        Self(Arc::new(Shared {
            place,
            patience,
            short: std::iter::repeat_with(Mutex::default).take(threads).collect(),
            long: Mutex::default(),
            turns: Arc::new(Semaphore::new(most)),
            most,
            opened: AtomicUsize::new(0),
        }))
    }

    pub(super) async fn read(&self, asked: Bound, wants: Wants) -> Result<Answer, Error> {
        // Whoever reads in a loop lets others have their turn.
        consume_budget().await;
        match self.0.read_here(&asked, wants) {
            Some(answer) => answer,
            None => Box::pin(self.read_long(asked, wants)).await,
        }
    }

    pub(super) async fn read_long(&self, asked: Bound, wants: Wants) -> Result<Answer, Error> {
        let waited = timeout(self.0.patience, self.0.turns.clone().acquire_owned()).await;
        let turn = waited.map_err(|_| Error::unavailable("all connections to the database are in use"))?;
        let turn = turn.map_err(|_| super::closed())?;
        let (shared, (tell, answer)) = (self.0.clone(), oneshot::channel());
        // A thread of its own and none of the runtime's, whose end would wait for it.
        let started = thread::Builder::new().name("sqlite-reader".into()).spawn(move || {
            let read = shared.read_and_wait(&asked, wants);
            drop(turn);
            let _ = tell.send(read);
        });
        started.map_err(|error| Error::Unavailable(Cause::new(error)))?;
        answer.await.unwrap_or_else(|_| Err(Error::unavailable("reading the database was broken off")))
    }

    pub(super) fn connections(&self) -> Connections {
        let busy = self.0.most - self.0.turns.available_permits().min(self.0.most);
        let open = self.0.opened.load(Ordering::Relaxed);
        Connections { open, idle: open.saturating_sub(busy) }
    }

    /// Waits for those that read.
    pub(super) async fn close(&self) {
        let all = u32::try_from(self.0.most).unwrap_or(u32::MAX);
        let _all = timeout(self.0.patience, self.0.turns.acquire_many(all)).await;
        self.0.turns.close();
        self.0.short.iter().for_each(|place| *locked(place) = None);
        locked(&self.0.long).clear();
    }
}

impl Short {
    fn read(&mut self, asked: &Bound, wants: Wants) -> Result<Answer, Error> {
        self.asked.store(0, Ordering::Relaxed);
        self.connection.run(asked.text, &asked.values, wants)
    }
}

impl Shared {
    /// `None`: it has to be asked again where there is time.
    fn read_here(&self, asked: &Bound, wants: Wants) -> Option<Result<Answer, Error>> {
        let mut place = self.short.iter().find_map(free)?;
        // Asked under the lock: what is opened from now on would not be closed again.
        if self.turns.is_closed() {
            return Some(Err(super::closed()));
        }
        let answer = match &mut *place {
            Some(short) => short.read(asked, wants),
            none => self.open_short().and_then(|short| none.insert(short).read(asked, wants)),
        };
        match answer {
            Err(Error::Unavailable(_)) => None,
            answer => Some(answer),
        }
    }

    fn open_short(&self) -> Result<Short, Error> {
        let place = Place { busy_timeout: Duration::ZERO, ..self.place.clone() };
        let (connection, asked) = place.reader()?.limited(SHORT)?;
        Ok(Short { connection, asked })
    }

    fn read_and_wait(&self, asked: &Bound, wants: Wants) -> Result<Answer, Error> {
        let kept = locked(&self.long).pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => {
                let opened = self.place.reader()?;
                self.opened.fetch_add(1, Ordering::Relaxed);
                opened
            }
        };
        let answer = connection.run(asked.text, &asked.values, wants);
        let mut kept = locked(&self.long);
        if !self.turns.is_closed() {
            kept.push(connection);
        }
        answer
    }
}

fn free(place: &Mutex<Option<Short>>) -> Option<MutexGuard<'_, Option<Short>>> {
    match place.try_lock() {
        Ok(free) => Some(free),
        // Whoever panicked here left nothing that could be relied on.
        Err(TryLockError::Poisoned(poisoned)) => {
            place.clear_poison();
            let mut free = poisoned.into_inner();
            *free = None;
            Some(free)
        }
        Err(TryLockError::WouldBlock) => None,
    }
}

fn locked<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
