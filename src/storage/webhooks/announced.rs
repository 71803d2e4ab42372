//! What a change records becomes a message for everybody who wants to hear of it, within the same change: either both are there after
//! the commit, or neither.
//!
//! Messages hold ids and facts. What goes in is picked by name here, never taken over whole, so that nothing that is added to a
//! record for the own house leaves it by accident.

use serde_json::{Map, Value, json};

use super::super::Error;
use super::super::events::{Event, EventKind};
use super::super::outbox::{Outgoing, WebhookCall};
use super::super::store::Change;
use crate::crypto::random::new_uuid;
use crate::domain::time::Timestamp;
use crate::domain::webhook::WebhookEvent;

/// What `event` is called outside, and what is told of it. `None`: it stays in the house.
pub(in crate::storage) fn told(event: &Event) -> Option<(WebhookEvent, Value)> {
    let (kind, picked): (_, &[&str]) = match event.kind {
        EventKind::Registered => (WebhookEvent::UserRegistered, &["by", "external_id"]),
        EventKind::Deleted => (WebhookEvent::UserDeleted, &[]),
        EventKind::Locked => (WebhookEvent::UserLocked, &[]),
        EventKind::Unlocked => (WebhookEvent::UserUnlocked, &[]),
        EventKind::Frozen => (WebhookEvent::UserFrozen, &[]),
        EventKind::Unfrozen => (WebhookEvent::UserUnfrozen, &[]),
        EventKind::EmailChanged => (WebhookEvent::UserEmailChanged, &[]),
        EventKind::PasswordChanged | EventKind::PasswordReset => (WebhookEvent::UserPasswordChanged, &[]),
        EventKind::AuthenticatorAdded => (WebhookEvent::UserAuthenticatorAdded, &["kind"]),
        EventKind::AuthenticatorRemoved => (WebhookEvent::UserAuthenticatorRemoved, &["kind"]),
        EventKind::Recovered => (WebhookEvent::UserRecovered, &[]),
        EventKind::SteppedUp => (WebhookEvent::SessionSteppedUp, &["session_id", "acr", "amr"]),
        // What the person may be told, and no more: a suspicion is nobody's business outside.
        EventKind::KycChanged => (WebhookEvent::KycChanged, &["level", "previous_level", "state_told", "reason_told"]),
        EventKind::ConsentGiven => (WebhookEvent::ConsentGiven, &["scope"]),
        EventKind::ConsentWithdrawn => (WebhookEvent::ConsentWithdrawn, &[]),
        EventKind::ClientChanged => (client_event(&event.detail), &[]),
        _ => return None,
    };
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            data.insert(name.trim_end_matches("_told").to_owned(), value);
        }
    };
    put("user_id", json!(event.user_id.map(|id| id.to_string())));
    put("client_id", json!(event.client_id.as_ref().map(|id| id.to_string())));
    for name in picked {
        put(name, event.detail.get(name).cloned().unwrap_or_default());
    }
    Some((kind, Value::Object(data)))
}

fn client_event(detail: &Value) -> WebhookEvent {
    match detail["change"].as_str() {
        Some("added") => WebhookEvent::ClientAdded,
        Some("removed") => WebhookEvent::ClientRemoved,
        Some("secret rotated") => WebhookEvent::ClientSecretRotated,
        _ => WebhookEvent::ClientChanged,
    }
}

impl Change {
    /// To everybody who wants to hear of it.
    pub(in crate::storage) async fn announce(
        &mut self,
        kind: WebhookEvent,
        at: Timestamp,
        data: Value,
    ) -> Result<(), Error> {
        let subscriptions = self.subscriptions.clone();
        for subscription in subscriptions.iter().filter(|subscription| subscription.wanted.contains(kind)) {
            self.put_webhook(&subscription.endpoint, kind, at, &data).await?;
        }
        Ok(())
    }

    /// To one endpoint. Answers the message's id, which is the same at every attempt.
    pub async fn put_webhook(
        &mut self,
        endpoint: &str,
        kind: WebhookEvent,
        at: Timestamp,
        data: &Value,
    ) -> Result<String, Error> {
        let id = fresh_id("msg_", at);
        let body = json!({ "type": kind.as_str(), "timestamp": rfc3339(at), "data": data }).to_string();
        self.sql(
            "INSERT INTO webhook_deliveries (id, endpoint_id, event, body, state, attempts, created_at) \
             VALUES ($1, $2, $3, $4, 'waiting', '[]', $5)",
        )
        .bind(&id)
        .bind(endpoint)
        .bind(kind.as_str())
        .bind(body)
        .bind(at)
        .run()
        .await?;
        self.call_webhook(endpoint, &id, at).await?;
        Ok(id)
    }

    /// Sends a message that is there, for the first time or again.
    pub async fn call_webhook(&mut self, endpoint: &str, delivery: &str, now: Timestamp) -> Result<(), Error> {
        let call = WebhookCall { endpoint: endpoint.to_owned(), delivery: delivery.to_owned() };
        self.send(&fresh_id("", now), &Outgoing::Webhook(call), now).await
    }
}

fn fresh_id(prefix: &str, at: Timestamp) -> String {
    format!("{prefix}{}", new_uuid(at.unix().saturating_mul(1000)))
}

fn rfc3339(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp(at.unix(), 0)
        .map_or_else(|| at.unix().to_string(), |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, detail: Value) -> Event {
        Event {
            id: "e".to_owned(),
            at: Timestamp::from_unix(1_768_471_200),
            kind,
            user_id: Some("0190163d-8694-739b-aea5-000000000001".parse().unwrap()),
            client_id: None,
            address: Some("203.0.113.7".to_owned()),
            detail,
        }
    }

    #[test]
    fn only_what_is_named_is_told() {
        let everything = json!({
            "because": "fraud", "agent": "Firefox", "name": "Ada's phone", "finding": "suspended", "state": "suspended",
            "reason": "sanctions_review", "state_told": "rejected_final", "reason_told": "other", "level": 0,
            "previous_level": 2, "by": "reviewer:7", "evidence": { "note": "x" }, "kind": "totp", "acr": "mfa",
            "amr": ["pwd", "otp"], "session_id": "s", "external_id": "auth0|7", "scope": "openid", "change": "added",
        });
        let named = |kind| told(&event(kind, everything.clone())).map(|(_, data)| data);
        let user = "0190163d-8694-739b-aea5-000000000001";
        assert_eq!(named(EventKind::Locked).unwrap(), json!({ "user_id": user }));
        assert_eq!(
            named(EventKind::KycChanged).unwrap(),
            json!({ "user_id": user, "level": 0, "previous_level": 2, "state": "rejected_final", "reason": "other" })
        );
        assert_eq!(named(EventKind::AuthenticatorAdded).unwrap(), json!({ "user_id": user, "kind": "totp" }));
        for kept in [EventKind::KycReviewed, EventKind::DocumentSeen, EventKind::RoleChanged, EventKind::PhraseChanged]
        {
            assert_eq!(named(kept), None);
        }
    }
}
