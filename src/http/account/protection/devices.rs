//! `/account/security/devices`: the browsers that the account knows.

use axum::response::Response;

use super::refused_here;
use crate::flow::sessions::device_name;
use crate::http::account::notice::Notice;
use crate::http::account::owner::{OwnerForm, OwnerVisit};
use crate::http::error::PageError;
use crate::pages::security::{DeviceRow, DevicesPage};

const PATH: &str = "/account/security/devices";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let (now, here) = (karat.now(), at.visit.browser.device.clone());
    let devices = karat.known_devices(&at.signed_in.user).await?.into_iter().map(|known| DeviceRow {
        current: here.as_ref() == Some(&known.hash),
        id: known.hash.into_string(),
        device: known.device.as_ref().map(|device| device_name(&device.agent)),
        place: known.device.map(|device| device.address),
        first_seen_at: known.first_seen_at,
        last_seen_at: known.last_seen_at,
        trusted_until: known.trusted_until.filter(|until| *until > now),
    });
    let page = DevicesPage { now, devices: devices.collect() };
    at.page(PATH, &page)
}

pub async fn post_forget(form: OwnerForm) -> Result<Response, PageError> {
    let device = form.text("device").to_owned();
    forget(form.at, Some(&device)).await
}

pub async fn post_forget_all(form: OwnerForm) -> Result<Response, PageError> {
    forget(form.at, None).await
}

async fn forget(at: OwnerVisit, only: Option<&str>) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    match karat.forget_own_devices(at.owner(), only).await {
        Ok(()) => Ok(at.go(PATH, Notice::DevicesForgotten)),
        Err(refused) => refused_here(at, refused),
    }
}
