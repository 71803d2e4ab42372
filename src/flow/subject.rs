//! By which name an app knows a person (OpenID Connect Core section 8): what stands as `sub` in everything that the app is told, and what
//! it may say back.

use uuid::Uuid;

use super::karat::Karat;
use crate::crypto::pairwise;
use crate::domain::client::{Client, SubjectType};
use crate::domain::ids::{SessionId, UserId};

impl Karat {
    pub fn subject(&self, client: &Client, user: UserId) -> String {
        match &client.subject {
            SubjectType::Public => user.to_string(),
            SubjectType::Pairwise { sector, .. } => {
                pairwise::pseudonym(&self.macs.subjects, sector, user.uuid().into_bytes())
            }
        }
    }

    /// What the app is told of the session as `sid`. As the person, a session has another name in each sector.
    pub fn session_name(&self, client: &Client, session: SessionId) -> String {
        match &client.subject {
            SubjectType::Public => session.to_string(),
            SubjectType::Pairwise { sector, .. } => {
                pairwise::session_pseudonym(&self.macs.subjects, sector, session.uuid().into_bytes())
            }
        }
    }

    /// Whom the app means. A name that the app was never given is nobody's, or leads to an id that nobody has.
    pub fn person_called(&self, client: &Client, subject: &str) -> Option<UserId> {
        match &client.subject {
            SubjectType::Public => subject.parse().ok(),
            SubjectType::Pairwise { sector, .. } => {
                pairwise::named(&self.macs.subjects, sector, subject).map(|id| UserId::new(Uuid::from_bytes(id)))
            }
        }
    }
}
