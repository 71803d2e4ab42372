//! Lists of people and clients that stay quick however many there are: each by an index, a page at a time.

use super::Error;
use super::store::{Store, from_json};
use super::users::Row;
use crate::domain::client::Client;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::clients::Origin;

/// Whom a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    All,
    Locked,
    Frozen,
    /// Whose hold runs.
    Held,
    /// Whose highest level on record this is, whether or not it still counts.
    Level(u8),
    Suspended,
}

impl Filter {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "all" => Self::All,
            "locked" => Self::Locked,
            "frozen" => Self::Frozen,
            "held" => Self::Held,
            "suspended" => Self::Suspended,
            "level-1" => Self::Level(1),
            "level-2" => Self::Level(2),
            "level-3" => Self::Level(3),
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Locked => "locked",
            Self::Frozen => "frozen",
            Self::Held => "held",
            Self::Suspended => "suspended",
            Self::Level(1) => "level-1",
            Self::Level(2) => "level-2",
            Self::Level(_) => "level-3",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ListedClient {
    pub client: Client,
    pub origin: Origin,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

record! {
    struct ClientRow {
        settings: String,
        origin: String,
        created_at: i64,
        updated_at: i64,
    }
}

/// After every id there is.
const LAST_ID: &str = "g";

impl Store {
    /// The youngest first; whose hold runs, in the order in which the holds end. `after`: the last one of the page before.
    pub async fn people(
        &self,
        filter: Filter,
        now: Timestamp,
        after: Option<&User>,
        most: i64,
    ) -> Result<Vec<User>, Error> {
        let before = after.map_or(LAST_ID.to_owned(), |user| user.id.to_string());
        let rows: Vec<Row> = match filter {
            Filter::All => {
                self.read("SELECT * FROM users WHERE id < $1 ORDER BY id DESC LIMIT $2").bind(before).bind(most)
            }
            Filter::Locked => self
                .read("SELECT * FROM users WHERE locked_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2")
                .bind(before)
                .bind(most),
            Filter::Frozen => self
                .read("SELECT * FROM users WHERE frozen_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2")
                .bind(before)
                .bind(most),
            Filter::Suspended => self
                .read("SELECT * FROM users WHERE kyc_suspended > 0 AND id < $1 ORDER BY id DESC LIMIT $2")
                .bind(before)
                .bind(most),
            Filter::Level(level) => self
                .read(
                    "SELECT * FROM users WHERE kyc_level = $3 AND kyc_level > 0 AND id < $1 ORDER BY id DESC LIMIT $2",
                )
                .bind(before)
                .bind(most)
                .bind(i64::from(level)),
            Filter::Held => {
                let (until, id) = match after {
                    Some(user) => (user.hold_until.unwrap_or(now), user.id.to_string()),
                    None => (now, LAST_ID.to_owned()),
                };
                self.read(
                    "SELECT * FROM users WHERE hold_until IS NOT NULL AND (hold_until, id) > ($1, $2) \
                     ORDER BY hold_until, id LIMIT $3",
                )
                .bind(until)
                .bind(id)
                .bind(most)
            }
        }
        .all()
        .await?;
        rows.into_iter().map(|row| Ok(self.user_of(row)?.user)).collect()
    }

    /// Whose address begins like this, in the order of addresses.
    pub async fn people_by_address(
        &self,
        beginning: &str,
        after: Option<&User>,
        most: i64,
    ) -> Result<Vec<User>, Error> {
        let mut end = beginning.as_bytes().to_vec();
        // No address holds this byte: it is in no UTF-8 text.
        end.push(0xff);
        let from = after.map_or(beginning.as_bytes().to_vec(), |user| {
            let mut next = user.email.as_str().as_bytes().to_vec();
            next.push(0);
            next
        });
        let rows: Vec<Row> = self
            .read("SELECT * FROM users WHERE email_key >= $1 AND email_key < $2 ORDER BY email_key LIMIT $3")
            .bind(from)
            .bind(end)
            .bind(most)
            .all()
            .await?;
        rows.into_iter().map(|row| Ok(self.user_of(row)?.user)).collect()
    }

    /// By id. `find`: what id or name has to contain, whatever the case.
    pub async fn clients_page(
        &self,
        find: Option<&str>,
        after: Option<&str>,
        most: i64,
    ) -> Result<Vec<ListedClient>, Error> {
        let pattern = find.map_or("%".to_owned(), |text| {
            let plain: String = text
                .to_lowercase()
                .chars()
                .flat_map(|c| match c {
                    '%' | '_' | '!' => vec!['!', c],
                    other => vec![other],
                })
                .collect();
            format!("%{plain}%")
        });
        let rows: Vec<ClientRow> = self
            .read(
                "SELECT settings, origin, created_at, updated_at FROM clients \
                 WHERE id > $1 AND search LIKE $2 ESCAPE '!' ORDER BY id LIMIT $3",
            )
            .bind(after.unwrap_or_default())
            .bind(pattern)
            .bind(most)
            .all()
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ListedClient {
                    client: from_json(&row.settings, "clients.settings")?,
                    origin: Origin::parse(&row.origin),
                    created_at: Timestamp::from_unix(row.created_at),
                    updated_at: Timestamp::from_unix(row.updated_at),
                })
            })
            .collect()
    }

    /// Addresses of people whom the log names, for who reads it.
    pub async fn addresses_of(&self, ids: &[UserId]) -> Result<Vec<(UserId, String)>, Error> {
        let mut found = Vec::new();
        for id in ids {
            let row: Option<(String,)> =
                self.read("SELECT email FROM users WHERE id = $1").bind(id.to_string()).optional().await?;
            found.extend(row.map(|(email,)| (*id, email)));
        }
        Ok(found)
    }
}
