//! What the pages of the console say once after a form.

use crate::pages::{Message, keys};

macro_rules! notices {
    ($($(#[$doc:meta])* $variant:ident = $slug:literal, $key:ident;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ConsoleNotice { $($(#[$doc])* $variant,)* }

        impl ConsoleNotice {
            const ALL: &'static [ConsoleNotice] = &[$(Self::$variant,)*];

            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            pub fn message(self) -> Message {
                Message::new(match self { $(Self::$variant => keys::$key,)* })
            }
        }
    };
}

notices! {
    /// Before the pages open, a second factor has to be added.
    FactorNeeded = "admin-factor-needed", NOTICE_ADMIN_FACTOR_NEEDED;
    /// What is dangerous takes a passkey.
    PasskeyNeeded = "admin-passkey-needed", NOTICE_ADMIN_PASSKEY_NEEDED;
    /// The set-up is done.
    Owner = "admin-owner", NOTICE_ADMIN_OWNER;
    /// A second person has to agree.
    Proposed = "admin-proposed", NOTICE_ADMIN_PROPOSED;
    Confirmed = "admin-confirmed", NOTICE_ADMIN_CONFIRMED;
    Declined = "admin-declined", NOTICE_ADMIN_DECLINED;
    ReasonNeeded = "admin-reason-needed", NOTICE_ADMIN_REASON_NEEDED;
    Own = "admin-own", NOTICE_ADMIN_OWN;
    SameEyes = "admin-same-eyes", NOTICE_ADMIN_SAME_EYES;
    /// Nothing was changed: somebody was faster.
    Stale = "admin-stale", NOTICE_ADMIN_STALE;
    RoleGiven = "admin-role-given", NOTICE_ADMIN_ROLE_GIVEN;
    RoleTaken = "admin-role-taken", NOTICE_ADMIN_ROLE_TAKEN;
    Frozen = "admin-frozen", NOTICE_ADMIN_FROZEN;
    Unfrozen = "admin-unfrozen", NOTICE_ADMIN_UNFROZEN;
    SessionsEnded = "admin-sessions-ended", NOTICE_ADMIN_SESSIONS_ENDED;
    AuthenticatorRemoved = "admin-authenticator-removed", NOTICE_ADMIN_AUTHENTICATOR_REMOVED;
    HoldStarted = "admin-hold-started", NOTICE_ADMIN_HOLD_STARTED;
    HoldLifted = "admin-hold-lifted", NOTICE_ADMIN_HOLD_LIFTED;
    ConsentWithdrawn = "admin-consent-withdrawn", NOTICE_ADMIN_CONSENT_WITHDRAWN;
    KeyRotated = "admin-key-rotated", NOTICE_ADMIN_KEY_ROTATED;
    KeyRetired = "admin-key-retired", NOTICE_ADMIN_KEY_RETIRED;
    Retried = "admin-retried", NOTICE_ADMIN_RETRIED;
    ClientSaved = "admin-client-saved", NOTICE_ADMIN_CLIENT_SAVED;
    ClientOff = "admin-client-off", NOTICE_ADMIN_CLIENT_OFF;
    ClientOn = "admin-client-on", NOTICE_ADMIN_CLIENT_ON;
    ClientRemoved = "admin-client-removed", NOTICE_ADMIN_CLIENT_REMOVED;
    InvitationWithdrawn = "admin-invitation-withdrawn", NOTICE_ADMIN_INVITATION_WITHDRAWN;
    NobodyFound = "admin-nobody-found", NOTICE_ADMIN_NOBODY_FOUND;
    WebhookSaved = "webhook-saved", NOTICE_WEBHOOK_SAVED;
    WebhookPaused = "webhook-paused", NOTICE_WEBHOOK_PAUSED;
    WebhookResumed = "webhook-resumed", NOTICE_WEBHOOK_RESUMED;
    WebhookRemoved = "webhook-removed", NOTICE_WEBHOOK_REMOVED;
    WebhookTested = "webhook-tested", NOTICE_WEBHOOK_TESTED;
    WebhookAgain = "webhook-again", NOTICE_WEBHOOK_AGAIN;
}

impl ConsoleNotice {
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|notice| notice.slug() == text)
    }
}
