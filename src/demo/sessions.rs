//! Who is logged in at an app: sessions in memory, found by a random cookie, ended by the person or by the provider.
//!
//! ```text
//! Nobody ──log in──▶ SignedIn ──log out here──▶ SignedOut(heard: no) ──back-channel──▶ SignedOut(heard: yes)
//!                        └────────back-channel logout, wherever it began────────────────────▲
//! ```

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openidconnect::CsrfToken;
use serde_json::Value;

use super::logout_token::LogoutToken;
use super::pending::PendingLogin;
use super::tokens::Tokens;
use crate::domain::time::{Seconds, Timestamp};

/// Sessions kept at once; the one unused for longest makes room.
const MOST_SESSIONS: usize = 2000;
/// Log-ins one browser may have under way at once, for people with many tabs.
const MOST_PENDING: usize = 5;
/// A log-in that takes longer has to be started again.
const PENDING_LIFETIME: Seconds = Seconds::minutes(30);
const SESSION_LIFETIME: Seconds = Seconds::hours(12);

#[derive(Default)]
pub struct Sessions {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    by_id: HashMap<String, Session>,
    /// `jti` of logout tokens already acted on, until they expire.
    heard: HashMap<String, Timestamp>,
}

/// One browser at this app.
pub struct Session {
    pub who: Who,
    pub notice: Option<Notice>,
    pending: VecDeque<PendingLogin>,
    used: Timestamp,
}

pub enum Who {
    Nobody,
    SignedIn(Box<SignedIn>),
    SignedOut(SignedOut),
}

#[derive(Clone)]
pub struct SignedIn {
    pub tokens: Tokens,
    pub userinfo: Option<Value>,
    pub since: Timestamp,
    /// One refresh at a time for one session: two at once would race for a token that is good once.
    pub refreshing: Arc<tokio::sync::Mutex<()>>,
    /// The provider has told so, and the tokens are older than that.
    pub rights_changed: bool,
}

/// Remembers whose session this was, so that a later word from the provider still finds it.
#[derive(Clone)]
pub struct SignedOut {
    subject: String,
    session_id: Option<String>,
    /// Sent along to the provider's logout page and expected back.
    pub state: Option<String>,
    /// When the provider said so by back-channel.
    pub heard: Option<Timestamp>,
}

/// Something to tell the person on the next page.
#[derive(Clone)]
pub enum Notice {
    Done(&'static str),
    Problem { title: String, detail: String, code: Option<String> },
}

impl Sessions {
    /// Looks at or changes the session with this cookie value; `None` when there is none (any more).
    pub fn with<T>(&self, id: &str, now: Timestamp, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut inner = self.lock();
        let session = inner.by_id.get_mut(id)?;
        if now.since(session.used).0 > SESSION_LIFETIME.0 {
            inner.by_id.remove(id);
            return None;
        }
        session.used = now;
        Some(act(session))
    }

    /// Notes a started log-in, in the browser's session or a new one; gives the cookie value to set.
    pub fn begin_login(&self, id: Option<String>, pending: PendingLogin, now: Timestamp) -> String {
        let mut inner = self.lock();
        let id = id.filter(|id| inner.by_id.contains_key(id)).unwrap_or_else(fresh_id);
        inner.make_room(now);
        let session = inner.by_id.entry(id.clone()).or_insert_with(|| Session::new(now));
        session.used = now;
        session.notice = None;
        session.pending.retain(|login| now.since(login.started).0 <= PENDING_LIFETIME.0);
        if session.pending.len() == MOST_PENDING {
            session.pending.pop_front();
        }
        session.pending.push_back(pending);
        id
    }

    /// The log-in this browser started under that state. It is gone afterwards: an answer counts once.
    pub fn take_pending(&self, id: &str, state: &str, now: Timestamp) -> Option<PendingLogin> {
        let mut inner = self.lock();
        let session = inner.by_id.get_mut(id)?;
        session.used = now;
        let position = session.pending.iter().position(|login| login.awaits(state))?;
        session.pending.remove(position).filter(|login| now.since(login.started).0 <= PENDING_LIFETIME.0)
    }

    /// Signs the person in under a new cookie value, so that one planted before the log-in is worth nothing.
    pub fn sign_in(&self, old_id: &str, tokens: Tokens, now: Timestamp) -> String {
        let mut inner = self.lock();
        let pending = inner.by_id.remove(old_id).map(|session| session.pending).unwrap_or_default();
        let id = fresh_id();
        let signed_in =
            SignedIn { tokens, userinfo: None, since: now, refreshing: Arc::default(), rights_changed: false };
        let who = Who::SignedIn(Box::new(signed_in));
        inner.by_id.insert(id.clone(), Session { who, notice: None, pending, used: now });
        id
    }

    /// Ends the sessions a verified logout token names; `None` when the token has been used before.
    pub fn end_by_provider(&self, token: &LogoutToken, now: Timestamp) -> Option<usize> {
        let mut inner = self.lock();
        inner.heard.retain(|_, expires| expires.plus(Seconds::minutes(2)) > now);
        if inner.heard.insert(token.token_id.clone(), token.expires).is_some() {
            return None;
        }
        let mut ended = 0;
        for session in inner.by_id.values_mut() {
            if let Some(mut signed_out) = session.who.to_signed_out().filter(|old| old.is_meant_by(token)) {
                signed_out.heard = Some(now);
                session.who = Who::SignedOut(signed_out);
                session.notice = None;
                ended += 1;
            }
        }
        Some(ended)
    }

    /// Marks the sessions of the person whose rights have changed; says how many.
    pub fn rights_changed(&self, subject: &str) -> usize {
        let mut inner = self.lock();
        let sessions = inner.by_id.values_mut().filter_map(Session::signed_in);
        sessions.filter(|one| one.tokens.subject() == subject).map(|one| one.rights_changed = true).count()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn make_room(&mut self, now: Timestamp) {
        if self.by_id.len() < MOST_SESSIONS {
            return;
        }
        self.by_id.retain(|_, session| now.since(session.used).0 <= SESSION_LIFETIME.0);
        if self.by_id.len() >= MOST_SESSIONS
            && let Some(oldest) = self.by_id.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| id.clone())
        {
            self.by_id.remove(&oldest);
        }
    }
}

impl Session {
    fn new(now: Timestamp) -> Self {
        Self { who: Who::Nobody, notice: None, pending: VecDeque::new(), used: now }
    }

    pub fn signed_in(&mut self) -> Option<&mut SignedIn> {
        match &mut self.who {
            Who::SignedIn(signed_in) => Some(signed_in),
            _ => None,
        }
    }

    /// Ends the session here; `state` is what the provider's logout page should bring back.
    pub fn sign_out(&mut self, state: Option<String>) {
        if let Some(mut signed_out) = self.who.to_signed_out() {
            signed_out.state = state;
            self.who = Who::SignedOut(signed_out);
        }
        self.notice = None;
    }
}

impl Who {
    fn to_signed_out(&self) -> Option<SignedOut> {
        match self {
            Self::Nobody => None,
            Self::SignedOut(signed_out) => Some(signed_out.clone()),
            Self::SignedIn(signed_in) => Some(SignedOut {
                subject: signed_in.tokens.subject().to_owned(),
                session_id: signed_in.tokens.session_id().map(str::to_owned),
                state: None,
                heard: None,
            }),
        }
    }
}

impl SignedOut {
    /// Back-Channel Logout 1.0, section 2.7: with `sid` that one session, else every session of the subject.
    fn is_meant_by(&self, token: &LogoutToken) -> bool {
        let same_person = token.subject.as_ref().is_none_or(|subject| *subject == self.subject);
        let same_session = token.session_id.is_none() || token.session_id == self.session_id;
        same_person && same_session
    }
}

fn fresh_id() -> String {
    CsrfToken::new_random_len(32).into_secret()
}
