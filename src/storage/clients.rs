//! Registered clients: their rules as one JSON document, their logo beside it.

use super::Error;
use super::store::{Change, Store, from_json, to_json};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::time::Timestamp;

/// Where a client's registration comes from: the configuration owns its own, the command line and consoles the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Configuration,
    Registered,
    /// By the app itself (RFC 7591); otherwise as [`Origin::Registered`].
    SelfRegistered,
}

impl Origin {
    pub fn parse(text: &str) -> Self {
        match text {
            "configuration" => Self::Configuration,
            "self_registered" => Self::SelfRegistered,
            _ => Self::Registered,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Registered => "registered",
            Self::SelfRegistered => "self_registered",
        }
    }
}

pub struct Logo {
    pub bytes: Vec<u8>,
    pub media_type: String,
}

impl Store {
    pub async fn client(&self, id: &ClientId) -> Result<Option<Client>, Error> {
        let found: Option<(String,)> =
            self.read("SELECT settings FROM clients WHERE id = $1").bind(id.as_str()).optional().await?;
        found.map(|(settings,)| from_json(&settings, "clients.settings")).transpose()
    }

    pub async fn client_and_origin(&self, id: &ClientId) -> Result<Option<(Client, Origin)>, Error> {
        let found: Option<(String, String)> =
            self.read("SELECT settings, origin FROM clients WHERE id = $1").bind(id.as_str()).optional().await?;
        found
            .map(|(settings, origin)| Ok((from_json(&settings, "clients.settings")?, Origin::parse(&origin))))
            .transpose()
    }

    pub async fn clients(&self) -> Result<Vec<(Client, Origin)>, Error> {
        let rows: Vec<(String, String)> = self.read("SELECT settings, origin FROM clients ORDER BY id").all().await?;
        rows.into_iter()
            .map(|(settings, origin)| Ok((from_json(&settings, "clients.settings")?, Origin::parse(&origin))))
            .collect()
    }

    pub async fn client_logo(&self, id: &ClientId) -> Result<Option<Logo>, Error> {
        let found: Option<(Option<Vec<u8>>, Option<String>)> =
            self.read("SELECT logo, logo_type FROM clients WHERE id = $1").bind(id.as_str()).optional().await?;
        Ok(match found {
            Some((Some(bytes), Some(media_type))) => Some(Logo { bytes, media_type }),
            _ => None,
        })
    }
}

impl Change {
    /// [`Error::Conflict`] when the id is taken.
    pub async fn add_client(&mut self, client: &Client, origin: Origin, now: Timestamp) -> Result<(), Error> {
        self.sql("INSERT INTO clients (id, origin, settings, created_at, updated_at, search) VALUES ($1, $2, $3, $4, $4, $5)")
            .bind(client.id.as_str())
            .bind(origin.as_str())
            .bind(to_json(client)?)
            .bind(now)
            .bind(searched(client))
            .run()
            .await?;
        Ok(())
    }

    /// The client as it stands, and as it stays until this change is committed.
    pub async fn hold_client(&mut self, id: &ClientId) -> Result<Option<Client>, Error> {
        let found: Option<(String,)> = self
            .sql("UPDATE clients SET updated_at = updated_at WHERE id = $1 RETURNING settings")
            .bind(id.as_str())
            .optional()
            .await?;
        found.map(|(settings,)| from_json(&settings, "clients.settings")).transpose()
    }

    /// `false` when there is no such client.
    pub async fn update_client(&mut self, client: &Client, now: Timestamp) -> Result<bool, Error> {
        let updated = self
            .sql("UPDATE clients SET settings = $1, updated_at = $2, search = $4 WHERE id = $3")
            .bind(to_json(client)?)
            .bind(now)
            .bind(client.id.as_str())
            .bind(searched(client))
            .run()
            .await?;
        Ok(updated == 1)
    }

    pub async fn set_client_logo(&mut self, id: &ClientId, logo: Option<Logo>) -> Result<(), Error> {
        let (bytes, media_type) = logo.map(|logo| (logo.bytes, logo.media_type)).unzip();
        self.sql("UPDATE clients SET logo = $1, logo_type = $2 WHERE id = $3")
            .bind(bytes)
            .bind(media_type)
            .bind(id.as_str())
            .run()
            .await?;
        Ok(())
    }

    pub async fn remove_client(&mut self, id: &ClientId) -> Result<bool, Error> {
        Ok(self.sql("DELETE FROM clients WHERE id = $1").bind(id.as_str()).run().await? == 1)
    }
}

/// What consoles search in.
fn searched(client: &Client) -> String {
    format!("{} {}", client.id, client.name).to_lowercase()
}
