//! Samples of the console's pages about apps.

use karat::domain::time::Timestamp;
use karat::pages::admin::clients::*;
use karat::pages::admin::{Crumb, Meanwhile, Shell};
use karat::pages::{AppBadge, FieldError, FieldErrors, Message, keys};

use super::{ID, ago, shell};
use crate::samples::{Collector, NOW, app, in_account};

pub fn pages(put: &mut Collector<'_>) {
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
