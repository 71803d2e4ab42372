//! Twilio's Messages API as it is spoken, and the signatures of its receipts by its own vector.

use karat::config::SmsSection;
use karat::domain::time::Timestamp;
use karat::gateway::fetch::Fetcher;
use karat::gateway::sms::{Accepted, OutgoingSms, SmsError, Texter, TwilioReceipts};

use crate::config;
use crate::twilio::{FROM, FakeTwilio, code_of};

const NOW: Timestamp = Timestamp::from_unix(1_768_472_430);

fn message() -> OutgoingSms<'static> {
    OutgoingSms {
        to: "+4915112345678",
        text: "Karat: 747723 is your code.\n\n@login.example.com #747723",
        purpose: "log_in",
        id: "0199-message",
        locale: "en",
        expires_at: Timestamp::from_unix(1_768_472_430 + 240),
        now: NOW,
    }
}

fn texter(text: &str) -> Texter {
    let config = config(text);
    let section: &SmsSection = &config.sms;
    Texter::new(section, "https://login.example.com", Fetcher::new(&config.outgoing).unwrap()).unwrap()
}

#[tokio::test]
async fn a_message_is_posted_as_the_messages_api_wants_it() {
    let twilio = FakeTwilio::start().await;
    let accepted = texter(&twilio.configuration("")).send(&message()).await.unwrap();
    let sid = "SM00000000000000000000000000000001".to_owned();
    assert_eq!(accepted, Accepted { gateway: "twilio", reference: Some(sid) });
    let sent = twilio.messages().pop().unwrap();
    assert_eq!((sent["To"].as_str(), sent["From"].as_str()), ("+4915112345678", FROM));
    assert_eq!(sent["Body"], message().text);
    assert_eq!(code_of(&sent), "747723");
    assert_eq!(sent["StatusCallback"], "https://login.example.com/hooks/sms/twilio?message=0199-message");
    assert_eq!(sent["ValidityPeriod"], "240");
    assert!(!sent.contains_key("MessagingServiceSid"));
}

#[tokio::test]
async fn a_messaging_service_stands_in_the_place_of_a_sender() {
    let twilio = FakeTwilio::start().await;
    let text = twilio.configuration("twilio_messaging_service = \"MG1\"\n").replace("twilio_from", "# twilio_from");
    texter(&text).send(&message()).await.unwrap();
    let sent = twilio.messages().pop().unwrap();
    assert_eq!(sent["MessagingServiceSid"], "MG1");
    assert!(!sent.contains_key("From"));
}

#[tokio::test]
async fn what_twilio_refuses_is_told_by_its_code_and_without_the_number() {
    let twilio = FakeTwilio::start().await;
    let texter = texter(&twilio.configuration(""));
    for (status, code, permanent) in [(400, 21211, true), (429, 20429, false), (503, 20500, false), (401, 20003, false)]
    {
        twilio.fail_with(status, code);
        let error = texter.send(&message()).await.unwrap_err();
        let told = format!("twilio: answered {status} with code {code}");
        assert_eq!(error, SmsError { permanent, message: told }, "no number, no text");
    }
    twilio.recover();
    texter.send(&message()).await.unwrap();
    assert_eq!(twilio.asked(), 5, "one attempt a call");
}

#[tokio::test]
async fn a_gateway_on_loopback_is_reached_only_when_the_operator_lists_it() {
    let twilio = FakeTwilio::start().await;
    let listed = twilio.configuration("");
    let unlisted = listed.replace("allow = [", "allow = [] # [");
    let error = texter(&unlisted).send(&message()).await.unwrap_err();
    assert!(error.permanent, "{error}");
    assert_eq!(twilio.asked(), 0);
    texter(&listed).send(&message()).await.unwrap();
}

/// The published vector, and what an attacker could make of it.
#[test]
fn a_receipt_is_believed_by_its_signature_only() {
    const URL: &str = "https://idp.example.com/hooks/twilio?tenant=1";
    const SIGNATURE: &str = "B96dsk1wa99fwtOAvPFLSmClGyQ=";
    let receipts = TwilioReceipts::new("s3cr3t");
    let form = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let right = [
        ("MessageSid", "SM00000000000000000000000000000001"),
        ("MessageStatus", "delivered"),
        ("To", "+15005550006"),
        ("From", "+15005550001"),
    ];
    assert!(receipts.accepts(URL, &form(&right), SIGNATURE));
    let mut turned = right;
    turned.reverse();
    assert!(receipts.accepts(URL, &form(&turned), SIGNATURE), "the order of the form does not count");
    assert!(
        receipts.accepts("https://idp.example.com:443/hooks/twilio?tenant=1", &form(&right), SIGNATURE),
        "the default port is written or left out"
    );

    for (url, why) in [
        ("http://idp.example.com/hooks/twilio?tenant=1", "scheme"),
        ("https://idp.example.com/hooks/twilio", "without its query"),
        ("https://idp.example.com/hooks/twilio?tenant=2", "another query"),
        ("https://idp.example.com/hooks/twilio?tenant=1&x=1", "more query"),
        ("https://evil.example.com/hooks/twilio?tenant=1", "another host"),
        ("https://idp.example.com:8443/hooks/twilio?tenant=1", "another port"),
        ("https://IDP.example.com/hooks/twilio?tenant=1", "capitals"),
    ] {
        assert!(!receipts.accepts(url, &form(&right), SIGNATURE), "{why}");
    }
    for (index, (name, value)) in right.iter().enumerate() {
        let mut changed = form(&right);
        changed[index].1 = value.replace(['0', 'd'], "1");
        assert!(!receipts.accepts(URL, &changed, SIGNATURE), "{name} changed");
        changed.remove(index);
        assert!(!receipts.accepts(URL, &changed, SIGNATURE), "{name} left out");
    }
    let mut extra = form(&right);
    extra.push(("AccountSid".to_owned(), "AC1".to_owned()));
    assert!(!receipts.accepts(URL, &extra, SIGNATURE), "an extra parameter");
    let mut twice = form(&right);
    twice.push(("MessageStatus".to_owned(), "delivered".to_owned()));
    assert!(!receipts.accepts(URL, &twice, SIGNATURE), "a parameter twice");
    for signature in [
        "",
        "b96dsk1wa99fwtOAvPFLSmClGyQ=",
        &SIGNATURE.to_uppercase(),
        "B96dsk1wa99fwtOAvPFLSmClGyQ",
        "B96dsk1wa99fwtOAvPFLSmClGyR=",
        "07de9db24d706baf7dc2d380bcf14b4a60a51b24",
        "B96dsk1wa99fwtOAvPFLSmClGyQ=B96dsk1wa99fwtOAvPFLSmClGyQ=",
    ] {
        assert!(!receipts.accepts(URL, &form(&right), signature), "{signature:?}");
    }
    assert!(!TwilioReceipts::new("s3cr3T").accepts(URL, &form(&right), SIGNATURE), "another token");
    assert!(!TwilioReceipts::new("").accepts(URL, &form(&right), SIGNATURE), "no token");
}

#[test]
fn a_body_that_is_no_form_is_believed_by_its_hash_in_the_signed_url() {
    const BODY: &[u8] = br#"{"MessageSid":"SM1","MessageStatus":"sent"}"#;
    let hash = "0f1ab2f5b2f1d0";
    let whole: String = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, BODY)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let url = format!("https://idp.example.com/hooks/sms/twilio?message=1&bodySHA256={whole}");
    let signature = crate::twilio::signature("s3cr3t", &url, &[]);
    let receipts = TwilioReceipts::new("s3cr3t");
    assert!(receipts.accepts_body(&url, &whole, BODY, &signature));
    assert!(!receipts.accepts_body(&url, &whole, b"{}", &signature), "another body");
    assert!(!receipts.accepts_body(&url, hash, BODY, &signature), "another hash");
    assert!(!receipts.accepts_body(&url, &whole.to_uppercase(), BODY, &signature), "capitals");
    let other = url.replace("message=1", "message=2");
    assert!(!receipts.accepts_body(&other, &whole, BODY, &signature), "another message");
}
