//! The registry of clients: looked up at every request, so kept in memory for at most a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::storage::{Error, Store};

const STALENESS: Duration = Duration::from_secs(1);
const MOST_CACHED: usize = 20_000;

pub struct Clients {
    store: Store,
    cached: Mutex<HashMap<ClientId, (Instant, Arc<Client>)>>,
}

impl Clients {
    pub fn new(store: Store) -> Self {
        Self { store, cached: Mutex::new(HashMap::new()) }
    }

    /// A client that may be used. `None` for unknown and for disabled ones.
    pub async fn find(&self, id: &str) -> Result<Option<Arc<Client>>, Error> {
        let Ok(id) = id.parse::<ClientId>() else { return Ok(None) };
        if let Some(client) = self.remembered(&id) {
            return Ok((!client.disabled).then_some(client));
        }
        let Some(client) = self.store.client(&id).await? else { return Ok(None) };
        let client = Arc::new(client);
        self.remember(id, client.clone());
        Ok((!client.disabled).then_some(client))
    }

    /// Forgets what was remembered: a client has been changed here.
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn remembered(&self, id: &ClientId) -> Option<Arc<Client>> {
        let cached = self.lock();
        let (at, client) = cached.get(id)?;
        (at.elapsed() < STALENESS).then(|| client.clone())
    }

    fn remember(&self, id: ClientId, client: Arc<Client>) {
        let mut cached = self.lock();
        if cached.len() >= MOST_CACHED {
            cached.clear();
        }
        cached.insert(id, (Instant::now(), client));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ClientId, (Instant, Arc<Client>)>> {
        self.cached.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
