//! What happened to accounts: for the person's own history and for who looks after them. Never holds a secret.

use super::Error;
use super::store::{Change, Store, from_json, to_json};
use super::webhooks::announced;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::time::Timestamp;

#[derive(Clone, Debug)]
pub struct Event {
    /// A UUID.
    pub id: String,
    pub at: Timestamp,
    pub kind: EventKind,
    pub user_id: Option<UserId>,
    pub client_id: Option<ClientId>,
    /// The IP address it came from.
    pub address: Option<String>,
    pub detail: serde_json::Value,
}

macro_rules! event_kinds {
    ($($variant:ident = $text:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind { $($variant,)* }

        impl EventKind {
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

event_kinds! {
    Registered = "user.registered",
    LoggedIn = "user.logged_in",
    LoggedOut = "user.logged_out",
    SteppedUp = "session.stepped_up",
    AuthenticatorAdded = "authenticator.added",
    AuthenticatorRemoved = "authenticator.removed",
    AuthenticatorRenamed = "authenticator.renamed",
    AuthenticatorRefused = "authenticator.refused",
    RecoveryCodesMade = "recovery_codes.made",
    RecoveryCodeUsed = "recovery_code.used",
    SessionEnded = "session.ended",
    PasswordChanged = "password.changed",
    PasswordReset = "password.reset",
    EmailChanged = "email.changed",
    ProfileChanged = "profile.changed",
    TermsAccepted = "terms.accepted",
    ConsentGiven = "consent.given",
    ConsentWithdrawn = "consent.withdrawn",
    Locked = "user.locked",
    Unlocked = "user.unlocked",
    Frozen = "user.frozen",
    Unfrozen = "user.unfrozen",
    PhraseChanged = "phrase.changed",
    DeviceTrusted = "device.trusted",
    DevicesForgotten = "devices.forgotten",
    SettingsLocked = "settings.locked",
    SettingsUnlocking = "settings.unlocking",
    SettingsKeptLocked = "settings.kept_locked",
    ApprovalSwitched = "approval.switched",
    LogInApproved = "log_in.approved",
    RecoveryBegun = "recovery.begun",
    RecoveryCancelled = "recovery.cancelled",
    Recovered = "recovery.done",
    KycChanged = "kyc.changed",
    RoleChanged = "role.changed",
    KycReviewed = "kyc.reviewed",
    DocumentSeen = "kyc.document_seen",
    DataExported = "user.exported",
    RecordDestroyed = "kyc.record_destroyed",
    Deleted = "user.deleted",
    PasskeyRefused = "passkey.refused",
    PasskeyCounterWentBack = "passkey.counter_went_back",
    CodeReplayed = "code.replayed",
    RefreshReplayed = "refresh.replayed",
    ClientChanged = "client.changed",
    KeysRotated = "keys.rotated",
    SmsPaused = "sms.paused",
    SmsBudgetSpent = "sms.budget_spent",
}

/// An event as read back; kinds of newer versions are texts like any other.
#[derive(Clone, Debug)]
pub struct PastEvent {
    pub at: Timestamp,
    pub kind: String,
    pub client_id: Option<String>,
    pub address: Option<String>,
    pub detail: serde_json::Value,
}

record! {
    struct Row {
        at: i64,
        kind: String,
        client_id: Option<String>,
        address: Option<String>,
        detail: String,
    }
}

const ADD: &str = "INSERT INTO events (id, at, kind, user_id, client_id, address, detail) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";

impl Store {
    pub async fn record(&self, event: &Event) -> Result<(), Error> {
        add(self.write(ADD), event)?.run().await?;
        Ok(())
    }

    pub async fn events_of(&self, user: UserId, most: i64) -> Result<Vec<PastEvent>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT at, kind, client_id, address, detail FROM events WHERE user_id = $1 \
                 ORDER BY at DESC, id DESC LIMIT $2",
            )
            .bind(user.to_string())
            .bind(most)
            .all()
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(PastEvent {
                    at: Timestamp::from_unix(row.at),
                    kind: row.kind,
                    client_id: row.client_id,
                    address: row.address,
                    detail: from_json(&row.detail, "events.detail")?,
                })
            })
            .collect()
    }
}

impl Change {
    /// Systems that want to hear of it do, once the change is committed.
    pub async fn record(&mut self, event: &Event) -> Result<(), Error> {
        add(self.sql(ADD), event)?.run().await?;
        match announced::told(event) {
            Some((kind, data)) => self.announce(kind, event.at, data).await,
            None => Ok(()),
        }
    }

    /// Leaves of a deleted person's events what happened and when, not from where.
    pub async fn forget_in_events(&mut self, user: UserId) -> Result<(), Error> {
        self.sql("UPDATE events SET address = NULL, detail = '{}' WHERE user_id = $1")
            .bind(user.to_string())
            .run()
            .await?;
        Ok(())
    }
}

fn add<'a>(statement: super::Statement<'a>, event: &Event) -> Result<super::Statement<'a>, Error> {
    Ok(statement
        .bind(&event.id)
        .bind(event.at)
        .bind(event.kind.as_str())
        .bind(event.user_id.map(|id| id.to_string()))
        .bind(event.client_id.as_ref().map(|id| id.to_string()))
        .bind(event.address.clone())
        .bind(to_json(&event.detail)?))
}
