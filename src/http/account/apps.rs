//! `/account/apps`: which apps have access to what, and taking it away.

use axum::response::Response;

use super::notice::Notice;
use super::owner::{OwnerForm, OwnerVisit};
use crate::flow::account::App;
use crate::http::error::PageError;
use crate::pages::account::{AppRow, AppsPage};

const PATH: &str = "/account/apps";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let apps = karat.apps_of(at.signed_in.user.id).await?;
    let page = AppsPage { now: karat.now(), apps: apps.into_iter().map(row).collect() };
    at.page(PATH, &page)
}

pub async fn post_withdraw(form: OwnerForm) -> Result<Response, PageError> {
    let client_id = form.text("client_id").to_owned();
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    karat.withdraw_app(at.owner(), &client_id).await?;
    Ok(at.go(PATH, Notice::AppWithdrawn))
}

fn row(app: App) -> AppRow {
    let pages = &app.client.pages;
    AppRow {
        client_id: app.client.id.to_string(),
        name: app.client.name.clone(),
        logo_url: app.client.logo_path(),
        home_url: pages.home.clone(),
        verified: pages.verified,
        scopes: app.scope.iter().map(str::to_owned).collect(),
        since: app.since,
        last_used_at: app.last_used_at,
    }
}
