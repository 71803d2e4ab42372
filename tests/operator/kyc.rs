//! Verification by the command line.

use std::fs;

use karat::app::App;
use karat::config::Config;
use karat::crypto::clock::Clock;
use karat::domain::ids::UserId;
use karat::domain::kyc::Tier;
use serde_json::{Value, json};

use crate::process::Installation;
use crate::support::applications::{draft, submitted};

const SETTINGS: &str = "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n[kyc]\nfour_eyes = [3]\n";

/// The installation from within, while no server of it runs.
async fn inside(installation: &Installation) -> App {
    let (database, key) = (installation.file("data/karat.db"), installation.file("keys/sealing.key"));
    let text = fs::read_to_string(installation.file("karat.toml")).unwrap();
    let text = format!(
        "{text}[storage]\nurl = \"sqlite:{}\"\n[keys]\nsealing_key_file = \"{}\"\n",
        database.display(),
        key.display()
    );
    let config = Config::from_text("karat.toml", &text, std::iter::empty()).unwrap();
    App::beside_a_server(config, Clock::system()).await.unwrap()
}

/// A person of this installation who has handed in an application: who, and its id.
async fn applicant(installation: &Installation, email: &str, tier: Tier) -> (Value, String) {
    let made = installation.json(&["user", "add", "--email", email, "--json"]);
    let app = inside(installation).await;
    let person: UserId = made["id"].as_str().unwrap().parse().unwrap();
    let case = submitted(&app.karat, person, tier, &draft()).await;
    app.karat.store.db().close().await;
    (made, case.id.to_string())
}

#[tokio::test]
async fn an_application_is_listed_shown_and_approved() {
    let installation = Installation::with(SETTINGS);
    let (erika, case) = applicant(&installation, "erika@example.com", Tier::STANDARD).await;
    let listed = installation.json(&["kyc", "list", "--json"]);
    assert_eq!((&listed[0]["id"], &listed[0]["state"]), (&json!(case), &json!("submitted")));
    assert_eq!(installation.json(&["kyc", "list", "--level", "3", "--json"]), json!([]));
    assert!(installation.karat(&["kyc", "list"]).succeeded().out.contains(&case));

    let shown = installation.karat(&["kyc", "show", &case]).succeeded().out;
    assert!(shown.contains("state: submitted") && shown.contains("documents: front"), "{shown}");
    for told in ["Mustermann", "C01X0006H", "1984-01-26"] {
        assert!(!shown.contains(told), "identity data is for the pages, where looks are recorded: {shown}");
    }
    installation.karat(&["kyc", "show", "nobody@example.com"]).failed(1, "there is no account");
    installation.karat(&["kyc", "list", "--state", "lost"]).failed(2, "is no state of a case");

    let done = installation.json(&["kyc", "approve", &case, "--note", "Seen in the branch.", "--json"]);
    assert_eq!((&done["state"], &done["decided_by"]), (&json!("approved"), &json!("operator")));
    assert_eq!(done["history"][0]["to_state"], "verified");
    installation.karat(&["kyc", "approve", &case]).failed(1, "does not wait for a decision");
    let history = installation.json(&["kyc", "history", "erika@example.com", "--json"]);
    let approved = history.as_array().unwrap().iter().find(|made| made["finding"] == "approved").unwrap();
    assert_eq!((&approved["actor"], &approved["to_level"]), (&json!("operator"), &json!(2)));
    assert!(installation.karat(&["kyc", "history", &case]).succeeded().out.contains("operator"));
    let by_person = installation.json(&["kyc", "show", erika["id"].as_str().unwrap(), "--json"]);
    assert_eq!(by_person["cases"][0]["id"], json!(case));
    assert_eq!((&by_person["kyc_level"], &by_person["kyc_state"]), (&json!(2), &json!("verified")));
}

/// More than the pages that are asked for hold.
#[tokio::test]
async fn a_long_list_is_read_to_its_end() {
    let installation = Installation::with(SETTINGS);
    let app = inside(&installation).await;
    let mut laid = Vec::new();
    for n in 0..230_i64 {
        let id = app.karat.new_id().to_string();
        let text = "INSERT INTO kyc_cases (id, user_id, tier, provider, state, created_at, submitted_at) \
                    VALUES ($1, $1, 2, 'review', 'submitted', 1700000000, $2)";
        app.karat.store.db().write(text).bind(&id).bind(1_700_000_000 + n / 150).run().await.unwrap();
        laid.push((n / 150, id));
    }
    app.karat.store.db().close().await;
    laid.sort();
    let listed = installation.json(&["kyc", "list", "--limit", "1000", "--json"]);
    let listed: Vec<_> = listed.as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect();
    let in_order: Vec<&str> = laid.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(listed, in_order);
    let some = installation.json(&["kyc", "list", "--limit", "120", "--json"]);
    assert_eq!(some.as_array().unwrap().len(), 120);
}

#[tokio::test]
async fn an_application_is_rejected_for_a_reason_of_the_list() {
    let installation = Installation::with(SETTINGS);
    let (_, case) = applicant(&installation, "erika@example.com", Tier::STANDARD).await;
    installation.karat(&["kyc", "reject", &case, "--reason", "ugly"]).failed(2, "none of the reasons");
    let done = installation.json(&["kyc", "reject", &case, "--reason", "sanctions_review", "--final", "--json"]);
    assert_eq!((&done["state"], &done["reason"]), (&json!("rejected_final"), &json!("sanctions_review")));
    assert_eq!((&done["history"][0]["to_level"], &done["history"][0]["to_state"]), (&json!(0), &json!("suspended")));
}

#[tokio::test]
async fn four_eyes_are_not_the_command_lines_alone() {
    let installation = Installation::with(SETTINGS);
    let (_, case) = applicant(&installation, "erika@example.com", Tier::ENHANCED).await;
    for command in [&["kyc", "approve", &case][..], &["kyc", "reject", &case, "--reason", "other"]] {
        installation.karat(command).failed(1, "takes two reviewers");
    }
    assert_eq!(installation.json(&["kyc", "show", &case, "--json"])["state"], "submitted");
}

#[tokio::test]
async fn a_person_is_suspended_reinstated_and_loses_a_level() {
    let installation = Installation::with(SETTINGS);
    let (_, case) = applicant(&installation, "erika@example.com", Tier::STANDARD).await;
    installation.karat(&["kyc", "approve", &case]).succeeded();
    let person = "erika@example.com";
    let suspend = ["kyc", "suspend", person, "--reason", "sanctions_review", "--json"];
    let done = installation.json(&suspend);
    assert_eq!((&done["kyc_state"], &done["kyc_level"]), (&json!("suspended"), &json!(0)));
    installation.karat(&suspend).failed(1, "stands so already");
    installation.karat(&["kyc", "reinstate", person]).failed(2, "--note");
    let done = installation.json(&["kyc", "reinstate", person, "--note", "another of that name", "--json"]);
    assert_eq!((&done["kyc_state"], &done["kyc_level"]), (&json!("verified"), &json!(2)));
    let done = installation.json(&["kyc", "revoke", person, "--level", "2", "--note", "not hers", "--json"]);
    assert_eq!((&done["kyc_state"], &done["kyc_level"]), (&json!("none"), &json!(0)));
    let history = installation.karat(&["kyc", "history", person]).succeeded().out;
    for finding in ["suspended", "reinstated", "revoked"] {
        assert!(history.contains(finding), "{history}");
    }
    assert!(!history.contains("not hers"), "notes are sealed: {history}");
}
