//! Nothing secret reaches the log or, readable, the database (docs/attacks.md, 87): the flows are run with canaries at
//! the finest level of the log.

use crate::process::Installation;
use crate::smtp::SmtpServer;
use crate::support::relying_party::VERIFIER;
use crate::visitor::{KnownClient, Visitor, six_digits, word};

const PASSWORD: &str = "canary trumpets under seven oceans";
const WRONG: &str = "wrong canary under eight mountains";
const NEW: &str = "newer canary in nine quiet rivers";

/// Runs the flows and collects everything that must stay secret.
async fn run_flows(installation: &Installation, smtp: &SmtpServer) -> Vec<String> {
    let client = KnownClient::new("trading");
    let base = installation.base();
    let visitor = Visitor::new(&base);
    let mut secrets: Vec<String> =
        [PASSWORD, WRONG, NEW, &client.secret, VERIFIER, "some-state"].map(str::to_owned).into();
    let hidden = |page: &crate::support::Page| {
        page.form().1.into_iter().filter(|(name, _)| name == "csrf").map(|(_, value)| value)
    };

    let form = visitor.get("/register").await.unwrap();
    secrets.extend(hidden(&form));
    let fields = [("email", "canary@example.com"), ("password", PASSWORD), ("accept_terms", "yes")];
    let verify = visitor.submit(&form, &fields).await.unwrap();
    assert_eq!(verify.path(), "/register/verify", "{}", verify.text());
    let mail = smtp.wait_for("canary@example.com", 1).await.text();
    let link = word(&mail, &format!("{base}/register/confirm"));
    secrets.push(url::Url::parse(&link).unwrap().query_pairs().next().unwrap().1.into_owned());
    secrets.push(six_digits(&mail));
    visitor.get(link.strip_prefix(&base).unwrap()).await.unwrap();
    let done = visitor.submit(&verify, &[("code", &six_digits(&mail))]).await.unwrap();
    assert_eq!(done.path(), "/register/done", "{}", done.text());

    visitor.log_in("canary@example.com", WRONG).await.unwrap();
    let login = visitor.authorize(&client, &[("nonce", "canary-nonce")]).await.unwrap();
    let consent = visitor.submit(&login, &[("email", "canary@example.com"), ("password", PASSWORD)]).await.unwrap();
    assert_eq!(consent.path(), "/consent", "{}", consent.text());
    secrets.extend(hidden(&consent));
    let back = visitor.submit(&consent, &[("decision", "allow")]).await.unwrap();
    let code = back.param("code").unwrap();
    let (status, tokens) = visitor.redeem(&client, &code).await.unwrap();
    assert_eq!(status, 200, "{tokens}");
    secrets.extend([code.clone(), "canary-nonce".to_owned()]);
    let text = |tokens: &serde_json::Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    secrets.extend([access.clone(), refresh.clone(), text(&tokens, "id_token")]);
    let (_, newer) = visitor.refresh(&client, &refresh).await.unwrap();
    secrets.extend([text(&newer, "access_token"), text(&newer, "refresh_token")]);

    visitor.ask(&client, "/introspect", &[("token", &access)]).await.unwrap();
    visitor.get(&format!("/userinfo?access_token={access}")).await.unwrap();
    visitor
        .ask(&KnownClient { secret: "a wrong canary secret".into(), ..client.clone() }, "/token", &[])
        .await
        .unwrap();
    secrets.push("a wrong canary secret".to_owned());
    visitor.redeem(&client, &code).await.unwrap();
    visitor.ask(&client, "/revoke", &[("token", &refresh)]).await.unwrap();
    visitor.get("/nowhere/canary-path?canary-query=1").await.unwrap();
    secrets.extend(["canary-path", "canary-query"].map(str::to_owned));

    let forgotten = visitor.get("/password/forgotten").await.unwrap();
    visitor.submit(&forgotten, &[("email", "canary@example.com")]).await.unwrap();
    let mut mails = Vec::new();
    for _ in 0..100 {
        mails = smtp.mails_to("canary@example.com").iter().map(|mail| mail.text()).collect();
        if mails.iter().any(|mail| mail.contains("/password/reset")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mail = mails.iter().find(|mail| mail.contains("/password/reset")).expect("the reset mail");
    let link = word(mail, &format!("{base}/password/reset"));
    secrets.push(url::Url::parse(&link).unwrap().query_pairs().next().unwrap().1.into_owned());
    secrets.extend(visitor.cookies());
    let reset = visitor.get(link.strip_prefix(&base).unwrap()).await.unwrap();
    let done = visitor.submit(&reset, &[("new_password", NEW)]).await.unwrap();
    assert_eq!(done.path(), "/password/done", "{}", done.text());
    secrets.extend(visitor.cookies());
    secrets.retain(|secret| secret.len() >= 6 && !["en", "es"].contains(&secret.as_str()));
    secrets
}

#[tokio::test]
async fn no_secret_is_in_the_log_or_readable_in_the_database() {
    let smtp = SmtpServer::start().await;
    let installation = Installation::with(&format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\n[log]\nformat = \"json\"\nlevel = \"trace\"\n{}",
        smtp.port(),
        KnownClient::new("trading").config(),
    ));
    let server = installation.serve().await;
    let secrets = run_flows(&installation, &smtp).await;
    assert!(secrets.len() > 20, "{}", secrets.len());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let mut stored = Vec::new();
    for name in ["data/karat.db", "data/karat.db-wal"] {
        stored.extend(std::fs::read(installation.file(name)).unwrap_or_default());
    }
    let log = server.stop().await;

    // There is something to find in either.
    for route in ["/token", "/introspect", "/register/verify", "/password/reset", "/consent"] {
        assert!(log.contains(&format!("\"route\":\"{route}\"")), "{route} is not in the log");
    }
    let holds = |bytes: &[u8]| stored.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(b"canary@example.com") && holds(b"argon2id"));
    for secret in &secrets {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{secret} is in the log");
        assert!(!holds(secret.as_bytes()), "{secret} is readable in the database");
    }
}
