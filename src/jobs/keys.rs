//! Takes over signing keys that other nodes or the command line have made, and replaces those that are old.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::Stop;
use super::turns::Turns;
use crate::config::Config;
use crate::domain::admin::Act;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::Karat;
use crate::flow::admin::audit::Target;
use crate::storage::Change;
use crate::storage::events::{Event, EventKind};

/// How stale a node's keys may be.
const LOOK: Duration = Duration::from_secs(1);
const ROTATION_CHECK: Seconds = Seconds::minutes(1);

/// Age at which a key is replaced; `None` when only an operator does.
#[derive(Clone, Copy, Debug)]
pub struct Rotation(Option<Seconds>);

impl Rotation {
    pub fn of(config: &Config) -> Self {
        Self(config.keys.automatic_rotation.then_some(config.keys.rotation_interval))
    }
}

pub async fn run(karat: Arc<Karat>, rotation: Rotation, mut stop: Stop) {
    let mut known = String::new();
    let mut checked = Timestamp::from_unix(0);
    let mut troubled = false;
    let turns = Turns::of(&karat, "keys", ROTATION_CHECK);
    while stop.pause(LOOK).await {
        let now = karat.now();
        let looked = look(&karat, &mut known).await;
        if let Err(failure) = &looked
            && !troubled
        {
            tracing::warn!(%failure, "the signing keys could not be looked up; those known so far are used");
        }
        troubled = looked.is_err();
        if now.since(checked) >= ROTATION_CHECK {
            checked = now;
            if turns.begin().await {
                rotate(&karat, rotation, now).await;
                turns.end().await;
            }
        }
    }
}

async fn look(karat: &Karat, known: &mut String) -> Result<(), crate::flow::Failure> {
    let state = karat.store.signing_keys_state().await?;
    if *known != state || karat.keys.is_due(karat.now()) {
        karat.keys.reload(karat.now()).await?;
        *known = state;
    }
    Ok(())
}

async fn rotate(karat: &Karat, rotation: Rotation, now: Timestamp) {
    let Some(age) = rotation.0 else { return };
    let note = |change: &mut Change, kid: &str| {
        let told = json!({ "made": kid, "because": "age" });
        change.audit(karat.house_entry("clock", Act::RotateKeys.as_str(), Target("key", kid.to_owned()), told));
    };
    match karat.keys.rotate_older_than(age, now, note).await {
        Ok(made) => {
            for kid in made {
                tracing::info!(kid, "a signing key was replaced by age");
                let event = Event {
                    id: karat.new_id().to_string(),
                    at: now,
                    kind: EventKind::KeysRotated,
                    user_id: None,
                    client_id: None,
                    address: None,
                    detail: json!({ "made": kid, "because": "age" }),
                };
                if let Err(error) = karat.store.record(&event).await {
                    tracing::warn!(%error, "the replacement of a key could not be noted");
                }
            }
        }
        Err(failure) => tracing::warn!(%failure, "the rotation of signing keys is put off"),
    }
}
