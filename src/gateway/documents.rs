//! Documents that clients publish (their keys, lists of redirect URIs): fetched when they are needed, and kept for a while.
//!
//! Whoever registers a client chooses the URL, and whoever names the client causes the request. So one document is fetched by one caller
//! at a time, not again within [`FLOOR`] whatever came of it, and one host is asked little at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use url::Url;

use super::fetch::{FetchError, Fetcher};
use super::targets::Targets;
use crate::config::OutgoingSection;
use crate::domain::time::{Seconds, Timestamp};

/// Between two requests for one document. Below the minute after which a rotated key has to be found.
pub const FLOOR: Seconds = Seconds(30);
/// What the other side says of freshness is kept within these: neither asked at every use, nor a withdrawn key believed for days.
const SHORTEST: Seconds = Seconds::minutes(1);
const LONGEST: Seconds = Seconds::hours(1);
const UNSAID: Seconds = Seconds::minutes(10);
/// A host that is down does not lock its app out: what it said last counts this long.
const WHILE_DOWN: Seconds = Seconds::hours(12);
const AT_ONE_HOST: usize = 2;
const LARGEST: usize = 64 << 10;
const MOST: usize = 1_000;

/// Cheap to clone; clones share what is kept.
#[derive(Clone)]
pub struct Documents(Arc<Inner>);

struct Inner {
    fetcher: Fetcher,
    /// How long to wait for a turn at a host.
    patience: Duration,
    places: Mutex<HashMap<String, Arc<Place>>>,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// One URL.
#[derive(Default)]
struct Place {
    /// Held while it is fetched.
    state: tokio::sync::Mutex<State>,
    /// When it was asked for last.
    used: AtomicI64,
}

#[derive(Default)]
struct State {
    tried: Option<(Timestamp, Result<(), NoDocument>)>,
    kept: Option<Kept>,
}

struct Kept {
    body: Arc<[u8]>,
    fetched: Timestamp,
    fresh_until: Timestamp,
}

/// Why there is no document. The text may be shown to whoever registers a client: it tells no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDocument {
    #[error("could not be fetched")]
    Unreachable,
    /// The host answers that there is none.
    #[error("could not be fetched")]
    Gone,
    #[error("is larger than 64 KiB")]
    TooLong,
}

impl Documents {
    pub fn new(section: &OutgoingSection, fetcher: Fetcher) -> Self {
        let patience = section.timeout.as_duration();
        Self(Arc::new(Inner { fetcher, patience, places: Mutex::default(), hosts: Mutex::default() }))
    }

    /// The rule for URLs, to be asked when one is registered.
    pub fn targets(&self) -> &Targets {
        self.0.fetcher.targets()
    }

    /// The document, as it was at most an hour ago; of a host that is down, what it said last.
    pub async fn get(&self, url: &str, now: Timestamp) -> Result<Arc<[u8]>, NoDocument> {
        let place = self.place(url, now);
        let mut state = place.state.lock().await;
        match &state.kept {
            Some(kept) if now < kept.fresh_until => Ok(kept.body.clone()),
            _ => self.refreshed(url, &mut state, now).await,
        }
    }

    /// The document as it is now, unless it was asked for within [`FLOOR`]: then what came of that.
    pub async fn get_anew(&self, url: &str, now: Timestamp) -> Result<Arc<[u8]>, NoDocument> {
        let place = self.place(url, now);
        let mut state = place.state.lock().await;
        self.refreshed(url, &mut state, now).await
    }

    /// Something that is wanted this once: fetched by the same rules, kept nowhere.
    pub async fn get_once(&self, url: &str, largest: usize) -> Result<Vec<u8>, NoDocument> {
        let answer = self.fetch(url).await?;
        if answer.0.len() > largest { Err(NoDocument::TooLong) } else { Ok(answer.0) }
    }

    async fn refreshed(&self, url: &str, state: &mut State, now: Timestamp) -> Result<Arc<[u8]>, NoDocument> {
        if let Some((at, outcome)) = state.tried
            && now < at.plus(FLOOR)
        {
            return state.last_known(outcome, now);
        }
        // Noted before it is tried: a caller that hangs up meanwhile has tried, too.
        state.tried = Some((now, Err(NoDocument::Unreachable)));
        let outcome = match self.fetch(url).await {
            Ok((body, _)) if body.len() > LARGEST => Err(NoDocument::TooLong),
            Ok((body, fresh_for)) => {
                let fresh_for = fresh_for.unwrap_or(UNSAID).clamp(SHORTEST, LONGEST);
                state.kept = Some(Kept { body: body.into(), fetched: now, fresh_until: now.plus(fresh_for) });
                Ok(())
            }
            Err(why) => Err(why),
        };
        if outcome.is_err_and(|why| why != NoDocument::Unreachable) {
            state.kept = None;
        }
        state.tried = Some((now, outcome));
        state.last_known(outcome, now)
    }

    /// The body of a successful answer, and how long it may be kept.
    async fn fetch(&self, url: &str) -> Result<(Vec<u8>, Option<Seconds>), NoDocument> {
        let host = self.host(url);
        let turn = tokio::time::timeout(self.0.patience, host.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(NoDocument::Unreachable) };
        match self.0.fetcher.get(url).await {
            Ok(answer) if answer.status == 200 => Ok((answer.body, answer.fresh_for)),
            Ok(answer) if matches!(answer.status, 401 | 403 | 404 | 410) => Err(NoDocument::Gone),
            Ok(_) => Err(NoDocument::Unreachable),
            Err(FetchError::TooLong) => Err(NoDocument::TooLong),
            Err(error) => {
                tracing::debug!(%error, "a client's document");
                Err(NoDocument::Unreachable)
            }
        }
    }

    fn place(&self, url: &str, now: Timestamp) -> Arc<Place> {
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST && !places.contains_key(url) {
            forget_the_oldest(&mut places);
        }
        let place = places.entry(url.to_owned()).or_default().clone();
        place.used.store(now.unix(), Ordering::Relaxed);
        place
    }

    fn host(&self, url: &str) -> Arc<Semaphore> {
        let authority = Url::parse(url).map(|url| url.authority().to_owned()).unwrap_or_default();
        let mut hosts = self.0.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MOST {
            hosts.retain(|_, turns| turns.available_permits() < AT_ONE_HOST);
        }
        hosts.entry(authority).or_insert_with(|| Arc::new(Semaphore::new(AT_ONE_HOST))).clone()
    }
}

impl State {
    fn last_known(&self, outcome: Result<(), NoDocument>, now: Timestamp) -> Result<Arc<[u8]>, NoDocument> {
        match (&self.kept, outcome) {
            (Some(kept), Ok(())) => Ok(kept.body.clone()),
            (Some(kept), Err(_)) if now < kept.fetched.plus(WHILE_DOWN) => Ok(kept.body.clone()),
            (_, Err(why)) => Err(why),
            (None, Ok(())) => Err(NoDocument::Unreachable),
        }
    }
}

/// A quarter of them, those that nobody asked for the longest.
fn forget_the_oldest(places: &mut HashMap<String, Arc<Place>>) {
    let mut used: Vec<_> = places.values().map(|place| place.used.load(Ordering::Relaxed)).collect();
    used.sort_unstable();
    let Some(&until) = used.get(used.len() / 4) else { return };
    places.retain(|_, place| place.used.load(Ordering::Relaxed) > until);
}
