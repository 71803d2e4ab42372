//! `/admin/invitations`: the tokens with which apps register themselves.

use axum::extract::Path;
use axum::response::Response;

use super::{ConsoleForm, ConsoleNotice, ConsoleVisit};
use crate::config::RegistrationMode;
use crate::crypto::token::OpaqueToken;
use crate::domain::admin::Act;
use crate::domain::time::Seconds;
use crate::flow::clients::invitations::InvitationWanted;
use crate::http::error::PageError;
use crate::pages::admin::Crumb;
use crate::pages::admin::clients::{InvitationRow, InvitationsPage};

const PATH: &str = "/admin/invitations";

pub async fn get(visit: ConsoleVisit) -> Result<Response, PageError> {
    show(visit, None).await
}

async fn show(visit: ConsoleVisit, token: Option<OpaqueToken>) -> Result<Response, PageError> {
    let karat = visit.karat();
    let now = karat.now();
    let invitations = karat.client_invitations(&visit.by).await?;
    let page = InvitationsPage {
        mode: match karat.settings.client_registration.mode {
            RegistrationMode::Off => "off",
            RegistrationMode::Token => "token",
            RegistrationMode::Open => "open",
        },
        // The youngest first, as every list here.
        invitations: invitations
            .into_iter()
            .rev()
            .map(|one| InvitationRow {
                is_over: one.uses_left < 1 || one.expires_at <= now,
                id: one.id,
                note: one.note,
                uses_left: one.uses_left,
                until: one.expires_at,
            })
            .collect(),
        may_invite: visit.by.may(Act::InviteClients),
        token: token.map(|token| token.expose().to_owned()),
        endpoint: karat.issuer.join("/clients"),
        shell: crate::pages::admin::Shell {
            path: PATH.to_owned(),
            ..visit.shell("clients", vec![Crumb { path: None, text: "RFC 7591".to_owned() }])
        },
    };
    visit.page_at(PATH, &page)
}

pub async fn post_make(form: ConsoleForm) -> Result<Response, PageError> {
    let number = |name: &str| form.text(name).trim().parse::<i64>().unwrap_or(0);
    let (uses, days) = (number("uses"), number("days"));
    let wanted = InvitationWanted {
        note: form.text("note").trim().to_owned(),
        uses,
        // What is no number of days is refused as no lifetime.
        lifetime: Seconds(days.saturating_mul(Seconds::days(1).0)),
    };
    let visit = form.visit;
    match visit.karat().invite_clients(&visit.by, wanted).await {
        Ok((_, token)) => show(visit, Some(token)).await,
        Err(refusal) => visit.done(PATH, Err(refusal)).await,
    }
}

pub async fn post_withdraw(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let visit = form.visit;
    let done = visit.karat().withdraw_client_invitation(&visit.by, &id).await;
    visit.done(PATH, done.map(|()| ConsoleNotice::InvitationWithdrawn)).await
}
