//! Who is behind an id: the operator's own people are shown by their address.

use std::collections::BTreeMap;

use crate::domain::ids::UserId;
use crate::flow::Karat;
use crate::storage;

/// Looked up once a page.
#[derive(Default)]
pub struct Names(BTreeMap<String, Option<String>>);

impl Names {
    /// The address of an account; `None`: it is gone.
    pub async fn of(&mut self, karat: &Karat, id: UserId) -> Result<Option<String>, storage::Error> {
        let key = id.to_string();
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let found = karat.store.user(id).await?.map(|user| user.email.to_string());
        self.0.insert(key, found.clone());
        Ok(found)
    }

    /// Of an actor as the audit log names it: an address for a person, else as it stands there.
    pub async fn actor(&mut self, karat: &Karat, actor: &str) -> Result<String, storage::Error> {
        let Some(id) = actor.strip_prefix("person:").and_then(|id| id.parse().ok()) else {
            return Ok(actor.to_owned());
        };
        Ok(self.of(karat, id).await?.unwrap_or_else(|| actor.to_owned()))
    }
}
