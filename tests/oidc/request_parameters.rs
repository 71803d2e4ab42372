//! Every parameter of the authorization request: what each does, alone and with others, and what is refused.

use karat::domain::client::Client;
use karat::domain::scope::Scope;
use serde_json::json;

use crate::checks;
use crate::suite::{Mode, NONCE, STATE, Suite};
use crate::support::app::web_client;
use crate::support::relying_party::{CHALLENGE, claims};
use crate::support::{Browser, PASSWORD, RelyingParty};

/// Right values for every parameter that is known beside the client and its redirect URI.
const KNOWN: [(&str, &str); 16] = [
    ("response_type", "code"),
    ("scope", "openid email"),
    ("state", STATE),
    ("nonce", NONCE),
    ("response_mode", "query"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
    ("prompt", "login"),
    ("max_age", "600"),
    ("login_hint", "erika@example.com"),
    ("ui_locales", "es"),
    ("claims_locales", "es"),
    ("display", "page"),
    ("acr_values", "urn:karat:acr:pwd"),
    ("claims", "{}"),
    ("anything_else", "x"),
];

fn encoded(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_parameters_together_are_accepted_and_each_sent_twice_is_refused() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let mut all = vec![("client_id", "first"), ("redirect_uri", rp.redirect_uri())];
    all.extend(KNOWN);
    let browser = suite.browser();
    let (pages, page) = suite.walk(&browser, &format!("/authorize?{}", encoded(&all))).await;
    suite.reply(&rp, page, pages).code();

    for (name, value) in KNOWN {
        for second in [value, "another"] {
            let mut doubled = all.clone();
            doubled.push((name, second));
            let (pages, page) = suite.walk(&browser, &format!("/authorize?{}", encoded(&doubled))).await;
            let reply = suite.reply(&rp, page, pages);
            assert_eq!(reply.parameters["error"], "invalid_request", "{name}");
            assert_eq!(reply.parameters["error_description"], format!("{name} was sent more than once"));
            let state = (name != "state").then(|| STATE.to_owned());
            assert_eq!(reply.parameters.get("state"), state.as_ref(), "a doubled state is no state");
            assert!(reply.pages.is_empty());
        }
    }
    for name in ["client_id", "redirect_uri"] {
        let mut doubled = all.clone();
        doubled.push(all.iter().copied().find(|(given, _)| *given == name).unwrap());
        let page = suite.shown_error(&browser, &format!("/authorize?{}", encoded(&doubled))).await;
        assert!(page.text().contains(&format!("{name} was sent more than once")), "{}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_value_is_told_to_the_app() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let (long_nonce, long_state) = ("n".repeat(1025), "s".repeat(2049));
    for (name, value, code) in [
        ("max_age", "-1", "invalid_request"),
        ("max_age", "+5", "invalid_request"),
        ("max_age", "1.5", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("max_age", "99999999999999999999", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "none none consent", "invalid_request"),
        ("prompt", "hurry", "invalid_request"),
        ("prompt", "NONE", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("claims", "{\"userinfo\":{\"name\":1}}", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("response_mode", "web_message", "invalid_request"),
        ("nonce", &long_nonce, "invalid_request"),
        ("id_token_hint", "nonsense", "invalid_request"),
        ("code_challenge_method", "S256", "invalid_request"),
        ("scope", "openid  email", "invalid_scope"),
        ("scope", "open\"id", "invalid_scope"),
        ("scope", "unheard_of", "invalid_scope"),
        ("scope", "", "invalid_scope"),
        ("registration", "{}", "registration_not_supported"),
    ] {
        let reply = suite.ask(&rp, &suite.browser(), &[(name, value)]).await;
        assert_eq!(reply.error(&[code]), code, "{name}={value}");
        assert!(reply.pages.is_empty());
    }
    let page = suite.shown_error(&suite.browser(), &suite.request(&rp, &[("state", &long_state)])).await;
    assert!(page.text().contains("state is longer"), "never cut: {}", page.text());
    let (at_most_nonce, at_most_state) = ("n".repeat(1024), "s".repeat(2048));
    let more = [("nonce", at_most_nonce.as_str()), ("state", at_most_state.as_str())];
    let (_, page) = suite.walk(&suite.browser(), &suite.request(&rp, &more)).await;
    assert_eq!(page.param("state").as_deref(), Some(at_most_state.as_str()));
    let answer = rp.redeem(&page.param("code").unwrap()).await;
    assert_eq!(claims(answer.text("id_token"))["nonce"], at_most_nonce);

    // Empty means omitted, and the longest life is the person's session.
    suite.pass(&rp, &suite.browser(), &[("max_age", "9223372036854775807"), ("extra", "")]).await;
}

/// RFC 6749 section 3.1: not valid percent-encoding, or no UTF-8.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decoded_is_shown_as_an_error() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let path = suite.request(&rp, &[]);
    for wrong in ["%", "%zz", "%ff", "%00%"] {
        suite.shown_error(&suite.browser(), &format!("{path}&extra={wrong}")).await;
    }
    let many = "&a=1".repeat(201);
    suite.shown_error(&suite.browser(), &format!("{path}{many}")).await;
    suite.pass(&rp, &suite.browser(), &[("extra", "\u{fc}\u{1f600}")]).await;
}

/// A log-in chooses the person, too; whoever chooses and consents is asked in this order.
#[tokio::test(flavor = "multi_thread")]
async fn each_combination_of_prompt_shows_its_pages() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    suite.pass(&rp, &browser, &[]).await;
    for (prompt, pages) in [
        ("", &[][..]),
        ("none", &[]),
        ("login", &["/login"]),
        ("consent", &["/consent"]),
        ("select_account", &["/select-account"]),
        ("login consent", &["/login", "/consent"]),
        ("consent login login", &["/login", "/consent"]),
        ("login select_account", &["/login"]),
        ("consent select_account", &["/select-account", "/consent"]),
        ("login consent select_account", &["/login", "/consent"]),
    ] {
        assert_eq!(suite.pass(&rp, &browser, &[("prompt", prompt)]).await.pages, pages, "{prompt}");
    }
    let stranger = suite.browser();
    let first = suite.ask(&rp, &stranger, &[("prompt", "select_account")]).await;
    assert_eq!(first.pages, ["/login"], "there is nobody to choose from yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_can_be_chosen_and_the_old_session_is_over() {
    let suite = Suite::start(Mode::Query).await;
    let other = suite.app.person("otto@example.com").await;
    let rp = suite.client().await;
    let browser = suite.browser();
    let first = suite.pass(&rp, &browser, &[]).await;
    let page = browser.get(&suite.request(&rp, &[("prompt", "select_account")])).await;
    assert!(page.text().contains("erika@example.com"), "{}", page.text());
    let login = browser.submit(&page, &[("choice", "other")]).await;
    assert_eq!(login.path(), "/login");
    assert!(!login.body.contains("erika@example.com"), "{}", login.body);
    let consent = browser.submit(&login, &[("email", &other.email), ("password", PASSWORD)]).await;
    let (pages, page) = suite.walk_on(&browser, consent).await;
    let tokens = suite.finish(&rp, suite.reply(&rp, page, pages), Some(NONCE)).await;
    assert_eq!(tokens.id_token["sub"], other.id.to_string());
    assert_ne!(tokens.id_token["sid"], first.id_token["sid"]);
    assert!(!rp.is_active(first.answer.text("access_token")).await, "the first person's session has ended");
}

/// OpenID Connect Core section 3.1.2.1: `max_age=0` asks for the same as `prompt=login`.
#[tokio::test(flavor = "multi_thread")]
async fn a_max_age_of_zero_always_asks_for_the_password() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    suite.pass(&rp, &browser, &[]).await;
    assert_eq!(suite.pass(&rp, &browser, &[("max_age", "0")]).await.pages, ["/login"]);
    suite.ask(&rp, &browser, &[("max_age", "0"), ("prompt", "none")]).await.error(&["login_required"]);
    assert_eq!(suite.pass(&rp, &browser, &[("max_age", "1")]).await.pages, Vec::<String>::new());
}

/// The app expects one person and another is logged in: the expected one is asked to log in, and is let through.
#[tokio::test(flavor = "multi_thread")]
async fn an_expected_person_has_to_log_in_before_the_app_is_answered() {
    let suite = Suite::start(Mode::Query).await;
    let otto = suite.app.person("otto@example.com").await;
    let rp = suite.client().await;
    let hint = suite.pass(&rp, &suite.browser(), &[]).await.answer.text("id_token").to_owned();
    let subject = json!({ "id_token": { "sub": { "value": suite.person.id.to_string() } } }).to_string();
    for expected in [("id_token_hint", hint.as_str()), ("claims", &subject)] {
        let browser = Browser::new(&suite.app.base);
        rp.log_in(&browser, &otto, &[]).await;
        suite.ask(&rp, &browser, &[expected, ("prompt", "none")]).await.error(&["login_required"]);
        let page = browser.get(&suite.request(&rp, &[expected])).await;
        assert_eq!(page.path(), "/login");
        let still = browser.submit(&page, &[("email", &otto.email), ("password", PASSWORD)]).await;
        assert_eq!(still.path(), "/login", "the wrong person again: {}", still.url);
        let (_, page) = suite.walk_on(&browser, still).await;
        let tokens = suite.finish(&rp, suite.reply(&rp, page, Vec::new()), Some(NONCE)).await;
        assert_eq!(tokens.id_token["sub"], suite.person.id.to_string());
    }
    let nobody = json!({ "id_token": { "sub": { "value": "nobody" } } }).to_string();
    suite.ask(&rp, &suite.browser(), &[("claims", &nobody)]).await.error(&["login_required"]);
    let both = json!({ "id_token": { "sub": { "value": otto.id.to_string() } } }).to_string();
    let more = [("claims", both.as_str()), ("id_token_hint", hint.as_str())];
    suite.ask(&rp, &suite.browser(), &more).await.error(&["invalid_request"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_of_another_app_is_no_hint() {
    let suite = Suite::start(Mode::Query).await;
    let (first, second) = (suite.client().await, suite.register(web_client("second")).await);
    let browser = suite.browser();
    let tokens = suite.pass(&first, &browser, &[]).await;
    for foreign in [tokens.answer.text("id_token"), tokens.answer.text("access_token")] {
        let reply = suite.ask(&second, &browser, &[("id_token_hint", foreign)]).await;
        reply.error(&["invalid_request"]);
    }
    suite.pass(&first, &browser, &[("id_token_hint", tokens.answer.text("id_token"))]).await;
}

/// OpenID Connect Core sections 5.5 and 5.5.1.1.
#[tokio::test(flavor = "multi_thread")]
async fn claims_asked_by_name_come_where_they_were_asked_for() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let asked = json!({
        "id_token": { "email": { "essential": true }, "auth_time": null, "acr": { "values": ["urn:karat:acr:pwd"] } },
        "userinfo": { "phone_number": null, "name": { "value": "Somebody Else" } },
    });
    let browser = suite.browser();
    let page = browser.get(&suite.request(&rp, &[("claims", &asked.to_string())])).await;
    let page = browser.submit(&page, &[("email", &suite.person.email), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/consent");
    for words in ["Your e-mail address", "Your phone number"] {
        assert!(page.text().contains(words), "the person reads of it: {}", page.text());
    }
    let (pages, page) = suite.walk_on(&browser, page).await;
    let answer = rp.redeem(suite.reply(&rp, page, pages).code()).await;
    let id_token = claims(answer.text("id_token"));
    assert_eq!(id_token["email"], "erika@example.com");
    assert!(id_token.get("phone_number").is_none() && id_token.get("name").is_none(), "{id_token}");
    let told = rp.userinfo(answer.text("access_token")).await.body;
    checks::standard_claims(&told);
    assert_eq!(told["phone_number"], "+4915112345678");
    assert!(told.get("email").is_none() && told.get("name").is_none(), "another value was wanted: {told}");

    let narrowed = Client { scope: Scope::of(["openid", "profile", "email"]), ..rp.client.clone() };
    suite.app.update_client(&narrowed).await;
    let told = rp.userinfo(answer.text("access_token")).await.body;
    assert!(told.get("sub").is_some() && told.get("phone_number").is_none(), "no more than registered: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_essential_acr_that_cannot_be_reached_is_refused_and_a_wish_is_not() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let acr = |essential: bool, value: &str| {
        json!({ "id_token": { "acr": { "essential": essential, "values": [value] } } }).to_string()
    };
    let unreachable = acr(true, "urn:karat:acr:retina");
    for prompt in ["", "none"] {
        let reply = suite.ask(&rp, &suite.browser(), &[("claims", &unreachable), ("prompt", prompt)]).await;
        reply.error(&["unmet_authentication_requirements"]);
    }
    suite.pass(&rp, &suite.browser(), &[("claims", &acr(false, "urn:karat:acr:retina"))]).await;
    let met = suite.pass(&rp, &suite.browser(), &[("claims", &acr(true, "urn:karat:acr:pwd"))]).await;
    assert_eq!(met.id_token["acr"], "urn:karat:acr:pwd");
}

/// What the client did not register for is refused by name; what nobody knows is left out.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_beyond_the_registration_is_refused_and_an_unknown_one_is_left_out() {
    let suite = Suite::start(Mode::Query).await;
    let narrow = karat::domain::client::Client { scope: "openid email".parse().unwrap(), ..web_client("narrow") };
    let rp: RelyingParty<'_> = suite.register(narrow).await;
    for wide in ["openid profile", "openid email offline_access"] {
        suite.ask(&rp, &suite.browser(), &[("scope", wide)]).await.error(&["invalid_scope"]);
    }
    let tokens = suite.pass(&rp, &suite.browser(), &[("scope", "openid email unheard_of")]).await;
    assert_eq!(tokens.answer.text("scope"), "email openid");
    // Without openid it is plain OAuth 2: no ID token, and userinfo is not for it.
    let reply = suite.ask(&rp, &suite.browser(), &[("scope", "email")]).await;
    let answer = rp.redeem(reply.code()).await;
    checks::token_answer(&answer);
    assert!(answer.body.get("id_token").is_none());
    let refused = rp.userinfo(answer.text("access_token")).await;
    assert_eq!((refused.status, refused.error()), (403, "insufficient_scope"));
    assert!(refused.headers["www-authenticate"].to_str().unwrap().contains("error=\"insufficient_scope\""));
}
