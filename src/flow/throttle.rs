//! Counting guesses. A limit delays whoever guesses; it never locks the owner out for good: a device that the account
//! knows has a count of its own.

use std::net::IpAddr;

use super::Failure;
use super::karat::Karat;
use crate::config::Rate;
use crate::crypto::token::TokenHash;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::ids::ClientId;
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

    /// Whether another one would still be within the rate; counts nothing.
    pub async fn would_be_within(&self, rate: Rate, key: &str) -> Result<Result<(), TooMany>, Failure> {
        let counted = self.ephemeral.count(&format!("rate:{key}")).await?;
        Ok(judge(counted, u64::from(rate.count).saturating_sub(1)))
    }

    /// Refuses to look at another secret for a client when too many from the same network were wrong.
    pub(super) async fn check_client_failures(
        &self,
        client: Option<&ClientId>,
        from: IpAddr,
    ) -> Result<(), OAuthError> {
        let rate = self.settings.throttle.client_failures_per_address;
        if self.would_be_within(rate, &client_failures(client, from)).await?.is_ok() {
            return Ok(());
        }
        // Without a cause, which would be logged as a fault of ours at every guess.
        tracing::debug!(client = client.map(ClientId::as_str), "too many failed client authentications");
        Err(OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many failed client authentications"))
    }

    /// Only who fails is counted: others may share the address.
    pub(super) async fn count_client_failure(&self, client: Option<&ClientId>, from: IpAddr) -> Result<(), Failure> {
        let rate = self.settings.throttle.client_failures_per_address;
        self.within(rate, &client_failures(client, from)).await.map(|_| ())
    }
}

/// What names no client counts together.
fn client_failures(client: Option<&ClientId>, from: IpAddr) -> String {
    let client = TokenHash::of_text("client", client.map(ClientId::as_str).unwrap_or_default());
    format!("client-failures:{}:{}", client.as_str(), network(from))
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
