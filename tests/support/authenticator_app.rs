//! An authenticator app of a person of the tests.

use karat::domain::time::Timestamp;
use totp_rs::{Algorithm, Builder, Secret};

use super::browser::{Browser, Page};

pub struct AuthenticatorApp {
    seed: String,
}

impl AuthenticatorApp {
    /// Reads the secret off the page that adds an app.
    pub fn scan(page: &Page) -> Self {
        let shown =
            page.body.split("id=\"totp-secret\">").nth(1).unwrap_or_else(|| panic!("no secret: {}", page.text()));
        Self::typed(shown.split('<').next().unwrap())
    }

    pub fn seed(&self) -> &str {
        &self.seed
    }

    /// From the secret that a page shows to be typed.
    pub fn typed(secret: &str) -> Self {
        Self { seed: secret.replace(' ', "") }
    }

    /// The code of the step that is `steps` away from that of `now`.
    pub fn code(&self, now: Timestamp, steps: i64) -> String {
        let secret = Secret::try_from_base32(&self.seed).unwrap();
        let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
        let totp = builder.with_secret(secret).build().unwrap();
        let at = u64::try_from(now.unix() + steps * 30).unwrap();
        totp.generate(at).to_string()
    }

    /// Adds an app to the account that this browser is logged in to, and passes by the recovery codes. The step of `now` is
    /// spent by it.
    pub async fn add(browser: &Browser, now: Timestamp) -> Self {
        let page = browser.get("/account/security/totp").await;
        let app = Self::scan(&page);
        let done = browser.submit(&page, &[("code", &app.code(now, 0)), ("name", "My phone")]).await;
        assert!(done.status.is_success() || done.status == 404, "{}", done.text());
        assert_ne!(done.path(), "/account/security/totp", "{}", done.text());
        app
    }
}
