//! Redis dies and comes back with nothing in it. What people were in the middle of is lost and says so; sessions and tokens live on, and
//! what counts once does not count again.

use karat::crypto::clock::Clock;
use karat::domain::jose::Algorithm;
use serde_json::{Value, json};

use crate::eventually;
use crate::fleet::{Fleet, PASSWORD, app, code, successor, tokens};
use crate::services::Redis;
use crate::support::client_key::{ASSERTION_TYPE, ClientKey};
use crate::support::databases::fresh_postgres;
use crate::visitor::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_killed_and_empty_again_costs_what_was_under_way_and_nothing_else() {
    let (database, mut redis, key) = (fresh_postgres().await, Redis::start().await, ClientKey::new(Algorithm::Es256));
    let mut fleet = Fleet::on(&database.url, &redis.url(), &signing_client(&key)).await;
    fleet.add(&[]);
    fleet.add(&[]);
    fleet.all_ready().await;
    let (visitor, held) = fleet.logged_in("erika@example.com").await;
    let (unused, spent) = (code(&visitor).await, code(&visitor).await);
    assert_eq!(visitor.redeem(&app(), &spent).await.unwrap().0, 200);
    let newcomer = Visitor::new(&fleet.base());
    let begun = newcomer.authorize(&app(), &[]).await.unwrap();
    assert_eq!(begun.path(), "/login");
    let assertion = key.sign(&assertion_claims(&fleet));
    assert_eq!(by_assertion(&fleet, 0, &assertion).await.0, 200);

    redis.kill();
    for node in fleet.nodes() {
        eventually("the node says that it is not ready", async || {
            let told = fleet.ask_node(node, "/readyz").await;
            told.is_some_and(|(status, told)| status == 503 && told["ephemeral"] == false && told["database"] == true)
        })
        .await;
        assert_eq!(fleet.ask_node(node, "/healthz").await.unwrap().0, 204, "it need not be restarted");
    }
    let refused = newcomer.submit(&begun, &[("email", "erika@example.com"), ("password", PASSWORD)]).await.unwrap();
    assert_eq!(refused.status, 503, "no password is tried where nobody counts: {}", refused.text());
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(visitor.redeem(&app(), &unused).await.unwrap().0, 503);
    let (status, _) = visitor.refresh(&app(), &held.refresh).await.unwrap();
    assert_eq!(status, 503, "no secret of an app is tried either");
    assert_eq!(fleet.userinfo(1, &held.access).await, 200, "what rests on the database alone goes on meanwhile");
    assert_eq!(fleet.ask_node(1, "/jwks").await.unwrap().0, 200);

    redis.start_again().await;
    fleet.all_ready().await;
    let lost = newcomer.submit(&begun, &[("email", "erika@example.com"), ("password", PASSWORD)]).await.unwrap();
    assert_eq!(lost.status, 400, "{}", lost.text());
    assert!(
        lost.param("code").is_none() && lost.text().contains("app"),
        "it says where to begin again: {}",
        lost.text()
    );
    for lost in [&unused, &spent] {
        let (status, told) = visitor.redeem(&app(), lost).await.unwrap();
        assert_eq!((status, &told["error"]), (400, &"invalid_grant".into()), "{told}");
    }
    assert!(by_assertion(&fleet, 1, &assertion).await.0 == 401, "an assertion that was used before");
    assert_eq!(by_assertion(&fleet, 1, &key.sign(&assertion_claims(&fleet))).await.0, 200, "and one that was not");

    let held = successor(&visitor, &held.refresh).await;
    assert!(fleet.is_active_at(0, &held.access).await);
    assert_eq!(visitor.redeem(&app(), &code(&visitor).await).await.unwrap().0, 200, "the session is what it was");
    tokens(&newcomer, "erika@example.com").await;
}

fn signing_client(key: &ClientKey) -> String {
    let members =
        key.jwk().as_object().unwrap().iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>();
    format!(
        "[[client]]\nclient_id = \"bot\"\nkind = \"service\"\ntoken_endpoint_auth_method = \"private_key_jwt\"\n\
         jwks = {{ keys = [{{ {} }}] }}\ngrant_types = [\"client_credentials\"]\nscope = \"read\"\n",
        members.join(", ")
    )
}

fn assertion_claims(fleet: &Fleet) -> Value {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let now = Clock::system().now().unix();
    let jti = format!("assertion-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    json!({ "iss": "bot", "sub": "bot", "aud": format!("{}/token", fleet.base()), "iat": now, "exp": now + 300, "jti": jti })
}

async fn by_assertion(fleet: &Fleet, node: usize, assertion: &str) -> (u16, Value) {
    let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    fleet.token_of(node, &[&[("grant_type", "client_credentials")][..], &proof[..]].concat()).await
}
