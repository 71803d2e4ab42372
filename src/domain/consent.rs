//! What a person allowed a client, remembered until it is withdrawn.

use super::ids::ClientId;
use super::scope::Scope;
use super::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub client_id: ClientId,
    pub scope: Scope,
    pub given_at: Timestamp,
    pub updated_at: Timestamp,
}
