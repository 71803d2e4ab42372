//! The way to Redis, by its URL: one server, the primary that Sentinels name, or a cluster.
//!
//! ```text
//! redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]
//! redis+sentinel://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]../NAME[/DATABASE]    the Sentinels, and what they call the primary
//! redis+cluster://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]..                     some of its nodes
//! ```
//! `rediss` in the place of `redis` is TLS. User and password are those of the servers; Sentinels are asked without.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionInfo, ErrorKind, FromRedisValue, IntoConnectionInfo, ProtocolVersion,
    RedisError, RedisResult, ScriptInvocation, ServerErrorKind, TlsMode,
};
use tokio::sync::Mutex;

const CONNECT: Duration = Duration::from_secs(2);
const RESPONSE: Duration = Duration::from_secs(2);
/// Waiting for a reconnection included.
pub(super) const ALTOGETHER: Duration = Duration::from_secs(4);
const SENTINEL_PORT: &str = "26379";
const SERVER_PORT: &str = "6379";

#[derive(Clone)]
pub(super) enum Way {
    Server(ConnectionManager),
    Primary(Arc<Primary>),
    Cluster(ClusterConnection),
}

/// Boxed: three ways in one future make types that the compiler gives up on further out.
type Asked<'a, T> = Pin<Box<dyn Future<Output = RedisResult<T>> + Send + 'a>>;

/// What answers to both kinds of questions.
macro_rules! over {
    ($way:expr, $connection:ident => $question:expr) => {
        match $way {
            Way::Server(server) => {
                let $connection = &mut server.clone();
                $question.await
            }
            Way::Cluster(cluster) => {
                let $connection = &mut cluster.clone();
                $question.await
            }
            Way::Primary(primary) => {
                let (number, mut found) = primary.connection().await?;
                let $connection = &mut found;
                let answer = $question.await;
                if answer.as_ref().is_err_and(leads_nowhere) {
                    primary.leave(number).await;
                }
                answer
            }
        }
    };
}

impl Way {
    pub(super) fn to(url: &str) -> Asked<'_, Self> {
        Box::pin(async move {
            let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("it is no URL"))?;
            match scheme.split_once('+') {
                None => Self::to_server(url).await,
                Some((scheme, "sentinel")) => Ok(Self::Primary(Arc::new(Primary::by(scheme, rest).await?))),
                Some((scheme, "cluster")) => Self::to_cluster(scheme, rest).await,
                Some(_) => Err(invalid("it must begin with redis, redis+sentinel or redis+cluster")),
            }
        })
    }

    async fn to_server(url: &str) -> RedisResult<Self> {
        let client = redis::Client::open(settled(url)?)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(RESPONSE))
            .set_min_delay(Duration::from_millis(50))
            .set_max_delay(Duration::from_millis(500))
            .set_number_of_retries(2)
            .set_pipeline_buffer_size(1024);
        ConnectionManager::new_with_config(client, config).await.map(Self::Server)
    }

    async fn to_cluster(scheme: &str, rest: &str) -> RedisResult<Self> {
        let nodes = servers(scheme, rest.trim_end_matches('/'), SERVER_PORT)?;
        let client = ClusterClientBuilder::new(nodes)
            .connection_timeout(CONNECT)
            .response_timeout(RESPONSE)
            .overall_response_timeout(Some(ALTOGETHER))
            .tcp_settings(tcp())
            // Asked again elsewhere when a slot has moved or its node is gone. A question that was heard may so be heard twice, and is of a kind
            // that then grants nothing: what was taken is gone, what was inserted is there.
            .retries(3)
            .min_retry_wait(50)
            .max_retry_wait(500)
            .build()?;
        client.get_async_connection().await.map(Self::Cluster)
    }

    pub(super) fn ask<'a, T: FromRedisValue + Send + 'a>(&'a self, command: &'a Cmd) -> Asked<'a, T> {
        Box::pin(async move { over!(self, connection => command.query_async(connection)) })
    }

    pub(super) fn run<'a, T: FromRedisValue + Send + 'a>(
        &'a self,
        invocation: &'a ScriptInvocation<'a>,
    ) -> Asked<'a, T> {
        Box::pin(async move { over!(self, connection => invocation.invoke_async(connection)) })
    }
}

/// The server that the Sentinels name as the primary; they are asked again when it leads nowhere any more.
pub(super) struct Primary {
    place: Mutex<Place>,
}

struct Place {
    sentinels: SentinelClient,
    found: Option<MultiplexedConnection>,
    /// Of the connection that is in use.
    number: u64,
}

impl Primary {
    async fn by(scheme: &str, rest: &str) -> RedisResult<Self> {
        let (hosts, path) =
            rest.split_once('/').ok_or_else(|| invalid("it does not say what Sentinels call the primary"))?;
        let (name, database) = path.split_once('/').unwrap_or((path, ""));
        if name.is_empty() {
            return Err(invalid("it does not say what Sentinels call the primary"));
        }
        let sentinels = servers(scheme, hosts, SENTINEL_PORT)?;
        let settings = sentinels[0].redis_settings().clone();
        let addresses: Vec<_> = sentinels.iter().map(|one| one.addr().clone()).collect();
        let mut builder = SentinelClientBuilder::new(addresses, name, SentinelServerType::Master)?
            .set_client_to_redis_protocol(ProtocolVersion::RESP3)
            .set_client_to_redis_tcp_settings(tcp())
            .set_client_to_sentinel_tcp_settings(tcp());
        if scheme == "rediss" {
            builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
        }
        if !database.is_empty() {
            let database = database.parse().map_err(|_| invalid("its database is not a number"))?;
            builder = builder.set_client_to_redis_db(database);
        }
        if let Some(user) = settings.username() {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = settings.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        let primary = Self { place: Mutex::new(Place { sentinels: builder.build()?, found: None, number: 0 }) };
        primary.connection().await?;
        Ok(primary)
    }

    /// The connection in use, or a new one. Whoever comes meanwhile waits for the same.
    async fn connection(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let mut place = self.place.lock().await;
        if let Some(found) = &place.found {
            return Ok((place.number, found.clone()));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(RESPONSE))
            .set_pipeline_buffer_size(1024);
        let found = place.sentinels.get_async_connection_with_config(&config).await?;
        place.found = Some(found.clone());
        place.number += 1;
        Ok((place.number, found))
    }

    /// Not the one that somebody has found since.
    async fn leave(&self, number: u64) {
        let mut place = self.place.lock().await;
        if place.number == number {
            place.found = None;
        }
    }
}

/// The connection is broken, or its server is not the primary any more.
fn leads_nowhere(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading)
        )
}

/// Each of the hosts, which the URL names with commas between them.
fn servers(scheme: &str, authority: &str, port: &str) -> RedisResult<Vec<ConnectionInfo>> {
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    hosts.split(',').map(|host| settled(&format!("{scheme}://{user}{}", with_port(host, port)))).collect()
}

/// `[::1]` has colons, but no port.
fn with_port(host: &str, port: &str) -> String {
    let after_address = host.rsplit_once(']').map_or(host, |(_, after)| after);
    if after_address.contains(':') { host.to_owned() } else { format!("{host}:{port}") }
}

fn settled(url: &str) -> RedisResult<ConnectionInfo> {
    let place = url.into_connection_info()?;
    // RESP3, because with it a lost connection is noticed, and replaced, while nobody is asking.
    let session = place.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(place.set_redis_settings(session).set_tcp_settings(tcp()))
}

fn tcp() -> TcpSettings {
    let tcp = TcpSettings::default().set_nodelay(true);
    // A peer that vanished without a word is given up, not waited for.
    #[cfg(target_os = "linux")]
    let tcp = tcp.set_user_timeout(ALTOGETHER);
    tcp
}

fn invalid(what: &'static str) -> RedisError {
    RedisError::from((ErrorKind::InvalidClientConfig, what))
}
