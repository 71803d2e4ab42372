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
    assert!(held["hold_until"].is_i64());
    assert_eq!(
        installation.json(&["user", "list", "--filter", "held", "--json"])["people"][0]["email"],
        "ana@example.com"
    );
    installation.karat(&["user", "hold", "ana@example.com", "--time", "31d", "--reason", "x"]).failed(2, "30 days");
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
    assert_eq!((&listed[0]["target_kind"], &listed[0]["target"]), (&json!("user"), &ana["id"]));
    let target = format!("user:{}", ana["id"].as_str().unwrap());
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
fn entries_of_a_span_of_time_are_listed_and_exported() {
    let installation = Installation::new();
    let ana = installation.json(&["user", "add", "--email", "ana@example.com", "--json"]);
    installation.karat(&["user", "lock", "ana@example.com"]).succeeded();
    installation.karat(&["user", "unlock", "ana@example.com", "--reason", "lifted by the court"]).succeeded();
    let target = format!("user:{}", ana["id"].as_str().unwrap());
    let within = |more: &[&str]| installation.json(&[&["audit", "list", "--json", "--target", &target], more].concat());
    assert_eq!(within(&["--since", "2020-01-01"])[0]["detail"]["reason"], "lifted by the court");
    assert_eq!(within(&["--since", "2020-01-01", "--until", "2100-01-01"]).as_array().map(Vec::len), Some(3));
    assert_eq!(within(&["--until", "2020-01-01T00:00:00Z"]), json!([]));
    let export = |more: &[&str]| installation.karat(&[&["audit", "export"], more].concat()).succeeded().out;
    assert_eq!(export(&["--until", "2020-01-01"]), "");
    assert_eq!(export(&["--since", "2020-01-01"]).lines().count(), 5, "with both exports");
    installation.karat(&["audit", "list", "--since", "yesterday"]).failed(2, "is no time");
}

#[test]
fn an_export_of_a_person_is_in_the_log_and_only_the_complete_one_is_for_the_operator() {
    let installation = Installation::new();
    let ana = installation.json(&["user", "add", "--email", "ana@example.com", "--json"]);
    installation
        .karat(&["kyc", "suspend", "ana@example.com", "--reason", "sanctions_review", "--note", "on a list"])
        .succeeded();
    let taken = installation.json(&["user", "export", "ana@example.com", "--reason", "asked for by letter"]);
    assert_eq!(taken["sub"], ana["id"]);
    assert!(!taken.to_string().contains("on a list"), "{taken}");
    let complete = installation.json(&["user", "export", "ana@example.com", "--complete"]);
    assert!(complete.to_string().contains("on a list"), "{complete}");
    let entries = installation.json(&["audit", "list", "--act", "people.export", "--json"]);
    let told = |n: usize| (entries[n]["detail"]["complete"].clone(), entries[n]["detail"]["reason"].clone());
    assert_eq!([told(0), told(1)], [(json!(true), json!(null)), (json!(false), json!("asked for by letter"))]);
    let suspended = installation.json(&["audit", "list", "--act", "kyc.set_level", "--json"]);
    assert_eq!((&suspended[0]["actor"], &suspended[0]["detail"]["finding"]), (&json!("operator"), &json!("suspended")));
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
