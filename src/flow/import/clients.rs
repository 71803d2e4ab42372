//! Clients of other products become clients here, judged by the same rules as any other.

use serde_json::Value;

use super::dialect::Dialect;
use crate::config::ClientSection;
use crate::crypto::token::OpaqueToken;
use crate::domain::admin::Act;
use crate::domain::scope;
use crate::flow::admin::{self, Authority};
use crate::flow::clients::{RegistrarError, Rules, secret};
use crate::flow::karat::Karat;

/// Something of a client that did not come along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    pub key: String,
    pub why: String,
}

/// A client as another product has it, in our words.
#[derive(Debug)]
pub struct Foreign {
    pub client_id: String,
    /// `Err`: it is nothing to be registered here.
    pub section: Result<ClientSection, String>,
    pub disabled: bool,
    pub left_behind: Vec<LeftBehind>,
}

/// What became of one.
#[derive(Debug)]
pub struct ImportedClient {
    pub client_id: String,
    pub fate: ClientFate,
    pub left_behind: Vec<LeftBehind>,
}

#[derive(Debug)]
pub enum ClientFate {
    /// `secret` is one that was made here: to be shown this once.
    Made {
        secret: Option<OpaqueToken>,
        disabled: bool,
    },
    /// There is a client of this id, which stays as it is.
    Taken,
    PassedOver(String),
    Refused(String),
}

impl Foreign {
    pub(super) fn passed_over(client_id: &str, why: &str) -> Self {
        Self { client_id: client_id.to_owned(), section: Err(why.to_owned()), disabled: false, left_behind: Vec::new() }
    }
}

impl Karat {
    /// Each client is registered by itself: what one lacks keeps no other out. `trial` changes nothing.
    pub async fn import_clients(
        &self,
        by: &Authority,
        (dialect, file): (Dialect, &Value),
        trial: bool,
    ) -> Result<Vec<ImportedClient>, admin::Refusal> {
        by.permit(Act::ImportClients)?;
        let mut all = Vec::new();
        for mut foreign in dialect.read(file) {
            let fate = match std::mem::replace(&mut foreign.section, Err(String::new())) {
                Err(why) => ClientFate::PassedOver(why),
                Ok(section) => self.import_client(by, section, &mut foreign, trial).await?,
            };
            all.push(ImportedClient { client_id: foreign.client_id, fate, left_behind: foreign.left_behind });
        }
        Ok(all)
    }

    async fn import_client(
        &self,
        by: &Authority,
        mut section: ClientSection,
        foreign: &mut Foreign,
        trial: bool,
    ) -> Result<ClientFate, admin::Refusal> {
        if let Some(Err(weak)) = section.client_secret.as_ref().map(|given| secret::judge(given.expose())) {
            let why = format!("it {weak}; a new one is made");
            foreign.left_behind.push(LeftBehind { key: "client_secret".to_owned(), why });
            section.client_secret = None;
        }
        leave_scopes_of_the_house(&mut section, foreign);
        let registrar = self.registrar(by);
        if trial {
            return self.try_client(section, foreign.disabled).await;
        }
        let registered = match registrar.add(section).await {
            Ok(registered) => registered,
            Err(RegistrarError::Taken(_)) => return Ok(ClientFate::Taken),
            Err(refused @ RegistrarError::Refused(_)) => return Ok(ClientFate::Refused(refused.to_string())),
            Err(other) => return Err(failed(other)),
        };
        if foreign.disabled {
            registrar.update(&foreign.client_id, |_| {}, Some(true)).await.map_err(failed)?;
        }
        Ok(ClientFate::Made { secret: registered.secret, disabled: foreign.disabled })
    }

    async fn try_client(&self, mut section: ClientSection, disabled: bool) -> Result<ClientFate, admin::Refusal> {
        if Rules::needs_secret(&section) && section.client_secret.is_none() {
            section.client_secret = Some(secret::generate().expose().to_owned().into());
        }
        let client = match self.rules.judge(&section, &[]) {
            Ok(client) => client,
            Err(refusals) => return Ok(ClientFate::Refused(RegistrarError::Refused(refusals).to_string())),
        };
        match self.store.client(&client.id).await? {
            Some(_) => Ok(ClientFate::Taken),
            None => Ok(ClientFate::Made { secret: None, disabled }),
        }
    }
}

/// Another product's scope of the same name was never meant to open operations here.
fn leave_scopes_of_the_house(section: &mut ClientSection, foreign: &mut Foreign) {
    let Some(scope) = &section.scope else { return };
    let (house, rest): (Vec<&str>, Vec<&str>) =
        scope.split(' ').partition(|value| value.starts_with(scope::OF_THE_HOUSE));
    if house.is_empty() {
        return;
    }
    let why = format!("{} would open operations of the house: give it by hand, if it is meant", house.join(" "));
    foreign.left_behind.push(LeftBehind { key: "scope".to_owned(), why });
    section.scope = Some(rest.join(" ")).filter(|left| !left.is_empty());
}

fn failed(error: RegistrarError) -> admin::Refusal {
    match error {
        RegistrarError::Denied(refusal) => refusal,
        RegistrarError::Storage(error) => error.into(),
        RegistrarError::Failed(failure) => failure.into(),
        other => admin::Refusal::conflict(other.to_string()),
    }
}
