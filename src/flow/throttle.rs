//! Counting guesses. A limit delays whoever guesses; it never locks the owner out for good: a device that the account
//! knows has a count of its own.

use std::net::IpAddr;

use super::Failure;
use super::karat::Karat;
use crate::config::Rate;
use crate::domain::error::OAuthError;
use crate::domain::time::Seconds;
use crate::storage::ephemeral::Count;

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

    /// Takes back what [`Karat::within`] counted.
    pub async fn give_back(&self, key: &str) -> Result<(), Failure> {
        Ok(self.ephemeral.give_back(&format!("rate:{key}")).await?)
    }

    /// Whether another one would still be within the rate; counts nothing.
    pub async fn would_be_within(&self, rate: Rate, key: &str) -> Result<Result<(), TooMany>, Failure> {
        let counted = self.ephemeral.count(&format!("rate:{key}")).await?;
        Ok(judge(counted, u64::from(rate.count).saturating_sub(1)))
    }

    /// Counts a failed client authentication and answers what the client is told.
    pub(super) async fn count_client_failure(&self, from: IpAddr) -> Result<OAuthError, OAuthError> {
        let rate = self.settings.throttle.client_failures_per_address;
        match self.within(rate, &format!("client-failures:{}", network(from))).await? {
            Ok(()) => Ok(OAuthError::invalid_client()),
            Err(_) => Ok(OAuthError::unavailable("too many failed client authentications from one address")),
        }
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
