//! The console over HTTP.

mod audit;
mod clients;
mod doors;
mod filters;
mod looks;
mod people;
mod review;
mod roles;
mod setup;
mod webhooks;

use karat::domain::ids::UserId;
use karat::domain::role::Role;
use karat::flow::admin::Authority;

use crate::support::authenticator::SoftPasskey;
use crate::support::{Browser, PASSWORD, Page, TestApp};

const ENROL: &str = "/account/security/passkeys";

/// One of the operator's people at a browser, with a passkey.
pub struct Desk {
    pub id: UserId,
    pub browser: Browser,
    key: SoftPasskey,
}

/// A person with these roles, who has just shown a passkey.
pub async fn desk(app: &TestApp, email: &str, roles: &[Role]) -> Desk {
    let id = app.person(email).await.id;
    let browser = Browser::new(&app.base);
    let page = browser.get("/login").await;
    browser.submit(&page, &[("email", email), ("password", PASSWORD)]).await;
    let mut key = SoftPasskey::new();
    enrol(app, &browser, &mut key).await;
    for role in roles {
        app.karat.grant_role(&Authority::operator(), id, *role, "").await.unwrap();
    }
    Desk { id, browser, key }
}

pub async fn enrol(app: &TestApp, browser: &Browser, key: &mut SoftPasskey) -> Page {
    let page = browser.get(ENROL).await;
    let made = key.create(&page.data("options").expect(&page.body), &app.base);
    press(browser, &page, ENROL, &[("credential", &made)]).await
}

/// Sends the form of `page` that posts to `action`, with `fields` in place of what stands there.
pub async fn press(browser: &Browser, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let (action, hidden) = page.form_to(action);
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
    all.extend_from_slice(fields);
    browser.post(&action, &all).await
}

impl Desk {
    pub async fn open(&self, path: &str) -> Page {
        let page = self.browser.get(path).await;
        assert_eq!((page.url.as_str(), page.status.as_u16()), (path, 200), "{}", page.text());
        page
    }

    /// Sends the form of `page` that posts to `action`, with files.
    pub async fn upload(&self, page: &Page, action: &str, files: &[(&str, &[u8])]) -> Page {
        let (action, hidden) = page.form_to(action);
        let texts: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = self.post_parts(&action, &texts, files).await;
        self.browser.follow(page).await
    }

    pub async fn post_parts(&self, action: &str, texts: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
        let mut body = Vec::new();
        let begin = |name: &str| format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"");
        for (name, text) in texts {
            body.extend_from_slice(format!("{}\r\n\r\n{text}\r\n", begin(name)).as_bytes());
        }
        for (name, content) in files {
            let part = format!("{}; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n", begin(name));
            body.extend_from_slice(part.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xyz--\r\n");
        let request = self
            .browser
            .request(reqwest::Method::POST, action)
            .header("sec-fetch-site", "same-origin")
            .header("origin", self.browser.base())
            .header("content-type", "multipart/form-data; boundary=xyz")
            .body(body);
        self.browser.send(request).await
    }

    pub async fn press(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        press(&self.browser, page, action, fields).await
    }

    /// The form token of this session.
    pub async fn csrf(&self) -> String {
        let page = self.browser.get("/account/profile").await;
        page.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1
    }

    /// Shows the passkey on the page `page`, which asks for it.
    pub async fn show_passkey(&mut self, app: &TestApp, page: &Page) -> Page {
        assert_eq!(page.path(), "/mfa/passkey", "{}", page.text());
        let said = self.key.get(&page.data("options").expect(&page.body), &app.base);
        press(&self.browser, page, "/mfa/passkey", &[("credential", &said)]).await
    }
}
