//! How requests are made: closed loops, which find what a server can do, and open ones, which show what callers feel.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, LocalSet};

/// Who asks.
pub trait Caller: 'static {
    /// One exchange; an error when its answer is not right.
    fn once(&mut self) -> impl Future<Output = anyhow::Result<()>>;
}

/// What a loop saw.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    pub answered: u64,
    pub failed: u64,
    /// The first failure in words.
    pub failure: Option<String>,
    pub seconds: f64,
    pub per_second: f64,
    /// Milliseconds.
    pub median: f64,
    pub p95: f64,
    pub p99: f64,
    pub most: f64,
}

struct Tally {
    latency: RefCell<Histogram<u64>>,
    answered: Cell<u64>,
    failed: Cell<u64>,
    failure: RefCell<Option<String>>,
}

/// Longer ones count as this long. Microseconds.
const LONGEST: u64 = 60_000_000;

impl Tally {
    fn new() -> anyhow::Result<Rc<Self>> {
        Ok(Rc::new(Self {
            latency: RefCell::new(Histogram::new_with_bounds(1, LONGEST, 3)?),
            answered: Cell::new(0),
            failed: Cell::new(0),
            failure: RefCell::new(None),
        }))
    }

    fn count(&self, outcome: anyhow::Result<()>, took: Duration) {
        match outcome {
            Ok(()) => self.answered.set(self.answered.get() + 1),
            Err(error) => {
                self.failed.set(self.failed.get() + 1);
                self.failure.borrow_mut().get_or_insert_with(|| format!("{error:#}"));
            }
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST).clamp(1, LONGEST);
        self.latency.borrow_mut().saturating_record(micros);
    }

    fn seen(&self, took: Duration) -> Seen {
        let latency = self.latency.borrow();
        let milliseconds =
            |quantile: f64| Duration::from_micros(latency.value_at_quantile(quantile)).as_secs_f64() * 1e3;
        let seconds = took.as_secs_f64();
        let answered = self.answered.get();
        Seen {
            answered,
            failed: self.failed.get(),
            failure: self.failure.borrow().clone(),
            seconds,
            // Counts stay far below what a float holds exactly.
            #[expect(clippy::cast_precision_loss)]
            per_second: answered as f64 / seconds,
            median: milliseconds(0.5),
            p95: milliseconds(0.95),
            p99: milliseconds(0.99),
            most: milliseconds(1.0),
        }
    }
}

/// Every caller asks again as soon as it is answered.
pub async fn closed<C: Caller>(
    callers: &mut Vec<C>,
    (warm_up, measured): (Duration, Duration),
) -> anyhow::Result<Seen> {
    let tally = Tally::new()?;
    let counting = Rc::new(Cell::new(false));
    let begun = Instant::now();
    let (start, end) = (begun + warm_up, begun + warm_up + measured);
    let local = LocalSet::new();
    let mut running = Vec::new();
    for mut caller in callers.drain(..) {
        let (tally, counting) = (tally.clone(), counting.clone());
        running.push(local.spawn_local(async move {
            loop {
                let asked = Instant::now();
                if asked >= end {
                    return caller;
                }
                if asked >= start {
                    counting.set(true);
                }
                let outcome = caller.once().await;
                let answered = Instant::now();
                if counting.get() && asked >= start && answered <= end {
                    tally.count(outcome, answered - asked);
                }
            }
        }));
    }
    local.run_until(async { collect(running, callers).await }).await?;
    Ok(tally.seen(measured))
}

/// Requests arrive at a rate, answered or not. Their time counts from the moment at which they were due, so that a server that
/// stalls is charged for everybody who would have waited (coordinated omission).
pub async fn open<C: Caller>(callers: &mut Vec<C>, rate: f64, measured: Duration) -> anyhow::Result<Seen> {
    let tally = Tally::new()?;
    let begun = Instant::now();
    let local = LocalSet::new();
    let (due, arrivals) = mpsc::unbounded_channel();
    let arrivals = Rc::new(tokio::sync::Mutex::new(arrivals));
    // The clock of the runtime ticks in milliseconds; a thread of its own sleeps to some 60 microseconds.
    let clock = std::thread::spawn(move || {
        let gap = Duration::from_secs_f64(1.0 / rate);
        let mut at = begun;
        while at < begun + measured {
            if let Some(wait) = at.checked_duration_since(Instant::now()) {
                std::thread::sleep(wait);
            }
            if due.send(at).is_err() {
                return;
            }
            at += gap;
        }
    });
    let mut running = Vec::new();
    for mut caller in callers.drain(..) {
        let (tally, arrivals) = (tally.clone(), arrivals.clone());
        running.push(local.spawn_local(async move {
            loop {
                let next = arrivals.lock().await.recv().await;
                let Some(due) = next else { return caller };
                let outcome = caller.once().await;
                tally.count(outcome, due.elapsed());
            }
        }));
    }
    local.run_until(async { collect(running, callers).await }).await?;
    let took = begun.elapsed();
    clock.join().map_err(|_| anyhow::anyhow!("the clock stopped"))?;
    Ok(tally.seen(took))
}

async fn collect<C: Caller>(running: Vec<JoinHandle<C>>, callers: &mut Vec<C>) -> anyhow::Result<()> {
    for caller in running {
        callers.push(caller.await?);
    }
    Ok(())
}
