//! `karat doctor` finds planted faults, each with what to do, and is content without them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::process::Installation;
use crate::smtp::{Failure, SmtpServer};

/// An installation that has been started once, with a mail server that answers.
async fn healthy(smtp: &SmtpServer) -> Installation {
    let installation = Installation::with(&mail(smtp));
    installation.serve().await.stop().await;
    installation
}

fn mail(smtp: &SmtpServer) -> String {
    format!("[mail]\nhost = \"127.0.0.1\"\nport = {}\n", smtp.port())
}

/// What fails, as `level what`, and the exit code.
async fn complaints(installation: &Installation) -> (i32, Vec<String>) {
    let (code, findings) = findings(installation).await;
    let bad = findings.iter().filter(|finding| finding["level"] != "ok");
    let bad = bad.map(|finding| {
        assert!(finding["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{finding}");
        format!("{} {}", finding["level"].as_str().unwrap(), finding["what"].as_str().unwrap())
    });
    (code, bad.collect())
}

async fn findings(installation: &Installation) -> (i32, Vec<serde_json::Value>) {
    let folder = installation.folder.clone();
    // Waiting for the program must not keep the mail server from answering.
    let looked = tokio::task::spawn_blocking(move || {
        std::process::Command::new(env!("CARGO_BIN_EXE_karat"))
            .args(["doctor", "--json", "--config", "karat.toml"])
            .current_dir(folder)
            .output()
            .unwrap()
    });
    let output = looked.await.unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn a_healthy_installation_is_left_in_peace() {
    let smtp = SmtpServer::start().await;
    let installation = healthy(&smtp).await;
    assert_eq!(complaints(&installation).await, (0, vec![]));
    let fresh = Installation::with(&mail(&smtp));
    assert_eq!(complaints(&fresh).await, (0, vec![]));
    assert!(!fresh.file("data").exists() && !fresh.file("keys").exists(), "looking makes nothing");
}

#[tokio::test]
async fn a_sealing_key_that_others_read_or_that_is_gone_is_found() {
    let smtp = SmtpServer::start().await;
    let installation = healthy(&smtp).await;
    let key = installation.file("keys/sealing.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(complaints(&installation).await, (1, vec!["fail sealing key".to_owned()]));
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert_eq!(complaints(&installation).await, (1, vec!["fail sealing key".to_owned()]));

    // A fresh one is not the one that the database was sealed with.
    let other = Installation::with(&mail(&smtp));
    other.serve().await.stop().await;
    fs::copy(other.file("keys/sealing.key"), &key).unwrap();
    assert_eq!(complaints(&installation).await, (1, vec!["fail signing keys".to_owned()]));
    fs::write(&key, kept).unwrap();
    assert_eq!(complaints(&installation).await.0, 0);
}

#[tokio::test]
async fn what_waits_is_told_kind_by_kind() {
    let smtp = SmtpServer::start().await;
    let installation = healthy(&smtp).await;
    installation.karat(&["webhook", "add", "https://crm.example.com/hook", "--event", "user"]).succeeded();
    installation.karat(&["user", "add", "--email", "ana@example.com"]).succeeded();
    installation.karat(&["user", "lock", "ana@example.com"]).succeeded();
    let (_, all) = findings(&installation).await;
    let waits: Vec<&str> =
        all.iter().filter(|one| one["what"] == "outbox").filter_map(|one| one["found"].as_str()).collect();
    assert!(waits.len() == 2 && waits[0].starts_with("1 mails waiting"), "{waits:?}");
    assert!(waits[1].contains(" webhooks waiting"), "{waits:?}");
    assert_eq!(complaints(&installation).await, (0, vec![]));
}

#[tokio::test]
async fn a_damaged_database_is_found() {
    let smtp = SmtpServer::start().await;
    let installation = healthy(&smtp).await;
    fs::write(installation.file("data/karat.db"), "this is not a database at all".repeat(500)).unwrap();
    assert_eq!(complaints(&installation).await, (1, vec!["fail database".to_owned()]));
}

#[tokio::test]
async fn a_mail_server_that_does_not_answer_is_found() {
    let smtp = SmtpServer::start().await;
    let installation = healthy(&smtp).await;
    smtp.fail(Failure::HangUp);
    drop(smtp);
    assert_eq!(complaints(&installation).await, (1, vec!["fail mail".to_owned()]));
}

#[tokio::test]
async fn services_that_are_not_there_are_found() {
    let smtp = SmtpServer::start().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let installation = healthy(&smtp).await;
    installation.write_config(&format!(
        "{}[storage]\nurl = \"postgres://karat@127.0.0.1:{free}/karat\"\n[ephemeral]\nurl = \"redis://127.0.0.1:{free}\"\n",
        mail(&smtp)
    ));
    assert_eq!(
        complaints(&installation).await,
        (1, vec!["fail database".to_owned(), "fail short-lived state".to_owned()])
    );
}

#[tokio::test]
async fn mistakes_in_the_configuration_end_with_2() {
    let smtp = SmtpServer::start().await;
    let installation = healthy(&smtp).await;
    installation.write_config("[mail]\nport = 99999\n");
    assert_eq!(complaints(&installation).await, (2, vec!["fail configuration".to_owned()]));
    installation.write_config("[mail]\ntransport = \"outbox\"\n");
    assert_eq!(complaints(&installation).await, (2, vec!["fail configuration".to_owned()]));
    installation.write_config(&format!("{}[[client]]\nclient_id = \"a\"\nkind = \"web\"\n", mail(&smtp)));
    let (code, found) = complaints(&installation).await;
    assert!(code == 2 && found.iter().all(|found| found == "fail clients") && !found.is_empty(), "{code} {found:?}");
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_its_key_is_found() {
    let smtp = SmtpServer::start().await;
    let installation = healthy(&smtp).await;
    let [one, other] = [0, 1].map(|_| rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap());
    fs::write(installation.file("cert.pem"), one.cert.pem()).unwrap();
    fs::write(installation.file("key.pem"), other.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(installation.file("key.pem"), Permissions::from_mode(0o600)).unwrap();
    let port = installation.port;
    let text = format!(
        "[server]\nissuer = \"https://localhost:{port}\"\ntls_certificate = \"cert.pem\"\ntls_key = \"key.pem\"\n{}",
        mail(&smtp)
    );
    fs::write(installation.file("karat.toml"), text).unwrap();
    assert_eq!(complaints(&installation).await, (1, vec!["fail certificate".to_owned()]));
    fs::write(installation.file("key.pem"), one.signing_key.serialize_pem()).unwrap();
    assert_eq!(complaints(&installation).await, (0, vec![]));
    fs::set_permissions(installation.file("key.pem"), Permissions::from_mode(0o644)).unwrap();
    assert_eq!(complaints(&installation).await, (0, vec!["warn certificate".to_owned()]));
}
