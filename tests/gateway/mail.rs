//! Mails as an SMTP server gets them, and what becomes of refusals.

use karat::gateway::mail::{MailError, Mailer, OutgoingMail};

use crate::authority::Authority;
use crate::config;
use crate::smtp::{Encryption, Failure, SmtpServer};

fn mailer(server: &SmtpServer, more: &str) -> Mailer {
    let text =
        format!("[mail]\nhost = 'localhost'\nport = {}\nfrom = 'Karat <id@karat.example>'\n{more}", server.port());
    Mailer::new(&config(&text).mail).unwrap().expect("smtp is the default transport")
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        to: "ada@example.com".parse().unwrap(),
        subject: "Confirm your address".to_owned(),
        text: "Open https://id.example/verify?token=abc=def\nor type 123456.\n.\nThe end, año nuevo.".to_owned(),
        html: "<p>Type <b>123456</b>.</p>".to_owned(),
        message_id: "0198-verify".to_owned(),
    }
}

async fn refused(mailer: &Mailer) -> MailError {
    mailer.send(&mail()).await.expect_err("the server refuses")
}

#[tokio::test]
async fn a_mail_arrives_with_its_text_its_html_and_its_headers() {
    let server = SmtpServer::start().await;
    mailer(&server, "reply_to = 'Help <help@karat.example>'").send(&mail()).await.unwrap();
    let received = server.wait_for("ada@example.com", 1).await;
    assert_eq!(received.sender, "id@karat.example");
    assert_eq!(received.recipients, ["ada@example.com"]);
    assert_eq!(received.text().replace("\r\n", "\n").trim_end(), mail().text);
    assert_eq!(received.html().trim_end(), mail().html);
    assert_eq!(received.header("Subject").as_deref(), Some("Confirm your address"));
    assert_eq!(received.header("Message-ID").as_deref(), Some("<0198-verify@karat.example>"));
    assert_eq!(received.header("From").as_deref(), Some("Karat <id@karat.example>"));
    assert_eq!(received.header("Reply-To").as_deref(), Some("Help <help@karat.example>"));
    assert_eq!(received.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(received.login, None);
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server, "");
    for _ in 0..4 {
        mailer.send(&mail()).await.unwrap();
        // The connection goes back to the pool behind the caller's back.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(server.mails().len(), 4);
    assert!(server.connections() < 4, "{}", server.connections());
}

#[tokio::test]
async fn a_subject_cannot_begin_another_header() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server, "");
    for subject in ["Hi\r\nBcc: eve@evil.example", "Hi\nBcc: eve@evil.example", "Hi\rBcc: eve@evil.example\r\n\r\nbody"]
    {
        mailer.send(&OutgoingMail { subject: subject.to_owned(), ..mail() }).await.unwrap();
    }
    for received in server.mails() {
        assert_eq!(received.recipients, ["ada@example.com"]);
        assert_eq!(received.header("Bcc"), None);
        let subject = received.header("Subject").unwrap();
        assert!(subject.starts_with("Hi") && subject.contains("Bcc: eve@evil.example"), "{subject}");
        assert!(received.text().contains("123456"));
    }
    assert_eq!(server.mails().len(), 3);
}

#[tokio::test]
async fn a_message_id_cannot_begin_another_header() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server, "");
    for message_id in ["", "a b", "a\r\nBcc: eve@evil.example", "a>", "a@b"] {
        let error = mailer.send(&OutgoingMail { message_id: message_id.to_owned(), ..mail() }).await.unwrap_err();
        assert!(error.permanent, "{message_id:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn lines_of_a_single_dot_and_smtp_commands_in_the_text_stay_text() {
    let server = SmtpServer::start().await;
    let text = "before\n.\nMAIL FROM:<eve@evil.example>\nRCPT TO:<victim@example.com>\nDATA\n..\nafter".to_owned();
    mailer(&server, "").send(&OutgoingMail { text: text.clone(), ..mail() }).await.unwrap();
    assert_eq!(server.mails().len(), 1);
    assert_eq!(server.mails()[0].text().replace("\r\n", "\n").trim_end(), text);
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_one_for_now() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server, "");
    for (failure, permanent) in [
        (Failure::Recipient(550), true),
        (Failure::Recipient(450), false),
        (Failure::Content(554), true),
        (Failure::Content(451), false),
        (Failure::HangUp, false),
    ] {
        server.fail(failure);
        assert_eq!(refused(&mailer).await.permanent, permanent, "{failure:?}");
    }
    server.fail(None);
    mailer.send(&mail()).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_refused_login_is_not_the_fault_of_the_mail() {
    let authority = Authority::new("login");
    let server = SmtpServer::start_with(Encryption::Implicit(authority.acceptor("localhost"))).await;
    let more = format!(
        "tls = 'implicit'\nusername = 'karat'\npassword = 'hunter2'\ncertificate_authorities = '{}'",
        authority.file()
    );
    let mailer = mailer(&server, &more);
    server.fail(Failure::Login(535));
    let error = refused(&mailer).await;
    assert!(!error.permanent && !error.message.contains("hunter2"), "{error:?}");
    assert!(!format!("{mailer:?}").contains("hunter2"));

    server.fail(None);
    mailer.send(&mail()).await.unwrap();
    let received = &server.mails()[0];
    assert_eq!(received.login, Some(("karat".to_owned(), "hunter2".to_owned())));
    assert!(received.encrypted);
}

#[tokio::test]
async fn a_silent_or_absent_server_is_given_up_in_time() {
    let server = SmtpServer::start().await;
    let impatient = mailer(&server, "timeout = '1s'");
    server.fail(Failure::Silence);
    let before = std::time::Instant::now();
    assert!(!refused(&impatient).await.permanent);
    assert!(before.elapsed().as_secs() < 5);

    let port = server.port();
    drop(server);
    let text = format!("[mail]\nport = {port}\ntimeout = '2s'");
    let absent = Mailer::new(&config(&text).mail).unwrap().unwrap();
    assert!(!refused(&absent).await.permanent);
}

#[tokio::test]
async fn starttls_is_required_and_not_hoped_for() {
    let authority = Authority::new("starttls");
    let server = SmtpServer::start_with(Encryption::Starttls(authority.acceptor("localhost"))).await;
    let mailer = mailer(&server, &format!("tls = 'starttls'\ncertificate_authorities = '{}'", authority.file()));
    server.fail(Failure::NoStarttls);
    assert!(!refused(&mailer).await.permanent);
    assert!(server.mails().is_empty());

    server.fail(None);
    mailer.send(&mail()).await.unwrap();
    assert!(server.mails()[0].encrypted);
}

#[tokio::test]
async fn a_server_that_no_known_authority_vouches_for_gets_nothing() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    for (authority, name) in [(&other, "localhost"), (&ours, "elsewhere.example")] {
        let server = SmtpServer::start_with(Encryption::Implicit(authority.acceptor(name))).await;
        let mailer = mailer(&server, &format!("tls = 'implicit'\ncertificate_authorities = '{}'", ours.file()));
        assert!(!refused(&mailer).await.permanent);
        assert!(server.mails().is_empty());
    }
}

#[tokio::test]
async fn a_probe_connects_and_sends_nothing() {
    let server = SmtpServer::start().await;
    let mailer = mailer(&server, "");
    mailer.probe().await.unwrap();
    assert!(server.mails().is_empty() && server.connections() == 1);
}

#[tokio::test]
async fn without_a_transport_there_is_no_mailer() {
    let outbox = config("[mail]\ntransport = 'outbox'");
    assert!(Mailer::new(&outbox.mail).unwrap().is_none());
    let missing = config("[mail]\ntls = 'implicit'\ncertificate_authorities = 'no/such.pem'");
    let error = Mailer::new(&missing.mail).unwrap_err().to_string();
    assert!(error.contains("mail.certificate_authorities") && error.contains("no/such.pem"), "{error}");
}
