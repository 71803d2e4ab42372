//! Who gets in where: every address of the console for every role, written out by hand.

use karat::domain::role::Role::{self, Auditor, ClientAdmin, Compliance, Owner, Support};
use karat::domain::time::Seconds;
use karat::flow::admin::{Authority, Grave, Outcome};
use karat::flow::clients::invitations::InvitationWanted;
use karat::flow::webhooks::WebhookEntry;

use super::desk;
use crate::support::app::web_client;
use crate::support::staff::staff;
use crate::support::{AuthenticatorApp, Browser, PASSWORD, TestApp};

const EVERYBODY: &[Role] = &[Owner, ClientAdmin, Support, Compliance, Auditor];

/// (method, address as the table of routes has it, who may)
const DOORS: &[(&str, &str, &[Role])] = &[
    ("GET", "/admin", EVERYBODY),
    ("GET", "/admin/prove", EVERYBODY),
    ("GET", "/admin/people", &[Owner, Support, Compliance, Auditor]),
    ("POST", "/admin/people/find", &[Owner, Support, Compliance, Auditor]),
    ("GET", "/admin/people/{id}", &[Owner, Support, Compliance, Auditor]),
    ("POST", "/admin/people/{id}/freeze", &[Owner, Support, Compliance]),
    ("POST", "/admin/people/{id}/unfreeze", &[Owner, Compliance]),
    ("POST", "/admin/people/{id}/end-sessions", &[Owner, Support, Compliance]),
    ("POST", "/admin/people/{id}/remove-authenticator", &[Owner, Compliance]),
    ("POST", "/admin/people/{id}/hold", &[Owner, Compliance]),
    ("POST", "/admin/people/{id}/lift", &[Owner, Compliance]),
    ("POST", "/admin/people/{id}/withdraw", &[Owner]),
    ("POST", "/admin/people/{id}/export", &[Owner, Compliance]),
    ("GET", "/admin/clients", EVERYBODY),
    ("GET", "/admin/clients/new", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/new", &[Owner, ClientAdmin]),
    ("GET", "/admin/clients/{id}", EVERYBODY),
    ("POST", "/admin/clients/{id}/test", EVERYBODY),
    ("GET", "/admin/clients/{id}/edit", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/{id}/edit", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/{id}/logo", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/{id}/logo/remove", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/{id}/rotate", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/{id}/disable", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/{id}/enable", &[Owner, ClientAdmin]),
    ("POST", "/admin/clients/{id}/remove", &[Owner, ClientAdmin]),
    ("GET", "/admin/webhooks", &[Owner, ClientAdmin, Auditor]),
    ("GET", "/admin/webhooks/new", &[Owner]),
    ("POST", "/admin/webhooks/new", &[Owner]),
    ("GET", "/admin/webhooks/{id}", &[Owner, ClientAdmin, Auditor]),
    ("GET", "/admin/webhooks/{id}/edit", &[Owner]),
    ("POST", "/admin/webhooks/{id}/edit", &[Owner]),
    ("POST", "/admin/webhooks/{id}/pause", &[Owner]),
    ("POST", "/admin/webhooks/{id}/resume", &[Owner]),
    ("POST", "/admin/webhooks/{id}/rotate", &[Owner]),
    ("POST", "/admin/webhooks/{id}/test", &[Owner]),
    ("POST", "/admin/webhooks/{id}/again", &[Owner]),
    ("POST", "/admin/webhooks/{id}/remove", &[Owner]),
    ("GET", "/admin/invitations", EVERYBODY),
    ("POST", "/admin/invitations/make", &[Owner, ClientAdmin]),
    ("POST", "/admin/invitations/{id}/withdraw", &[Owner, ClientAdmin]),
    ("GET", "/admin/keys", &[Owner, Auditor]),
    ("POST", "/admin/keys/rotate", &[Owner]),
    ("POST", "/admin/keys/retire", &[Owner]),
    ("GET", "/admin/outbox", &[Owner, Support, Auditor]),
    ("POST", "/admin/outbox/retry", &[Owner, Support]),
    ("GET", "/admin/system", EVERYBODY),
    ("GET", "/admin/policy", EVERYBODY),
    // It tells of people.
    ("POST", "/admin/policy/explain", &[Owner, Support, Compliance, Auditor]),
    ("GET", "/admin/audit", &[Owner, Compliance, Auditor]),
    ("GET", "/admin/audit/{id}", &[Owner, Compliance, Auditor]),
    ("POST", "/admin/audit/verify", &[Owner, Compliance, Auditor]),
    ("POST", "/admin/audit/export", &[Owner, Auditor]),
    ("GET", "/admin/proposals", EVERYBODY),
    ("POST", "/admin/proposals/{id}/confirm", &[Owner]),
    ("POST", "/admin/proposals/{id}/decline", &[Owner]),
    ("GET", "/admin/roles", &[Owner, Auditor]),
    ("POST", "/admin/roles/give", &[Owner]),
    ("POST", "/admin/roles/take", &[Owner]),
];

const ROUTES: &str = include_str!("../../oidc/snapshots/oidc__contracts__the_table_of_urls_is_a_contract.snap");

/// What a form holds beside its token, so that it is the role that decides.
fn fields(address: &str, person: &str, message: &str) -> Vec<(&'static str, String)> {
    match address {
        "/admin/roles/give" => {
            vec![("email", "nobody@example.com".into()), ("role", "support".into()), ("give_reason", "why".into())]
        }
        "/admin/roles/take" => vec![("held", format!("{person}:support")), ("take_reason", "why".into())],
        "/admin/people/{id}/withdraw" => vec![("client", "exchange".into())],
        "/admin/invitations/make" => vec![("uses", "1".into()), ("days", "1".into())],
        "/admin/keys/rotate" => vec![("algorithm", "ES256".into())],
        "/admin/webhooks/{id}/again" => vec![("message", message.into())],
        _ => Vec::new(),
    }
}

#[test]
fn every_address_of_the_console_is_in_the_table() {
    let known: Vec<_> = DOORS.iter().map(|(_, address, _)| *address).collect();
    let all = ROUTES.lines().filter_map(|line| line.split_whitespace().next());
    for address in all.filter(|one| one.starts_with("/admin") && !one.starts_with("/admin/api/")) {
        assert!(known.contains(&address), "{address} is for whom?");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_opens_for_the_roles_that_may_and_for_nobody_else() {
    let app =
        TestApp::start_with(crate::support::Backends::SqliteAndMemory, "[admin]\nsecond_person = [\"roles.change\"]\n")
            .await;
    let (_, olga) = staff(&app, "olga@example.com", &[Owner]).await;
    let person = app.person("erika@example.com").await.id;
    let propose = async |role| {
        let wanted = Grave::Role { user: person, role, granted: true };
        match app.karat.grave(&olga, wanted, "why").await.unwrap() {
            Outcome::Proposed(id) => id,
            Outcome::Done => panic!("a second person is wanted"),
        }
    };
    let entry = app.karat.audited(&olga, &Default::default(), None, 1).await.unwrap().remove(0).entry.id;
    let wants = WebhookEntry {
        url: Some("https://hooks.example.com/".into()),
        events: Some(vec!["*".into()]),
        ..Default::default()
    };
    for role in Role::ALL {
        let hook = app.karat.add_webhook(&Authority::operator(), &wants).await.unwrap().0.id;
        let message = app.karat.test_webhook(&Authority::operator(), &hook).await.unwrap();
        let desk = desk(&app, &format!("{role}@example.com"), &[role]).await;
        let csrf = desk.csrf().await;
        for (method, address, who) in DOORS {
            let id = match *address {
                one if one.contains("/proposals/") => propose(Support).await,
                one if one.contains("/invitations/") => {
                    let wanted = InvitationWanted { note: String::new(), uses: 1, lifetime: Seconds::days(1) };
                    app.karat.invite_clients(&olga, wanted).await.unwrap().0.id
                }
                one if one.contains("/people/") => person.to_string(),
                one if one.contains("/webhooks/") => hook.clone(),
                one if one.contains("/clients/") => {
                    let id = format!("exchange-{}", app.karat.new_id());
                    app.add_client(&web_client(&id)).await;
                    id
                }
                _ => entry.clone(),
            };
            let path = address.replace("{id}", &id);
            let page = match *method {
                "GET" => desk.browser.get(&path).await,
                _ if address.ends_with("/logo") => desk.post_parts(&path, &[("csrf", &csrf)], &[]).await,
                _ => {
                    let more = fields(address, &person.to_string(), &message);
                    let all: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    desk.browser.post_once(&path, &[&[("csrf", csrf.as_str())], all.as_slice()].concat()).await
                }
            };
            let status = page.status.as_u16();
            match who.contains(&role) {
                true => {
                    assert!([200, 303, 409, 422].contains(&status), "{role} {method} {path}: {status} {}", page.text())
                }
                false => assert_eq!(status, 403, "{role} {method} {path}: {}", page.text()),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_role_there_is_no_console() {
    let app = TestApp::start().await;
    let stranger = desk(&app, "erika@example.com", &[]).await;
    let csrf = stranger.csrf().await;
    for (method, address, _) in DOORS {
        let path = address.replace("{id}", "0190163d-8694-739b-aea5-966c26f8ad91");
        let page = match *method {
            "GET" => stranger.browser.get(&path).await,
            _ => stranger.browser.post_once(&path, &[("csrf", &csrf)]).await,
        };
        assert_eq!(page.status, 404, "{method} {path}: {}", page.text());
        assert!(!stranger.browser.get("/account").await.body.contains("console-link"));
    }
    let nobody = Browser::new(&app.base);
    assert_eq!(nobody.get("/admin/audit").await.url, "/login?next=admin");
    // The twin, with a role; and back to where they were going.
    app.person("rolf@example.com").await;
    let olga = staff(&app, "olga@example.com", &[Owner]).await.1;
    let rolf = app.karat.store.user_by_email(&"rolf@example.com".parse().unwrap()).await.unwrap().unwrap().user.id;
    app.karat.grant_role(&olga, rolf, Auditor, "reads").await.unwrap();
    let page = nobody.get("/admin/audit?act=roles.change").await;
    let page = nobody.submit(&page, &[("email", "rolf@example.com"), ("password", PASSWORD)]).await;
    // A password alone opens nothing.
    assert_eq!(page.path(), "/account/security", "{}", page.text());
    assert!(page.text().contains("The console takes a second factor."), "{}", page.text());
    AuthenticatorApp::add(&nobody, app.clock_now()).await;
    assert_eq!(nobody.get("/admin").await.url, "/admin/audit?act=roles.change");
    assert!(nobody.get("/account").await.body.contains("console-link"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_from_elsewhere_changes_nothing() {
    let app = TestApp::start().await;
    let olga = desk(&app, "olga@example.com", &[Owner]).await;
    let page = olga.open("/admin/roles").await;
    app.person("ben@example.com").await;
    let given = [("email", "ben@example.com"), ("role", "support"), ("give_reason", "first line"), ("csrf", "x")];
    let page = olga.press(&page, "/admin/roles/give", &given).await;
    assert_eq!(page.status, 403);
    assert_eq!(app.karat.store.roles().await.unwrap().len(), 1);
    // The twin.
    let page = olga.open("/admin/roles").await;
    let page = olga.press(&page, "/admin/roles/give", &given[..3]).await;
    assert!(page.text().contains("The role is given."), "{}", page.text());
    assert_eq!(app.karat.store.roles().await.unwrap().len(), 2);
}
