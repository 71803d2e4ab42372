//! Refresh tokens are computed, not stored: `base64url(grant id, generation, branch, MAC over them and the grant's salt)`.
//!
//! Nobody can make one without the key and the row; whoever shows one proves that it was given out. What it is worth is
//! the line's to say (`domain::grant::RefreshLine`, docs/decisions/0003).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::crypto::random::random_bytes;
use crate::crypto::token::{hmac, hmac_matches};
use crate::domain::grant::Link;
use crate::domain::ids::GrantId;
use crate::flow::karat::Karat;

const GRANT: usize = 16;
const GENERATION: usize = 4;
const BRANCH: usize = 2;
const MAC: usize = 32;

pub fn new_salt() -> [u8; 16] {
    random_bytes()
}

/// A refresh token that was shown; not yet known to be genuine.
pub struct ShownRefreshToken {
    pub grant_id: GrantId,
    pub link: Link,
    mac: [u8; MAC],
}

impl ShownRefreshToken {
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 100 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        if bytes.len() != GRANT + GENERATION + BRANCH + MAC {
            return None;
        }
        let (grant, rest) = bytes.split_first_chunk::<GRANT>()?;
        let (generation, rest) = rest.split_first_chunk::<GENERATION>()?;
        let (branch, mac) = rest.split_first_chunk::<BRANCH>()?;
        let link = Link { generation: u32::from_be_bytes(*generation), branch: u16::from_be_bytes(*branch) };
        Some(Self { grant_id: GrantId::new(Uuid::from_bytes(*grant)), link, mac: mac.try_into().ok()? })
    }

    pub fn is_genuine(&self, karat: &Karat, salt: &[u8]) -> bool {
        let (generation, branch) = (self.link.generation.to_be_bytes(), self.link.branch.to_be_bytes());
        let grant = self.grant_id.uuid();
        hmac_matches(&*karat.macs.refresh, &[grant.as_bytes(), &generation, &branch, salt], &self.mac)
    }
}

impl Karat {
    pub(super) fn refresh_token(&self, grant: GrantId, link: Link, salt: &[u8]) -> String {
        let (generation, branch) = (link.generation.to_be_bytes(), link.branch.to_be_bytes());
        let mac = hmac(&*self.macs.refresh, &[grant.uuid().as_bytes(), &generation, &branch, salt]);
        let mut bytes = Vec::with_capacity(GRANT + GENERATION + BRANCH + MAC);
        for part in [&grant.uuid().as_bytes()[..], &generation, &branch, &mac] {
            bytes.extend_from_slice(part);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}
