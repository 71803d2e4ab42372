//! `oidcc-rp-initiated-logout-certification-test-plan`. What is refused in one module is what is right in
//! `oidcc_rp_initiated_logout`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::crypto::keyring::{KeyEntry, KeyStage, Keyring, SigningKey};
use karat::domain::jose::Algorithm;
use serde_json::json;

use crate::checks;
use crate::suite::{Mode, Suite};
use crate::support::relying_party::claims;
use crate::support::{Browser, Page, RelyingParty};

const BYE: &str = "https://first.test/bye";

/// Somebody logged in through an app, and the ID token that the app got.
struct LoggedIn<'a> {
    suite: &'a Suite,
    rp: RelyingParty<'a>,
    browser: Browser,
    id_token: String,
}

impl<'a> LoggedIn<'a> {
    async fn through(suite: &'a Suite) -> Self {
        let rp = suite.client().await;
        let browser = suite.browser();
        let tokens = suite.pass(&rp, &browser, &[]).await;
        let id_token = tokens.answer.text("id_token").to_owned();
        let this = Self { suite, rp, browser, id_token };
        this.still_logged_in().await;
        this
    }

    async fn end_session(&self, parameters: &[(&str, &str)]) -> Page {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.browser.get(&format!("/logout?{query}")).await
    }

    async fn still_logged_in(&self) {
        self.suite.ask(&self.rp, &self.browser, &[("prompt", "none")]).await.code();
    }

    async fn logged_out(&self) {
        self.suite.ask(&self.rp, &self.browser, &[("prompt", "none")]).await.error(&["login_required"]);
    }

    /// The page asks, nothing has happened yet; the click logs out and still sends nobody anywhere.
    async fn asked_and_confirmed(&self, page: &Page) -> Page {
        assert_eq!((page.status.as_u16(), page.path()), (200, "/logout"), "{}", page.url);
        assert!(page.body.contains("id=\"logout-confirm\""), "{}", page.text());
        self.still_logged_in().await;
        let done = self.browser.submit(page, &[("submit", "logout")]).await;
        says_logged_out(&done);
        self.logged_out().await;
        done
    }
}

fn says_logged_out(page: &Page) {
    assert_eq!((page.status.as_u16(), page.path()), (200, "/logout"), "not redirected: {}", page.url);
    assert!(page.text().contains("You are logged out"), "{}", page.text());
}

fn says_why(page: &Page) {
    says_logged_out(page);
    assert!(page.text().contains("invalid post_logout_redirect_uri"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let suite = Suite::start(Mode::Query).await;
    let document = checks::discovery(&suite.app).await;
    assert_eq!(document["end_session_endpoint"], suite.app.url("/logout"));
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let state = crate::suite::STATE;
    let hint = [("id_token_hint", person.id_token.as_str()), ("post_logout_redirect_uri", BYE), ("state", state)];
    let page = person.end_session(&hint).await;
    assert_eq!(page.param("state").as_deref(), Some(state));
    assert_eq!(page.url.split('?').next(), Some(BYE));
    assert_eq!(url::Url::parse(&page.url).unwrap().query_pairs().count(), 1);
    person.logged_out().await;
    let again = person.end_session(&hint).await;
    assert_eq!(again.url, page.url, "who is logged out already is sent back all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_state() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let page = person.end_session(&[("id_token_hint", &person.id_token), ("post_logout_redirect_uri", BYE)]).await;
    assert_eq!(page.url, BYE);
    person.logged_out().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let bad = [("post_logout_redirect_uri", "https://evil.test/bye"), ("state", "x")];
    says_why(&person.end_session(&[("id_token_hint", &person.id_token), bad[0], bad[1]]).await);
    person.logged_out().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let added = format!("{BYE}?foo=bar");
    let page = person.end_session(&[("id_token_hint", &person.id_token), ("post_logout_redirect_uri", &added)]).await;
    says_why(&page);
    person.logged_out().await;
}

/// `alg` is `none` and the signature is gone.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let payload = person.id_token.split('.').nth(1).unwrap();
    let unsigned = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(json!({ "alg": "none" }).to_string()));
    let page = person.end_session(&[("id_token_hint", &unsigned), ("post_logout_redirect_uri", BYE)]).await;
    says_why(&person.asked_and_confirmed(&page).await);
}

/// Signed by a key that is not ours, under its own name and under ours; and our signature under other claims.
#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let suite = Suite::start(Mode::Query).await;
    let foreign = foreign_ring();
    let person = LoggedIn::through(&suite).await;
    let mut parts = person.id_token.split('.');
    let (header, payload, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let other_signature = foreign.sign(Algorithm::Rs256, "JWT", &claims(&person.id_token)).unwrap();
    let borrowed = other_signature.rsplit('.').next().unwrap();
    let mut changed = claims(&person.id_token);
    changed["aud"] = json!("second");
    let changed = URL_SAFE_NO_PAD.encode(changed.to_string());
    for bad in [
        other_signature.clone(),
        format!("{header}.{payload}.{borrowed}"),
        format!("{header}.{changed}.{signature}"),
        format!("{header}.{payload}."),
        "nonsense".to_owned(),
    ] {
        let page = person.end_session(&[("id_token_hint", &bad), ("post_logout_redirect_uri", BYE)]).await;
        assert!(page.body.contains("id=\"logout-confirm\""), "{bad}: {}", page.text());
        person.still_logged_in().await;
    }
    let page = person.end_session(&[("id_token_hint", &other_signature), ("post_logout_redirect_uri", BYE)]).await;
    says_why(&person.asked_and_confirmed(&page).await);
}

fn foreign_ring() -> Keyring {
    let key = SigningKey::generate(Algorithm::Rs256).unwrap();
    Keyring::new(vec![KeyEntry { key: key.into(), stage: KeyStage::Current }])
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    for parameters in [
        vec![("post_logout_redirect_uri", BYE), ("state", "x")],
        vec![("post_logout_redirect_uri", BYE), ("client_id", "first")],
    ] {
        let page = person.end_session(&parameters).await;
        assert!(page.body.contains("id=\"logout-confirm\""), "{}", page.text());
    }
    let page = person.end_session(&[("post_logout_redirect_uri", BYE), ("state", "x")]).await;
    says_why(&person.asked_and_confirmed(&page).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_params() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let page = person.end_session(&[]).await;
    let done = person.asked_and_confirmed(&page).await;
    assert!(!done.body.contains("error-detail"), "nothing was wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_only_state() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let page = person.end_session(&[("state", "some")]).await;
    let done = person.asked_and_confirmed(&page).await;
    assert!(!done.body.contains("error-detail"), "nothing was wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let page = person.end_session(&[("id_token_hint", &person.id_token), ("state", "x")]).await;
    says_logged_out(&page);
    assert!(!page.body.contains("error-detail"), "nothing was wrong");
    person.logged_out().await;
}

/// OpenID Connect RP-Initiated Logout section 2: an ID token that has expired is still a hint.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_hint_logs_out_and_a_hint_for_another_session_asks_first() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let elsewhere = suite.browser();
    let other = suite.pass(&person.rp, &elsewhere, &[]).await;
    let hint = |token: &str| [("id_token_hint", token.to_owned()), ("post_logout_redirect_uri", BYE.to_owned())];
    let foreign = hint(other.answer.text("id_token"));
    let page = person.end_session(&foreign.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert!(page.body.contains("id=\"logout-confirm\""), "the hint is of another session: {}", page.text());

    suite.app.advance(6 * 3600);
    let own = hint(&person.id_token);
    let page = person.end_session(&own.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert_eq!(page.url, BYE);
    person.logged_out().await;
}

/// RP-Initiated Logout section 2: the endpoint takes POST, too, from the app's own page.
#[tokio::test(flavor = "multi_thread")]
async fn logout_can_be_posted_by_the_app() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let elsewhere = Browser::new(&suite.app.base);
    let post = elsewhere.request(reqwest::Method::POST, "/logout").header("origin", "https://first.test").form(&[
        ("id_token_hint", person.id_token.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "x"),
    ]);
    let page = person.browser.follow(elsewhere.send(post).await).await;
    assert_eq!(page.url, format!("{BYE}?state=x"));
    person.logged_out().await;
}

/// With a hint, `client_id` must be its audience; doubled parameters prove nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_contradicting_client_id_or_a_doubled_parameter_sends_nobody_back() {
    let suite = Suite::start(Mode::Query).await;
    let person = LoggedIn::through(&suite).await;
    let hint = ("id_token_hint", person.id_token.as_str());
    for wrong in [[("client_id", "second"), ("state", "x")], [("state", "x"), ("state", "y")]] {
        let page = person.end_session(&[hint, ("post_logout_redirect_uri", BYE), wrong[0], wrong[1]]).await;
        assert!(page.body.contains("id=\"logout-confirm\""), "{}", page.text());
    }
    let page = person.end_session(&[hint, ("post_logout_redirect_uri", BYE), ("client_id", "first")]).await;
    assert_eq!(page.url, BYE);
}
