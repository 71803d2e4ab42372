//! Who reviews, by the command line.

use serde_json::json;

use crate::process::Installation;

#[test]
fn a_role_is_given_listed_and_taken() {
    let installation = Installation::new();
    let made = installation.json(&["user", "add", "--email", "rita@example.com", "--json"]);
    assert_eq!(installation.json(&["user", "role", "list", "--json"]), json!([]));

    let given = installation.karat(&["user", "role", "add", "rita@example.com", "compliance"]).succeeded();
    assert!(given.out.contains("has the role compliance now") && given.out.contains("second factor"), "{}", given.out);
    let again = installation.karat(&["user", "role", "add", "rita@example.com", "compliance"]).succeeded();
    assert!(again.out.contains("already"), "{}", again.out);
    let listed = installation.json(&["user", "role", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let held = &listed[0];
    assert_eq!((&held["user"], &held["role"]), (&made["id"], &json!("compliance")));
    assert_eq!((&held["email"], &held["granted_by"]), (&json!("rita@example.com"), &json!("operator")));

    let taken = installation.karat(&["user", "role", "remove", "rita@example.com", "compliance"]).succeeded();
    assert!(taken.out.contains("has lost"), "{}", taken.out);
    let again = installation.karat(&["user", "role", "remove", "rita@example.com", "compliance"]).succeeded();
    assert!(again.out.contains("did not have"), "{}", again.out);
    assert_eq!(installation.json(&["user", "role", "list", "--json"]), json!([]));

    let given = ["user", "role", "add", "rita@example.com", "auditor", "--reason", "the yearly audit", "--json"];
    let told = installation.json(&given);
    assert_eq!(
        (&told["has_role"], &told["changed"], &told["needs_second_factor"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(installation.json(&given)["changed"], json!(false));
    let entries = installation.json(&["audit", "list", "--act", "roles.change", "--json"]);
    assert_eq!(entries[0]["detail"]["reason"], "the yearly audit");
    installation.karat(&["user", "role", "remove", "rita@example.com", "auditor"]).succeeded();

    installation.karat(&["user", "role", "add", "rita@example.com", "emperor"]).failed(2, "the roles are: owner");
    installation.karat(&["user", "role", "add", "nobody@example.com", "compliance"]).failed(1, "there is no account");
    let events = installation.json(&["user", "show", "rita@example.com", "--json"])["events"].clone();
    let kinds: Vec<_> = events.as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    let changes = ["role.changed"; 4].map(|kind| json!(kind));
    assert_eq!(kinds, [&changes[..], &[json!("user.registered")]].concat());
}
