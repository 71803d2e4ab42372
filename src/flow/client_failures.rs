//! Wrong guesses of clients' secrets, counted by client and network: beyond a rate no secret is looked at any more.
//!
//! The count is shared by all nodes, and asking for it costs an exchange. Nearly everybody has guessed nothing wrong, so each node remembers
//! for the second that runs who had not. See `docs/decisions/0082-who-has-guessed-nothing-wrong-is-asked-for-once-a-second.md`.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Failure;
use super::karat::Karat;
use super::throttle::network;
use crate::crypto::token::TokenHash;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::ids::ClientId;
use crate::domain::time::Timestamp;

/// Beyond it nobody is remembered any more until the next second.
const MOST: usize = 16_384;

/// Who had no wrong guess against them when it was asked for in this second.
#[derive(Default)]
pub struct Blameless {
    hashes: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    second: Option<Timestamp>,
    /// Hashes of client and address, keyed by chance for each process.
    who: HashSet<u64>,
    /// How many wrong guesses there were, of all.
    failures: u64,
}

impl Karat {
    /// Refuses to look at another secret for a client when too many from the same network were wrong.
    pub(super) async fn check_client_failures(
        &self,
        client: Option<&ClientId>,
        from: IpAddr,
    ) -> Result<(), OAuthError> {
        let now = self.now();
        if self.blameless.has(client, from, now) {
            return Ok(());
        }
        let seen_before = self.blameless.failures();
        let most = u64::from(self.settings.throttle.client_failures_per_address.count).max(1);
        let failures = self.counted(&name(client, from)).await?.count;
        if failures >= most {
            // Without a cause, which would be logged as a fault of ours at every guess.
            tracing::debug!(client = client.map(ClientId::as_str), "too many failed client authentications");
            return Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many failed client authentications"));
        }
        if failures == 0 {
            self.blameless.add(client, from, (now, seen_before));
        }
        Ok(())
    }

    /// Only who fails is counted: others may share the address.
    pub(super) async fn count_client_failure(&self, client: Option<&ClientId>, from: IpAddr) -> Result<(), Failure> {
        let rate = self.settings.throttle.client_failures_per_address;
        // Before it is counted, which a caller who hangs up may break off; and after, against whoever has asked meanwhile.
        self.blameless.remove(client, from);
        self.within(rate, &name(client, from)).await?.ok();
        self.blameless.remove(client, from);
        Ok(())
    }
}

impl Blameless {
    fn has(&self, client: Option<&ClientId>, from: IpAddr, now: Timestamp) -> bool {
        let who = self.hash(client, from);
        let seen = self.seen();
        seen.second == Some(now) && seen.who.contains(&who)
    }

    fn failures(&self) -> u64 {
        self.seen().failures
    }

    /// What was found at `now`, unless anybody has guessed wrong since then.
    fn add(&self, client: Option<&ClientId>, from: IpAddr, (now, failures): (Timestamp, u64)) {
        let who = self.hash(client, from);
        let mut seen = self.seen();
        if seen.failures != failures || seen.second.is_some_and(|second| second > now) {
            return;
        }
        if seen.second != Some(now) {
            seen.second = Some(now);
            seen.who.clear();
        }
        if seen.who.len() < MOST {
            seen.who.insert(who);
        }
    }

    fn remove(&self, client: Option<&ClientId>, from: IpAddr) {
        let who = self.hash(client, from);
        let mut seen = self.seen();
        seen.failures += 1;
        seen.who.remove(&who);
    }

    fn hash(&self, client: Option<&ClientId>, from: IpAddr) -> u64 {
        self.hashes.hash_one((client.map(ClientId::as_str), network(from)))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What names no client counts together.
fn name(client: Option<&ClientId>, from: IpAddr) -> String {
    let client = TokenHash::of_text("client", client.map(ClientId::as_str).unwrap_or_default());
    format!("client-failures:{}:{}", client.as_str(), network(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "192.0.2.1";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix(second)
    }

    #[test]
    fn who_had_no_failure_is_known_for_the_second_alone() {
        let (blameless, app, home) = (Blameless::default(), "app".parse().unwrap(), HOME.parse().unwrap());
        blameless.add(Some(&app), home, (at(7), 0));
        assert!(blameless.has(Some(&app), home, at(7)));
        assert!(!blameless.has(Some(&app), home, at(8)) && !blameless.has(Some(&app), home, at(6)));
    }

    #[test]
    fn another_client_another_network_and_no_client_are_others() {
        let (blameless, app, other) = (Blameless::default(), "app".parse().unwrap(), "other".parse().unwrap());
        let home = HOME.parse().unwrap();
        blameless.add(Some(&app), home, (at(7), 0));
        assert!(!blameless.has(Some(&other), home, at(7)) && !blameless.has(None, home, at(7)));
        assert!(!blameless.has(Some(&app), "192.0.2.2".parse().unwrap(), at(7)));
        blameless.add(Some(&app), "2001:db8:1:2::3".parse().unwrap(), (at(7), 0));
        assert!(blameless.has(Some(&app), "2001:db8:1:2::4".parse().unwrap(), at(7)), "a customer has a whole /64");
    }

    #[test]
    fn a_failure_is_known_at_once() {
        let (blameless, app, home) = (Blameless::default(), "app".parse().unwrap(), HOME.parse().unwrap());
        blameless.add(Some(&app), home, (at(7), 0));
        blameless.remove(Some(&app), home);
        assert!(!blameless.has(Some(&app), home, at(7)));
        // Of whoever asked before that failure and hears only now that there were none.
        blameless.add(Some(&app), home, (at(7), 0));
        assert!(!blameless.has(Some(&app), home, at(7)));
        blameless.add(Some(&app), home, (at(7), blameless.failures()));
        assert!(blameless.has(Some(&app), home, at(7)));
    }

    #[test]
    fn an_answer_from_before_this_second_is_not_kept() {
        let (blameless, app, home) = (Blameless::default(), "app".parse().unwrap(), HOME.parse().unwrap());
        blameless.add(Some(&app), home, (at(8), 0));
        blameless.add(None, home, (at(7), 0));
        assert!(blameless.has(Some(&app), home, at(8)) && !blameless.has(None, home, at(7)));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let (blameless, home) = (Blameless::default(), HOME.parse().unwrap());
        for number in 0..MOST + 9 {
            blameless.add(Some(&format!("app-{number}").parse().unwrap()), home, (at(7), 0));
        }
        assert_eq!(blameless.seen().who.len(), MOST);
        blameless.add(None, home, (at(8), 0));
        assert_eq!(blameless.seen().who.len(), 1);
    }
}
