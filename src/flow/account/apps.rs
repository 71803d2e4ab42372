//! The apps that have access, and taking it away.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Owner;
use crate::domain::client::Client;
use crate::domain::grant::RevocationReason;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::scope::Scope;
use crate::domain::time::Timestamp;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::grants::Reach;

/// An app with access: by a consent, or, where the operator's own apps need none, by the tokens it holds.
#[derive(Clone, Debug)]
pub struct App {
    pub client: Arc<Client>,
    pub scope: Scope,
    pub since: Timestamp,
    /// When it was last given access; `None` when it holds nothing at present.
    pub last_used_at: Option<Timestamp>,
}

/// Scope and times of an app, before its client is known.
struct Access {
    scope: Scope,
    since: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl Karat {
    /// By name.
    pub async fn apps_of(&self, user: UserId) -> Result<Vec<App>, Failure> {
        let mut accesses: BTreeMap<ClientId, Access> = BTreeMap::new();
        for consent in self.store.consents_of(user).await? {
            let access = Access { scope: consent.scope, since: consent.given_at, last_used_at: None };
            accesses.insert(consent.client_id, access);
        }
        for held in self.store.holdings(user, self.now()).await? {
            let nothing = Access { scope: Scope::default(), since: held.first, last_used_at: None };
            let access = accesses.entry(held.client_id).or_insert(nothing);
            access.scope = access.scope.union(&held.scope);
            access.since = access.since.min(held.first);
            access.last_used_at = access.last_used_at.max(Some(held.last));
        }
        let mut apps = Vec::with_capacity(accesses.len());
        for (id, Access { scope, since, last_used_at }) in accesses {
            if let Some(client) = self.clients.find(id.as_str()).await? {
                apps.push(App { client, scope, since, last_used_at });
            }
        }
        apps.sort_by(|a, b| a.client.name.cmp(&b.client.name));
        Ok(apps)
    }

    /// The consent is forgotten, every token of the app for this person is dead, and the app is told to log them out.
    pub async fn withdraw_app(&self, owner: Owner<'_>, id: &str) -> Result<(), Failure> {
        let Ok(client_id) = id.parse::<ClientId>() else { return Ok(()) };
        let client = self.clients.find(id).await?;
        let mut change = self.store.begin().await?;
        self.withdraw_app_within(&mut change, owner.signed_in.user.id, (&client_id, client.as_deref())).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// The caller commits and rings the outbox bell.
    pub(in crate::flow) async fn withdraw_app_within(
        &self,
        change: &mut Change,
        user: UserId,
        (client_id, client): (&ClientId, Option<&Client>),
    ) -> Result<(), Failure> {
        let now = self.now();
        change.withdraw_consent(user, client_id).await?;
        let sessions = change.sessions_with(user, client_id).await?;
        let reach = Reach::Client(client_id.clone());
        change.revoke_grants(user, &reach, RevocationReason::ConsentWithdrawn, now).await?;
        if let Some(client) = client {
            for session in sessions {
                self.tell_of_logout(change, client, (user, session)).await?;
            }
        }
        change.record(&self.event(EventKind::ConsentWithdrawn, user).at_client(client_id)).await?;
        Ok(())
    }
}
