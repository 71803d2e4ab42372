//! The secret that an operator's system shares with us, and what is signed with it (Standard Webhooks).

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::random::random_bytes;

const PREFIX: &str = "whsec_";

/// `whsec_` and 32 random bytes in base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    pub fn generate() -> Self {
        Self(format!("{PREFIX}{}", STANDARD.encode(*Zeroizing::new(random_bytes::<32>()))))
    }

    /// Shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `v1,<base64 of HMAC-SHA256 over id.timestamp.body>`; `None` for a stored text that is no secret.
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
        let key = Zeroizing::new(STANDARD.decode(self.0.strip_prefix(PREFIX)?).ok()?);
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            context.update(part);
        }
        Some(format!("v1,{}", STANDARD.encode(context.sign())))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_signed_as_it_says() {
        let secret = WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_fresh_each_time_and_never_printed() {
        let secret = WebhookSecret::generate();
        assert_ne!(secret, WebhookSecret::generate());
        assert_eq!(secret.expose().len(), "whsec_".len() + 44);
        assert!(!format!("{secret:?}").contains(secret.expose()));
    }
}
