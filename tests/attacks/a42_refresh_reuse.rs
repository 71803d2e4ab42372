//! A refresh token shown again after its successor was used means a thief: the whole family dies (RFC 9700 section 4.14.2).

use karat::domain::client::Client;

use crate::common::{count, own_client};
use crate::support::app::native_client;
use crate::support::{RelyingParty, TestApp};

const SCOPE: &str = "openid email offline_access";

async fn a_superseded_token_ends_the_family(client: Client) {
    let app = TestApp::start().await;
    let person = app.person("frida@example.com").await;
    let rp = RelyingParty::register(&app, client).await;
    let first = rp.tokens(&person, SCOPE).await;
    let bystander = rp.tokens(&person, SCOPE).await;
    let second = rp.refresh(first.text("refresh_token")).await;
    let third = rp.refresh(second.text("refresh_token")).await;
    assert_eq!(third.status, 200, "{third:?}");
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    assert_ne!(second.text("refresh_token"), third.text("refresh_token"));
    assert_eq!(rp.userinfo(third.text("access_token")).await.status, 200, "the twin: a line well used lives");

    assert_eq!(rp.refresh(first.text("refresh_token")).await.error(), "invalid_grant");
    for token in [&first, &second, &third] {
        assert_eq!(rp.refresh(token.text("refresh_token")).await.error(), "invalid_grant");
        assert_eq!(rp.userinfo(token.text("access_token")).await.status, 401);
    }
    assert_eq!(rp.refresh(bystander.text("refresh_token")).await.status, 200, "another family is not touched");

    let events = app.karat.store.events_of(person.id, 100).await.unwrap();
    let noted = events.iter().filter(|event| event.kind == "refresh.replayed").count();
    assert_eq!(noted, 1, "{events:?}");
    assert_eq!(count(&app, "SELECT COUNT(*) FROM grants WHERE revoked_because = 'refresh_replayed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superseded_refresh_token_of_a_public_app_ends_the_family() {
    a_superseded_token_ends_the_family(native_client("wallet")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superseded_refresh_token_of_a_confidential_app_ends_the_family() {
    a_superseded_token_ends_the_family(own_client("app")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_can_be_asked_for_again_until_its_token_was_used() {
    let app = TestApp::start().await;
    let person = app.person("frida@example.com").await;
    let rp = RelyingParty::register(&app, native_client("wallet")).await;
    let first = rp.tokens(&person, SCOPE).await;
    let lost = rp.refresh(first.text("refresh_token")).await;
    let again = rp.refresh(first.text("refresh_token")).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(lost.text("refresh_token"), again.text("refresh_token"), "one line, however often it is asked for");
    let used = rp.refresh(again.text("refresh_token")).await;
    assert_eq!(used.status, 200);
    assert_eq!(rp.refresh(first.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(rp.refresh(used.text("refresh_token")).await.error(), "invalid_grant");
}

/// Whoever copied the token that the owner holds uses it when the owner has gone to sleep: the two are told apart when the
/// second of them comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_thief_with_a_copy_of_the_token_in_use_is_found_out_whoever_comes_first() {
    for owner_first in [true, false] {
        let app = TestApp::start().await;
        let person = app.person("frida@example.com").await;
        let rp = RelyingParty::register(&app, native_client("wallet")).await;
        let shared = rp.tokens(&person, SCOPE).await;
        let first = rp.refresh(shared.text("refresh_token")).await;
        app.advance(61);
        let second = rp.refresh(shared.text("refresh_token")).await;
        assert_eq!((first.status, second.status), (200, 200), "the copy is not known for one yet");
        assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
        app.advance(300);
        let (next, last) = if owner_first { (&first, &second) } else { (&second, &first) };
        rp.refresh(next.text("refresh_token")).await;
        assert_eq!(rp.refresh(last.text("refresh_token")).await.error(), "invalid_grant");
        for holder in [&shared, &first, &second] {
            assert_eq!(rp.refresh(holder.text("refresh_token")).await.error(), "invalid_grant");
            assert_eq!(rp.userinfo(holder.text("access_token")).await.status, 401);
        }
        assert_eq!(count(&app, "SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_up_or_bent_neither_refreshes_nor_ends_anything() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let app = TestApp::start().await;
    let person = app.person("frida@example.com").await;
    let rp = RelyingParty::register(&app, native_client("wallet")).await;
    let tokens = rp.tokens(&person, SCOPE).await;
    let genuine = tokens.text("refresh_token");
    let bytes = URL_SAFE_NO_PAD.decode(genuine).unwrap();
    let mut bent: Vec<String> = (0..bytes.len())
        .map(|index| {
            let mut other = bytes.clone();
            other[index] ^= 1;
            URL_SAFE_NO_PAD.encode(other)
        })
        .collect();
    bent.push(format!("{genuine}="));
    bent.push(format!("{genuine} "));
    bent.push(genuine[..genuine.len() - 1].to_owned());
    bent.push(URL_SAFE_NO_PAD.encode([0; 52]));
    bent.push(URL_SAFE_NO_PAD.encode([255; 52]));
    bent.push("A".repeat(60_000));
    for token in &bent {
        assert_eq!(rp.refresh(token).await.error(), "invalid_grant", "{}", &token[..20]);
    }
    assert_eq!(rp.refresh(genuine).await.status, 200);
}
