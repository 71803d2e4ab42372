//! When a session, a person, a consent or a client ends, everything that hangs on it ends at once, on every node
//! (OWASP ASVS 7.4).

use karat::domain::client::{Client, LogoutRules};
use karat::domain::user::Condition;
use karat::flow::admin::Authority;

use crate::common::{code_in, own_client};
use crate::person::{press, try_log_in};
use crate::support::app::web_client;
use crate::support::relying_party::{Answer, answer, claims};
use crate::support::{Backends, Browser, PASSWORD, Person, RelyingParty, TestApp};

const SCOPE: &str = "openid email offline_access";

/// Everything a person has running at one app.
struct Running {
    browser: Browser,
    tokens: Answer,
    /// Given, not redeemed.
    code: String,
}

impl Running {
    async fn begin(rp: &RelyingParty<'_>, person: &Person) -> Self {
        let browser = Browser::new(&rp.app.base);
        let tokens = rp.tokens_in(&browser, person, SCOPE).await;
        let code = code_in(rp, &browser, SCOPE).await;
        Self { browser, tokens, code }
    }

    /// Asked at both nodes in turn.
    async fn is_alive(&self, rp: &RelyingParty<'_>, nodes: &[&TestApp]) -> Vec<bool> {
        let mut found = Vec::new();
        for node in nodes {
            let ask = async |path: &str, fields: &[(&str, &str)]| rp.post_to(&node.at, path, fields).await;
            let (access, refresh) = (self.tokens.text("access_token"), self.tokens.text("refresh_token"));
            found.push(ask("/introspect", &[("token", access)]).await.body["active"] == true);
            found.push(ask("/introspect", &[("token", refresh)]).await.body["active"] == true);
            let userinfo = rp.http().get(format!("{}/userinfo", node.at)).header("host", rp.app.host());
            found.push(answer(userinfo.bearer_auth(access)).await.status == 200);
            self.browser.go_to_node(&node.at);
            let silent = self.browser.get(&rp.authorize_path(&[("prompt", "none")])).await;
            found.push(silent.param("code").is_some());
            found.push(
                ask("/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await.status == 200,
            );
        }
        let fields =
            [("grant_type", "authorization_code"), ("code", self.code.as_str()), ("redirect_uri", rp.redirect_uri())];
        found.push(rp.post_to(&nodes[nodes.len() - 1].at, "/token", &fields).await.status == 200);
        found
    }
}

async fn everything_ends(client: Client, end: impl AsyncFnOnce(&TestApp, &Person, &Running)) {
    let app = TestApp::on(Backends::PostgresAndRedis).await;
    let other = app.another_node("").await;
    let nodes = [&app, &other];
    let person = app.person("kurt@example.com").await;
    let bystander = app.person("lisa@example.com").await;
    let rp = RelyingParty::register(&app, client).await;
    let app_of_others = RelyingParty::register(&app, own_client("bystander")).await;
    let untouched = Running::begin(&app_of_others, &bystander).await;
    let twin = Running::begin(&rp, &person).await;
    let ended = Running::begin(&rp, &person).await;
    assert_eq!(twin.is_alive(&rp, &nodes).await, [true; 11], "the twin: all of it runs");
    end(&app, &person, &ended).await;
    // Other nodes may know a client for a second longer.
    other.karat.clients.forget();
    assert_eq!(ended.is_alive(&rp, &nodes).await, [false; 11]);
    assert_eq!(untouched.is_alive(&app_of_others, &nodes).await, [true; 11], "others are not touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_ends_everything_of_the_session() {
    everything_ends(own_client("app"), async |_, _, running| {
        let page = running.browser.get("/logout").await;
        assert_eq!(running.browser.submit(&page, &[]).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_copy_of_the_session_cookie_is_dead_after_the_logout() {
    let app = TestApp::start().await;
    let person = app.person("kurt@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let running = Running::begin(&rp, &person).await;
    let thief = Browser::new(&app.base);
    thief.set_cookie("karat_session", &running.browser.cookie("karat_session").unwrap());
    assert!(thief.get(&rp.authorize_path(&[("prompt", "none")])).await.param("code").is_some());
    let page = running.browser.get("/logout").await;
    running.browser.submit(&page, &[]).await;
    let refused = thief.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert_eq!(refused.param("error").as_deref(), Some("login_required"));
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_the_person_ends_everything() {
    everything_ends(own_client("app"), async |app, person, _| {
        let locked = Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() };
        let mut change = app.karat.store.begin().await.unwrap();
        change.set_condition(person.id, &locked).await.unwrap();
        change.commit().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_reaches_offline_access_that_outlives_sessions() {
    let logout = LogoutRules { keep_offline_access: true, ..LogoutRules::default() };
    everything_ends(Client { logout, ..own_client("app") }, async |app, person, _| {
        let locked = Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() };
        let mut change = app.karat.store.begin().await.unwrap();
        change.set_condition(person.id, &locked).await.unwrap();
        change.commit().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_the_client_ends_everything_it_holds() {
    let client = web_client("app");
    everything_ends(client.clone(), async |app, _, _| app.update_client(&Client { disabled: true, ..client }).await)
        .await;
}

/// The person, in another browser.
async fn owner_at_home(app: &TestApp) -> Browser {
    let owner = Browser::new(&app.base);
    try_log_in(&owner, "kurt@example.com", PASSWORD).await;
    assert!(owner.cookie("karat_session").is_some());
    owner
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_everything_elsewhere_and_offline_access_too() {
    let keeping = LogoutRules { keep_offline_access: true, ..LogoutRules::default() };
    for logout in [LogoutRules::default(), keeping] {
        everything_ends(Client { logout, ..own_client("app") }, async |app, _, _| {
            let owner = owner_at_home(app).await;
            let typed = [("current_password", PASSWORD), ("new_password", "umbrella 7 quiet harbour")];
            let page = press(&owner, "/account/password", "/account/password", &typed).await;
            assert_eq!(page.path(), "/account/password", "{}", page.text());
            assert!(owner.get("/account/sessions").await.path() == "/account/sessions", "the owner stays logged in");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_other_sessions_ends_everything_in_them() {
    everything_ends(own_client("app"), async |app, _, _| {
        let owner = owner_at_home(app).await;
        press(&owner, "/account/sessions", "/account/sessions/end-others", &[]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_an_app_ends_everything_it_holds() {
    everything_ends(web_client("app"), async |app, _, _| {
        let owner = owner_at_home(app).await;
        press(&owner, "/account/apps", "/account/apps/withdraw", &[]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_the_account_ends_everything() {
    everything_ends(own_client("app"), async |app, person, _| {
        let owner = owner_at_home(app).await;
        press(&owner, "/account/delete", "/account/delete", &[("password", PASSWORD), ("confirm", "yes")]).await;
        assert!(app.karat.store.user(person.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_lock_ends_everything_and_unlocking_brings_none_of_it_back() {
    everything_ends(own_client("app"), async |app, person, _| {
        let user = app.karat.store.user(person.id).await.unwrap().unwrap();
        app.karat.lock_account(&Authority::operator(), &user, "fraud").await.unwrap();
        let locked = app.karat.store.user(person.id).await.unwrap().unwrap();
        app.karat.unlock_account(&Authority::operator(), &locked, "").await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_access_outlives_a_logout_only_where_that_was_agreed() {
    let app = TestApp::start().await;
    let person = app.person("kurt@example.com").await;
    let logout = LogoutRules { keep_offline_access: true, ..LogoutRules::default() };
    let kept = RelyingParty::register(&app, Client { logout, ..own_client("kept") }).await;
    let strict = RelyingParty::register(&app, own_client("strict")).await;
    let browser = Browser::new(&app.base);
    let of_kept = kept.tokens_in(&browser, &person, SCOPE).await;
    let without_offline = kept.tokens_in(&browser, &person, "openid email").await;
    let of_strict = strict.tokens_in(&browser, &person, SCOPE).await;
    let page = browser.get("/logout").await;
    browser.submit(&page, &[]).await;
    assert_eq!(strict.refresh(of_strict.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(kept.userinfo(without_offline.text("access_token")).await.status, 401);
    assert_eq!(kept.refresh(of_kept.text("refresh_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_by_time_is_over() {
    let app = TestApp::start().await;
    let person = app.person("kurt@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let silent = [("prompt", "none")];
    let is_signed_in = async |browser: &Browser| browser.get(&rp.authorize_path(&silent)).await.param("code").is_some();
    let browser = Browser::new(&app.base);
    rp.log_in(&browser, &person, &[]).await;
    app.advance(12 * 3600 - 60);
    assert!(is_signed_in(&browser).await);
    app.advance(12 * 3600 + 1);
    assert!(!is_signed_in(&browser).await, "idle for longer than twelve hours");
    rp.log_in(&browser, &person, &[]).await;
    for _ in 0..16 {
        app.advance(10 * 3600);
        assert!(is_signed_in(&browser).await);
    }
    app.advance(9 * 3600);
    assert!(!is_signed_in(&browser).await, "a week after the log-in, however much it is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_an_api_checks_by_itself_lives_five_minutes_at_most() {
    let app = TestApp::start().await;
    let person = app.person("kurt@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, SCOPE).await;
    let token = claims(tokens.text("access_token"));
    let lifetime = token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap();
    assert!((30..=300).contains(&lifetime), "{lifetime}");
    assert_eq!(tokens.body["expires_in"], lifetime);
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_in_as_somebody_else_ends_the_session_before() {
    let app = TestApp::start().await;
    let (kurt, lisa) = (app.person("kurt@example.com").await, app.person("lisa@example.com").await);
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = Browser::new(&app.base);
    let of_kurt = rp.tokens_in(&browser, &kurt, SCOPE).await;
    let page = browser.get(&rp.authorize_path(&[("prompt", "login")])).await;
    let back = browser.submit(&page, &[("email", &lisa.email), ("password", PASSWORD)]).await;
    let of_lisa = rp.redeem(&back.param("code").unwrap()).await;
    assert_eq!(claims(of_lisa.text("id_token"))["sub"], lisa.id.to_string());
    assert_ne!(claims(of_lisa.text("id_token"))["sid"], claims(of_kurt.text("id_token"))["sid"]);
    assert_eq!(rp.userinfo(of_kurt.text("access_token")).await.status, 401);
    assert_eq!(rp.refresh(of_kurt.text("refresh_token")).await.error(), "invalid_grant");
}
