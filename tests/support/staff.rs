//! The operator's people, as the operations see them.

use karat::crypto::token::OpaqueToken;
use karat::domain::authentication::{Authentication, Method, PasskeyUse, Proven};
use karat::domain::ids::{SessionId, UserId};
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::account::Owner;
use karat::flow::admin::{Admission, Authority};
use karat::flow::authorize::SignedIn;
use karat::flow::login::Browser;
use karat::storage::sessions::{Device, Session};

use super::TestApp;

/// A log-in with a passkey, `ago` before now.
pub async fn by_passkey(app: &TestApp, id: UserId, ago: Seconds) -> SignedIn {
    let at = app.clock_now().minus(ago);
    let used = PasskeyUse { user_verified: true, synced: true, attested: false };
    let authentication = Authentication::of(&[Proven { method: Method::Passkey(used), at }]).unwrap();
    let user = app.karat.store.user(id).await.unwrap().unwrap();
    let session = Session {
        id: SessionId::new(app.karat.new_id()),
        user_id: id,
        authentication,
        device: Device { address: "127.0.0.1".to_owned(), agent: "tests".to_owned() },
        created_at: at,
        last_seen_at: at,
        expires_at: at.plus(Seconds::hours(12)),
    };
    SignedIn { session, user }
}

pub fn some_browser() -> Browser {
    Browser {
        address: std::net::IpAddr::from([127, 0, 0, 1]),
        agent: "tests".to_owned(),
        device: None,
        binding: OpaqueToken::mint().hash(),
    }
}

/// As the person stands now, who showed a passkey `ago` before now.
pub async fn admitted(app: &TestApp, id: UserId, ago: Seconds) -> Option<Authority> {
    let signed_in = by_passkey(app, id, ago).await;
    match app.karat.admit(Owner { signed_in: &signed_in, browser: &some_browser() }).await.unwrap() {
        Admission::Admitted(authority) => Some(authority),
        Admission::Stranger | Admission::TooWeak { .. } => None,
    }
}

/// A person with these roles, who has just shown a passkey.
pub async fn staff(app: &TestApp, email: &str, roles: &[Role]) -> (UserId, Authority) {
    let id = app.person(email).await.id;
    for role in roles {
        app.karat.grant_role(&Authority::operator(), id, *role, "").await.unwrap();
    }
    (id, admitted(app, id, Seconds(0)).await.expect("has a role"))
}
