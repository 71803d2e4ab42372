//! Who a browser is signed in as, and what a person sees of their own sessions.

use super::Failure;
use super::authorize::SignedIn;
use super::karat::Karat;
use super::login::Browser;
use crate::crypto::token::OpaqueToken;
use crate::domain::ids::UserId;
use crate::domain::time::{Seconds, Timestamp};
use crate::storage::sessions::Session;

/// A session's last use is noted at most this often.
const TOUCH_INTERVAL: Seconds = Seconds(60);

impl Karat {
    /// The live session of a cookie, with its person. A locked person is not signed in.
    pub async fn signed_in(&self, cookie: &str, browser: &Browser) -> Result<Option<SignedIn>, Failure> {
        let Some(token) = OpaqueToken::parse(cookie) else { return Ok(None) };
        let now = self.now();
        let found = self.store.session(&token.hash(), now, self.seen_since(now)).await?;
        let Some((session, user)) = found.filter(|(_, user)| user.is_active()) else { return Ok(None) };
        if now.since(session.last_seen_at) >= TOUCH_INTERVAL {
            self.store.touch_session(session.id, &browser.as_device(), now).await?;
        }
        Ok(Some(SignedIn { session, user }))
    }

    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, Failure> {
        let now = self.now();
        Ok(self.store.sessions_of(user, now, self.seen_since(now)).await?)
    }

    fn seen_since(&self, now: Timestamp) -> Timestamp {
        now.minus(self.settings.sessions.idle_lifetime)
    }
}

/// "Firefox on Linux": what a User-Agent header says to a person. Only ever shown, never trusted.
pub fn device_name(agent: &str) -> String {
    let find =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let program = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}
