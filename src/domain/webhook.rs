//! What an operator's systems can be told of as it happens, and who wants to hear what.

use std::collections::BTreeSet;
use std::fmt;

macro_rules! webhook_events {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The `type` of a message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum WebhookEvent { $($(#[$doc])* $variant,)* }

        impl WebhookEvent {
            pub const ALL: &'static [WebhookEvent] = &[$(Self::$variant,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

webhook_events! {
    UserRegistered = "user.registered",
    UserDeleted = "user.deleted",
    UserLocked = "user.locked",
    UserUnlocked = "user.unlocked",
    UserFrozen = "user.frozen",
    UserUnfrozen = "user.unfrozen",
    UserEmailChanged = "user.email_changed",
    UserPasswordChanged = "user.password_changed",
    UserAuthenticatorAdded = "user.authenticator_added",
    UserAuthenticatorRemoved = "user.authenticator_removed",
    UserRecovered = "user.recovered",
    SessionStarted = "session.started",
    SessionSteppedUp = "session.stepped_up",
    SessionEnded = "session.ended",
    KycChanged = "kyc.changed",
    HoldStarted = "hold.started",
    HoldLifted = "hold.lifted",
    ConsentGiven = "consent.given",
    ConsentWithdrawn = "consent.withdrawn",
    ClientAdded = "client.added",
    ClientChanged = "client.changed",
    ClientRemoved = "client.removed",
    ClientSecretRotated = "client.secret_rotated",
    /// Sent when somebody asks for it, to one endpoint, whatever it wants.
    Test = "webhook.test",
}

impl WebhookEvent {
    /// "user" of "user.locked".
    pub fn group(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}

/// What an endpoint wants: kinds, groups, or everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedEvents(BTreeSet<String>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a kind of event, nor a group of them, nor \"*\"")]
pub struct UnknownEvent(pub String);

/// What an endpoint that wants every kind names.
pub const EVERYTHING: &str = "*";

impl WantedEvents {
    pub fn read<T: AsRef<str>>(texts: &[T]) -> Result<Self, UnknownEvent> {
        let known = |text: &str| {
            let wanted = |event: &WebhookEvent| {
                *event != WebhookEvent::Test && (event.as_str() == text || event.group() == text)
            };
            text == EVERYTHING || WebhookEvent::ALL.iter().any(wanted)
        };
        let texts = texts.iter().map(|text| text.as_ref().trim());
        let all: BTreeSet<String> = texts.filter(|text| !text.is_empty()).map(str::to_owned).collect();
        match all.iter().find(|text| !known(text)) {
            Some(unknown) => Err(UnknownEvent(unknown.clone())),
            None => Ok(Self(all)),
        }
    }

    /// As the database has it; what a newer version knows is kept.
    pub fn from_stored(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_owned).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub fn contains(&self, event: WebhookEvent) -> bool {
        let any = |text: &str| self.0.contains(text);
        event != WebhookEvent::Test && (any(EVERYTHING) || any(event.group()) || any(event.as_str()))
    }
}

impl fmt::Display for WantedEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_wants_kinds_groups_or_everything() {
        let wanted = WantedEvents::read(&["user", "kyc.changed"]).unwrap();
        assert!(wanted.contains(WebhookEvent::UserLocked) && wanted.contains(WebhookEvent::KycChanged));
        assert!(!wanted.contains(WebhookEvent::SessionStarted));
        assert_eq!(WantedEvents::from_stored(&wanted.to_string()), wanted);
        let all = WantedEvents::read(&["*"]).unwrap();
        for event in WebhookEvent::ALL {
            assert_eq!(all.contains(*event), *event != WebhookEvent::Test, "{}", event.as_str());
        }
    }

    #[test]
    fn what_is_not_there_cannot_be_wanted() {
        for unknown in ["users", "user.", "user.lock", "webhook.test", "webhook", "user kyc"] {
            assert_eq!(WantedEvents::read(&[unknown]), Err(UnknownEvent(unknown.to_owned())));
        }
    }
}
