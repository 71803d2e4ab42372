//! `/setup`: from the link that the server printed to the first owner, step by step. See `flow/admin/setup.rs`.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::console::ConsoleNotice;
use crate::crypto::token::{OpaqueToken, Secret};
use crate::domain::authentication::Acr;
use crate::domain::time::Seconds;
use crate::flow::Refused;
use crate::flow::account::Owner;
use crate::flow::admin::Refusal;
use crate::flow::admin::setup::FirstAccount;
use crate::flow::login::{LoginOutcome, Towards};
use crate::http::account::notice::Notice;
use crate::http::account::{PageQuery, errors_of, login};
use crate::http::cookies::Cookie;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::admin::setup::{SetupPage, SetupStep};
use crate::pages::{FieldErrors, Frame};

const PATH: &str = "/setup";
/// Long enough to fetch a security key from another room.
const LIFETIME: Seconds = Seconds::hours(1);

pub async fn get(headers: HeaderMap, mut visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    // Out of the address bar, the history, and whatever is copied from there.
    if let Some(token) = query.text("token").and_then(OpaqueToken::parse) {
        visit.set_cookie(Cookie::Setup, token.expose(), Some(LIFETIME));
        return Ok(visit.see_other(PATH));
    }
    let token = token_of(&headers, &visit);
    show(visit, &headers, &token, Typed::default()).await
}

pub async fn post_account(headers: HeaderMap, form: PageForm) -> Result<Response, PageError> {
    let token = token_of(&headers, &form.visit);
    let wanted = FirstAccount {
        name: form.text("name").to_owned(),
        email: form.text("email").to_owned(),
        password: Secret::new(form.text("password")),
    };
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.make_first_account(&token, &wanted, &visit.browser, visit.locale).await {
        Ok(()) => {}
        Err(Refused::Gone) => return gone(visit),
        Err(refused) => {
            let errors = errors_of(refused)?;
            let typed = Typed { name: wanted.name, email: wanted.email, errors };
            return show(visit, &headers, &token, typed).await;
        }
    }
    let towards = Towards { interaction: None, room: Some("setup".to_owned()) };
    let outcome =
        karat.log_in(&wanted.email, &wanted.password, &visit.browser, visit.signed_in.as_ref(), &towards).await?;
    match outcome {
        LoginOutcome::SignedIn(begun) => login::logged_in(visit, *begun, None, Some("setup")).await,
        // Made by somebody's hands at the same moment, or throttled: the ordinary way in says what is missing.
        _ => Ok(visit.see_other("/login?next=setup")),
    }
}

pub async fn post_own(headers: HeaderMap, form: PageForm) -> Result<Response, PageError> {
    let mut visit = form.visit;
    let token = token_of(&headers, &visit);
    let Some(signed_in) = visit.signed_in.clone() else { return Ok(visit.see_other("/login?next=setup")) };
    let karat = visit.web.karat.clone();
    let owner = Owner { signed_in: &signed_in, browser: &visit.browser };
    match karat.become_owner(owner, &token).await {
        Ok(()) => {
            visit.clear_cookie(Cookie::Setup);
            Notice::Console(ConsoleNotice::Owner).leave(&mut visit);
            Ok(visit.see_other("/admin"))
        }
        Err(Refusal::StepUp) => Ok(visit.see_other("/mfa?next=setup")),
        Err(Refusal::NotFound) => gone(visit),
        Err(refusal) => Err(refusal.into()),
    }
}

/// What stands in the form of the account.
#[derive(Default)]
struct Typed {
    name: String,
    email: String,
    errors: FieldErrors,
}

async fn show(mut visit: Visit, headers: &HeaderMap, token: &str, typed: Typed) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    if !karat.setup_is_open(token).await? {
        return gone(visit);
    }
    let step = match &visit.signed_in {
        None => SetupStep::Account,
        Some(signed_in) => {
            let fresh_for = karat.settings.admin.fresh_for;
            let authentication = &signed_in.session.authentication;
            if karat.enrolled(signed_in.user.id).await?.reach() < Acr::Phr {
                SetupStep::Passkey
            } else if authentication.shown_lately(Acr::Phr, fresh_for, karat.now()) {
                SetupStep::Own
            } else {
                SetupStep::Prove
            }
        }
    };
    let page = SetupPage {
        step,
        name: typed.name,
        email: typed.email,
        min_password: karat.settings.passwords.minimum_length,
        errors: typed.errors,
    };
    let notice = Notice::take(headers, &mut visit);
    let frame = Frame { notice, path: PATH.to_owned(), ..visit.frame() };
    visit.page(&page, &frame)
}

/// Used up, expired, or never there.
fn gone(mut visit: Visit) -> Result<Response, PageError> {
    visit.clear_cookie(Cookie::Setup);
    let min_password = visit.web.karat.settings.passwords.minimum_length;
    let page = SetupPage { step: SetupStep::Gone, min_password, ..SetupPage::default() };
    let frame = Frame { path: PATH.to_owned(), ..visit.frame() };
    let mut response = visit.page(&page, &frame)?;
    *response.status_mut() = StatusCode::GONE;
    Ok(response)
}

fn token_of(headers: &HeaderMap, visit: &Visit) -> String {
    Cookie::Setup.read(headers, visit.web.is_https()).unwrap_or_default()
}
