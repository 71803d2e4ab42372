//! Apps that register themselves, as the command line sees them: the tokens for it, and what becomes of the apps.

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::Installation;
use crate::support::registering::metadata;
use crate::support::relying_party::{Answer, answer};

const INVITED: &str =
    "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n[client_registration]\nmode = \"token\"\n";

async fn call(method: Method, url: String, token: &str, body: Option<Value>) -> Answer {
    let request = crate::support::browser::http().request(method, url).bearer_auth(token);
    answer(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

async fn register(installation: &Installation, token: &str) -> Answer {
    call(Method::POST, installation.url("/clients"), token, Some(metadata())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_invited_registers_itself_and_is_looked_after_by_the_operator() {
    let installation = Installation::with(INVITED);
    let _server = installation.serve().await;
    let made = installation.json(&["client", "invite", "--note", "For the robots", "--uses", "2", "--json"]);
    let token = made["initial_access_token"].as_str().unwrap().to_owned();
    let invitation = &made["invitation"];
    assert_eq!((&invitation["uses_left"], &invitation["note"]), (&json!(2), &json!("For the robots")));
    let week = invitation["expires_at"].as_i64().unwrap() - invitation["created_at"].as_i64().unwrap();
    assert_eq!(week, 7 * 86_400);
    let plain = installation.karat(&["client", "invite"]).succeeded();
    assert!(plain.out.contains("shown this once") && !plain.out.contains(&token), "{}", plain.out);

    let registered = register(&installation, &token).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    assert_eq!(register(&installation, "made-up").await.status, 401);
    let listed = installation.json(&["client", "invitations", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["uses_left"], 1);
    assert!(!listed.to_string().contains(&token) && !listed.to_string().contains("hash"));
    let table = installation.karat(&["client", "invitations"]).succeeded();
    assert!(table.out.contains("For the robots") && !table.out.contains(&token), "{}", table.out);

    let id = registered.text("client_id");
    let shown = installation.json(&["client", "show", id, "--json"]);
    assert_eq!((&shown["origin"], &shown["metadata"]["verified"]), (&json!("self_registered"), &json!(false)));
    assert!(installation.karat(&["client", "list"]).succeeded().out.contains("self_registered"));
    let changed = installation.json(&["client", "update", id, "--scope", "openid", "--verified", "true", "--json"]);
    let changed = &changed["client"];
    assert_eq!((&changed["metadata"]["scope"], &changed["origin"]), (&json!("openid"), &json!("self_registered")));
    installation
        .karat(&["client", "update", id, "--scope", "openid karat:clients"])
        .failed(2, "metadata.scope: karat:clients");
    let rotated = installation.json(&["client", "rotate-secret", id, "--only", "--json"]);
    assert_ne!(rotated["client_secret"].as_str(), Some(registered.text("client_secret")));
    let own = registered.text("registration_access_token");
    let at = installation.url(&format!("/clients/{id}"));
    assert_eq!(call(Method::GET, at.clone(), own, None).await.body["scope"], "openid");
    installation.karat(&["client", "update", id, "--disabled", "true"]).succeeded();
    assert_eq!(call(Method::GET, at.clone(), own, None).await.status, 401);
    installation.karat(&["client", "remove", id]).succeeded();
    installation.karat(&["client", "show", id]).failed(1, "there is no client");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_was_withdrawn_registers_nobody() {
    let installation = Installation::with(INVITED);
    let server = installation.serve().await;
    let made = installation.json(&["client", "invite", "--uses", "5", "--expires", "1h", "--json"]);
    let id = made["invitation"]["id"].as_str().unwrap();
    let token = made["initial_access_token"].as_str().unwrap();
    assert_eq!(register(&installation, token).await.status, 201);
    installation.karat(&["client", "uninvite", id]).succeeded();
    assert_eq!(register(&installation, token).await.status, 401);
    installation.karat(&["client", "uninvite", id]).failed(1, "there is no invitation");
    assert_eq!(installation.json(&["client", "invitations", "--json"]), json!([]));
    for (wrong, about) in [
        (&["--uses", "0"][..], "uses"),
        (&["--uses", "10001"], "uses"),
        (&["--expires", "1s"], "lifetime"),
        (&["--expires", "366d"], "lifetime"),
        (&["--note", "a\u{7}b"], "note"),
    ] {
        let done = installation.karat(&[&["client", "invite"][..], wrong].concat());
        assert!(done.code != 0 && done.err.contains(about), "{wrong:?}: {} {}", done.code, done.err);
    }
    let log = installation.json(&["audit", "list", "--json"]);
    let acts: Vec<_> = log.as_array().unwrap().iter().filter(|row| row["act"] == "clients.invite").collect();
    assert_eq!(acts.len(), 2, "made and withdrawn: {log}");
    assert!(!log.to_string().contains(token));
    server.stop().await;

    installation.write_config(INVITED.split("[client_registration]").next().unwrap());
    let off = installation.karat(&["client", "invite"]).succeeded();
    assert!(off.out.contains("It is of no use before"), "{}", off.out);
}
