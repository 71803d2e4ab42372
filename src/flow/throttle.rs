//! Counting guesses. A limit delays whoever guesses; it never locks the owner out for good: a device that the account
//! knows has a count of its own.

use std::net::IpAddr;

use super::Failure;
use super::karat::Karat;
use crate::config::Rate;
use crate::domain::time::Seconds;
use crate::storage::ephemeral::Count;

/// A rate and the key that is counted under.
pub type Counter = (Rate, String);

/// Over the limit; the wait until the window ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    pub retry_after: Seconds,
}

impl Karat {
    /// Counts one more under `key` and tells whether it is still within the rate.
    pub async fn within(&self, rate: Rate, key: &str) -> Result<Result<(), TooMany>, Failure> {
        let counted = self.ephemeral.increment_within(&format!("rate:{key}"), rate.window.as_duration()).await?;
        Ok(judge(counted, u64::from(rate.count)))
    }

    /// Counts one more under each key. Over the limit of one, those before it are given back.
    pub(super) async fn all_within(&self, counters: &[Counter]) -> Result<Result<(), TooMany>, Failure> {
        for (index, (rate, key)) in counters.iter().enumerate() {
            if let Err(wait) = self.within(*rate, key).await? {
                self.give_all_back(&counters[..index]).await?;
                return Ok(Err(wait));
            }
        }
        Ok(Ok(()))
    }

    pub(super) async fn give_all_back(&self, counters: &[Counter]) -> Result<(), Failure> {
        for (_, key) in counters {
            self.give_back(key).await?;
        }
        Ok(())
    }

    /// Takes back what [`Karat::within`] counted.
    pub async fn give_back(&self, key: &str) -> Result<(), Failure> {
        Ok(self.ephemeral.give_back(&format!("rate:{key}")).await?)
    }

    /// What [`Karat::within`] has counted in the window that runs.
    pub(super) async fn counted(&self, key: &str) -> Result<Count, Failure> {
        Ok(self.ephemeral.count(&format!("rate:{key}")).await?)
    }
}

fn judge(counted: Count, most: u64) -> Result<(), TooMany> {
    if counted.count <= most {
        return Ok(());
    }
    let seconds = i64::try_from(counted.resets_in.as_secs()).unwrap_or(i64::MAX).max(1);
    Err(TooMany { retry_after: Seconds(seconds) })
}

/// Who is behind an address, as far as an address tells: an IPv6 customer has a whole /64.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
