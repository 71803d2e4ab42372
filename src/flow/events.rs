//! Writing down what happened to an account.

use serde_json::Value;

use super::karat::Karat;
use crate::domain::ids::{ClientId, UserId};
use crate::storage::events::{Event, EventKind};

impl Karat {
    /// An event of now, to be recorded with the change that it tells of.
    pub fn event(&self, kind: EventKind, user_id: UserId) -> Event {
        Event {
            id: self.new_id().to_string(),
            at: self.now(),
            kind,
            user_id: Some(user_id),
            client_id: None,
            address: None,
            detail: Value::Object(serde_json::Map::new()),
        }
    }

    /// An event that is nobody's in particular.
    pub fn event_of_the_house(&self, kind: EventKind) -> Event {
        Event {
            id: self.new_id().to_string(),
            at: self.now(),
            kind,
            user_id: None,
            client_id: None,
            address: None,
            detail: Value::Object(serde_json::Map::new()),
        }
    }
}

impl Event {
    pub fn from_address(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    pub fn at_client(mut self, client: &ClientId) -> Self {
        self.client_id = Some(client.clone());
        self
    }

    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}
