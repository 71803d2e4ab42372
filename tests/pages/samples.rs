//! One sample or more of every page and mail, with the facts a person would see.

use karat::domain::policy::{Refusal, Withheld};
use karat::domain::time::{Seconds, Timestamp};
use karat::pages::account::*;
use karat::pages::consent::{ConsentPage, ConsentScope};
use karat::pages::errors::{ErrorKind, ErrorPage};
use karat::pages::form_post::FormPostPage;
use karat::pages::login::{LoginAs, LoginPage, SelectAccountPage};
use karat::pages::logout::{LoggedOutPage, LogoutPage};
use karat::pages::password::*;
use karat::pages::register::*;
use karat::pages::terms::{AcceptTermsPage, TermsPage};
use karat::pages::trust_framework::{LevelMeant, TrustFrameworkPage};
use karat::pages::unavailable::UnavailablePage;
use karat::pages::{AppBadge, FieldErrors, Frame, HoldNotice, Locale, Message, Page, Renderer, RendererSettings, keys};

#[path = "admin_samples.rs"]
mod admin;
#[path = "factor_samples.rs"]
mod factors;
#[path = "mail_samples.rs"]
mod mail;
#[path = "review_samples.rs"]
mod review;
#[path = "sms_samples.rs"]
mod sms;

pub use factors::question;
pub use mail::mails;

pub struct Sample {
    pub name: String,
    pub locale: Locale,
    pub html: String,
}

pub fn renderer() -> Renderer {
    Renderer::new(RendererSettings::default()).expect("templates and messages load")
}

/// 2026-11-22T13:47:00Z.
pub const NOW: Timestamp = Timestamp::from_unix(1_795_355_220);

pub fn frame(locale: Locale, path: &str) -> Frame {
    Frame::new(locale, path).with_csrf("csrf-token-of-the-session")
}

fn in_flow(locale: Locale, path: &str) -> Frame {
    frame(locale, path).with_interaction("inter-action-1").with_app(app())
}

pub fn in_account(locale: Locale, path: &str) -> Frame {
    frame(locale, path).signed_in_as("ada@example.com")
}

pub fn app() -> AppBadge {
    AppBadge {
        name: "Aurum Trading".to_owned(),
        logo_url: None,
        accent: None,
        home_url: Some("https://aurum.example/".to_owned()),
        policy_url: Some("https://aurum.example/privacy".to_owned()),
        tos_url: Some("https://aurum.example/terms".to_owned()),
        verified: true,
        host: "app.aurum.example".to_owned(),
    }
}

fn errors() -> FieldErrors {
    let mut errors = FieldErrors::none();
    errors.push("email", Message::new(keys::EMAIL_INVALID));
    errors.push("password", Message::new(keys::PASSWORD_TOO_SHORT).with("min", 8_u32));
    errors
}

/// Every page in every language.
pub fn pages() -> Vec<Sample> {
    let renderer = renderer();
    let mut samples = Vec::new();
    for locale in Locale::ALL {
        let mut put = Collector { renderer: &renderer, locale, samples: &mut samples };
        flow_pages(&mut put);
        factors::passkey_pages(&mut put);
        account_pages(&mut put);
        crate::protection::pages(&mut put);
        crate::kyc_samples::pages(&mut put);
        factors::factor_pages(&mut put);
        unavailable_pages(&mut put);
        other_pages(&mut put);
        sms::pages(&mut put);
        review::pages(&mut put);
        admin::pages(&mut put);
    }
    samples
}

pub struct Collector<'a> {
    renderer: &'a Renderer,
    pub locale: Locale,
    samples: &'a mut Vec<Sample>,
}

impl Collector<'_> {
    pub fn page(&mut self, name: &str, page: &impl Page, frame: Frame) {
        let html =
            self.renderer.render(page, &frame).unwrap_or_else(|error| panic!("{name} in {:?}: {error:?}", self.locale));
        self.samples.push(Sample { name: name.to_owned(), locale: self.locale, html });
    }
}

pub fn login(who: LoginAs, errors: FieldErrors) -> LoginPage {
    let email = if who == LoginAs::Anyone { String::new() } else { "ada@example.com".to_owned() };
    LoginPage { email, who, next: None, passkey: Some(question()), errors }
}

fn flow_pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let none = FieldErrors::none;
    let flow = |path: &str| in_flow(locale, path);
    let back = LoginPage { next: Some("email"), ..login(LoginAs::Anyone, none()) };
    put.page("login", &back, frame(locale, "/login"));
    put.page(
        "login-without-passkeys",
        &LoginPage { passkey: None, ..login(LoginAs::Anyone, none()) },
        frame(locale, "/login"),
    );
    let unknown =
        FieldErrors::from(karat::pages::FieldError::on("passkey", Message::new(keys::PASSKEY_NOT_RECOGNISED)));
    put.page("login-passkey-wrong", &login(LoginAs::Anyone, unknown), flow("/login"));
    put.page("login-app", &login(LoginAs::Anyone, none()), flow("/login?interaction=inter-action-1"));
    let wrong = FieldErrors::from(karat::pages::FieldError::whole_form(Message::new(keys::CREDENTIALS_WRONG)));
    put.page(
        "login-wrong",
        &LoginPage { email: "ada@example.com".into(), ..login(LoginAs::Anyone, wrong) },
        flow("/login"),
    );
    let throttled =
        FieldErrors::from(karat::pages::FieldError::whole_form(Message::new(keys::THROTTLED).with("minutes", 7_i64)));
    let coloured = |accent: &str| AppBadge { accent: Some(accent.to_owned()), ..app() };
    put.page("login-coloured", &login(LoginAs::Anyone, none()), flow("/login").with_app(coloured("1a56db")));
    put.page("login-yellow", &login(LoginAs::Anyone, none()), flow("/login").with_app(coloured("ffe600")));
    put.page("login-throttled", &login(LoginAs::Anyone, throttled), flow("/login"));
    put.page("login-again-app", &login(LoginAs::AgainForApp, none()), flow("/login"));
    let person = SelectAccountPage { email: "ada@example.com".into(), name: Some("Ada Lovelace".into()) };
    put.page("select-account", &person, flow("/select-account"));

    let register = |errors, accepted| RegisterPage {
        email: "ada@example".into(),
        min_password: 8,
        terms_version: "2026-11".into(),
        accepted,
        errors,
    };
    put.page("register", &RegisterPage { email: String::new(), ..register(none(), false) }, flow("/register"));
    let mut three = errors();
    three.push("accept_terms", Message::new(keys::TERMS_REQUIRED));
    put.page("register-errors", &register(three, true), flow("/register"));
    let verify = |errors| VerifyPage { email: "ada@example.com".into(), minutes: 60, errors };
    put.page("register-verify", &verify(none()), flow("/register/verify"));
    let resent = flow("/register/verify").with_notice(Message::new(keys::NOTICE_CODE_RESENT));
    let mut wrong_code = none();
    wrong_code.push("code", Message::new(keys::CODE_WRONG));
    put.page("register-verify-wrong", &verify(wrong_code), resent);
    let confirm = |ask_password| ConfirmAddressPage { token: "mail-token".into(), ask_password, errors: none() };
    put.page("register-confirm", &confirm(false), frame(locale, "/register/confirm"));
    put.page("register-confirm-password", &confirm(true), frame(locale, "/register/confirm"));
    put.page("register-done", &AddressVerifiedPage {}, flow("/register/confirm"));

    put.page(
        "password-forgotten",
        &ForgottenPage { email: String::new(), errors: none() },
        flow("/password/forgotten"),
    );
    let sent = ForgottenSentPage { email: "ada@example.com".into(), minutes: 30 };
    put.page("password-sent", &sent, flow("/password/forgotten"));
    let mut weak = none();
    weak.push("new_password", Message::new(keys::PASSWORD_COMMON));
    let reset = |errors| ResetPage { token: "mail-token".into(), min_password: 8, errors };
    put.page("password-reset", &reset(none()), frame(locale, "/password/reset"));
    put.page("password-reset-weak", &reset(weak), frame(locale, "/password/reset"));
    put.page("password-done", &ResetDonePage {}, frame(locale, "/password/reset"));

    let scopes = ["openid", "profile", "email", "offline_access", "trade:read"];
    let asked = ConsentPage { email: "ada@example.com".into(), scopes: scopes.map(ConsentScope::asked).to_vec() };
    put.page("consent", &asked, flow("/consent").signed_in_as("ada@example.com"));
    let more = vec![
        ConsentScope::granted_before("openid"),
        ConsentScope::granted_before("email"),
        ConsentScope::asked("phone"),
        ConsentScope::asked("address"),
        ConsentScope::asked("wallet:read"),
    ];
    let identity =
        ["level", "evidence", "given_name", "middle_name", "family_name", "birthdate", "nationalities", "address"];
    let identity = identity.map(|part| ConsentScope::asked(format!("verified:{part}")));
    let scopes = [ConsentScope::asked("openid")].into_iter().chain(identity).collect();
    let verified = ConsentPage { email: "ada@example.com".into(), scopes };
    put.page("consent-identity", &verified, flow("/consent").signed_in_as("ada@example.com"));
    let all = vec!["details", "phone", "document", "selfie", "address", "funds"];
    let level = |level, proofs: Vec<&'static str>| LevelMeant {
        level,
        assurance_level: (level > 1).then(|| format!("tier{level}")),
        proofs,
        valid_minutes: (level > 1).then_some(365 * 24 * 60),
    };
    let levels = vec![level(1, all[..2].to_vec()), level(2, all[..4].to_vec()), level(3, all)];
    let identifier = "https://id.example.com/trust-frameworks/exchange-kyc/v1".to_owned();
    let framework = TrustFrameworkPage { identifier, levels };
    put.page("trust-framework", &framework, frame(locale, "/trust-frameworks/exchange-kyc/v1"));
    let document = karat::http::admin::api::document("https://id.example.com");
    let described = karat::http::admin::api::docs::page(&document, "https://id.example.com");
    put.page("api-docs", &described, frame(locale, "/admin/api/v1/docs"));
    let stranger = AppBadge {
        name: "Gilt Wallet".into(),
        verified: false,
        host: "com.gilt.wallet:".into(),
        logo_url: Some("/clients/gilt/logo".into()),
        ..app()
    };
    let asking = flow("/consent").signed_in_as("ada@example.com").with_app(stranger);
    put.page("consent-unverified", &ConsentPage { email: "ada@example.com".into(), scopes: more }, asking);
}

fn account_pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let none = FieldErrors::none;
    let at = |path: &str| in_account(locale, path);
    let ago = |seconds: i64| Timestamp::from_unix(NOW.unix() - seconds);
    let email = || "ada@example.com".to_owned();
    let home = AccountPage {
        email: email(),
        email_verified: true,
        name: Some("Ada Lovelace".into()),
        member_since: ago(86_400 * 400),
        password_changed_at: Some(ago(86_400 * 30)),
        recovery_ripe_at: None,
        sessions: 3,
        apps: 1,
        reviews: true,
        console: true,
    };
    put.page("account", &home, at("/account").with_notice(Message::new(keys::NOTICE_PROFILE_SAVED)));
    let bare = AccountPage {
        email_verified: false,
        name: None,
        password_changed_at: None,
        apps: 0,
        sessions: 1,
        reviews: false,
        console: false,
        ..home
    };
    put.page("account-bare", &bare, at("/account"));
    let held = HoldNotice { until: Timestamp::from_unix(NOW.unix() + 86_400), now: NOW };
    let recovered = AccountPage { recovery_ripe_at: Some(held.until), ..bare.clone() };
    put.page("account-recovered", &recovered, at("/account"));
    put.page("account-held", &bare, Frame { hold: Some(held), ..at("/account") });
    let mut wrong = none();
    wrong.push("current_password", Message::new(keys::CURRENT_PASSWORD_WRONG));
    wrong.push("new_password", Message::new(keys::PASSWORD_WEAK));
    let password = |errors| ChangePasswordPage { email: email(), min_password: 8, errors };
    put.page("account-password", &password(none()), at("/account/password"));
    put.page("account-password-wrong", &password(wrong), at("/account/password"));
    let change = |pending, errors| ChangeEmailPage { email: email(), new_email: String::new(), pending, errors };
    put.page("account-email", &change(None, none()), at("/account/email"));
    let pending = PendingEmail { new_email: "ada@new.example".into(), minutes: 60 };
    let mut expired = none();
    expired.push("code", Message::new(keys::CODE_WRONG));
    put.page("account-email-pending", &change(Some(pending), expired), at("/account/email"));
    let confirm = |new_email| ConfirmEmailPage { token: "mail-token".into(), new_email, errors: none() };
    put.page("account-email-confirm", &confirm(Some("ada@new.example".into())), at("/account/email/confirm"));
    put.page("account-email-confirm-elsewhere", &confirm(None), frame(locale, "/account/email/confirm"));
    put.page("account-email-done", &EmailChangedPage {}, at("/account/email/confirm"));
    let session = |id: &str, device: Option<&str>, place: &str, seen: i64| SessionRow {
        id: id.into(),
        device: device.map(str::to_owned),
        place: place.into(),
        started_at: ago(seen + 86_400 * 9),
        last_seen_at: ago(seen),
        current: id == "s1",
    };
    let sessions = vec![
        session("s1", Some("Chrome on Android"), "Madrid, Spain · 203.0.113.7", 20),
        session("s2", Some("Safari on macOS"), "Madrid, Spain · 203.0.113.9", 4000),
        session("s3", None, "2001:db8::17", 86_400 * 3),
    ];
    put.page("account-sessions", &SessionsPage { now: NOW, sessions: sessions.clone() }, at("/account/sessions"));
    let one = SessionsPage { now: NOW, sessions: sessions[..1].to_vec() };
    let ended = at("/account/sessions").with_notice(Message::new(keys::NOTICE_SESSIONS_ENDED).with("count", 2_i64));
    put.page("account-sessions-one", &one, ended);
    let aurum = AppRow {
        client_id: "aurum".into(),
        name: "Aurum Trading".into(),
        logo_url: None,
        home_url: Some("https://aurum.example/".into()),
        verified: true,
        scopes: ["openid", "email", "offline_access", "trade:read"].map(str::to_owned).to_vec(),
        since: ago(86_400 * 20),
        last_used_at: Some(ago(7200)),
    };
    let gilt = AppRow {
        client_id: "gilt".into(),
        name: "Gilt Wallet".into(),
        home_url: None,
        verified: false,
        last_used_at: None,
        scopes: vec!["openid".into()],
        ..aurum.clone()
    };
    put.page("account-apps", &AppsPage { now: NOW, apps: vec![aurum, gilt] }, at("/account/apps"));
    put.page("account-apps-none", &AppsPage { now: NOW, apps: vec![] }, at("/account/apps"));
    let profile = ProfileForm {
        name: "Ada Lovelace".into(),
        given_name: "Ada".into(),
        family_name: "Lovelace".into(),
        nickname: String::new(),
        birthdate: "1990-12-10".into(),
        zoneinfo: "Europe/London".into(),
        locale: Some(Locale::En),
    };
    put.page("account-profile", &ProfilePage { profile, errors: none() }, at("/account/profile"));
    let mut odd = none();
    odd.push("birthdate", Message::new(keys::BIRTHDATE_INVALID));
    odd.push("locale", Message::new(keys::LOCALE_INVALID));
    put.page(
        "account-profile-wrong",
        &ProfilePage { profile: ProfileForm::default(), errors: odd },
        at("/account/profile"),
    );
    let mut sure = none();
    sure.push("confirm", Message::new(keys::CONFIRM_REQUIRED));
    let kept_until = Some(Timestamp::from_unix(NOW.unix() + 1_827 * 86_400));
    let unsure = DeleteAccountPage { email: email(), kept_until: None, errors: sure };
    put.page(
        "account-delete",
        &DeleteAccountPage { kept_until, errors: none(), ..unsure.clone() },
        at("/account/delete"),
    );
    put.page("account-delete-unsure", &unsure, at("/account/delete"));
    put.page("account-data", &DataPage { errors: none() }, at("/account/data"));
    put.page("account-deleted", &AccountDeletedPage {}, frame(locale, "/account/delete"));
}

fn unavailable_pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let at = || in_flow(locale, "/unavailable");
    let refusal = |scope: &str, why| Refusal { scope: scope.into(), why: vec![why] };
    let held = [refusal("wallet:withdraw", Withheld::Hold(NOW.plus(Seconds::hours(22))))];
    put.page("unavailable-hold", &UnavailablePage::new(&held, Some("password_changed"), NOW), at());
    let others = [refusal("trade:futures", Withheld::Region), refusal("wallet:addressbook", Withheld::SettingsLocked)];
    put.page("unavailable", &UnavailablePage::new(&others, None, NOW), at());
}

fn other_pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let fields = vec![("request".to_owned(), "logout-request-1".to_owned())];
    let logout = LogoutPage { email: Some("ada@example.com".into()), fields };
    put.page("logout", &logout, in_account(locale, "/logout").with_app(app()));
    put.page("logout-plain", &LogoutPage { email: None, fields: vec![] }, frame(locale, "/logout"));
    put.page("logged-out", &LoggedOutPage { detail: None }, frame(locale, "/logout"));
    let refused = LoggedOutPage { detail: Some("invalid post_logout_redirect_uri") };
    put.page("logged-out-refused", &refused, frame(locale, "/logout"));
    for kind in ErrorKind::ALL {
        let name = serde_json::to_value(kind).expect("kind").as_str().expect("text").to_owned();
        let mut page = ErrorPage::new(kind, "01939f2e-7f3a-7c11-9c0e-3f2b8a1d4e5f");
        match kind {
            ErrorKind::BadRequest => page = page.with_detail("invalid redirect_uri"),
            ErrorKind::UploadsBusy => page = page.with_retry_after(15),
            ErrorKind::TooManyRequests => page = page.with_retry_after(600),
            ErrorKind::Unavailable => page = page.with_retry_after(5),
            _ => {}
        }
        put.page(&format!("error-{name}"), &page, Frame::new(locale, "/error"));
    }
    let answer = vec![("code".to_owned(), "abc".to_owned()), ("state".to_owned(), "\"><script>x</script>".to_owned())];
    put.page("form-post", &FormPostPage::new("https://app.aurum.example/cb", answer), in_flow(locale, "/authorize"));
    let accept = AcceptTermsPage { version: "2026-11".into(), next: None, errors: FieldErrors::none() };
    put.page("terms-accept", &accept, in_flow(locale, "/terms/accept"));
    put.page("terms", &TermsPage { version: "2026-11".into(), text: None }, frame(locale, "/terms"));
}
