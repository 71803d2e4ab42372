//! A Karat that runs in the test's process on a loopback port, with a clock that stands still until it is moved.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum_server::Handle;
use karat::app::App;
use karat::config::Config;
use karat::crypto::clock::{Clock, ManualClock};
use karat::crypto::token::Secret;
use karat::domain::client::{Client, ClientAuthentication, GrantType, SecretHash};
use karat::domain::ids::UserId;
use karat::domain::jose::Algorithm;
use karat::domain::profile::{PostalAddress, Profile};
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};
use karat::domain::scope::{STANDARD, Scope};
use karat::domain::time::{Seconds, Timestamp};
use karat::domain::user::{Condition, User};
use karat::flow::Karat;
use karat::flow::client_auth::hash_secret;
use karat::http::{Web, router, serve};
use karat::storage::clients::Origin;

use super::databases::{FreshDatabase, fresh_postgres, fresh_prefix, fresh_sqlite, redis_url};

pub const PASSWORD: &str = "correct horse battery staple 9";
pub const SECRET: &str = "a-client-secret-of-the-tests-0123456789";
/// 2026-01-15T10:00:00Z.
pub const START: i64 = 1_768_471_200;

/// Where state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backends {
    SqliteAndMemory,
    PostgresAndRedis,
}

pub struct TestApp {
    pub karat: Arc<Karat>,
    pub clock: ManualClock,
    /// The issuer, `http://localhost:PORT`.
    pub base: String,
    /// Where this node listens, `http://localhost:PORT`: its own, even when the issuer is another node's.
    pub at: String,
    pub config: Config,
    pub web: Web,
    handle: Handle<SocketAddr>,
    /// Dropped last: the app's folder or database.
    database: Arc<FreshDatabase>,
}

pub struct Person {
    pub id: UserId,
    pub email: String,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(Backends::SqliteAndMemory, "").await
    }

    pub async fn on(backends: Backends) -> Self {
        Self::start_with(backends, "").await
    }

    /// `more` is configuration text: further keys of `[storage]`, then further sections.
    pub async fn start_with(backends: Backends, more: &str) -> Self {
        Self::begin(backends, Timestamp::from_unix(START), more).await
    }

    /// SQLite, with its short-lived state in the Redis at `url`.
    pub async fn start_on_redis(url: &str) -> Self {
        let database = Arc::new(fresh_sqlite().await);
        let ephemeral = (url.to_owned(), fresh_prefix());
        Self::node(database, None, ephemeral, Clock::manual(Timestamp::from_unix(START)), "").await
    }

    async fn begin(backends: Backends, start: Timestamp, more: &str) -> Self {
        let database = match backends {
            Backends::SqliteAndMemory => fresh_sqlite().await,
            Backends::PostgresAndRedis => fresh_postgres().await,
        };
        let ephemeral = match backends {
            Backends::SqliteAndMemory => ("memory:".to_owned(), String::new()),
            Backends::PostgresAndRedis => (redis_url(), fresh_prefix()),
        };
        let (clock, manual) = Clock::manual(start);
        Self::node(Arc::new(database), None, ephemeral, (clock, manual), more).await
    }

    /// With a clock that stands at the machine's time: for apps of others, which look at clocks of their own.
    pub async fn today(backends: Backends, more: &str) -> Self {
        Self::begin(backends, Clock::system().now(), more).await
    }

    /// A second node of the same issuer, on the same stores, with a port and a clock of its own: requests go to `at`, and
    /// name the issuer's host as they do behind a load balancer.
    pub async fn another_node(&self, more: &str) -> Self {
        let ephemeral = (self.config.ephemeral.url.expose().to_owned(), self.config.ephemeral.prefix.clone());
        assert_ne!(ephemeral.0, "memory:", "two nodes need a shared short-lived store");
        let (clock, manual) = Clock::manual(self.clock_now());
        Self::node(self.database.clone(), Some(self.base.clone()), ephemeral, (clock, manual), more).await
    }

    async fn node(
        database: Arc<FreshDatabase>,
        issuer: Option<String>,
        (ephemeral, prefix): (String, String),
        (clock, manual): (Clock, ManualClock),
        more: &str,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let at = format!("http://localhost:{port}");
        let base = issuer.unwrap_or_else(|| at.clone());
        let keys = std::env::temp_dir().join(format!("karat-test-keys-{}", std::process::id())).join("sealing.key");
        // `more` goes on in this section, and may want passwords that take longer.
        let quick = if more.contains("argon2_iterations") { "" } else { "argon2_iterations = 1\n" };
        let (storage, more) = if more.starts_with("max_connections") { (more, "") } else { ("", more) };
        let text = format!(
            "[server]\nissuer = \"{base}\"\nlisten = \"127.0.0.1:{port}\"\n\
             [ephemeral]\nurl = \"{ephemeral}\"\nprefix = \"{prefix}\"\n\
             [keys]\nsealing_key_file = \"{}\"\n[mail]\ntransport = \"outbox\"\n\
             [passwords]\nargon2_memory_kib = 8192\n{quick}{more}\n[storage]\nurl = \"{}\"\n{storage}",
            keys.display(),
            database.url,
        );
        let config =
            Config::from_text("test.toml", &text, std::iter::empty()).expect("the test configuration is right");
        super::shared_keys::put_into(&config, clock.now()).await;
        let app = App::build(config.clone(), clock).await.expect("the app is built");
        let web = Web::new(app.karat.clone(), &config.server);
        let handle = Handle::new();
        let (section, routes, stop) = (config.server.clone(), router(web.clone()), handle.clone());
        tokio::spawn(async move { serve::serve(listener, routes, &section, stop).await });
        handle.listening().await;
        Self { karat: app.karat, clock: manual, base, at, config, web, handle, database }
    }

    pub fn clock_now(&self) -> Timestamp {
        self.karat.now()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(Seconds(seconds));
    }

    /// Moves the clocks of several nodes.
    pub fn advance_all(nodes: &[&TestApp], seconds: i64) {
        for node in nodes {
            node.advance(seconds);
        }
    }

    /// The host and port that requests must name.
    pub fn host(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// The database's own file or server, for looking past the product's code.
    pub fn database(&self) -> &FreshDatabase {
        &self.database
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A person with every standard claim and the tests' password.
    pub async fn person(&self, email: &str) -> Person {
        let now = self.clock_now();
        let user = User {
            id: UserId::new(self.karat.new_id()),
            email: email.parse().unwrap(),
            email_verified_at: Some(now),
            profile: full_profile(),
            locale: "en".to_owned(),
            condition: Condition::Active,
            created_at: now,
            updated_at: now,
            password_changed_at: now,
            hold_until: None,
            protection: Default::default(),
            kyc: Default::default(),
        };
        let hash = self.karat.passwords.hash(&Secret::new(PASSWORD)).await.unwrap();
        let mut change = self.karat.store.begin().await.unwrap();
        change.add_user(&user, &hash).await.unwrap();
        change.accept_terms(user.id, &self.config.terms.version, now).await.unwrap();
        change.commit().await.unwrap();
        Person { id: user.id, email: email.to_owned() }
    }

    pub async fn add_client(&self, client: &Client) {
        let mut change = self.karat.store.begin().await.unwrap();
        change.add_client(client, Origin::Registered, self.clock_now()).await.unwrap();
        change.commit().await.unwrap();
    }

    pub async fn update_client(&self, client: &Client) {
        let mut change = self.karat.store.begin().await.unwrap();
        assert!(change.update_client(client, self.clock_now()).await.unwrap());
        change.commit().await.unwrap();
        self.karat.clients.forget();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// A confidential web app with every standard scope, PKCE not required so that tests can leave it out.
pub fn web_client(id: &str) -> Client {
    let host: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Client {
        id: id.parse().unwrap(),
        name: format!("The {id} app"),
        kind: ApplicationType::Web,
        authentication: ClientAuthentication::ClientSecretBasic { secret: vec![SecretHash(hash_secret(SECRET))] },
        keys: None,
        request_objects: Default::default(),
        grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken].into(),
        redirect_uris: vec![RedirectUri::register(&format!("https://{host}.test/cb"), ApplicationType::Web).unwrap()],
        post_logout_redirect_uris: vec![
            RedirectUri::register(&format!("https://{host}.test/bye"), ApplicationType::Web).unwrap(),
        ],
        scope: Scope::of(STANDARD),
        verified_claims: Default::default(),
        response_modes: Default::default(),
        require_pkce: false,
        id_token_alg: Algorithm::Rs256,
        userinfo_alg: None,
        subject: Default::default(),
        consent: Default::default(),
        when_withheld: Default::default(),
        events_uri: None,
        lifetimes: Default::default(),
        demands: Default::default(),
        audience: Vec::new(),
        logout: Default::default(),
        pages: Default::default(),
        disabled: false,
    }
}

/// A public app installed on a device, with PKCE.
pub fn native_client(id: &str) -> Client {
    Client {
        kind: ApplicationType::Native,
        authentication: ClientAuthentication::None,
        redirect_uris: vec![RedirectUri::register("http://127.0.0.1/cb", ApplicationType::Native).unwrap()],
        post_logout_redirect_uris: Vec::new(),
        require_pkce: true,
        ..web_client(id)
    }
}

/// A client that acts for itself.
pub fn service_client(id: &str, scope: &str) -> Client {
    Client {
        kind: ApplicationType::Service,
        grant_types: [GrantType::ClientCredentials].into(),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        scope: scope.parse().unwrap(),
        ..web_client(id)
    }
}

fn full_profile() -> Profile {
    let some = |text: &str| Some(text.to_owned());
    Profile {
        name: some("Erika Mustermann"),
        given_name: some("Erika"),
        family_name: some("Mustermann"),
        middle_name: some("Anna"),
        nickname: some("Eri"),
        preferred_username: some("erika"),
        profile: some("https://people.test/erika"),
        picture: some("https://people.test/erika.png"),
        website: some("https://erika.test"),
        gender: some("female"),
        birthdate: some("1984-01-26"),
        zoneinfo: some("Europe/Berlin"),
        locale: some("de-DE"),
        phone_number: some("+4915112345678"),
        phone_number_verified: true,
        address: Some(PostalAddress {
            formatted: some("Heidestrasse 17\n51147 Cologne\nGermany"),
            street_address: some("Heidestrasse 17"),
            locality: some("Cologne"),
            region: some("NRW"),
            postal_code: some("51147"),
            country: some("DE"),
        }),
    }
}
