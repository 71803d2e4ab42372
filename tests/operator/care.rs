//! Looking after people and reading the audit log, by the command line.

use serde_json::json;

use crate::process::Installation;

#[test]
fn people_are_listed_held_and_let_go() {
    let installation = Installation::new();
    for email in ["ana@example.com", "bob@example.com"] {
        installation.json(&["user", "add", "--email", email, "--json"]);
    }
    let all = installation.json(&["user", "list", "--json"]);
    assert_eq!((all["people"].as_array().map(Vec::len), &all["more"]), (Some(2), &json!(false)));
    let found = installation.json(&["user", "list", "--find", "an", "--json"]);
    assert_eq!(found["people"][0]["email"], "ana@example.com");
    assert_eq!(found["people"].as_array().map(Vec::len), Some(1));
    let first = installation.karat(&["user", "list", "--most", "1"]).succeeded();
    assert!(first.out.contains("bob@example.com") && first.out.contains("--after"), "{}", first.out);
    installation.karat(&["user", "list", "--filter", "nice"]).failed(2, "is not a filter");

    let held =
        installation.json(&["user", "hold", "ana@example.com", "--time", "7d", "--reason", "a report", "--json"]);
    assert!(held["hold_until"].is_string());
    assert_eq!(
        installation.json(&["user", "list", "--filter", "held", "--json"])["people"][0]["email"],
        "ana@example.com"
    );
    installation.karat(&["user", "hold", "ana@example.com", "--time", "31d", "--reason", "x"]).failed(1, "30 days");
    let lifted = installation.karat(&["user", "lift-hold", "ana@example.com", "--reason", "cleared"]).succeeded();
    assert_eq!(lifted.out.trim(), "lifted");
    installation
        .karat(&["user", "lift-hold", "ana@example.com", "--reason", "again"])
        .failed(1, "no hold was begun by hand");
    assert_eq!(installation.json(&["user", "sessions", "ana@example.com", "--json"]), json!([]));
    assert_eq!(installation.json(&["user", "authenticators", "ana@example.com", "--json"]), json!([]));
}

#[test]
fn the_audit_log_is_listed_exported_and_verified() {
    let installation = Installation::new();
    let ana = installation.json(&["user", "add", "--email", "ana@example.com", "--json"]);
    installation.karat(&["user", "lock", "ana@example.com", "--reason", "a court order"]).succeeded();
    let listed = installation.json(&["audit", "list", "--json"]);
    let acts: Vec<_> = listed.as_array().unwrap().iter().map(|entry| entry["act"].clone()).collect();
    assert_eq!(acts, [json!("people.freeze"), json!("people.add")]);
    assert_eq!((&listed[0]["actor"], &listed[0]["detail"]["reason"]), (&json!("operator"), &json!("a court order")));
    assert_eq!(listed[0]["target"], json!({ "kind": "user", "id": ana["sub"] }));
    let target = format!("user:{}", ana["sub"].as_str().unwrap());
    let about = installation.json(&["audit", "list", "--target", &target, "--act", "people.add", "--json"]);
    assert_eq!(about.as_array().map(Vec::len), Some(1));

    let exported = installation.karat(&["audit", "export"]).succeeded();
    assert_eq!(exported.out.lines().count(), 3, "the export itself is in the log: {}", exported.out);
    let verified = installation.json(&["audit", "verify", "--json"]);
    assert_eq!((&verified["whole"], &verified["seq"]), (&json!(true), &json!(3)));
    let noted = format!("3:{}", verified["hash"].as_str().unwrap());
    installation.karat(&["audit", "verify", "--expect", &noted]).succeeded();
    installation
        .karat(&["audit", "verify", "--expect", "3:forged"])
        .failed(1, "entry 3 is not the entry that was noted down");
    installation.karat(&["audit", "verify", "--expect", "4:later"]).failed(1, "entry 4 is missing");
}

#[test]
fn the_setup_link_is_printed_until_there_is_an_owner() {
    let installation = Installation::new();
    let link = installation.karat(&["setup-link"]).succeeded();
    assert!(link.out.contains("/setup?token="), "{}", link.out);
    installation.json(&["user", "add", "--email", "olga@example.com", "--json"]);
    installation.karat(&["user", "role", "add", "olga@example.com", "owner"]).succeeded();
    installation.karat(&["setup-link"]).failed(1, "there is an owner already");
    installation.karat(&["user", "role", "remove", "olga@example.com", "owner"]).failed(1, "the only owner");
}
