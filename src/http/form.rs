//! A form posted from one of our own pages: the origin is ours and the form token fits (OWASP ASVS 3.5).

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;

use super::error::PageError;
use super::visit::{Visit, text_of};
use super::web::Web;
use crate::domain::parameters::Parameters;

/// The visit together with what was typed. Whoever holds one need not check again.
pub struct PageForm {
    pub visit: Visit,
    pub fields: Parameters,
}

impl FromRequest<Web> for PageForm {
    type Rejection = PageError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, web).await?;
        if !is_from_our_page(&parts.headers, &web.karat.issuer.origin()) {
            return Err(PageError::CrossSite);
        }
        if !text_of(&parts.headers, header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
            return Err(PageError::CrossSite);
        }
        let body = Bytes::from_request(Request::from_parts(parts, body), web).await.map_err(PageError::from_body)?;
        let fields = Parameters::parse(&body).map_err(|error| PageError::bad_request(error.to_string()))?;
        if let Some(name) = fields.doubled() {
            let name: String = name.chars().take(40).collect();
            return Err(PageError::bad_request(format!("{name} was sent more than once")));
        }
        if !has_token(&visit, fields.get("csrf").unwrap_or_default()) {
            return Err(PageError::FormExpired);
        }
        Ok(Self { visit, fields })
    }
}

impl PageForm {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }
}

/// Whether `sent` is the form token of this browser and session.
pub(super) fn has_token(visit: &Visit, sent: &str) -> bool {
    bool::from(sent.as_bytes().ct_eq(visit.form_token().as_bytes()))
}

/// Browsers say where a form comes from in `Sec-Fetch-Site`, older ones in `Origin`. Who says neither is no browser
/// that shows our pages. Under our referrer policy a browser that says the first writes `null` for the second.
pub(super) fn is_from_our_page(headers: &HeaderMap, own: &str) -> bool {
    let origin = headers.get(header::ORIGIN).map(|value| value.as_bytes());
    let is_own = origin == Some(own.as_bytes());
    match headers.get("sec-fetch-site").map(|value| value.as_bytes()) {
        Some(site) => site == b"same-origin" && (is_own || origin.is_none_or(|origin| origin == b"null")),
        None => is_own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn only_our_own_pages_may_post() {
        let own = "https://id.example";
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)));
            HeaderMap::from_iter(pairs)
        };
        assert!(is_from_our_page(&headers(&[("sec-fetch-site", "same-origin"), ("origin", own)]), own));
        assert!(is_from_our_page(&headers(&[("sec-fetch-site", "same-origin"), ("origin", "null")]), own));
        assert!(is_from_our_page(&headers(&[("origin", own)]), own));
        for foreign in [
            headers(&[]),
            headers(&[("origin", "null")]),
            headers(&[("origin", "https://evil.example")]),
            headers(&[("sec-fetch-site", "same-site"), ("origin", own)]),
            headers(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]),
            headers(&[("sec-fetch-site", "cross-site"), ("origin", "null")]),
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("sec-fetch-site", "none")]),
        ] {
            assert!(!is_from_our_page(&foreign, own), "{foreign:?}");
        }
    }
}
