//! The short-lived store behind Sentinels and in a cluster: the same operations, and a primary that dies.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use karat::storage::Error;
use karat::storage::ephemeral::{Ephemeral, Taken};
use redis::aio::MultiplexedConnection;
use tokio::time::sleep;

const LONG: Duration = Duration::from_secs(600);
const PATIENCE: Duration = Duration::from_secs(40);

/// A server of the test's own, ended with it.
struct Server {
    port: u16,
    process: Child,
    folder: std::path::PathBuf,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("karat-redis-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("redis-server");
        if let Some(configuration) = arguments.iter().find_map(|argument| argument.strip_prefix("sentinel\n")) {
            let file = folder.join("sentinel.conf");
            std::fs::write(&file, configuration).unwrap();
            command.arg(file).args(["--sentinel", "--port"]).arg(port.to_string());
        } else {
            command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--port"]).arg(port.to_string());
            command.args(arguments);
        }
        let process = command.current_dir(&folder).stdout(Stdio::null()).spawn().expect("redis-server is installed");
        Self { port, process, folder }
    }

    /// Past the product's own code.
    async fn ask(&self, command: &[&str]) -> redis::RedisResult<redis::Value> {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}/", self.port)).unwrap();
        let began = Instant::now();
        let mut connection: MultiplexedConnection = loop {
            match client.get_multiplexed_async_connection().await {
                Ok(connection) => break connection,
                Err(error) => assert!(began.elapsed() < PATIENCE, "redis-server does not start: {error}"),
            }
            sleep(Duration::from_millis(50)).await;
        };
        redis::cmd(command[0]).arg(&command[1..]).query_async(&mut connection).await
    }

    async fn says(&self, command: &[&str], word: &str) {
        let began = Instant::now();
        loop {
            let told = format!("{:?}", self.ask(command).await);
            if told.contains(word) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{word} is never in {told}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Also 10000 above it, where the nodes of a cluster speak with each other.
fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 400).unwrap() * 20;
    for _ in 0..8_000 {
        let port = 12_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 8_000;
        if [port, port + 10_000].iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return port;
        }
    }
    panic!("no port is free");
}

/// Every kind of operation, each on several keys.
async fn every_operation_works(store: &Ephemeral) {
    for number in 0..20 {
        let key = format!("key-{number}");
        store.put(&key, "one", LONG).await.unwrap();
        assert_eq!(store.get(&key).await.unwrap().as_deref(), Some("one"));
        assert!(store.compare_and_put(&key, "one", "two", LONG).await.unwrap());
        assert!(!store.insert_if_absent(&key, "three", LONG).await.unwrap());
        let taken = join_all((0..5).map(|_| store.take_leaving_tombstone(&key, LONG))).await;
        let first = taken.iter().filter(|taken| matches!(taken, Ok(Taken::First(value)) if value == "two")).count();
        assert_eq!(first, 1, "{taken:?}");
        store.delete(&key).await.unwrap();
        assert!(store.insert_if_absent(&key, "four", LONG).await.unwrap());
        assert_eq!(store.take(&key).await.unwrap().as_deref(), Some("four"));
        let counter = format!("counter-{number}");
        join_all((0..5).map(|_| store.increment_within(&counter, LONG))).await;
        store.give_back(&counter).await.unwrap();
        assert_eq!(store.count(&counter).await.unwrap().count, 4);
        store.delete(&counter).await.unwrap();
    }
    store.ping().await.unwrap();
}

/// Until the store takes a value again; meanwhile it says "later" and nothing else.
async fn recovered(store: &Ephemeral) {
    let began = Instant::now();
    loop {
        match store.put("recovered", "yes", LONG).await {
            Ok(()) => return,
            Err(Error::Unavailable(_)) => assert!(began.elapsed() < PATIENCE, "it does not come back"),
            Err(other) => panic!("{other:?}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_sentinels_the_store_follows_the_primary() {
    let first = Server::start(&[]);
    first.ask(&["PING"]).await.unwrap();
    let second =
        Server::start(&["--replicaof", &format!("127.0.0.1 {}", first.port), "--repl-diskless-sync-delay", "0"]);
    second.says(&["INFO", "replication"], "master_link_status:up").await;
    let watching = |number: u32| {
        format!(
            "sentinel\nbind 127.0.0.1\nsentinel monitor karat 127.0.0.1 {} 2\nsentinel down-after-milliseconds karat 700\n\
             sentinel failover-timeout karat 3000\nsentinel myid {number:040x}\n",
            first.port
        )
    };
    let sentinels: Vec<_> = (1..=3).map(|number| Server::start(&[&watching(number)])).collect();
    for sentinel in &sentinels {
        sentinel.says(&["SENTINEL", "CKQUORUM", "karat"], "OK 3 usable").await;
        sentinel.says(&["SENTINEL", "replicas", "karat"], &second.port.to_string()).await;
    }
    // One of those that are named is not there.
    let ports: Vec<_> = sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port)).collect();
    let url = format!("redis+sentinel://127.0.0.1:{},{}/karat/0", free_port(), ports.join(","));
    let store = Ephemeral::open(&url, "test:").await.unwrap();
    every_operation_works(&store).await;
    store.put("kept", "value", LONG).await.unwrap();
    first.ask(&["WAIT", "1", "5000"]).await.unwrap();

    drop(first);
    assert!(matches!(store.put("lost", "value", LONG).await, Err(Error::Unavailable(_))));
    recovered(&store).await;
    assert_eq!(store.get("kept").await.unwrap().as_deref(), Some("value"), "the replica had it");
    every_operation_works(&store).await;

    let refused = Ephemeral::open(&url.replace("/karat/", "/nobody/"), "test:").await.map(drop);
    assert!(refused.is_err(), "a primary that no Sentinel knows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_cluster_every_operation_is_one_nodes_and_the_store_outlives_a_node() {
    let nodes: Vec<_> =
        (0..3).map(|_| Server::start(&["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"])).collect();
    for (number, (node, slots)) in nodes.iter().zip([("0", "5460"), ("5461", "10922"), ("10923", "16383")]).enumerate()
    {
        node.ask(&["CLUSTER", "ADDSLOTSRANGE", slots.0, slots.1]).await.unwrap();
        node.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()]).await.unwrap();
    }
    for node in &nodes[1..] {
        nodes[0].ask(&["CLUSTER", "MEET", "127.0.0.1", &node.port.to_string()]).await.unwrap();
    }
    for node in &nodes {
        node.says(&["CLUSTER", "INFO"], "cluster_known_nodes:3").await;
        node.says(&["CLUSTER", "INFO"], "cluster_slots_ok:16384").await;
        node.says(&["CLUSTER", "INFO"], "cluster_state:ok").await;
    }
    let url = format!("redis+cluster://127.0.0.1:{},127.0.0.1:{}", nodes[0].port, nodes[1].port);
    let store = Ephemeral::open(&url, "test:").await.unwrap();
    every_operation_works(&store).await;
    for number in 0..30 {
        store.put(&format!("kept-{number}"), "value", LONG).await.unwrap();
    }
    let mut nodes = nodes;
    drop(nodes.pop());
    let began = Instant::now();
    let mut answers = join_all((0..30).map(|number| {
        let store = &store;
        async move { store.get(&format!("kept-{number}")).await }
    }))
    .await;
    answers.retain(|answer| !matches!(answer, Ok(Some(value)) if value == "value"));
    assert!(answers.iter().all(|answer| matches!(answer, Err(Error::Unavailable(_)))), "{answers:?}");
    assert!(!answers.is_empty() && answers.len() < 30, "one third is away: {}", answers.len());
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}
