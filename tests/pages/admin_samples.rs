//! Samples of the console's pages.

use karat::domain::time::Timestamp;
use karat::pages::admin::audit::*;
use karat::pages::admin::clients::*;
use karat::pages::admin::house::*;
use karat::pages::admin::overview::OverviewPage;
use karat::pages::admin::people::*;
use karat::pages::admin::proposals::*;
use karat::pages::admin::roles::*;
use karat::pages::admin::setup::{SetupPage, SetupStep};
use karat::pages::admin::{Crumb, Meanwhile, RefusedPage, Room, Shell};
use karat::pages::{AppBadge, FieldError, FieldErrors, Message, keys};

use crate::samples::{Collector, NOW, app, frame, in_account};

pub const ID: &str = "01939f2e-7f3a-7c11-9c0e-3f2b8a1d4e5f";
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
    people(put);
    clients(put);
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

fn people(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/people");
    let row = |email: &str, condition, level, is_suspended| PersonRow {
        id: ID.into(),
        email: email.into(),
        condition,
        level,
        is_suspended,
        hold_until: (level == 2).then(|| Timestamp::from_unix(NOW.unix() + 70_000)),
        since: ago(9_000_000),
    };
    let filters = vec!["all", "locked", "frozen", "held", "suspended", "level-1", "level-2", "level-3"];
    let page = |find: &str, people: Vec<PersonRow>, after: bool| PeoplePage {
        shell: shell("people", true),
        now: NOW,
        find: find.into(),
        filter: "all",
        filters: filters.clone(),
        people,
        after: after.then(|| ID.into()),
        is_later: after,
        errors: FieldErrors::none(),
    };
    let rows = vec![
        row("erika@example.com", "active", 2, false),
        row("<b>max</b>@example.com", "locked", 0, false),
        row("a-very-long-address-of-somebody-who-has-one@mail.exchange.example", "frozen", 3, true),
    ];
    put.page("admin-people", &page("", rows.clone(), true), at.clone());
    put.page("admin-people-found", &page("erika", rows, true), at.clone());
    put.page("admin-people-none", &page("nobody", Vec::new(), false), at.clone());
    let mut wrong = page("", Vec::new(), false);
    wrong.errors.push("filter", Message::new(keys::ADMIN_NO_FILTER).with("given", "<b>tall</b>"));
    wrong.errors.push("form", Message::new(keys::ADMIN_NO_PLACE));
    put.page("admin-people-wrong", &wrong, at.clone());
    let all = MayDo {
        freeze: true,
        unfreeze: true,
        end_sessions: true,
        remove_authenticator: true,
        start_hold: true,
        lift_hold: true,
        withdraw_consent: true,
        export: true,
        read_cases: true,
        read_audit: true,
    };
    let mut full = bare(row("erika@example.com", "active", 2, false), all, true);
    fill(&mut full);
    put.page("admin-person", &full, at.clone());
    full.errors.push("hold_hours", Message::new(keys::ADMIN_NO_HOURS));
    put.page("admin-person-wrong", &full, at.clone());
    let support = MayDo { freeze: true, end_sessions: true, ..MayDo::default() };
    put.page("admin-person-support", &bare(row("erika@example.com", "locked", 0, false), support, false), at.clone());
    put.page("admin-person-locked", &bare(row("erika@example.com", "locked", 0, true), all, true), at.clone());
    let own = PersonPage { is_own: true, ..bare(row("erika@example.com", "frozen", 0, false), all, false) };
    put.page("admin-person-own", &own, at);
}

fn bare(person: PersonRow, may: MayDo, is_fresh: bool) -> PersonPage {
    PersonPage {
        shell: Shell { crumbs: vec![Crumb { path: None, text: person.email.clone() }], ..shell("people", is_fresh) },
        now: NOW,
        name: None,
        is_email_verified: false,
        password_changed_at: ago(400_000),
        locale: "en".into(),
        because: (person.condition == "locked").then(|| "Called in: the phone was stolen. <script>".to_owned()),
        condition_since: (person.condition != "active").then(|| ago(90_000)),
        state: "none",
        roles: Vec::new(),
        sessions: Vec::new(),
        authenticators: Vec::new(),
        consents: Vec::new(),
        holds: Vec::new(),
        events: Vec::new(),
        may,
        is_own: false,
        removing_takes_two: true,
        export_takes_two: false,
        errors: FieldErrors::none(),
        person,
    }
}

fn fill(page: &mut PersonPage) {
    page.name = Some("Erika Mustermann".into());
    page.is_email_verified = true;
    page.state = "verified";
    page.roles = vec!["support"];
    let session = |device: &str, place: &str, acr, began, seen| SessionRow {
        id: ID.into(),
        device: device.into(),
        place: place.into(),
        acr,
        started_at: ago(began),
        last_seen_at: ago(seen),
    };
    page.sessions = vec![
        session("Firefox on Linux", "203.0.113.7", "phr", 80_000, 30),
        session("", "2001:db8::17", "urn:karat:acr:mfa", 800_000, 90_000),
    ];
    let authenticator = |id: &str, kind, name: &str, used: Option<i64>| AuthenticatorRow {
        id: id.into(),
        kind,
        name: name.into(),
        added_at: ago(9_000_000),
        used_at: used.map(ago),
    };
    page.authenticators = vec![
        authenticator("a1", "passkey", "Erika's phone", Some(30)),
        authenticator("a2", "totp", "<i>App</i>", None),
    ];
    let scope = ["openid", "email", "trade:spot"].map(str::to_owned).to_vec();
    page.consents = vec![ConsentRow { client: "exchange".into(), scope, since: ago(8_000_000) }];
    let runs_until = Timestamp::from_unix(NOW.unix() + 70_000);
    page.holds = vec![
        HoldRow { cause: "by_operator", began_at: ago(3_000), ends_at: runs_until },
        HoldRow { cause: "password_changed", began_at: ago(900_000), ends_at: ago(800_000) },
    ];
    let event = |kind: &str, words, client: Option<&str>, place: Option<&str>| EventRow {
        at: ago(30),
        kind: kind.into(),
        words,
        client: client.map(str::to_owned),
        place: place.map(str::to_owned),
    };
    page.events = vec![
        event("user.logged_in", Some("logged-in"), None, Some("203.0.113.7")),
        event("token.refreshed", None, Some("exchange"), None),
    ];
}

fn clients(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/clients");
    let row = |id: &str, name: &str, kind, is_configured, is_disabled| ClientRow {
        id: id.into(),
        name: name.into(),
        kind,
        is_configured,
        registered_itself: false,
        is_disabled,
        since: ago(5_000_000),
    };
    let rows = vec![
        row("exchange", "Exchange", AppKind::Web, true, false),
        row("wallet", "<b>Wallet</b>", AppKind::SinglePage, false, false),
        row("exchange-mobile-with-a-long-identifier", "Exchange on phones", AppKind::Native, false, true),
        row("settlement", "Settlement", AppKind::Service, false, false),
        ClientRow { registered_itself: true, ..row(ID, "Somebody's robot", AppKind::Web, false, false) },
    ];
    let page = |find: &str, clients: Vec<ClientRow>| ClientsPage {
        shell: shell("clients", true),
        find: find.into(),
        newest: None,
        further: (!clients.is_empty()).then(|| "/admin/clients?after=wallet".into()),
        clients,
        may_add: true,
    };
    put.page("admin-clients", &page("", rows), at.clone());
    put.page("admin-clients-none", &page("nothing", Vec::new()), at.clone());
    let kinds = KindsPage { shell: shell("clients", true), kinds: AppKind::ALL.to_vec() };
    put.page("admin-client-kinds", &kinds, at.clone());
    client_forms(put);
    let made = ClientPage {
        secret: Some("dGhlIHNlY3JldCBvZiB0aGUgZXhjaGFuZ2UgYXBwLi4".into()),
        secrets: Some(2),
        tested: Some(Tested {
            redirect_uri: "https://app.exchange.example/callback".into(),
            path: Some("/authorize/abc".into()),
            error: None,
        }),
        ..client(AppKind::Web, true)
    };
    put.page("admin-client-made", &made, at.clone());
    let logo = AppBadge { logo_url: Some("/clients/exchange/logo?v=1".into()), ..app() };
    let errors = FieldError::on("logo", Message::new(keys::ADMIN_NO_LOGO)).into();
    let drawn = ClientPage { app: logo, accent_color: None, errors, ..client(AppKind::SinglePage, true) };
    put.page("admin-client-logo-wrong", &drawn, at.clone());
    let refused = Tested { redirect_uri: "x".into(), path: None, error: Some("the client is switched off".into()) };
    let off = ClientPage { is_disabled: true, tested: Some(refused), ..client(AppKind::SinglePage, true) };
    put.page("admin-client-off", &off, at.clone());
    put.page("admin-client-native", &client(AppKind::Native, false), at.clone());
    let configured = ClientPage { is_configured: true, ..client(AppKind::Service, false) };
    put.page("admin-client-configured", &configured, at.clone());
    let stranger = ClientPage { registered_itself: true, is_verified: false, ..client(AppKind::Web, true) };
    put.page("admin-client-itself", &stranger, at);
    invitations(put);
}

fn invitations(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/invitations");
    let row = |note: &str, uses_left, is_over| InvitationRow {
        id: ID.into(),
        note: note.into(),
        uses_left,
        until: Timestamp::from_unix(NOW.unix() + 500_000),
        is_over,
    };
    let page = |mode, is_fresh, invitations: Vec<InvitationRow>| InvitationsPage {
        shell: shell("clients", is_fresh),
        mode,
        invitations,
        may_invite: true,
        token: None,
        endpoint: "https://id.exchange.example/clients".into(),
    };
    let rows = vec![row("<b>Robots</b> & friends", 3, false), row("", 0, true)];
    let made = InvitationsPage {
        token: Some("aW52aXRhdGlvbiBmb3IgYW4gYXBwIHRoYXQgcmVnaXN0ZXJz".into()),
        ..page("token", true, rows.clone())
    };
    put.page("admin-invitations", &made, at.clone());
    put.page("admin-invitations-none", &page("off", true, Vec::new()), at.clone());
    let onlooker = InvitationsPage { may_invite: false, ..page("open", false, rows.clone()) };
    put.page("admin-invitations-looked-at", &onlooker, at.clone());
    put.page("admin-invitations-late", &page("token", false, rows), at);
}

fn client_forms(put: &mut Collector<'_>) {
    let at = in_account(put.locale, "/admin/clients/new");
    let typed = Typed {
        client_id: "exchange".into(),
        client_name: "Exchange".into(),
        redirect_uris: "https://app.exchange.example/callback".into(),
        scope: "openid profile email trade:spot".into(),
        token_endpoint_auth_method: "client_secret_basic".into(),
        consent: "first_party".into(),
        ..Typed::default()
    };
    let form = |kind, id: Option<&str>, errors| ClientFormPage {
        shell: shell("clients", true),
        kind,
        id: id.map(str::to_owned),
        typed: typed.clone(),
        methods: match kind {
            AppKind::Web | AppKind::Service => vec!["client_secret_basic", "client_secret_post"],
            _ => Vec::new(),
        },
        meanwhile: None,
        errors,
    };
    put.page("admin-client-form-web", &form(AppKind::Web, None, FieldErrors::none()), at.clone());
    put.page("admin-client-form-spa", &form(AppKind::SinglePage, None, FieldErrors::none()), at.clone());
    put.page("admin-client-form-native", &form(AppKind::Native, Some("exchange"), FieldErrors::none()), at.clone());
    put.page("admin-client-form-service", &form(AppKind::Service, None, FieldErrors::none()), at.clone());
    let mut errors = FieldErrors::none();
    errors.push("client_id", Message::new(keys::ADMIN_CLIENT_TAKEN));
    errors.push("client_name", Message::new(keys::RULE_CLIENT_NAME));
    errors.push("redirect_uris", Message::new(keys::RULE_URI).with("line", 2_u32));
    errors.push("post_logout_redirect_uris", Message::new(keys::RULE_URIS));
    errors.push("backchannel_logout_uri", Message::new(keys::WEBHOOK_URL));
    errors.push("scope", Message::new(keys::RULE_SCOPE));
    errors.push("consent", Message::new(keys::RULE_CONSENT));
    errors.push("client_uri", Message::new(keys::RULE_LINK));
    errors.push("accent_color", Message::new(keys::RULE_COLOUR));
    let detail = "jwks is set together with `jwks_uri`: choose one";
    errors.push("form", Message::new(keys::ADMIN_REFUSED).with("detail", detail));
    put.page("admin-client-form-wrong", &form(AppKind::Web, None, errors), at.clone());
    let mut errors = FieldErrors::none();
    errors.push("redirect_uris", Message::new(keys::RULE_NATIVE_URI).with("line", 1_u32));
    put.page("admin-client-form-native-wrong", &form(AppKind::Native, None, errors), at.clone());
    let mut errors = FieldErrors::none();
    errors.push("scope", Message::new(keys::RULE_SERVICE_SCOPE));
    errors.push("audience", Message::new(keys::RULE_AUDIENCE));
    put.page("admin-client-form-service-wrong", &form(AppKind::Service, None, errors), at.clone());
    let told = || FieldErrors::from(FieldError::whole_form(Message::new(keys::ADMIN_CHANGED_MEANWHILE)));
    let mut late = form(AppKind::Web, Some("exchange"), told());
    late.meanwhile = Some(Meanwhile::of([
        ("admin-client-name", "Exchange & Co", "Exchange"),
        (
            "admin-client-redirects",
            "https://a.example/cb\nhttps://b.example/cb",
            "https://app.exchange.example/callback",
        ),
        ("admin-client-home", "https://exchange.example/", ""),
    ]));
    put.page("admin-client-form-late", &late, at.clone());
    late.meanwhile = Some(Meanwhile::default());
    put.page("admin-client-form-late-elsewhere", &late, at);
}

fn client(kind: AppKind, is_fresh: bool) -> ClientPage {
    ClientPage {
        shell: Shell { crumbs: vec![Crumb { path: None, text: "exchange".into() }], ..shell("clients", is_fresh) },
        id: "exchange".into(),
        version: "dmVyc2lvbg".into(),
        name: "Exchange".into(),
        kind,
        is_configured: false,
        registered_itself: false,
        is_disabled: false,
        is_verified: true,
        app: AppBadge { accent: (kind == AppKind::Web).then(|| "1a56db".to_owned()), ..app() },
        accent_color: (kind == AppKind::Web).then(|| "#1a56db".to_owned()),
        method: if kind == AppKind::Web { "client_secret_basic" } else { "none" },
        secrets: (kind == AppKind::Web).then_some(1),
        grants: vec!["authorization_code", "refresh_token"],
        redirect_uris: match kind {
            AppKind::Service => Vec::new(),
            _ => vec!["https://app.exchange.example/callback".into(), "https://beta.exchange.example/cb".into()],
        },
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: Some("https://app.exchange.example/logout".into()),
        scope: ["openid", "profile", "email", "trade:spot"].map(str::to_owned).to_vec(),
        audience: Vec::new(),
        requires_pkce: true,
        id_token_alg: "RS256",
        consent: "first_party",
        links: vec!["https://exchange.example/".into()],
        issuer: "https://id.exchange.example".into(),
        may_change: true,
        secret: None,
        tested: None,
        errors: FieldErrors::none(),
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
