//! The table of every URL.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::account::{
    accent, approval, apps, consent, delete, email, freeze, language, login, logo, mfa, overview, password,
    password_reset, profile, protection, recovery, register, register_verify, security, select_account, sessions,
    terms, unavailable,
};
use super::error::PageError;
use super::guard::guard;
use super::oidc::{authorize, discovery, introspect, logout, revoke, token, userinfo};
use super::reply::see_other;
use super::web::Web;
use super::{access, admin, health, hooks, leftover};
use crate::pages::assets;

pub fn router(web: Web) -> Router {
    let protocol = Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/.well-known/oauth-authorization-server", get(discovery::configuration))
        .route("/jwks", get(discovery::jwks))
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/authorize/{interaction}", get(authorize::dispatch))
        .route("/token", post(token::token))
        .route("/introspect", post(introspect::introspect))
        .route("/revoke", post(revoke::revoke))
        .route("/userinfo", get(userinfo::get).post(userinfo::post))
        .route("/logout", get(logout::get).post(logout::post));
    let pages = Router::new()
        // Whoever types the provider's name wants to see the own account.
        .route("/", get(async || see_other("/account")))
        .route("/login", get(login::get).post(login::post))
        .route("/login/passkey", post(login::post_passkey))
        .route("/select-account", get(select_account::get).post(select_account::post))
        .route("/unavailable", get(unavailable::get).post(unavailable::post))
        .route("/consent", get(consent::get).post(consent::post))
        .route("/register", get(register::get).post(register::post))
        .route("/register/verify", get(register_verify::get).post(register_verify::post))
        .route("/register/verify/resend", post(register_verify::resend))
        .route("/register/confirm", get(register_verify::get_link).post(register_verify::post_link))
        .route("/register/done", get(register_verify::get_done))
        .route("/password/forgotten", get(password_reset::get_forgotten).post(password_reset::post_forgotten))
        .route("/password/reset", get(password_reset::get_reset).post(password_reset::post_reset))
        .route("/password/done", get(password_reset::get_done))
        .route("/account", get(overview::get))
        .route("/account/password", get(password::get).post(password::post))
        .route("/account/email", get(email::get).post(email::post))
        .route("/account/email/code", post(email::post_code))
        .route("/account/email/resend", post(email::post_resend))
        .route("/account/email/cancel", post(email::post_cancel))
        .route("/account/email/confirm", get(email::get_link).post(email::post_link))
        .route("/account/email/done", get(email::get_done))
        .route("/account/profile", get(profile::get).post(profile::post))
        .route("/account/sessions", get(sessions::get))
        .route("/account/sessions/end", post(sessions::post_end))
        .route("/account/sessions/end-others", post(sessions::post_end_others))
        .route("/account/apps", get(apps::get))
        .route("/account/apps/withdraw", post(apps::post_withdraw))
        .route("/account/delete", get(delete::get).post(delete::post))
        .route("/account-deleted", get(delete::get_done))
        .route("/terms", get(terms::get))
        .route("/terms/accept", get(terms::get_accept).post(terms::post_accept))
        .route("/language", post(language::post))
        .route("/clients/{id}/logo", get(logo::get))
        .route("/accents/{name}", get(accent::get))
        .route("/assets/{name}", get(asset));
    let hooks = Router::new()
        .route("/hooks/sms/twilio", post(hooks::sms::twilio))
        .route("/hooks/sms/webhook", post(hooks::sms::webhook));
    protocol
        .merge(pages)
        .merge(admin::api::router(&web))
        .route("/problems/{kind}", get(admin::api::problem_kind))
        .merge(hooks)
        .merge(clients())
        .merge(factors())
        .merge(sms())
        .merge(protection())
        .merge(safeguards())
        .merge(review())
        .merge(console())
        .merge(verifiers())
        .merge(privacy())
        .merge(verification(&web))
        .merge(identity())
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || PageError::NotFound)
        .layer(DefaultBodyLimit::max(web.body_limit()))
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(from_fn_with_state(web.clone(), guard))
        .layer(from_fn_with_state(web.clone(), access::record))
        .layer(from_fn(leftover::take_in))
        .with_state(web)
}

/// Apps that register themselves.
fn clients() -> Router<Web> {
    use super::oidc::registration;
    Router::new()
        .route("/clients", post(registration::post))
        .route("/clients/{id}", get(registration::get).put(registration::put).delete(registration::delete))
}

/// The factor that a log-in lacks.
fn factors() -> Router<Web> {
    Router::new()
        .route("/mfa", get(mfa::get))
        .route("/mfa/passkey", get(mfa::passkey::get).post(mfa::passkey::post))
        .route("/mfa/totp", get(mfa::totp::get).post(mfa::totp::post))
        .route("/mfa/recovery", get(mfa::recovery::get).post(mfa::recovery::post))
        .route("/mfa/password", get(mfa::password::get).post(mfa::password::post))
}

/// Codes by SMS.
fn sms() -> Router<Web> {
    use super::account::{mfa, security::phone};
    Router::new()
        .route("/mfa/sms", get(mfa::sms::get).post(mfa::sms::post))
        .route("/mfa/sms/send", post(mfa::sms::post_send))
        .route("/account/security/phone", get(phone::get).post(phone::post))
        .route("/account/security/phone/code", post(phone::post_code))
        .route("/account/security/phone/resend", post(phone::post_resend))
        .route("/account/security/phone/cancel", post(phone::post_cancel))
}

/// What protects the account.
fn protection() -> Router<Web> {
    Router::new()
        .route("/account/security/enrol", get(security::enrol::get).post(security::enrol::post))
        .route("/account/security/passkeys", get(security::passkeys::get).post(security::passkeys::post))
        .route("/account/security/totp", get(security::totp::get).post(security::totp::post))
        .route(
            "/account/security/recovery-codes",
            get(security::recovery_codes::get).post(security::recovery_codes::post),
        )
        .route("/account/security/recovery-codes/download", post(security::recovery_codes::download))
}

/// What is held about a person.
fn privacy() -> Router<Web> {
    use super::account::data;
    Router::new().route("/account/data", get(data::get).post(data::post))
}

/// What protects an account beside its authenticators.
fn safeguards() -> Router<Web> {
    Router::new()
        .route("/account/security", get(protection::get))
        .route("/account/security/events", get(protection::get_events))
        .route("/account/security/factor", get(protection::factors::get))
        .route("/account/security/factor/rename", post(protection::factors::post_rename))
        .route("/account/security/factor/remove", post(protection::factors::post_remove))
        .route("/account/security/phrase", get(protection::phrase::get).post(protection::phrase::post))
        .route("/account/security/phrase/remove", post(protection::phrase::post_remove))
        .route("/account/security/devices", get(protection::devices::get))
        .route("/account/security/devices/forget", post(protection::devices::post_forget))
        .route("/account/security/devices/forget-all", post(protection::devices::post_forget_all))
        .route("/account/security/lock", get(protection::settings_lock::get).post(protection::settings_lock::post))
        .route("/account/security/lock/unlock", post(protection::settings_lock::post_unlock))
        .route("/account/security/lock/keep", post(protection::settings_lock::post_keep))
        .route("/keep-locked", get(protection::settings_lock::get_link).post(protection::settings_lock::post_link))
        .route("/account/security/approval", post(protection::post_approval))
        .route("/account/security/recovery/cancel", post(recovery::post_cancel_own))
        .route("/login/approval", get(approval::get))
        .route("/approve", get(approval::get_link).post(approval::post_link))
        .route("/mfa/lost", get(recovery::get_lost).post(recovery::post_lost))
        .route("/recovery/start", get(recovery::get_start).post(recovery::post_start))
        .route("/recovery/cancel", get(recovery::get_cancel).post(recovery::post_cancel))
        .route("/recovery/finish", get(recovery::get_finish).post(recovery::post_finish))
        .route("/account/security/freeze", get(freeze::get_own).post(freeze::post_own))
        .route("/freeze", get(freeze::get_link).post(freeze::post_link))
        .route("/frozen", get(freeze::get_frozen))
        .route("/unfreeze", get(freeze::get_unfreeze).post(freeze::post_unfreeze))
}

/// What the operator's reviewers see.
fn review() -> Router<Web> {
    use super::account::review::{self, case, documents, people};
    Router::new()
        .route("/review", get(review::get))
        .route("/review/find", post(review::post_find))
        .route("/review/people/{id}", get(people::get))
        .route("/review/people/{id}/prove", get(people::get_prove))
        .route("/review/people/{id}/suspend", post(people::post_suspend))
        .route("/review/people/{id}/reinstate", post(people::post_reinstate))
        .route("/review/people/{id}/revoke", post(people::post_revoke))
        .route("/review/{case}", get(case::get))
        .route("/review/{case}/prove", get(case::get_prove))
        .route("/review/{case}/approve", post(case::post_approve))
        .route("/review/{case}/reject", post(case::post_reject))
        .route("/review/{case}/confirm", post(case::post_confirm))
        .route("/review/{case}/send-back", post(case::post_send_back))
        .route("/review/{case}/note", post(case::post_note))
        .route("/review/{case}/documents/{kind}", get(documents::get))
}

/// The first owner, and what the operator's people work with.
fn console() -> Router<Web> {
    use super::admin::console::{
        self, audit, client_form, client_logo, clients, house, invitations, overview, people, person, policy,
        proposals, roles, webhook_form, webhooks,
    };
    use super::admin::setup;
    Router::new()
        .route("/setup", get(setup::get))
        .route("/setup/account", post(setup::post_account))
        .route("/setup/own", post(setup::post_own))
        .route("/admin", get(overview::get))
        .route("/admin/prove", get(console::get_prove))
        .route("/admin/people", get(people::get))
        .route("/admin/people/find", post(people::post_find))
        .route("/admin/people/{id}", get(person::get))
        .route("/admin/people/{id}/freeze", post(person::post_freeze))
        .route("/admin/people/{id}/unfreeze", post(person::post_unfreeze))
        .route("/admin/people/{id}/end-sessions", post(person::post_end_sessions))
        .route("/admin/people/{id}/remove-authenticator", post(person::post_remove_authenticator))
        .route("/admin/people/{id}/hold", post(person::post_hold))
        .route("/admin/people/{id}/lift", post(person::post_lift))
        .route("/admin/people/{id}/withdraw", post(person::post_withdraw))
        .route("/admin/people/{id}/export", post(person::post_export))
        .route("/admin/clients", get(clients::get))
        .route("/admin/clients/new", get(client_form::get_new).post(client_form::post_new))
        .route("/admin/clients/{id}", get(clients::get_one))
        .route("/admin/clients/{id}/edit", get(client_form::get_edit).post(client_form::post_edit))
        .route(
            "/admin/clients/{id}/logo",
            post(client_logo::post).layer(DefaultBodyLimit::max(client_logo::LARGEST_FORM)),
        )
        .route("/admin/clients/{id}/logo/remove", post(client_logo::post_remove))
        .route("/admin/clients/{id}/rotate", post(clients::post_rotate))
        .route("/admin/clients/{id}/disable", post(clients::post_disable))
        .route("/admin/clients/{id}/enable", post(clients::post_enable))
        .route("/admin/clients/{id}/remove", post(clients::post_remove))
        .route("/admin/clients/{id}/test", post(clients::post_test))
        .route("/admin/webhooks", get(webhooks::get))
        .route("/admin/webhooks/new", get(webhook_form::get_new).post(webhook_form::post_new))
        .route("/admin/webhooks/{id}", get(webhooks::get_one))
        .route("/admin/webhooks/{id}/edit", get(webhook_form::get_edit).post(webhook_form::post_edit))
        .route("/admin/webhooks/{id}/pause", post(webhooks::post_pause))
        .route("/admin/webhooks/{id}/resume", post(webhooks::post_resume))
        .route("/admin/webhooks/{id}/rotate", post(webhooks::post_rotate))
        .route("/admin/webhooks/{id}/test", post(webhooks::post_test))
        .route("/admin/webhooks/{id}/again", post(webhooks::post_again))
        .route("/admin/webhooks/{id}/remove", post(webhooks::post_remove))
        .route("/admin/invitations", get(invitations::get))
        .route("/admin/invitations/make", post(invitations::post_make))
        .route("/admin/invitations/{id}/withdraw", post(invitations::post_withdraw))
        .route("/admin/keys", get(house::get_keys))
        .route("/admin/keys/rotate", post(house::post_rotate))
        .route("/admin/keys/retire", post(house::post_retire))
        .route("/admin/outbox", get(house::get_outbox))
        .route("/admin/outbox/retry", post(house::post_retry))
        .route("/admin/system", get(house::get_system))
        .route("/admin/policy", get(policy::get))
        .route("/admin/policy/explain", post(policy::post_explain))
        .route("/admin/audit", get(audit::get))
        .route("/admin/audit/verify", post(audit::post_verify))
        .route("/admin/audit/export", post(audit::post_export))
        .route("/admin/audit/{id}", get(audit::get_entry))
        .route("/admin/proposals", get(proposals::get))
        .route("/admin/proposals/{id}/confirm", post(proposals::post_confirm))
        .route("/admin/proposals/{id}/decline", post(proposals::post_decline))
        .route("/admin/roles", get(roles::get))
        .route("/admin/roles/give", post(roles::post_give))
        .route("/admin/roles/take", post(roles::post_take))
}

/// What providers of verification tell.
fn verifiers() -> Router<Web> {
    Router::new()
        .route("/hooks/kyc/{provider}", post(hooks::kyc::post).layer(DefaultBodyLimit::max(hooks::kyc::LARGEST_BODY)))
}

/// How far a person is verified, and the way to the next level. Forms with pictures may be as large as two of them.
fn verification(web: &Web) -> Router<Web> {
    use super::account::verification::{self as own, begin, check, papers, shown, steps};
    let uploads = Router::new()
        .route("/verify/document", get(papers::get_document).post(papers::post_document))
        .route("/verify/selfie", get(papers::get_selfie).post(papers::post_selfie))
        .route("/verify/address-proof", get(papers::get_address_proof).post(papers::post_address_proof))
        .route("/verify/funds", get(papers::get_funds).post(papers::post_funds))
        .layer(DefaultBodyLimit::max(web.upload_limit()));
    Router::new()
        .route("/account/verification", get(own::get))
        .route("/verify", get(begin::get).post(begin::post))
        .route("/verify/later", post(begin::post_later))
        .route("/verify/give-up", post(begin::post_give_up))
        .route("/verify/details", get(steps::get_details).post(steps::post_details))
        .route("/verify/phone", get(steps::get_phone))
        .route("/verify/address", get(steps::get_address).post(steps::post_address))
        .route("/verify/check", get(check::get).post(check::post))
        .route("/verify/status", get(check::get_status))
        .route("/verify/documents/{kind}", get(shown::get))
        .merge(uploads)
}

/// What verified identities are worth.
fn identity() -> Router<Web> {
    use super::account::trust_framework;
    Router::new().route("/trust-frameworks/exchange-kyc/v1", get(trust_framework::get))
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some(found) = assets::lookup(&name) else { return PageError::NotFound.into_response() };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(found.content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, found.bytes.clone()).into_response()
}
