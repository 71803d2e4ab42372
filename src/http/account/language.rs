//! `POST /language`: the language of the pages, kept in a cookie.

use axum::response::Response;

use crate::domain::time::Seconds;
use crate::http::cookies::Cookie;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::pages::Locale;

const REMEMBERED: Seconds = Seconds::days(365);

pub async fn post(form: PageForm) -> Result<Response, PageError> {
    let Some(locale) = Locale::for_tag(form.text("locale")) else {
        return Err(PageError::bad_request("locale is not one of the languages"));
    };
    let back = own_path(form.text("path")).to_owned();
    let mut visit = form.visit;
    visit.set_cookie(Cookie::Locale, locale.tag(), Some(REMEMBERED));
    Ok(visit.see_other(&back))
}

/// A path on this server, or the account's: no other place is ever followed.
fn own_path(path: &str) -> &str {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let own = path.starts_with('/') && !path.starts_with("//") && plain && !path.starts_with("/authorize?");
    if own { path } else { "/account" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_our_own_are_followed() {
        assert_eq!(own_path("/login?interaction=x"), "/login?interaction=x");
        for bad in ["", "//evil", "/\\evil", "https://evil", "javascript:x", "/\t/evil", "\\/evil", "evil"] {
            assert_eq!(own_path(bad), "/account", "{bad}");
        }
    }
}
