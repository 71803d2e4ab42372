//! What is written down of registrations that nobody of the operator's made: as of every change of a client, before and after, and told on
//! by webhooks.

use serde_json::json;

use super::Sender;
use crate::domain::admin::Act;
use crate::domain::client::Client;
use crate::flow::admin::audit::Target;
use crate::flow::admin::difference;
use crate::flow::karat::Karat;
use crate::storage::events::{Event, EventKind};
use crate::storage::{self, Change};

/// Who did it.
pub(super) struct Noted {
    /// `None`: the app itself.
    actor: Option<&'static str>,
    address: Option<String>,
}

impl Noted {
    pub fn by_itself(sender: &Sender<'_>) -> Self {
        Self { actor: None, address: Some(sender.address.to_string()) }
    }

    /// Its time was up.
    pub fn by_time() -> Self {
        Self { actor: Some("clock"), address: None }
    }
}

impl Karat {
    pub(super) async fn note_client(
        &self,
        change: &mut Change,
        by: Noted,
        (before, after): (Option<&Client>, Option<&Client>),
    ) -> Result<(), storage::Error> {
        let Some(client) = after.or(before) else { return Ok(()) };
        let (act, what) = match (before, after) {
            (None, _) => (Act::AddClient, "added"),
            (Some(_), Some(_)) => (Act::ChangeClient, "changed"),
            (Some(_), None) => (Act::RemoveClient, "removed"),
        };
        let actor = by.actor.map_or_else(|| format!("client:{}", client.id), str::to_owned);
        let told = difference::between(before, after);
        let mut entry = self.house_entry(&actor, act.as_str(), Target::client(&client.id), told);
        entry.address.clone_from(&by.address);
        change.audit(entry);
        let event = Event {
            address: by.address,
            ..self.event_of_the_house(EventKind::ClientChanged).at_client(&client.id).with(json!({ "change": what }))
        };
        change.record(&event).await
    }
}
