//! How long an address takes that nobody has: as long as somebody's would. While people have hashes of other products, which
//! take longer or shorter than ours, an unknown address stands in for one of them as often as one is met
//! (docs/decisions/0062).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::crypto::token::hmac;
use crate::domain::email::EmailAddress;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::imports::PasswordKinds;

/// How long a count is good for. Counting takes a look at every account, where anybody was imported.
const STALENESS: Duration = Duration::from_secs(300);

/// Which kinds of password hash there are, as last counted.
#[derive(Default)]
pub struct StandIns {
    counted: Mutex<Option<(Instant, Arc<PasswordKinds>)>>,
}

impl StandIns {
    fn recent(&self) -> Option<Arc<PasswordKinds>> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.as_ref().filter(|(at, _)| at.elapsed() < STALENESS).map(|(_, kinds)| kinds.clone())
    }

    fn remember(&self, kinds: &Arc<PasswordKinds>) {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), kinds.clone()));
    }

    /// The next log-in counts anew.
    pub fn forget(&self) {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Karat {
    /// What the password for this address is compared with when nobody has the address; `None`: with a hash of our own
    /// parameters. Asked for known addresses as well, so that asking tells nothing.
    pub(super) async fn stand_in(&self, email: Option<&EmailAddress>) -> Result<Option<String>, Failure> {
        let kinds = match self.stand_ins.recent() {
            Some(kinds) => kinds,
            None => {
                let kinds = Arc::new(self.store.password_kinds().await?);
                self.stand_ins.remember(&kinds);
                kinds
            }
        };
        let address = email.map(EmailAddress::as_str).unwrap_or_default();
        Ok(drawn(&kinds, point(&self.macs.stand_ins, address)).map(str::to_owned))
    }
}

/// Where an address lies among all: always at the same place, which nobody can work out from outside.
fn point(key: &[u8; 32], address: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = hmac(key, &[b"stand-in", address.as_bytes()]);
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The kinds take up as much of the range as they are of the people.
fn drawn(kinds: &PasswordKinds, point: u64) -> Option<&str> {
    let place = (u128::from(point) * u128::try_from(kinds.people).unwrap_or(0)) >> 64;
    let mut end = 0_u128;
    kinds.foreign.iter().find_map(|(decoy, people)| {
        end += u128::try_from(*people).unwrap_or(0);
        (place < end).then_some(decoy.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_addresses_stand_in_for_each_kind_as_often_as_it_is_met() {
        let kinds = PasswordKinds { people: 100, foreign: vec![("bcrypt".to_owned(), 60), ("scrypt".to_owned(), 10)] };
        let mut met = [0; 3];
        for number in 0..2000 {
            let point = point(&[7; 32], &format!("nobody{number}@example.com"));
            match drawn(&kinds, point) {
                Some("bcrypt") => met[0] += 1,
                Some("scrypt") => met[1] += 1,
                _ => met[2] += 1,
            }
        }
        assert!(
            (1100..1300).contains(&met[0]) && (140..260).contains(&met[1]) && (500..700).contains(&met[2]),
            "{met:?}"
        );
    }

    #[test]
    fn an_address_stays_where_it_is_until_the_shares_move_past_it() {
        let of = |people| PasswordKinds { people: 100, foreign: vec![("bcrypt".to_owned(), people)] };
        let point = point(&[7; 32], "nobody@example.com");
        let drawn: Vec<bool> = (0..=100).map(|people| drawn(&of(people), point).is_some()).collect();
        assert_eq!(drawn.windows(2).filter(|pair| pair[0] != pair[1]).count(), 1);
        assert!(super::drawn(&PasswordKinds::default(), u64::MAX).is_none());
    }
}
