//! `/account/profile`.

use axum::response::Response;

use super::errors_of;
use super::notice::Notice;
use super::owner::{OwnerForm, OwnerVisit};
use crate::flow::account::ProfileEntry;
use crate::http::error::PageError;
use crate::pages::account::{ProfileForm, ProfilePage};
use crate::pages::{FieldErrors, Locale};

const PATH: &str = "/account/profile";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let entry = ProfileEntry::from(&at.signed_in.user.profile);
    show(at, entry, FieldErrors::none())
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let text = |name| form.text(name).to_owned();
    let entry = ProfileEntry {
        name: text("name"),
        given_name: text("given_name"),
        family_name: text("family_name"),
        nickname: text("nickname"),
        birthdate: text("birthdate"),
        zoneinfo: text("zoneinfo"),
        locale: text("locale"),
    };
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.change_profile(at.owner(), &entry, at.visit.locale).await {
        Ok(()) => Ok(at.go(PATH, Notice::ProfileSaved)),
        Err(refused) => show(at, entry, errors_of(refused)?),
    }
}

fn show(at: OwnerVisit, entry: ProfileEntry, errors: FieldErrors) -> Result<Response, PageError> {
    let profile = ProfileForm {
        locale: Locale::for_tag(&entry.locale),
        name: entry.name,
        given_name: entry.given_name,
        family_name: entry.family_name,
        nickname: entry.nickname,
        birthdate: entry.birthdate,
        zoneinfo: entry.zoneinfo,
    };
    at.page(PATH, &ProfilePage { profile, errors })
}
