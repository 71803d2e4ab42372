//! Posting a form of ours in every way in which somebody else could.

use reqwest::Method;

use crate::support::{Browser, Page, TestApp};

/// What another site's page, or no browser at all, can send beside the fields.
const FOREIGN: &[&[(&str, &str)]] = &[
    &[],
    &[("origin", "https://evil.test")],
    &[("origin", "null")],
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "OWN")],
    &[("sec-fetch-site", "same-site"), ("origin", "https://sub.evil.test")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "none")],
    &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.test")],
    &[("sec-fetch-site", "cross-site"), ("origin", "null"), ("referer", "OWN/login")],
    &[("referer", "OWN/login")],
];

pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    pub fn of(page: &Page, typed: &[(&str, &str)]) -> Self {
        let (action, mut fields) = page.form();
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { action, fields }
    }

    pub fn with(&self, name: &str, value: Option<&str>) -> Vec<(String, String)> {
        let mut fields: Vec<_> = self.fields.iter().filter(|(given, _)| given != name).cloned().collect();
        fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        fields
    }
}

/// Posts the form in every foreign way; each must be refused, and change nothing.
pub async fn assert_only_our_own_page_may_post(app: &TestApp, browser: &Browser, form: &Form, other_token: &str) {
    let own = app.base.as_str();
    for headers in FOREIGN {
        let mut request = browser.request(Method::POST, &form.action).form(&form.fields);
        for (name, value) in *headers {
            request = request.header(*name, value.replace("OWN", own));
        }
        let page = browser.send(request).await;
        assert_eq!(page.status, 403, "{} with {headers:?}: {}", form.action, page.text());
    }
    let same_origin =
        || browser.request(Method::POST, &form.action).header("sec-fetch-site", "same-origin").header("origin", own);
    let long = "A".repeat(43);
    for (what, fields) in [
        ("no form token", form.with("csrf", None)),
        ("an empty form token", form.with("csrf", Some(""))),
        ("a made-up form token", form.with("csrf", Some(&long))),
        ("another session's form token", form.with("csrf", Some(other_token))),
    ] {
        // The logout endpoint takes an app's form too, and only asks then.
        let page = browser.send(same_origin().form(&fields)).await;
        let asks = form.action == "/logout" && page.status == 303 && page.location().unwrap().starts_with("/logout?");
        assert!(page.status == 403 || asks, "{} with {what}: {}", form.action, page.status);
    }
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    let json =
        serde_json::to_string(&form.fields.iter().cloned().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
    for (kind, body) in [
        ("text/plain", encoded.clone()),
        ("application/json", json.clone()),
        ("text/plain", json),
        ("multipart/form-data; boundary=x", encoded.clone()),
        ("", encoded),
    ] {
        let mut request = same_origin().body(body);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let page = browser.send(request).await;
        assert!([400, 403, 415].contains(&page.status.as_u16()), "{} as {kind:?}: {}", form.action, page.status);
    }
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let page = browser
            .send(browser.request(method, &form.action).header("sec-fetch-site", "same-origin").form(&form.fields))
            .await;
        assert_eq!(page.status, 405, "{}", form.action);
    }
}
