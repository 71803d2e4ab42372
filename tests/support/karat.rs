//! A Karat of one's own for a test: built by the composition root, served on a free port of this machine, gone with the
//! value. Clients and people are put into its storage directly.

use std::net::SocketAddr;
use std::sync::Arc;

use axum_server::Handle;
use karat::app::App;
use karat::config::Config;
use karat::crypto::clock::Clock;
use karat::crypto::token::Secret;
use karat::demo::people::DemoPerson;
use karat::domain::client::{
    Client, ClientAuthentication, ClientPages, ConsentRule, GrantType, Lifetimes, LogoutRules, ResponseModes,
    SecretHash,
};
use karat::domain::jose::Algorithm;
use karat::domain::redirect_uri::{ApplicationType, RedirectUri};
use karat::domain::user::{Condition, User};
use karat::flow::Karat;
use karat::flow::client_auth::hash_secret;
use karat::http::{Web, router};
use karat::storage::clients::Origin;

use crate::databases::{FreshDatabase, fresh_postgres, fresh_prefix, fresh_sqlite, redis_url};
use crate::folder::Folder;

/// Where the state of a test's Karat lives.
/// PostgreSQL and Redis are those of `tests/run`.
#[derive(Clone, Copy, Debug)]
pub enum Home {
    SqliteAndMemory,
    PostgresAndRedis,
}

pub struct RunningKarat {
    pub karat: Arc<Karat>,
    issuer: String,
    handle: Handle<SocketAddr>,
    // Dropped last: the server must not outlive its database.
    _database: FreshDatabase,
    _keys: Folder,
}

/// What a test says of a client; the rest is the strict choice.
pub struct TestClient<'a> {
    pub id: &'a str,
    /// `client_secret_basic`; `None` makes a public client.
    pub secret: Option<&'a str>,
    pub redirect_uri: &'a str,
    pub post_logout_redirect_uri: &'a str,
    pub backchannel_logout_uri: Option<&'a str>,
}

impl RunningKarat {
    pub async fn start(home: Home) -> anyhow::Result<Self> {
        Self::start_with(home, "").await
    }

    /// `more` is TOML that comes after what every test needs.
    pub async fn start_with(home: Home, more: &str) -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let issuer = format!("http://localhost:{port}");
        let (database, ephemeral, prefix) = match home {
            Home::SqliteAndMemory => (fresh_sqlite().await, "memory:".to_owned(), "karat:".to_owned()),
            Home::PostgresAndRedis => (fresh_postgres().await, redis_url(), fresh_prefix()),
        };
        let keys = Folder::fresh()?;
        let toml = format!(
            "[server]\nissuer = \"{issuer}\"\nlisten = \"127.0.0.1:{port}\"\n\
             [storage]\nurl = \"{}\"\n\
             [ephemeral]\nurl = \"{ephemeral}\"\nprefix = \"{prefix}\"\n\
             [keys]\nsealing_key_file = \"{}/sealing.key\"\n\
             [mail]\ntransport = \"outbox\"\n\
             [passwords]\nargon2_memory_kib = 8192\nargon2_iterations = 1\n{more}",
            database.url,
            keys.path().display(),
        );
        let config = Config::from_text("test.toml", &toml, std::iter::empty())?;
        let app = App::build(config, Clock::system()).await?;
        let web = Web::new(app.karat.clone(), &app.config.server);
        let handle = Handle::new();
        let stop = handle.clone();
        let section = app.config.server.clone();
        tokio::spawn(async move { karat::http::serve::serve(listener, router(web), &section, stop).await });
        Ok(Self { karat: app.karat, issuer, handle, _database: database, _keys: keys })
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub async fn add_client(&self, test: TestClient<'_>) -> anyhow::Result<()> {
        let authentication = match test.secret {
            Some(secret) => ClientAuthentication::ClientSecretBasic { secret: vec![SecretHash(hash_secret(secret))] },
            None => ClientAuthentication::None,
        };
        let kind = ApplicationType::Web;
        let client = Client {
            id: test.id.parse()?,
            name: format!("The app {}", test.id),
            kind,
            authentication,
            grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken].into(),
            redirect_uris: vec![RedirectUri::register(test.redirect_uri, kind)?],
            post_logout_redirect_uris: vec![RedirectUri::register(test.post_logout_redirect_uri, kind)?],
            scope: "openid profile email phone address offline_access".parse()?,
            response_modes: ResponseModes::default(),
            require_pkce: true,
            id_token_alg: Algorithm::Rs256,
            consent: ConsentRule::default(),
            lifetimes: Lifetimes::default(),
            audience: Vec::new(),
            logout: LogoutRules {
                backchannel_uri: test.backchannel_logout_uri.map(str::to_owned),
                ..LogoutRules::default()
            },
            pages: ClientPages::default(),
            disabled: false,
        };
        let mut change = self.karat.store.begin().await?;
        change.add_client(&client, Origin::Registered, self.karat.now()).await?;
        change.commit().await?;
        Ok(())
    }

    pub async fn add_person(&self, person: &DemoPerson) -> anyhow::Result<()> {
        let now = self.karat.now();
        let user = User {
            id: self.karat.new_id().to_string().parse()?,
            email: person.email.parse()?,
            email_verified_at: person.email_verified.then_some(now),
            profile: person.claims(),
            locale: "en".to_owned(),
            condition: Condition::Active,
            created_at: now,
            updated_at: now,
            password_changed_at: now,
        };
        let hash = self.karat.passwords.hash(&Secret::from(person.password.to_owned())).await?;
        let mut change = self.karat.store.begin().await?;
        change.add_user(&user, &hash).await?;
        let version = &self.karat.settings.terms.version;
        change.accept_terms(user.id, version, now).await?;
        change.commit().await?;
        Ok(())
    }
}

impl Drop for RunningKarat {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}
