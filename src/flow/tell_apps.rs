//! Telling apps at once that what a person may do has changed: by security event tokens (RFC 8417, pushed by RFC 8935), or, to who only takes
//! logout tokens and loses something, by one of those, so that it comes back and gets what is left.
//!
//! Nothing depends on it: at the next refresh, introspection and userinfo the decision is made anew anyway.

use serde_json::json;

use super::Failure;
use super::karat::Karat;
use crate::crypto::token::OpaqueToken;
use crate::domain::client::Client;
use crate::domain::ids::UserId;
use crate::domain::kyc::Tier;
use crate::domain::policy::Demand;
use crate::domain::scope::Scope;
use crate::storage::Change;
use crate::storage::outbox::{Outgoing, SecurityEvent, SecurityEventKind};

/// What has changed about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RightsChange {
    Level { from: Tier, to: Tier },
    HoldBegan,
}

impl RightsChange {
    /// Whether what met this demand before does not any more.
    fn takes_away(self, demand: &Demand) -> bool {
        match self {
            Self::Level { from, to } => demand.tier <= from && demand.tier > to,
            Self::HoldBegan => demand.waits_for_holds,
        }
    }
}

impl Karat {
    /// To the apps that hold something of the person's.
    pub(super) async fn tell_apps(&self, change: &mut Change, user: UserId, what: RightsChange) -> Result<(), Failure> {
        let held = change.scopes_held(user, self.now()).await?;
        if held.is_empty() {
            return Ok(());
        }
        let clients = change.clients_holding(user).await?;
        let mut told = Vec::new();
        for (session, client_id, scope) in held {
            let Some(client) = clients.get(&client_id) else { continue };
            if client.events_uri.is_some() {
                if !told.contains(&client_id) {
                    self.put_security_event(change, client, user, SecurityEventKind::ClaimsChanged).await?;
                    told.push(client_id);
                }
            } else if self.loses(&scope, what) {
                self.tell_of_logout(change, client, (user, session)).await?;
            }
        }
        Ok(())
    }

    fn loses(&self, scope: &Scope, what: RightsChange) -> bool {
        scope.iter().filter_map(|value| self.settings.policy.scopes.get(value)).any(|demand| what.takes_away(demand))
    }

    /// Does nothing for an app that did not register where to be told.
    pub(super) async fn put_security_event(
        &self,
        change: &mut Change,
        client: &Client,
        user_id: UserId,
        kind: SecurityEventKind,
    ) -> Result<(), Failure> {
        if client.events_uri.is_some() {
            let event = SecurityEvent { client_id: client.id.clone(), user_id, kind };
            change.send(&self.new_id().to_string(), &Outgoing::SecurityEvent(event), self.now()).await?;
        }
        Ok(())
    }

    /// The security event token for one app (RFC 8417), and where it goes. It says how things stand when it is sent. `None` when the app
    /// does not want any, or the account has gone.
    pub async fn security_event_token(&self, event: &SecurityEvent) -> Result<Option<(String, String)>, Failure> {
        let Some(client) = self.clients.find(event.client_id.as_str()).await? else { return Ok(None) };
        let Some(uri) = client.events_uri.clone() else { return Ok(None) };
        let now = self.now();
        let (name, said) = match event.kind {
            SecurityEventKind::ClaimsChanged => {
                let Some(user) = self.store.user(event.user_id).await? else { return Ok(None) };
                // Null stands for a claim that is not there any more.
                let claims = json!({ "kyc_level": self.kyc_tier(&user).level(), "hold_until": self.hold_until(&user) });
                ("token-claims-change", json!({ "event_timestamp": now.unix(), "claims": claims }))
            }
            SecurityEventKind::SessionRevoked => ("session-revoked", json!({ "event_timestamp": now.unix() })),
        };
        let claims = json!({
            "iss": self.issuer(),
            "aud": client.id,
            "iat": now.unix(),
            "jti": OpaqueToken::mint().expose(),
            "sub_id": { "format": "iss_sub", "iss": self.issuer(), "sub": self.subject(&client, event.user_id) },
            "events": { format!("https://schemas.openid.net/secevent/caep/event-type/{name}"): said },
        });
        let token = self.keys.ring().sign(client.id_token_alg, "secevent+jwt", &claims)?;
        Ok(Some((uri, token)))
    }
}
