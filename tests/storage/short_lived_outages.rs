//! When Redis cannot answer, every operation says "later" in bounded time, and works again by itself when Redis is back.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use karat::storage::Error;
use karat::storage::ephemeral::Ephemeral;
use tokio::time::sleep;

const LONG: Duration = Duration::from_secs(600);
/// More than any operation may take.
const BOUND: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_went_away_is_unavailable_until_it_is_back() {
    let mut server = Server::start();
    let store = connected(&server).await;
    store.put("key", "value", LONG).await.unwrap();
    server.stop();
    every_operation_is_unavailable(&store).await;
    server.restart();
    recovered(&store).await;
    // Empty, as it keeps nothing on disk here; and sound.
    assert_eq!(store.get("key").await.unwrap(), None);
    assert!(store.insert_if_absent("key", "value", LONG).await.unwrap());
    assert_eq!(store.take("key").await.unwrap(), Some("value".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_is_unavailable_until_it_moves() {
    let server = Server::start();
    let store = connected(&server).await;
    store.put("key", "value", LONG).await.unwrap();
    server.signal("STOP");
    let asked = Instant::now();
    assert!(matches!(store.get("key").await, Err(Error::Unavailable(_))));
    assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());
    server.signal("CONT");
    recovered(&store).await;
    assert_eq!(store.get("key").await.unwrap(), Some("value".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_killed_is_replaced() {
    let server = Server::start();
    let store = connected(&server).await;
    for round in 0..3 {
        store.put("key", &round.to_string(), LONG).await.unwrap();
        let killed = server.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
        assert_eq!(killed, redis::Value::Int(1));
        recovered(&store).await;
        assert_eq!(store.get("key").await.unwrap(), Some(round.to_string()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_without_room_is_unavailable() {
    let server = Server::start();
    let store = connected(&server).await;
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert!(matches!(store.put("key", "value", LONG).await, Err(Error::Unavailable(_))));
    assert!(matches!(store.increment_within("counter", LONG).await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_unavailable_at_the_start() {
    let asked = Instant::now();
    let refused = Ephemeral::redis(&format!("redis://127.0.0.1:{}", free_port()), "").await.map(drop);
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert!(asked.elapsed() < BOUND);
}

async fn every_operation_is_unavailable(store: &Ephemeral) {
    let asked = Instant::now();
    let results = [
        store.put("key", "value", LONG).await,
        store.get("key").await.map(drop),
        store.take("key").await.map(drop),
        store.take_leaving_tombstone("key", LONG).await.map(drop),
        store.compare_and_put("key", "value", "other", LONG).await.map(drop),
        store.insert_if_absent("key", "value", LONG).await.map(drop),
        store.increment_within("counter", LONG).await.map(drop),
        store.count("counter").await.map(drop),
        store.delete("key").await,
        store.ping().await,
    ];
    for (i, result) in results.iter().enumerate() {
        assert!(matches!(result, Err(Error::Unavailable(_))), "operation {i}: {result:?}");
    }
    assert!(asked.elapsed() < BOUND * 10);
}

async fn recovered(store: &Ephemeral) {
    let waited = Instant::now();
    while store.ping().await.is_err() {
        assert!(waited.elapsed() < Duration::from_secs(15), "Redis is back and the store does not notice");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The first moments of a server may see one connection fail.
async fn connected(server: &Server) -> Ephemeral {
    for _ in 0..100 {
        match Ephemeral::redis(&server.url(), "test:").await {
            Ok(store) => return store,
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("redis-server does not start");
}

/// A Redis of the test's own, to be mistreated.
struct Server {
    port: u16,
    process: Child,
}

impl Server {
    fn start() -> Self {
        let port = free_port();
        Self { port, process: Self::spawn(port) }
    }

    fn spawn(port: u16) -> Child {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"]).arg(port.to_string());
        command.current_dir(std::env::temp_dir()).stdout(Stdio::null()).spawn().expect("redis-server is installed")
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Past the product's own code.
    async fn ask(&self, command: &[&str]) -> redis::Value {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd(command[0]).arg(&command[1..]).query_async(&mut connection).await.unwrap()
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn restart(&mut self) {
        self.process = Self::spawn(self.port);
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.process.id().to_string()).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
