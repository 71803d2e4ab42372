//! Everything that is held about one person, as one JSON document: for the person (GDPR articles 15 and 20), and for the operator who
//! has to answer for it. Secrets are never in it.

mod pieces;
mod verification;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

pub use self::pieces::Export;

use super::account::Owner;
use super::karat::Karat;
use super::sessions::device_name;
use super::{Failure, Refused};
use crate::config::Rate;
use crate::domain::ids::UserId;
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::{Condition, User};
use crate::pages::mail::DataDownloaded;
use crate::storage::events::EventKind;

/// Gathering it reads and opens everything there is.
const EXPORTS: Rate = Rate { count: 5, window: Seconds::days(1) };
/// Many years of an account.
const MOST_EVENTS: i64 = 100_000;
/// That people take from one node at once: each holds a document and a connection for as long as it is read.
const AT_ONCE: usize = 4;
/// When somebody who comes to all of them being taken should come again.
const RETRY_AFTER: Seconds = Seconds(30);

/// Room for the exports of one node.
#[derive(Clone)]
pub struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Exports {
    /// How many more could be made now.
    pub fn free(&self) -> usize {
        self.0.available_permits()
    }
}

/// Who gets to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Is told reasons as far as a person may know them, and not who of the operator's people decided.
    Person,
    /// Sees what the records say, and what reviewers noted.
    Operator,
}

impl Karat {
    /// The person's own, once they have proved to be there. It is told by mail: who stole a session may be the one who asks.
    pub async fn export_own(&self, owner: Owner<'_>) -> Result<Export, Refused> {
        if !self.has_proven_lately(owner).await? {
            return Err(Refused::ProveFirst);
        }
        let user = &owner.signed_in.user;
        let busy = |cause| Failure::Later { retry_after: RETRY_AFTER, cause };
        let room = Arc::clone(&self.exports.0).try_acquire_owned().map_err(|full| busy(full.into()))?;
        self.within(EXPORTS, &format!("export:{}", user.id)).await??;
        let held = self.export(user.id, Reader::Person).await?.ok_or(Refused::Gone)?;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        let event = self.event(EventKind::DataExported, user.id).from_address(&owner.browser.address.to_string());
        change.record(&event.with(json!({ "agent": owner.browser.agent }))).await?;
        let mail = DataDownloaded {
            at: self.now(),
            device: Some(device_name(&owner.browser.agent)),
            place: Some(owner.browser.address.to_string()),
            forgotten_link: self.issuer.join("/password/forgotten"),
        };
        self.put_warning(&mut change, user, &mail, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(held.within(room))
    }

    /// `None`: nothing is held.
    pub(super) async fn export(&self, id: UserId, reader: Reader) -> Result<Option<Export>, Failure> {
        let user = self.store.user(id).await?;
        let locked_until = self.store.kyc_locked_until(id).await?;
        if user.is_none() && locked_until.is_none() {
            return Ok(None);
        }
        let mut held = json!({
            "format": "karat-export-1",
            "issuer": self.issuer.as_str(),
            "made_at": written(self.now()),
            "sub": id.to_string(),
            "verification": self.export_verification(id, user.as_ref(), reader).await?,
            "events": self.export_events(id, reader).await?,
        });
        if let Some(until) = locked_until {
            held["locked_until"] = written(until);
        }
        if let Some(user) = &user {
            held["account"] = account(user);
            held["profile"] = json!(user.profile);
            held["access"] = self.export_access(user).await?;
            held["protection"] = self.export_protection(user).await?;
        }
        Ok(Some(Export::new(held, self.store.kyc_documents_of(id).await?)))
    }

    /// How reviewers came to their decision is not the person's to know: it says that somebody doubted.
    async fn export_events(&self, id: UserId, reader: Reader) -> Result<Value, Failure> {
        let hidden = [EventKind::KycReviewed, EventKind::DocumentSeen].map(EventKind::as_str);
        let mut events = self.store.events_of(id, MOST_EVENTS).await?;
        events.retain(|event| reader == Reader::Operator || !hidden.contains(&event.kind.as_str()));
        let told = events.into_iter().map(|event| {
            json!({
                "at": written(event.at), "kind": event.kind, "app": event.client_id, "address": event.address,
                "detail": told_detail(event.kind.as_str(), event.detail, reader),
            })
        });
        Ok(told.collect())
    }

    /// Terms, sessions, and the apps that have access.
    async fn export_access(&self, user: &User) -> Result<Value, Failure> {
        let terms = self.store.accepted_terms(user.id).await?;
        let consents = self.store.consents_of(user.id).await?;
        let holdings = self.store.holdings(user.id, self.now()).await?;
        let sessions = self.sessions_of(user.id).await?;
        Ok(json!({
            "terms": terms.iter().map(|(version, at)| json!({ "version": version, "accepted_at": written(*at) })).collect::<Value>(),
            "consents": consents.iter().map(|consent| json!({
                "app": consent.client_id, "scope": consent.scope.to_string(),
                "given_at": written(consent.given_at), "updated_at": written(consent.updated_at),
            })).collect::<Value>(),
            "tokens": holdings.iter().map(|held| json!({
                "app": held.client_id, "scope": held.scope.to_string(),
                "first_at": written(held.first), "last_at": written(held.last),
            })).collect::<Value>(),
            "sessions": sessions.iter().map(|session| json!({
                "sid": session.id.to_string(), "address": session.device.address, "agent": session.device.agent,
                "began_at": written(session.created_at), "last_seen_at": written(session.last_seen_at),
                "acr": session.authentication.acr.as_str(), "amr": session.authentication.amr,
            })).collect::<Value>(),
        }))
    }

    async fn export_protection(&self, user: &User) -> Result<Value, Failure> {
        let authenticators = self.store.authenticators_of(user.id).await?;
        let phone = self.phone_of(user).await?.map(|(_, number)| number.as_str().to_owned());
        let codes = self.store.recovery_codes_of(user.id).await?;
        let devices = self.store.devices_of(user.id, Timestamp::from_unix(0)).await?;
        let holds = self.store.holds_of(user.id, MOST_EVENTS).await?;
        Ok(json!({
            "phrase": user.protection.phrase.as_ref().map(|phrase| phrase.expose()),
            "approves_log_ins": user.protection.approves_log_ins,
            "settings_locked": user.protection.settings.at(self.now()).delay().is_some(),
            "phone": phone,
            "authenticators": authenticators.iter().map(|one| json!({
                "name": one.name, "facts": one.facts, "added_at": written(one.created_at),
                "last_used_at": one.last_used_at.map(written),
            })).collect::<Value>(),
            "recovery_codes": { "left": codes.left, "made_at": codes.made_at.map(written) },
            "devices": devices.iter().map(|known| json!({
                "address": known.device.as_ref().map(|device| &device.address),
                "agent": known.device.as_ref().map(|device| &device.agent),
                "first_seen_at": written(known.first_seen_at), "last_seen_at": written(known.last_seen_at),
                "trusted_until": known.trusted_until.map(written),
            })).collect::<Value>(),
            "holds": holds.iter().map(|hold| json!({
                "cause": hold.cause.as_str(), "began_at": written(hold.began_at), "ends_at": written(hold.ends_at),
            })).collect::<Value>(),
        }))
    }
}

fn account(user: &User) -> Value {
    json!({
        "email": user.email.as_str(),
        "email_verified_at": user.email_verified_at.map(written),
        "language": user.locale,
        "condition": match user.condition {
            Condition::Active => "active",
            Condition::Locked { .. } => "locked",
            Condition::Frozen { .. } => "frozen",
        },
        "created_at": written(user.created_at),
        "updated_at": written(user.updated_at),
        "password_changed_at": written(user.password_changed_at),
        "hold_until": user.hold_until.map(written),
    })
}

/// Events name reviewers; those are other people. How a change left the person standing is told by the history of the verification, which
/// knows what they may be told.
fn told_detail(kind: &str, mut detail: Value, reader: Reader) -> Value {
    if kind == EventKind::KycChanged.as_str()
        && reader == Reader::Person
        && let Some(detail) = detail.as_object_mut()
    {
        detail.remove("state");
    }
    if let Some(by) = detail.get_mut("by")
        && by.as_str().is_some_and(|by| by.starts_with("reviewer:"))
    {
        *by = json!("reviewer");
    }
    detail
}

/// RFC 3339, in UTC.
fn written(at: Timestamp) -> Value {
    let time = chrono::DateTime::from_timestamp(at.unix(), 0);
    json!(time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)))
}
