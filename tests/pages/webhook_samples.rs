//! Samples of the console's pages about webhooks.

use karat::pages::admin::webhooks::*;
use karat::pages::admin::{Crumb, Meanwhile, Shell};
use karat::pages::{FieldError, FieldErrors, Message, keys};

use super::{ID, ago, shell};
use crate::samples::{Collector, NOW, in_account};

fn endpoint(url: &str, events: &[&str], paused: Option<bool>) -> EndpointRow {
    EndpointRow {
        id: ID.into(),
        url: url.into(),
        description: "The ledger <b>of the exchange</b>".into(),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        paused: paused.map(|was_gone| Paused { since: ago(50_000), was_gone }),
        since: ago(5_000_000),
    }
}

pub fn pages(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/webhooks");
    let list = |endpoints, may_change| WebhooksPage { shell: shell("webhooks", true), endpoints, may_change };
    let all = vec![
        endpoint("https://hooks.exchange.example/karat", &["*"], None),
        endpoint(
            "https://ledger.exchange.example/in/a/very/long/path/that/goes/on",
            &["user", "kyc.changed"],
            Some(false),
        ),
        endpoint("https://old.example/", &["session.started"], Some(true)),
    ];
    put.page("admin-webhooks", &list(all, true), at.clone());
    put.page("admin-webhooks-none", &list(Vec::new(), false), at.clone());
    forms(put);

    let attempt =
        |status, error: Option<&str>| AttemptRow { at: ago(600), status, millis: 132, error: error.map(str::to_owned) };
    let delivery = |event: &str, state, attempts| DeliveryRow {
        id: format!("msg_{ID}"),
        event: event.into(),
        state,
        at: ago(4_000),
        attempts,
    };
    let page = |endpoint: EndpointRow, is_fresh, deliveries| WebhookPage {
        shell: Shell {
            crumbs: vec![Crumb { path: None, text: "hooks.exchange.example".into() }],
            ..shell("webhooks", is_fresh)
        },
        now: NOW,
        endpoint,
        version: "dmVyc2lvbg".into(),
        deliveries,
        newest: None,
        further: None,
        may_change: true,
        secret: None,
        overlap_minutes: None,
        errors: FieldErrors::none(),
    };
    let log = || {
        vec![
            delivery("webhook.test", "waiting", Vec::new()),
            delivery("user.registered", "arrived", vec![attempt(Some(204), None)]),
            delivery(
                "kyc.changed",
                "given_up",
                vec![attempt(Some(500), None), attempt(None, Some("connection refused <b>")), attempt(Some(500), None)],
            ),
            delivery("client.changed", "not_sent", Vec::new()),
        ]
    };
    let hooks = || endpoint("https://hooks.exchange.example/karat", &["*"], None);
    let made = WebhookPage {
        secret: Some("whsec_dGhlIHNlY3JldCBvZiB0aGUgZW5kcG9pbnQgb2YgdGhlIGxlZGdlcg".into()),
        overlap_minutes: Some(24 * 60),
        newest: Some("/admin/webhooks/x".into()),
        further: Some("/admin/webhooks/x?before=msg_y".into()),
        ..page(hooks(), true, log())
    };
    put.page("admin-webhook", &made, at.clone());
    put.page("admin-webhook-stale", &page(hooks(), false, log()), at.clone());
    let paused = endpoint("https://ledger.exchange.example/", &["user", "kyc.changed"], Some(false));
    put.page("admin-webhook-paused", &page(paused, true, Vec::new()), at.clone());
    let gone = endpoint("https://old.example/", &["session.started"], Some(true));
    let read = WebhookPage { may_change: false, ..page(gone, false, log()) };
    put.page("admin-webhook-gone", &read, at.clone());
    let nowhere = FieldError::whole_form(Message::new(keys::ADMIN_NO_PLACE)).into();
    put.page("admin-webhook-wrong", &WebhookPage { errors: nowhere, ..page(hooks(), true, Vec::new()) }, at);
}

fn forms(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/webhooks/new");
    let group = |name, events: &[&'static str]| EventGroup { name, events: events.to_vec() };
    let form = |id: Option<&str>, events: &[&str], errors| WebhookFormPage {
        shell: shell("webhooks", true),
        id: id.map(str::to_owned),
        typed: WebhookTyped {
            url: "https://hooks.exchange.example/karat".into(),
            description: "The <b>ledger</b>".into(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            version: "dmVyc2lvbg".into(),
        },
        groups: vec![
            group("user", &["user.registered", "user.deleted", "user.authenticator_removed"]),
            group("session", &["session.started", "session.ended"]),
            group("kyc", &["kyc.changed"]),
            group("hold", &["hold.started", "hold.lifted"]),
            group("consent", &["consent.given", "consent.withdrawn"]),
            group("client", &["client.added", "client.secret_rotated"]),
        ],
        meanwhile: None,
        errors,
    };
    put.page("admin-webhook-form", &form(None, &["*"], FieldErrors::none()), at.clone());
    put.page("admin-webhook-edit", &form(Some(ID), &["user", "kyc.changed"], FieldErrors::none()), at.clone());
    let mut errors = FieldErrors::none();
    errors.push("url", Message::new(keys::WEBHOOK_URL));
    errors.push("description", Message::new(keys::WEBHOOK_DESCRIPTION));
    errors.push("events", Message::new(keys::WEBHOOK_EVENTS));
    put.page("admin-webhook-form-wrong", &form(None, &[], errors), at.clone());
    let late = FieldError::whole_form(Message::new(keys::ADMIN_CHANGED_MEANWHILE)).into();
    let late = WebhookFormPage {
        meanwhile: Some(Meanwhile::of([("webhook-events", "user", "*"), ("webhook-url", "https://a", "https://b")])),
        ..form(Some(ID), &["*"], late)
    };
    put.page("admin-webhook-form-late", &late, at);
}
