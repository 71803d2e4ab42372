//! Who may do what, operation by operation, for every role and every scope: written out by hand, against what the server answers.

use std::collections::{BTreeMap, BTreeSet};

use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::http::admin::api;
use karat::storage::audit::Wanted;
use reqwest::Method;

use crate::support::TestApp;
use crate::support::api::{Api, person, service};
use crate::support::relying_party::{Answer, answer};

/// Operation; owner, client admin, support, compliance (K), auditor; the scope of programs; whether people show a passkey first.
const TABLE: [(&str, &str, &str, bool); 55] = [
    ("list_clients", "OCSKA", "karat:clients.read", false),
    ("get_client", "OCSKA", "karat:clients.read", false),
    ("add_client", "OC", "karat:clients", true),
    ("replace_client", "OC", "karat:clients", true),
    ("change_client", "OC", "karat:clients", true),
    ("remove_client", "OC", "karat:clients", true),
    ("rotate_client_secret", "OC", "karat:clients", true),
    ("set_client_logo", "OC", "karat:clients", true),
    ("remove_client_logo", "OC", "karat:clients", true),
    ("list_client_invitations", "OCSKA", "karat:clients.read", false),
    ("invite_client", "OC", "karat:clients", true),
    ("withdraw_client_invitation", "OC", "karat:clients", true),
    ("list_people", "OSKA", "karat:people.read", false),
    ("get_person", "OSKA", "karat:people.read", false),
    ("add_person", "O", "karat:people", true),
    ("freeze_person", "OSK", "karat:people", false),
    ("unfreeze_person", "OK", "karat:people", true),
    ("end_sessions", "OSK", "karat:people", false),
    ("end_session", "OSK", "karat:people", false),
    ("withdraw_consent", "O", "karat:people", true),
    ("start_hold", "OK", "karat:people", false),
    ("lift_holds", "OK", "", true),
    ("remove_authenticator", "OK", "", true),
    ("export_person", "OK", "", true),
    ("propose_person_export", "OK", "", true),
    ("list_cases", "KA", "karat:kyc.read", false),
    ("get_case", "KA", "karat:kyc.read", false),
    ("get_verification", "KA", "karat:kyc.read", false),
    ("get_policy", "OCSKA", "karat:policy", false),
    ("explain_policy", "OSKA", "karat:policy", false),
    ("list_keys", "OA", "karat:system.read", false),
    ("rotate_key", "O", "", true),
    ("retire_key", "O", "", true),
    ("list_audit", "OKA", "karat:audit.read", false),
    ("get_audit", "OKA", "karat:audit.read", false),
    ("verify_audit", "OKA", "karat:audit.read", false),
    ("export_audit", "OA", "", true),
    ("propose_audit_export", "OA", "", true),
    ("list_outbox", "OSA", "karat:system.read", false),
    ("retry_outgoing", "OS", "karat:system", false),
    ("get_system", "OCSKA", "karat:system.read", false),
    ("list_roles", "OA", "", false),
    ("give_role", "O", "", true),
    ("withdraw_role", "O", "", true),
    ("list_webhooks", "OCA", "karat:webhooks.read", false),
    ("get_webhook", "OCA", "karat:webhooks.read", false),
    ("list_deliveries", "OCA", "karat:webhooks.read", false),
    ("add_webhook", "O", "karat:webhooks", true),
    ("change_webhook", "O", "karat:webhooks", true),
    ("remove_webhook", "O", "karat:webhooks", true),
    ("rotate_webhook_secret", "O", "karat:webhooks", true),
    ("test_webhook", "O", "karat:webhooks", true),
    ("redeliver", "O", "karat:webhooks", true),
    // Everybody may ask: what they see and may do depends on the proposal.
    ("list_proposals", "OCSKA", "*", false),
    ("confirm_proposal", "OCSKA", "*", false),
];

const SCOPES: [&str; 12] = [
    "karat:clients.read",
    "karat:clients",
    "karat:people.read",
    "karat:people",
    "karat:kyc.read",
    "karat:policy",
    "karat:audit.read",
    "karat:system.read",
    "karat:system",
    "karat:webhooks.read",
    "karat:webhooks",
    "trade:read",
];

const ROLES: [(char, Role); 5] =
    [('O', Role::Owner), ('C', Role::ClientAdmin), ('S', Role::Support), ('K', Role::Compliance), ('A', Role::Auditor)];

/// Every operation's method and path, about nothing that there is.
fn operations() -> BTreeMap<String, (Method, String)> {
    let document = api::document("https://id.example.com");
    let all = api::description::operations(&document).map(|(path, method, operation)| {
        let mut path = path.strip_prefix("/admin/api/v1").unwrap().to_owned();
        for name in ["{id}", "{client_id}", "{session}", "{authenticator}", "{message}", "{kid}"] {
            path = path.replace(name, "0190163d-8694-739b-aea5-966c26f8ad91");
        }
        let method = method.to_ascii_uppercase().parse().unwrap();
        (operation["operationId"].as_str().unwrap().to_owned(), (method, path))
    });
    all.collect()
}

async fn ask(api: &Api<'_>, (method, path): &(Method, String)) -> Answer {
    answer(api.request(method.clone(), path)).await
}

#[test]
fn every_operation_stands_in_the_table() {
    let table: BTreeSet<String> = TABLE.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let mut all: BTreeSet<String> = operations().into_keys().collect();
    // As confirming it.
    assert!(all.remove("decline_proposal"));
    assert_eq!(table, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_does_what_their_roles_allow_and_shows_a_passkey_for_what_is_dangerous() {
    let app = TestApp::start().await;
    let operations = operations();
    let entries =
        async || app.karat.audited(&Authority::operator(), &Wanted::default(), None, 100).await.unwrap().len();
    for (letter, role) in ROLES {
        let (_, fresh) = person(&app, &format!("{role}@example.com"), &[role], Seconds(0)).await;
        let (_, late) = person(&app, &format!("late-{role}@example.com"), &[role], Seconds::hours(2)).await;
        let before = entries().await;
        for (name, who, _, dangerous) in TABLE {
            let may = who.contains(letter);
            let told = ask(&fresh, &operations[name]).await;
            assert_eq!(told.status == 403, !may, "{role} {name}: {told:?}");
            assert_ne!(told.status, 401, "{role} {name}: {told:?}");
            let told = ask(&late, &operations[name]).await;
            match (may, dangerous) {
                (true, true) => assert_eq!((told.status, told.problem()), (401, "step-up"), "{role} {name}"),
                (true, false) => assert!(![401, 403].contains(&told.status), "{role} {name}: {told:?}"),
                (false, _) => assert_eq!((told.status, told.problem()), (403, "forbidden"), "{role} {name}"),
            }
        }
        let taken = if "OA".contains(letter) { 1 } else { 0 };
        assert_eq!(entries().await, before + taken, "{role}: only the log itself was taken");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_what_its_scope_allows() {
    let app = TestApp::start().await;
    let operations = operations();
    for (number, scope) in SCOPES.iter().enumerate() {
        let api = service(&app, &format!("program-{number}"), scope).await;
        for (name, _, needed, _) in TABLE {
            let may = needed == "*" || needed == *scope || needed.strip_suffix(".read") == Some(*scope);
            let told = ask(&api, &operations[name]).await;
            assert_eq!(told.status == 403, !may, "{scope} {name}: {told:?}");
            assert_ne!(told.status, 401, "{scope} {name}: {told:?}");
            if !may {
                let challenge = told.headers["www-authenticate"].to_str().unwrap();
                assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
                assert_eq!(challenge.contains(&format!("scope=\"{needed}\"")), !needed.is_empty(), "{challenge}");
            }
        }
    }
}
