//! People and apps of other products, brought in by the command line.

use std::fmt::Write;
use std::fs;

use serde_json::{Value, json};

use crate::process::Installation;
use crate::visitor::Visitor;

const MADE_ELSEWHERE: &str = include_str!("../support/foreign_hashes.jsonl");

fn bcrypt() -> (String, Value) {
    let first: Value = serde_json::from_str(MADE_ELSEWHERE.lines().next().unwrap()).unwrap();
    (first["password"].as_str().unwrap().to_owned(), first["hash"].clone())
}

/// What a command printed as one object a line.
fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

#[tokio::test]
async fn people_come_from_a_file_beside_a_running_server_and_bad_lines_are_named() {
    let installation = Installation::new();
    let server = installation.serve().await;
    let (password, hash) = bcrypt();
    let good =
        |email: &str| json!({ "email": email, "email_verified": true, "password_hash": hash, "external_id": email });
    let file = format!(
        "{}\n\nnot json\n{}\n{}\n{}\n{}",
        good("ada@example.com"),
        good("bob@example.com"),
        json!({ "email": "eve@example.com", "kyc_level": 3 }),
        good("ada@example.com"),
        json!({ "email": "late@example.com" }),
    );
    fs::write(installation.file("people.jsonl"), &file).unwrap();

    let tried = installation.karat(&["user", "import", "people.jsonl", "--dry-run"]).failed(1, "2 lines were refused");
    assert!(tried.out.contains("3 would be imported (1 without a password), 1 skipped, 2 refused"), "{}", tried.out);
    installation.karat(&["user", "show", "ada@example.com"]).failed(1, "there is no account");

    let done = installation.karat(&["user", "import", "people.jsonl", "--json"]).failed(1, "2 lines were refused");
    let told = objects(&done.out);
    let of_line = |line: u64| told.iter().find(|told| told["line"] == line).unwrap_or_else(|| panic!("{}", done.out));
    assert_eq!(of_line(1)["outcome"], "imported");
    assert_eq!(of_line(1)["external_id"], "ada@example.com");
    assert!(of_line(3)["reason"].as_str().unwrap().contains("not a JSON object"));
    assert_eq!(of_line(5)["reason"], "kyc_level: is attained here and never imported");
    assert_eq!((&of_line(6)["outcome"], &of_line(7)["without_password"]), (&json!("skipped"), &json!(true)));
    let counts = json!({ "imported": 3, "without_password": 1, "skipped": 1, "refused": 2, "dry_run": false });
    assert_eq!(told.last(), Some(&counts));
    assert!(!done.out.contains(hash.as_str().unwrap()) && !done.err.contains(hash.as_str().unwrap()));

    let shown = installation.json(&["user", "show", "ada@example.com", "--json"]);
    assert_eq!(shown["account"]["id"], of_line(1)["sub"]);
    let visitor = Visitor::new(&installation.base());
    visitor.log_in("ada@example.com", &password).await.unwrap();
    assert_eq!(visitor.get("/account/sessions").await.unwrap().url, "/account/sessions");

    let again = installation.karat_with(&["user", "import", "-"], &good("ada@example.com").to_string()).succeeded();
    assert!(again.out.contains("0 imported (0 without a password), 1 skipped, 0 refused"), "{}", again.out);
    installation.karat(&["user", "import", "nowhere.jsonl"]).failed(1, "nowhere.jsonl");
    server.stop().await;
}

#[test]
fn a_long_file_goes_in_batch_by_batch() {
    let installation = Installation::new();
    let (_, hash) = bcrypt();
    let mut file = String::new();
    for number in 0..1_500 {
        let person =
            json!({ "email": format!("p{number}@example.com"), "email_verified": true, "password_hash": hash });
        writeln!(file, "{person}").unwrap();
    }
    let done = installation.karat_with(&["user", "import", "-"], &file).succeeded();
    assert!(done.out.contains("1500 imported"), "{}", done.out);
    installation.karat(&["user", "show", "p1499@example.com"]).succeeded();
}
