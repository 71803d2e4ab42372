//! Nodes of one issuer, as processes of the real program, behind a balancer.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::balancer::Balancer;
use crate::process::{Installation, Server};
use crate::support::databases::{FreshDatabase, fresh_postgres, fresh_prefix, redis_url};
use crate::support::{Page, browser};
use crate::visitor::{Gone, KnownClient, Visitor};
use crate::{PATIENCE, free_port};

pub const PASSWORD: &str = "trumpets under seven oceans";

pub struct Fleet {
    pub installation: Installation,
    balancer: Balancer,
    nodes: Vec<Node>,
    http: reqwest::Client,
    /// Dropped after the nodes.
    database: Option<FreshDatabase>,
}

struct Node {
    port: u16,
    variables: Vec<(String, String)>,
    server: Mutex<Option<Server>>,
}

impl Fleet {
    /// On a database of its own in the shared PostgreSQL, and the shared Redis.
    pub async fn of(nodes: usize) -> Self {
        let database = fresh_postgres().await;
        let mut fleet = Self::on(&database.url, &redis_url(), "").await;
        fleet.database = Some(database);
        for _ in 0..nodes {
            fleet.add(&[]);
        }
        fleet.all_ready().await;
        fleet
    }

    /// Without nodes yet. `more` is configuration text of further sections.
    pub async fn on(database: &str, short_lived: &str, more: &str) -> Self {
        let many = [
            "guesses_per_account",
            "guesses_per_device",
            "guesses_per_address",
            "logins_per_account",
            "logins_per_address",
        ];
        let limits: String = many.map(|limit| format!("{limit} = \"100000 per 1h\"\n")).concat();
        let installation = Installation::with(&format!(
            "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n\
             [storage]\nurl = \"{database}\"\nacquire_timeout = \"2s\"\nstatement_timeout = \"2s\"\n\
             [ephemeral]\nurl = \"{short_lived}\"\nprefix = \"{}\"\n[throttle]\n{limits}{}{more}",
            fresh_prefix(),
            app().config(),
        ));
        let balancer = Balancer::at(installation.port).await;
        Self { installation, balancer, nodes: Vec::new(), http: browser::http(), database: None }
    }

    pub fn base(&self) -> String {
        self.installation.base()
    }

    /// One more node, started; whether it is ready is another matter.
    pub fn add(&mut self, variables: &[(String, String)]) {
        self.nodes.push(Node { port: free_port(), variables: variables.to_vec(), server: Mutex::default() });
        self.start(self.nodes.len() - 1);
    }

    pub fn start(&self, node: usize) {
        let Node { port, variables, server } = &self.nodes[node];
        let listen = format!("127.0.0.1:{port}");
        let mut all = vec![("KARAT_SERVER__LISTEN", listen.as_str())];
        all.extend(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        *server.lock().unwrap() = Some(self.installation.begin(&all, &["serve"]));
    }

    /// Without a word, in the middle of whatever it does.
    pub async fn kill(&self, node: usize) {
        let mut server = self.nodes[node].server.lock().unwrap().take().expect("it runs");
        server.signal("KILL");
        server.ended(Duration::from_secs(10)).await;
    }

    pub fn log(&self, node: usize) -> String {
        self.nodes[node].server.lock().unwrap().as_ref().expect("it runs").log()
    }

    /// For looking past the product's own code.
    pub fn database(&self) -> &FreshDatabase {
        self.database.as_ref().expect("the fleet has a database of its own")
    }

    /// Where the node itself listens.
    pub fn at(&self, node: usize) -> String {
        format!("http://127.0.0.1:{}", self.nodes[node].port)
    }

    pub fn nodes(&self) -> std::ops::Range<usize> {
        0..self.nodes.len()
    }

    /// Every node that was started, running or not, gets its share again when all of them are ready.
    pub async fn all_ready(&self) {
        for node in self.nodes() {
            let ready = tokio::time::timeout(PATIENCE, self.ready(node));
            assert!(ready.await.is_ok(), "node {node} is not ready: {}", self.log(node));
        }
        self.through_all();
    }

    /// The status of userinfo at one node.
    pub async fn userinfo(&self, node: usize, token: &str) -> u16 {
        let host = self.base().replace("http://", "");
        let request = self.http.get(format!("{}/userinfo", self.at(node))).header("host", host).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    }

    async fn ready(&self, node: usize) {
        while !matches!(self.ask_node(node, "/readyz").await, Some((200, _))) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn through_all(&self) {
        self.balancer.send_to(self.nodes.iter().map(|node| node.port).collect());
    }

    /// The balancer knows these alone.
    pub fn through(&self, nodes: &[usize]) {
        self.balancer.send_to(nodes.iter().map(|node| self.nodes[*node].port).collect());
    }

    /// Status and body of a page of one node, past the balancer; `None` when no answer came.
    pub async fn ask_node(&self, node: usize, path: &str) -> Option<(u16, Value)> {
        let host = self.base().replace("http://", "");
        let request = self.http.get(format!("{}{path}", self.at(node))).header("host", host);
        let answer = request.timeout(Duration::from_secs(10)).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.unwrap_or_default()))
    }

    /// A post of the app itself to one node, past the balancer.
    pub async fn post_to(&self, node: usize, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        told(self.authenticated(&app(), node, path).form(fields)).await
    }

    /// Asks the token endpoint of one node as this client.
    pub async fn token_as(&self, client: &KnownClient, node: usize, fields: &[(&str, &str)]) -> (u16, Value) {
        told(self.authenticated(client, node, "/token").form(fields)).await
    }

    /// As [`Fleet::post_to`], with all of the answer.
    pub async fn answer_of(&self, node: usize, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
        self.authenticated(&app(), node, path).form(fields).send().await.unwrap()
    }

    /// A post to the token endpoint of one node by a client that proves itself in the body.
    pub async fn token_of(&self, node: usize, fields: &[(&str, &str)]) -> (u16, Value) {
        told(self.post(node, "/token").form(fields)).await
    }

    fn authenticated(&self, client: &KnownClient, node: usize, path: &str) -> reqwest::RequestBuilder {
        let secret = url::form_urlencoded::byte_serialize(client.secret.as_bytes()).collect::<String>();
        self.post(node, path).basic_auth(&client.id, Some(secret))
    }

    fn post(&self, node: usize, path: &str) -> reqwest::RequestBuilder {
        let host = self.base().replace("http://", "");
        self.http.post(format!("{}{path}", self.at(node))).header("host", host)
    }

    pub async fn is_active_at(&self, node: usize, token: &str) -> bool {
        let (status, told) = self.post_to(node, "/introspect", &[("token", token)]).await;
        assert_eq!(status, 200, "{told}");
        told["active"] == true
    }

    /// An account with the tests' password.
    pub fn person(&self, email: &str) {
        let arguments = ["user", "add", "--email", email, "--password-stdin"];
        self.installation.karat_with(&arguments, &format!("{PASSWORD}\n")).succeeded();
    }

    /// Somebody who has logged in, and the tokens that their app got.
    pub async fn logged_in(&self, email: &str) -> (Visitor, Tokens) {
        self.person(email);
        let visitor = Visitor::new(&self.base());
        let tokens = tokens(&visitor, email).await;
        (visitor, tokens)
    }
}

async fn told(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

/// The app of the tests.
pub fn app() -> KnownClient {
    KnownClient::new("trading")
}

#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Tokens {
    pub fn of(told: &Value) -> Self {
        let text = |name: &str| told[name].as_str().unwrap_or_else(|| panic!("no {name} in {told}")).to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

/// Through all the pages, to the app's tokens.
pub async fn tokens(visitor: &Visitor, email: &str) -> Tokens {
    let page = visitor.authorize(&app(), &[]).await.unwrap();
    let back = go_through(visitor, page, email).await.unwrap();
    let code = back.param("code").unwrap_or_else(|| panic!("no code at {}: {}", back.url, back.text()));
    let (status, told) = visitor.redeem(&app(), &code).await.unwrap();
    assert_eq!(status, 200, "{told}");
    Tokens::of(&told)
}

/// As far as log-in, terms and consent lead.
pub async fn go_through(visitor: &Visitor, mut page: Page, email: &str) -> Result<Page, Gone> {
    for _ in 0..4 {
        page = match page.path() {
            "/login" => visitor.submit(&page, &[("email", email), ("password", PASSWORD)]).await?,
            "/terms/accept" => visitor.submit(&page, &[("accept_terms", "yes")]).await?,
            "/consent" => visitor.submit(&page, &[("decision", "allow")]).await?,
            _ => return Ok(page),
        };
    }
    Ok(page)
}

/// A code of somebody who is logged in and has consented.
pub async fn code(visitor: &Visitor) -> String {
    let back = visitor.authorize(&app(), &[("prompt", "none")]).await.unwrap();
    back.param("code").unwrap_or_else(|| panic!("no code at {}: {}", back.url, back.text()))
}

/// Refreshes until an answer comes, whatever breaks meanwhile, and expects the successor.
pub async fn successor(visitor: &Visitor, token: &str) -> Tokens {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        match visitor.refresh(&app(), token).await {
            Ok((200, told)) => return Tokens::of(&told),
            Ok((503, _)) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            Ok((status, told)) => panic!("a refresh token is lost: {status} {told}"),
        }
    }
    panic!("no refresh is answered any more");
}
