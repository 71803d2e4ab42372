//! A program that calls the admin API: with a token of its own, or with one of somebody who has a role.

use karat::domain::authentication::{Authentication, Method, PasskeyUse, Proven};
use karat::domain::client::{Client, ConsentRule};
use karat::domain::ids::UserId;
use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use reqwest::{Method as Verb, RequestBuilder};
use serde_json::Value;

use super::app::{service_client, web_client};
use super::relying_party::{Answer, answer};
use super::{RelyingParty, TestApp};

pub struct Api<'a> {
    pub app: &'a TestApp,
    pub token: String,
}

/// A token of a service with this scope.
pub async fn service<'a>(app: &'a TestApp, id: &str, scope: &str) -> Api<'a> {
    let rp = RelyingParty::register(app, service_client(id, scope)).await;
    let told = rp.post("/token", &[("grant_type", "client_credentials"), ("scope", scope)]).await;
    assert_eq!(told.status, 200, "{told:?}");
    Api { app, token: told.text("access_token").to_owned() }
}

/// The app by which people with a role work.
pub fn desk(id: &str) -> Client {
    Client { scope: "openid karat:admin".parse().unwrap(), consent: ConsentRule::FirstParty, ..web_client(id) }
}

/// A token of a person with these roles, who has shown a passkey `ago` before now.
pub async fn person<'a>(app: &'a TestApp, email: &str, roles: &[Role], ago: Seconds) -> (UserId, Api<'a>) {
    let who = app.person(email).await;
    for role in roles {
        app.karat.grant_role(&Authority::operator(), who.id, *role, "").await.unwrap();
    }
    let client = desk(&format!("desk-of-{}", email.split('@').next().unwrap()));
    let rp = RelyingParty::register(app, client).await;
    let token = rp.tokens(&who, "openid karat:admin").await.text("access_token").to_owned();
    shown_passkey(app, who.id, ago).await;
    (who.id, Api { app, token })
}

/// Makes the person's tokens those of a log-in with a passkey.
pub async fn shown_passkey(app: &TestApp, id: UserId, ago: Seconds) {
    let used = PasskeyUse { user_verified: true, synced: true, attested: false };
    let at = app.clock_now().minus(ago);
    let authentication = Authentication::of(&[Proven { method: Method::Passkey(used), at }]).unwrap();
    let db = app.database().open().await;
    db.write("UPDATE grants SET authentication = $1 WHERE user_id = $2")
        .bind(serde_json::to_string(&authentication).unwrap())
        .bind(id.to_string())
        .run()
        .await
        .unwrap();
}

impl Api<'_> {
    /// `path` goes on after `/admin/api/v1`.
    pub fn request(&self, verb: Verb, path: &str) -> RequestBuilder {
        let url = self.app.url(&format!("/admin/api/v1{path}"));
        super::browser::http().request(verb, url).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Verb::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Verb::POST, path).json(&body)).await
    }

    pub async fn post_empty(&self, path: &str) -> Answer {
        answer(self.request(Verb::POST, path)).await
    }

    /// With a body of its own kind, and the ETag of what was read.
    pub async fn change(&self, verb: Verb, path: &str, seen: &str, body: Option<Value>) -> Answer {
        let request = self.request(verb, path).header("if-match", seen);
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }
}

impl Answer {
    pub fn etag(&self) -> String {
        self.headers["etag"].to_str().unwrap().to_owned()
    }

    /// The last part of the problem's type.
    pub fn problem(&self) -> &str {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        self.text("type").rsplit('/').next().unwrap()
    }
}
