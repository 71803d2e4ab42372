//! Samples of the console's pages.

use karat::domain::time::Timestamp;
use karat::pages::admin::audit::*;
use karat::pages::admin::house::*;
use karat::pages::admin::overview::OverviewPage;
use karat::pages::admin::proposals::*;
use karat::pages::admin::roles::*;
use karat::pages::admin::setup::{SetupPage, SetupStep};
use karat::pages::admin::{Crumb, RefusedPage, Room, Shell};
use karat::pages::{FieldErrors, Message, keys};

use crate::samples::{Collector, NOW, frame, in_account};

pub const ID: &str = "01939f2e-7f3a-7c11-9c0e-3f2b8a1d4e5f";
#[path = "client_samples.rs"]
mod clients;
#[path = "people_samples.rs"]
mod people;
#[path = "webhook_samples.rs"]
mod webhooks;

const ROLES: [&str; 5] = ["owner", "client_admin", "support", "compliance", "auditor"];
const ROOMS: [&str; 12] = [
    "overview",
    "people",
    "clients",
    "review",
    "proposals",
    "roles",
    "audit",
    "policy",
    "keys",
    "webhooks",
    "outbox",
    "system",
];

pub fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW.unix() - seconds)
}

pub fn shell(room: &'static str, is_fresh: bool) -> Shell {
    let path = |name| match name {
        "overview" => "/admin",
        "review" => "/review",
        "proposals" => "/admin/proposals",
        "roles" => "/admin/roles",
        "people" => "/admin/people",
        "clients" => "/admin/clients",
        "policy" => "/admin/policy",
        "keys" => "/admin/keys",
        "outbox" => "/admin/outbox",
        "webhooks" => "/admin/webhooks",
        "system" => "/admin/system",
        _ => "/admin/audit",
    };
    Shell {
        room,
        rooms: ROOMS.iter().map(|name| Room { name, path: path(name), is_current: *name == room }).collect(),
        crumbs: Vec::new(),
        roles: vec!["owner", "compliance"],
        is_fresh,
        path: format!("{}?act=roles.change", path(room)),
    }
}

pub fn pages(put: &mut Collector<'_>) {
    setup(put);
    audit(put);
    people::pages(put);
    clients::pages(put);
    house(put);
    webhooks::pages(put);
    let locale = put.locale;
    let at = |path: &str| in_account(locale, path);
    let overview = OverviewPage {
        shell: shell("overview", true),
        proposals: 2,
        has_recovery_codes: false,
        now: NOW,
        cases: Some(14),
        health: health(false),
        newest_key: Some(ago(3_000_000)),
    };
    put.page("admin", &overview, at("/admin").with_notice(Message::new(keys::NOTICE_ADMIN_OWNER)));
    let held = |email: &str, role, by: &str, is_own| HolderRow {
        id: ID.into(),
        email: email.into(),
        role,
        since: ago(4_000_000),
        by: by.into(),
        is_own,
    };
    let roles = |is_fresh, may_change, takes_two| RolesPage {
        shell: shell("roles", is_fresh),
        held: vec![
            held("olga@exchange.example", "owner", "setup", true),
            held("<b>clara</b>@exchange.example", "compliance", "olga@exchange.example", false),
            held("a-very-long-address-of-somebody-in-support@exchange.example", "support", "operator", false),
        ],
        roles: ROLES.to_vec(),
        may_change,
        takes_two,
    };
    put.page("admin-roles", &roles(true, true, true), at("/admin/roles"));
    put.page("admin-roles-stale", &roles(false, true, false), at("/admin/roles"));
    put.page("admin-roles-read", &roles(true, false, false), at("/admin/roles"));
    let row = |what: &str, about: Option<&str>, role: Option<&str>, granted, is_own| ProposalRow {
        id: ID.into(),
        what: what.into(),
        about: about.map(str::to_owned),
        role: role.map(str::to_owned),
        granted,
        reason: "Asked for by telephone, called back. <script>alert(1)</script>".into(),
        by: "olga@exchange.example".into(),
        is_own,
        at: ago(7_000),
        until: Timestamp::from_unix(NOW.unix() + 200_000),
    };
    let proposals = |is_fresh, proposals| ProposalsPage { shell: shell("proposals", is_fresh), now: NOW, proposals };
    let ben = Some("ben@exchange.example");
    let all = vec![
        row("role", ben, Some("support"), true, false),
        row("role", ben, Some("owner"), false, true),
        row("remove_authenticator", ben, None, true, false),
        row("suspend", ben, None, true, false),
        row("reinstate", ben, None, true, false),
        row("revoke_level", ben, None, true, false),
        row("export_person", ben, None, true, false),
        row("export_audit", None, None, true, false),
    ];
    put.page("admin-proposals", &proposals(true, all), at("/admin/proposals"));
    put.page(
        "admin-proposals-stale",
        &proposals(false, vec![row("export_audit", None, None, true, false)]),
        at("/admin"),
    );
    put.page("admin-proposals-none", &proposals(true, Vec::new()), at("/admin/proposals"));
    let refused = RefusedPage {
        shell: shell("", true),
        why: vec!["this is the only owner: make another one first".into()],
        back: "/admin/roles".into(),
    };
    put.page("admin-refused", &refused, at("/admin/roles"));
}

fn setup(put: &mut Collector<'_>) {
    let (locale, page) = (put.locale, |step| SetupPage { step, min_password: 8, ..SetupPage::default() });
    put.page("setup-gone", &page(SetupStep::Gone), frame(locale, "/setup"));
    put.page("setup-account", &page(SetupStep::Account), frame(locale, "/setup"));
    let mut errors = FieldErrors::none();
    errors.push("email", Message::new(keys::EMAIL_TAKEN));
    errors.push("password", Message::new(keys::PASSWORD_TOO_SHORT).with("min", 8_u32));
    let wrong = SetupPage { email: "olga@exchange.example".into(), errors, ..page(SetupStep::Account) };
    put.page("setup-account-wrong", &wrong, frame(locale, "/setup"));
    for (name, step) in
        [("setup-passkey", SetupStep::Passkey), ("setup-prove", SetupStep::Prove), ("setup-own", SetupStep::Own)]
    {
        put.page(name, &page(step), in_account(locale, "/setup"));
    }
}

fn audit(put: &mut Collector<'_>) {
    let locale = put.locale;
    let row = |seq: i64, actor: &str, act: &str, kind: &str, about: &str, address: Option<&str>| AuditRow {
        seq,
        id: ID.into(),
        at: ago(seq * 900),
        actor: actor.into(),
        act: act.into(),
        kind: kind.into(),
        target: if kind == "audit" { String::new() } else { ID.into() },
        about: about.into(),
        address: address.map(str::to_owned),
    };
    let rows = vec![
        row(7, "olga@exchange.example", "clients.change", "client", "exchange", Some("203.0.113.7")),
        row(6, "service:back-office", "people.freeze", "user", "<b>max</b>@example.com", Some("2001:db8::1")),
        row(5, "operator", "roles.change", "user", "clara@exchange.example", None),
        row(4, "clock", "people.hold_ended", "user", ID, None),
        row(3, "setup", "roles.change", "user", "olga@exchange.example", Some("203.0.113.7")),
    ];
    let page = |entries: Vec<AuditRow>, wholeness, is_fresh, takes_two| AuditPage {
        shell: shell("audit", is_fresh),
        now: NOW,
        acts: vec!["clients.add", "clients.change", "people.freeze", "roles.change"],
        sieve: Sieve { actor: "olga@exchange.example".into(), act: "roles.change".into(), ..Sieve::default() },
        is_sieved: true,
        newest: Some("/admin/audit?act=roles.change".into()),
        further: Some("/admin/audit?act=roles.change&before=3".into()),
        entries,
        wholeness,
        may_export: true,
        takes_two,
        errors: FieldErrors::none(),
    };
    let whole = Wholeness { broken_at: None, entries: 7, head: "dGhlIGhlYWQgb2YgdGhlIGNoYWluIG9mIGVudHJpZXM".into() };
    let broken = Wholeness { broken_at: Some(4), entries: 4, head: String::new() };
    let at = in_account(locale, "/admin/audit");
    put.page("admin-audit", &page(rows, Some(whole), true, true), at.clone());
    put.page("admin-audit-broken", &page(Vec::new(), Some(broken), false, false), at.clone());
    let mut wrong = page(Vec::new(), None, true, true);
    (wrong.newest, wrong.further) = (None, None);
    wrong.sieve = Sieve { act: "people.hold_ended".into(), since: "<tomorrow>".into(), ..wrong.sieve };
    wrong.errors.push("actor", Message::new(keys::ADMIN_NO_PERSON));
    wrong.errors.push("since", Message::new(keys::ADMIN_NO_DAY));
    wrong.errors.push("until", Message::new(keys::ADMIN_DAYS_TURNED));
    put.page("admin-audit-wrong", &wrong, at.clone());
    let difference = |key: &str, before: Option<&str>, after: Option<&str>| DifferenceRow {
        key: key.into(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let entry = EntryPage {
        shell: Shell { crumbs: vec![Crumb { path: None, text: "7".into() }], ..shell("audit", true) },
        row: row(7, "olga@exchange.example", "clients.change", "client", "exchange", Some("203.0.113.7")),
        differences: vec![
            difference(
                "redirect_uris",
                Some("https://app.exchange.example/cb"),
                Some("https://app.exchange.example/cb\nhttps://beta.exchange.example/cb"),
            ),
            difference("name", None, Some("<b>Exchange</b>")),
            difference("events_uri", Some("https://app.exchange.example/events"), None),
        ],
        facts: vec![("reason".into(), "A beta app.".into())],
        hash: "dGhlIGhlYWQgb2YgdGhlIGNoYWluIG9mIGVudHJpZXM".into(),
        request_id: Some("0190163d8694739baea5966c26f8ad91".into()),
    };
    put.page("admin-audit-entry", &entry, at);
}

fn health(wrong: bool) -> Health {
    Health {
        version: "0.1.0",
        database: "postgresql",
        database_answers: true,
        ephemeral_answers: !wrong,
        outbox_waiting: if wrong { 312 } else { 2 },
        outbox_oldest: Some(ago(if wrong { 4_000 } else { 20 })),
        outbox_is_late: wrong,
    }
}

fn house(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/system");
    let key = |kid: &str, algorithm, retired: bool| KeyRow {
        kid: kid.into(),
        algorithm,
        made_at: ago(3_000_000),
        retired_at: retired.then(|| ago(90_000)),
        published_until: retired.then(|| Timestamp::from_unix(NOW.unix() + 90_000)),
    };
    let keys_page = |is_fresh| KeysPage {
        shell: shell("keys", is_fresh),
        now: NOW,
        keys: vec![key("Q2hhaW5lZA", "RS256", false), key("b2xkZXI", "RS256", true), key("ZWM", "ES256", false)],
        algorithms: vec!["RS256", "ES256", "EdDSA"],
        may_rotate: true,
    };
    put.page("admin-keys", &keys_page(true), at.clone());
    put.page("admin-keys-stale", &keys_page(false), at.clone());
    let entry = |kind: &str, target: &str, attempts, outcome: Option<&str>| OutboxRow {
        id: ID.into(),
        kind: kind.into(),
        target: target.into(),
        at: ago(4_000),
        next_at: outcome.is_none().then(|| Timestamp::from_unix(NOW.unix() + 60)),
        attempts,
        outcome: outcome.map(str::to_owned),
        error: (attempts > 0).then(|| "connection refused <b>".to_owned()),
    };
    let outbox = |shown, entries| OutboxPage {
        shell: shell("outbox", true),
        now: NOW,
        shown,
        entries,
        newest: None,
        further: None,
        may_retry: true,
        errors: FieldErrors::none(),
    };
    let waiting = vec![entry("mail", "mail", 0, None), entry("logout_token", "exchange", 3, None)];
    put.page("admin-outbox", &outbox("waiting", waiting), at.clone());
    let failed = vec![entry("security_event", "exchange", 5, Some("given up"))];
    put.page("admin-outbox-failed", &outbox("failed", failed), at.clone());
    put.page("admin-outbox-none", &outbox("failed", Vec::new()), at.clone());
    let mut wrong = outbox("", Vec::new());
    wrong.errors.push("show", Message::new(keys::ADMIN_NO_FILTER).with("given", "lost"));
    put.page("admin-outbox-wrong", &wrong, at.clone());
    let system = |wrong, second_person| SystemPage {
        shell: shell("system", true),
        now: NOW,
        health: health(wrong),
        issuer: "https://id.exchange.example".into(),
        audit_head: Some("7:dGhlIGhlYWQgb2YgdGhlIGNoYWluIG9mIGVudHJpZXM".into()),
        second_person,
        fresh_minutes: 10,
    };
    put.page("admin-system", &system(true, vec!["roles.change", "audit.export"]), at.clone());
    put.page("admin-system-fine", &system(false, Vec::new()), at);
    policy(put);
}

fn policy(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/policy");
    let demand = |scope: &str, level, max_minutes, moves_money| DemandRow {
        scope: scope.into(),
        level,
        acr: "urn:karat:acr:mfa",
        max_minutes,
        waits_for_holds: moves_money,
        waits_for_settings_lock: moves_money,
        survives_expiry: moves_money,
        only_in: if moves_money { vec!["DE".into(), "ES".into()] } else { Vec::new() },
        not_in: if moves_money { Vec::new() } else { vec!["US".into()] },
    };
    let page = |asked: Asked, told, errors| PolicyPage {
        shell: shell("policy", true),
        now: NOW,
        demands: vec![
            demand("trade:spot", 1, Some(720), false),
            demand("wallet:withdraw", 2, Some(5), true),
            demand("x", 0, None, false),
        ],
        acrs: vec!["urn:karat:acr:pwd", "urn:karat:acr:mfa", "phr"],
        may_explain: true,
        asked,
        told,
        errors,
    };
    let asked =
        Asked { person: "erika@example.com".into(), client: "exchange".into(), acr: "phr".into(), ..Asked::default() };
    let reason = |reason: &str, needed: Option<&str>, until| ReasonRow {
        reason: reason.into(),
        needed: needed.map(str::to_owned),
        until,
        remedy: "the person proves more at /account/verification".into(),
    };
    let plain = ["frozen", "not_registered", "no_refresh", "region", "settings_locked"];
    let reasons = [
        reason("tier", Some("2"), None),
        reason("hold", None, Some(NOW.unix() + 7_000)),
        reason("too_old", Some("300"), None),
        reason("acr", Some("phr"), None),
    ];
    let reasons = reasons.into_iter().chain(plain.map(|one| reason(one, None, None))).collect();
    let told = Told {
        level: 1,
        state: "verified".into(),
        acr: "phr".into(),
        granted: vec!["openid".into(), "trade:spot".into()],
        withheld: vec![WithheldRow { scope: "wallet:withdraw".into(), reasons }],
    };
    put.page("admin-policy", &page(asked.clone(), Some(told), FieldErrors::none()), at.clone());
    let mut errors = FieldErrors::none();
    errors.push("person", Message::new(keys::ADMIN_NO_PERSON));
    errors.push("client", Message::new(keys::ADMIN_NO_CLIENT));
    errors.push("scope", Message::new(keys::ADMIN_NO_SCOPE));
    put.page("admin-policy-wrong", &page(asked, None, errors), at);
}
