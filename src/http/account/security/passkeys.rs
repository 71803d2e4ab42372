//! `/account/security/passkeys`: the person's passkeys, and adding one.

use axum::response::Response;

use super::super::notice::Notice;
use super::super::owner::{OwnerForm, OwnerVisit};
use super::super::{PageQuery, errors_of, ongoing};
use super::enrolled;
use crate::domain::authenticator::{Authenticator, Facts};
use crate::flow::Refused;
use crate::flow::authenticators::passkeys::AskedIn;
use crate::flow::authorize::Interaction;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::passkeys::{PasskeyRow, PasskeysPage};

const PATH: &str = "/account/security/passkeys";

pub async fn get(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&at.visit, query.text("interaction")).await?;
    show(at, interaction.as_ref(), String::new(), FieldErrors::none()).await
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let (ticket, answer) = (form.text("ticket").to_owned(), form.text("credential").to_owned());
    let name = form.text("name").to_owned();
    let interaction = ongoing(&form.at.visit, form.fields.get("interaction")).await?;
    let at = form.at;
    let asked_in = asked_in(&at, interaction.as_ref());
    match at.visit.web.karat.enrol_passkey(at.owner(), &asked_in, (&ticket, &answer), &name).await {
        Ok(verified) => enrolled(at, &verified, interaction.as_ref(), Notice::PasskeyAdded).await,
        // The page leads to the proof.
        Err(Refused::ProveFirst) => show(at, interaction.as_ref(), name, FieldErrors::none()).await,
        Err(refused) => show(at, interaction.as_ref(), name, errors_of(refused)?).await,
    }
}

async fn show(
    at: OwnerVisit,
    interaction: Option<&Interaction>,
    name: String,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    if karat.passkeys.is_none() {
        return Err(PageError::NotFound);
    }
    let at = match at.fresh("passkeys", interaction).await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    let (question, errors) = match karat.begin_passkey_enrolment(at.owner(), &asked_in(&at, interaction)).await {
        Ok(challenge) => (Some(challenge.into()), errors),
        // The settings are locked: what there is can be looked at.
        Err(refused) => (None, errors_of(refused)?),
    };
    let own = karat.store.authenticators_of(at.signed_in.user.id).await?;
    let page = PasskeysPage {
        now: karat.now(),
        passkeys: own.into_iter().filter_map(row).collect(),
        question,
        name,
        attestation_required: karat.passkeys.as_ref().is_some_and(|passkeys| passkeys.require_attestation()),
        errors,
    };
    at.page_within(PATH, interaction, &page)
}

fn row(one: Authenticator) -> Option<PasskeyRow> {
    let Facts::Passkey(facts) = one.facts else { return None };
    let (synced, attested) = (facts.synced, facts.attested);
    Some(PasskeyRow { name: one.name, synced, attested, added_at: one.created_at, used_at: one.last_used_at })
}

fn asked_in(at: &OwnerVisit, interaction: Option<&Interaction>) -> AskedIn {
    let session = at.signed_in.session.id.to_string();
    let interaction = interaction.map(|interaction| interaction.id.as_str()).unwrap_or_default();
    AskedIn::new(&at.visit.browser_hash(), &["enrol", &session], &[interaction])
}
