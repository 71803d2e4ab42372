//! Refresh tokens are computed, not stored: `base64url(grant id, generation, MAC over both and the grant's salt)`.
//!
//! Nobody can make one without the key and the row; whoever shows one proves that it was given out. The same
//! predecessor always has the same successor, so a client that lost an answer and asks again gets the answer it lost,
//! and a family stays one line however many requests race (docs/decisions/0003).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::crypto::random::random_bytes;
use crate::crypto::token::{hmac, hmac_matches};
use crate::domain::ids::GrantId;
use crate::flow::karat::Karat;

pub const FIRST_GENERATION: i64 = 1;

const GRANT: usize = 16;
const GENERATION: usize = 4;
const MAC: usize = 32;

pub fn new_salt() -> [u8; 16] {
    random_bytes()
}

/// A refresh token that was shown; not yet known to be genuine.
pub struct ShownRefreshToken {
    pub grant_id: GrantId,
    pub generation: i64,
    mac: [u8; MAC],
}

impl ShownRefreshToken {
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 100 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        if bytes.len() != GRANT + GENERATION + MAC {
            return None;
        }
        let (grant, rest) = bytes.split_first_chunk::<GRANT>()?;
        let (generation, mac) = rest.split_first_chunk::<GENERATION>()?;
        Some(Self {
            grant_id: GrantId::new(Uuid::from_bytes(*grant)),
            generation: i64::from(u32::from_be_bytes(*generation)),
            mac: mac.try_into().ok()?,
        })
    }

    pub fn is_genuine(&self, karat: &Karat, salt: &[u8]) -> bool {
        let generation = self.generation.to_be_bytes();
        hmac_matches(&*karat.macs.refresh, &[self.grant_id.uuid().as_bytes(), &generation, salt], &self.mac)
    }
}

impl Karat {
    pub(super) fn refresh_token(&self, grant: GrantId, generation: i64, salt: &[u8]) -> String {
        let mac = hmac(&*self.macs.refresh, &[grant.uuid().as_bytes(), &generation.to_be_bytes(), salt]);
        let mut bytes = Vec::with_capacity(GRANT + GENERATION + MAC);
        bytes.extend_from_slice(grant.uuid().as_bytes());
        bytes.extend_from_slice(&u32::try_from(generation).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}
