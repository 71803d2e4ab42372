//! Beginning a session, and making one stronger. Its token changes each time.

use super::Browser;
use super::LoginOutcome;
use super::pending::Pending;
use crate::crypto::token::{OpaqueToken, TokenHash};
use crate::domain::authentication::Authentication;
use crate::domain::grant::RevocationReason;
use crate::domain::ids::SessionId;
use crate::domain::user::{Condition, User};
use crate::flow::Failure;
use crate::flow::authenticators::Verified;
use crate::flow::authorize::SignedIn;
use crate::flow::karat::Karat;
use crate::flow::logout::Ending;
use crate::flow::mail_limits::About;
use crate::flow::sessions::device_name;
use crate::pages::mail::NewDevice;
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::sessions::Session;
use crate::storage::users::UserWithPassword;

/// The most sessions that one person has running.
const MOST_SESSIONS: i64 = 100;

/// A session as the browser at hand learns of it: the new token of the session's cookie, and of the device's when the
/// account did not know it, since a cookie that was there before the log-in may have been planted.
pub struct NewSession {
    pub signed_in: SignedIn,
    pub token: OpaqueToken,
    pub device: Option<OpaqueToken>,
}

/// What a session begins upon. It is looked at again in the very change that begins it.
pub(in crate::flow) struct Evidence {
    user: User,
    /// The hash that the password was compared with; `None` when no password was asked for.
    password_hash: Option<String>,
}

impl From<UserWithPassword> for Evidence {
    fn from(proven: UserWithPassword) -> Self {
        Self { user: proven.user, password_hash: Some(proven.password_hash) }
    }
}

impl Evidence {
    pub(in crate::flow) fn without_password(user: User) -> Self {
        Self { user, password_hash: None }
    }

    /// `false` when the password was changed meanwhile, or the account may not be used.
    async fn hold(&self, change: &mut Change) -> Result<bool, Failure> {
        Ok(match &self.password_hash {
            Some(hash) => change.hold_password(self.user.id, hash).await?,
            None => change.hold_active(self.user.id).await?,
        })
    }
}

/// Whose log-in a factor is added to.
#[derive(Clone, Debug)]
pub enum Factor {
    Pending(Box<Pending>),
    Session(Box<SignedIn>),
}

/// What became of a factor that was right.
pub enum Accepted {
    SignedIn(Box<NewSession>),
    /// More is needed.
    Pending,
    /// Nothing but the owner's approval by mail.
    AwaitsApproval,
    /// The log-in or session it was meant for is over.
    Gone,
}

impl Factor {
    pub fn user(&self) -> &User {
        match self {
            Self::Pending(pending) => &pending.user,
            Self::Session(signed_in) => &signed_in.user,
        }
    }

    pub fn authentication(&self) -> Option<Authentication> {
        match self {
            Self::Pending(pending) => Authentication::of(&pending.login.proven),
            Self::Session(signed_in) => Some(signed_in.session.authentication.clone()),
        }
    }
}

impl Karat {
    /// Adds what was shown to the log-in that it was shown for.
    pub async fn accept_factor(
        &self,
        factor: &Factor,
        verified: &Verified,
        browser: &Browser,
        current: Option<&SignedIn>,
    ) -> Result<Accepted, Failure> {
        if verified.user_id() != factor.user().id {
            return Ok(Accepted::Gone);
        }
        match factor {
            Factor::Pending(pending) => self.add_to_pending(pending, verified, browser, current).await,
            Factor::Session(signed_in) => self.strengthen(signed_in, verified, browser).await,
        }
    }

    /// A passkey that verified its user needs nothing beside it.
    pub async fn log_in_by(
        &self,
        verified: &Verified,
        browser: &Browser,
        current: Option<&SignedIn>,
    ) -> Result<LoginOutcome, Failure> {
        let authentication = Authentication::of(&[verified.proven()]);
        let (Some(authentication), Some(user)) = (authentication, self.store.user(verified.user_id()).await?) else {
            return Ok(LoginOutcome::Wrong);
        };
        match user.condition {
            Condition::Locked { .. } => return Ok(LoginOutcome::Locked),
            Condition::Frozen { since } if !self.may_log_in(&user, browser).await? => {
                self.mail_unfreezing(&user).await?;
                return Ok(LoginOutcome::Frozen { since });
            }
            Condition::Frozen { .. } | Condition::Active => {}
        }
        if !self.is_enough(&user, &authentication, browser).await? {
            return Ok(LoginOutcome::Wrong);
        }
        let begun = self.begin_session(Evidence::without_password(user), authentication, browser, current).await?;
        Ok(begun.map_or(LoginOutcome::Wrong, |begun| LoginOutcome::SignedIn(Box::new(begun))))
    }

    /// The session goes on, stronger, under a new token; how long it lasts does not change.
    async fn strengthen(
        &self,
        signed_in: &SignedIn,
        verified: &Verified,
        browser: &Browser,
    ) -> Result<Accepted, Failure> {
        let (now, token) = (self.now(), OpaqueToken::mint());
        let session = Session {
            authentication: signed_in.session.authentication.with(verified.proven()),
            device: browser.as_device(),
            last_seen_at: now,
            ..signed_in.session.clone()
        };
        let event = self.event(EventKind::SteppedUp, session.user_id).from_address(&session.device.address);
        let mut change = self.store.begin().await?;
        if !change.hold_active(session.user_id).await? || !change.renew_session(&session, &token.hash()).await? {
            return Ok(Accepted::Gone);
        }
        change.record(&event.with(described(&session))).await?;
        self.outlive_recovery(&mut change, &signed_in.user, &session.authentication, browser).await?;
        change.commit().await?;
        let signed_in = SignedIn { session, user: signed_in.user.clone() };
        Ok(Accepted::SignedIn(Box::new(NewSession { signed_in, token, device: None })))
    }

    pub(in crate::flow) async fn known_device<'a>(
        &self,
        user: &User,
        browser: &'a Browser,
    ) -> Result<Option<&'a TokenHash>, Failure> {
        let Some(device) = &browser.device else { return Ok(None) };
        let since = self.now().minus(self.settings.sessions.known_device_lifetime);
        Ok(self.store.is_known_device(user.id, device, since).await?.then_some(device))
    }

    /// `current` is the session the browser has already: it goes on under a new token when it is the same person's, and
    /// ends when it is another's. `None` when what the log-in rests on no longer holds.
    pub(in crate::flow) async fn begin_session(
        &self,
        evidence: Evidence,
        authentication: Authentication,
        browser: &Browser,
        current: Option<&SignedIn>,
    ) -> Result<Option<NewSession>, Failure> {
        let user = &evidence.user;
        if let Some(other) = current.filter(|current| current.user.id != user.id) {
            self.log_out(other).await?;
        }
        let now = self.now();
        let token = OpaqueToken::mint();
        let continued = current.filter(|current| current.user.id == user.id).map(|current| &current.session);
        let known = self.known_device(user, browser).await?;
        let had_devices = self.store.has_had_devices(user.id).await?;
        // Over the limit the log-in goes on without its notice: who logs in again and again fills no mailbox.
        let tell = known.is_none() && had_devices && self.count_mail_to(&user.email, About::Notice).await?.is_ok();
        let mut session = Session {
            id: continued.map_or_else(|| SessionId::new(self.new_id()), |session| session.id),
            user_id: user.id,
            authentication,
            device: browser.as_device(),
            created_at: continued.map_or(now, |session| session.created_at),
            last_seen_at: now,
            expires_at: now.plus(self.settings.sessions.absolute_lifetime),
        };

        let mut change = self.store.begin().await?;
        if user.is_frozen() && !self.unfreeze(&mut change, user, browser).await? {
            return Ok(None);
        }
        if !evidence.hold(&mut change).await? {
            return Ok(None);
        }
        if continued.is_none() || !change.renew_session(&session, &token.hash()).await? {
            // Also when the session was ended while the person typed: its id stays dead.
            session = Session { id: SessionId::new(self.new_id()), created_at: now, ..session };
            change.add_session(&session, &token.hash()).await?;
            let seen_since = now.minus(self.settings.sessions.idle_lifetime);
            for oldest in change.sessions_beyond(MOST_SESSIONS, &session, seen_since).await? {
                self.end_sessions(&mut change, user.id, Ending::One(oldest), RevocationReason::LoggedOut).await?;
            }
        }
        self.outlive_recovery(&mut change, user, &session.authentication, browser).await?;
        let fresh = known.is_none().then(OpaqueToken::mint);
        let device = fresh.as_ref().map(OpaqueToken::hash);
        if let Some(device) = device.as_ref().or(known) {
            change.remember_device(user.id, device, now).await?;
            change.place_device(user.id, device, &session.device).await?;
        }
        if tell {
            self.put_warning(&mut change, user, &self.new_device_notice(browser), None).await?;
        }
        let event = self.event(EventKind::LoggedIn, user.id).from_address(&session.device.address);
        change.record(&event.with(described(&session))).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        // It is, whatever it was before.
        let user = User { condition: Condition::Active, ..evidence.user };
        let signed_in = SignedIn { session, user };
        Ok(Some(NewSession { signed_in, token, device: fresh }))
    }

    fn new_device_notice(&self, browser: &Browser) -> NewDevice {
        NewDevice {
            at: self.now(),
            device: Some(device_name(&browser.agent)),
            place: Some(browser.address.to_string()),
            sessions_link: self.issuer.join("/account/sessions"),
            forgotten_link: self.issuer.join("/password/forgotten"),
        }
    }
}

/// What the account's history tells of a log-in.
fn described(session: &Session) -> serde_json::Value {
    let authentication = &session.authentication;
    serde_json::json!({
        "session_id": session.id.to_string(),
        "acr": authentication.acr.as_str(),
        "amr": authentication.amr,
        "agent": session.device.agent,
    })
}
