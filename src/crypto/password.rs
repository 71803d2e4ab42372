//! Argon2id (RFC 9106) in a bounded pool: a few hashes at once, a few more waiting, the rest told to come back.
//!
//! Each worker fills one block of memory that is kept for the next hash, so a rush of log-ins costs no more memory than a few.
//!
//! ```text
//! stored     what the store holds of a password: Argon2, a foreign hash, or none
//! foreign    hashes that other products made, verified by their own algorithm until the first log-in
//! notation   how other products write them down
//! ```

mod foreign;
mod notation;
mod stored;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{Semaphore, oneshot};
use tracing::Instrument;
use zeroize::Zeroizing;

pub use foreign::ForeignHashError;
pub use notation::ImportedHash;
pub use stored::{NO_PASSWORD, decoy_of};
use stored::{Recipe, Stored};

use super::random::random_bytes;
use super::token::Secret;
use crate::TRACES;
use crate::domain::time::Seconds;

/// Longer passwords are refused before they are hashed. Registration refuses much shorter ones, with a reason; this is the fence.
const MAX_PASSWORD_BYTES: usize = 4096;
const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;
/// Of a thread that hashes, as `nice` counts it: about a tenth of the time while others want the same core.
const LESS_URGENT: i32 = 10;

/// How hard a hash is, and how many are worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordParameters {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes. They are computed one after the other; more than one only serves to match hashes made elsewhere.
    pub parallelism: u32,
    /// Hashes computed at once: at most the number of cores.
    pub workers: usize,
    /// Hashes that may wait for a worker.
    pub queue: usize,
}

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub matches: bool,
    /// The password matches a hash made with other parameters: hash it again and store that. Never true without `matches`.
    pub needs_rehash: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Workers and queue are full.
    #[error("too many passwords are being hashed; retry after {} s", retry_after.0)]
    Busy { retry_after: Seconds },
    #[error("the password is longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// The stored text is no hash that is known here, or one that asks for more than this server would ever spend.
    #[error("the stored password hash is not usable: {0}")]
    Stored(&'static str),
    #[error("the password parameters are not usable: {0}")]
    Parameters(argon2::Error),
    /// The process is stopping.
    #[error("the hashing pool is closed")]
    Closed,
}

/// The pool. Cloning it shares it.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    params: Params,
    workers: usize,
    places: usize,
    /// Places for those being worked on and those waiting.
    admission: Arc<Semaphore>,
    /// Places for those being worked on.
    working: Arc<Semaphore>,
    /// Memory of past hashes, at most one a worker, each of exactly the configured size.
    memory: Mutex<Vec<Vec<Block>>>,
    /// How long the latest hash took: what `retry_after` is estimated from.
    latest_millis: AtomicU64,
}

impl PasswordHasher {
    pub fn new(parameters: PasswordParameters) -> Result<Self, PasswordError> {
        let PasswordParameters { memory_kib, iterations, parallelism, .. } = parameters;
        let params =
            Params::new(memory_kib, iterations, parallelism, Some(OUTPUT_BYTES)).map_err(PasswordError::Parameters)?;
        let workers = parameters.workers.clamp(1, 1024);
        let places = workers.saturating_add(parameters.queue).min(Semaphore::MAX_PERMITS);
        let pool = Pool {
            params,
            workers,
            places,
            admission: Arc::new(Semaphore::new(places)),
            working: Arc::new(Semaphore::new(workers)),
            memory: Mutex::new(Vec::new()),
            latest_millis: AtomicU64::new(0),
        };
        Ok(Self { pool: Arc::new(pool) })
    }

    /// Hashes under a fresh salt; gives a PHC string (`$argon2id$v=19$m=...,t=...,p=...$salt$hash`).
    pub async fn hash(&self, password: &Secret) -> Result<String, PasswordError> {
        let password = admissible(password)?;
        self.in_pool(move |pool| {
            let salt = random_bytes::<SALT_BYTES>();
            let recipe = Recipe::own(&pool.params);
            let output = pool.compute(&recipe, &password, &salt, OUTPUT_BYTES)?;
            phc_string(&recipe.params, &salt, &output)
        })
        .await
    }

    /// Compares with what is stored of a password: what [`Self::hash`] gave, an [`ImportedHash`], or [`NO_PASSWORD`]. `None`
    /// takes as long as a hash with the configured parameters, and never matches.
    pub async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<Verdict, PasswordError> {
        let stored = match stored {
            Some(stored) => Stored::parse(stored)?,
            None => Stored::nobody(),
        };
        self.compare(password, stored).await
    }

    /// For an address that nobody has: takes as long as comparing with `like` would, and never matches.
    pub async fn verify_nobody(&self, password: &Secret, like: Option<&str>) -> Result<Verdict, PasswordError> {
        let like = like.and_then(|stored| Stored::parse(stored).ok());
        self.compare(password, like.map_or_else(Stored::nobody, Stored::of_nobody)).await
    }

    async fn compare(&self, password: &Secret, stored: Stored) -> Result<Verdict, PasswordError> {
        let password = admissible(password)?;
        self.in_pool(move |pool| {
            let matches = stored.matches(pool, &password)?;
            Ok(Verdict { matches, needs_rehash: matches && !stored.is_made_with(&pool.params) })
        })
        .await
    }

    /// How many are being hashed or wait for it, and how many may.
    pub fn load(&self) -> (usize, usize) {
        let places = self.pool.places;
        (places.saturating_sub(self.pool.admission.available_permits()), places)
    }

    /// Other work on a password that takes a processor for a while: it waits its turn with the hashes.
    pub async fn estimate<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        self.in_pool(move |_| Ok(work())).await
    }

    /// Runs `work` on a thread of its own once there is a place. The places are given back when the work is done, even when the
    /// caller has gone away meanwhile: work that started is work that counts.
    async fn in_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Pool) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let Ok(admitted) = Arc::clone(&self.pool.admission).try_acquire_owned() else {
            return Err(PasswordError::Busy { retry_after: self.pool.retry_after() });
        };
        let waiting = tracing::debug_span!(target: TRACES, "password pool");
        let working = Arc::clone(&self.pool.working).acquire_owned();
        let Ok(place) = working.instrument(waiting).await else { return Err(PasswordError::Closed) };
        let pool = Arc::clone(&self.pool);
        let hashing = tracing::debug_span!(target: TRACES, "password hash");
        let (tell, done) = oneshot::channel();
        // To start a thread takes a thousandth of what a hash does.
        let started = thread::Builder::new().name("password".into()).spawn(move || {
            // Who waits for a token goes before who waits for a hash. Elsewhere it would slow the whole process down.
            if cfg!(target_os = "linux") {
                let _ = rustix::process::nice(LESS_URGENT);
            }
            let started = Instant::now();
            let result = work(&pool);
            pool.remember_duration(started.elapsed());
            drop((place, admitted));
            let _ = tell.send(result);
        });
        match started {
            Ok(_) => done.instrument(hashing).await.unwrap_or(Err(PasswordError::Closed)),
            Err(_) => Err(PasswordError::Busy { retry_after: self.pool.retry_after() }),
        }
    }
}

impl Pool {
    fn compute(&self, recipe: &Recipe, password: &[u8], salt: &[u8], length: usize) -> Result<Vec<u8>, PasswordError> {
        let mut memory = self.borrow_memory(recipe.params.block_count());
        let mut output = vec![0; length];
        let computed = Argon2::new(recipe.algorithm, recipe.version, recipe.params.clone())
            .hash_password_into_with_memory(password, salt, &mut output, &mut memory);
        self.return_memory(memory);
        computed.map_err(|_| PasswordError::Stored("its salt or output has a length that Argon2 does not know"))?;
        Ok(output)
    }

    fn borrow_memory(&self, blocks: usize) -> Vec<Block> {
        if blocks == self.params.block_count()
            && let Some(memory) = self.memory.lock().unwrap_or_else(PoisonError::into_inner).pop()
        {
            return memory;
        }
        vec![Block::new(); blocks]
    }

    fn return_memory(&self, memory: Vec<Block>) {
        let mut kept = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.len() == self.params.block_count() && kept.len() < self.workers {
            kept.push(memory);
        }
    }

    fn remember_duration(&self, duration: Duration) {
        self.latest_millis.store(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How long a full pool takes to empty at the pace of the latest hash, from 1 to 30 s.
    fn retry_after(&self) -> Seconds {
        let rounds = u64::try_from(self.places.div_ceil(self.workers)).unwrap_or(u64::MAX);
        let millis = rounds.saturating_mul(self.latest_millis.load(Ordering::Relaxed));
        Seconds(i64::try_from(millis.div_ceil(1000)).unwrap_or(30).clamp(1, 30))
    }
}

fn admissible(password: &Secret) -> Result<Zeroizing<Vec<u8>>, PasswordError> {
    let bytes = password.expose().as_bytes();
    if bytes.len() > MAX_PASSWORD_BYTES {
        return Err(PasswordError::TooLong);
    }
    Ok(Zeroizing::new(bytes.to_vec()))
}

fn phc_string(params: &Params, salt: &[u8], output: &[u8]) -> Result<String, PasswordError> {
    let unprintable = |_| PasswordError::Stored("parameters that cannot be written down");
    let salt = Salt::new(salt).map_err(|_| unprintable(()))?;
    let output = Output::new(output).map_err(|_| unprintable(()))?;
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(|_| unprintable(()))?,
        salt: Some(salt),
        hash: Some(output),
    };
    Ok(phc.to_string())
}

#[cfg(test)]
mod tests;
