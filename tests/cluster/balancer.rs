//! A small balancer: each connection goes to the next of the nodes that are in. It asks again elsewhere only what no node has seen, for a
//! connection that was refused carried nothing; one that breaks later breaks for the client, who knows what may be sent twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};

pub struct Balancer {
    nodes: Arc<Nodes>,
    accepting: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Nodes {
    ports: Mutex<Vec<u16>>,
    turn: AtomicUsize,
}

impl Balancer {
    pub async fn at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let nodes = Arc::<Nodes>::default();
        let told = nodes.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, told.clone()));
            }
        });
        Self { nodes, accepting }
    }

    /// From now on connections go to these alone; those that are open stay.
    pub fn send_to(&self, ports: Vec<u16>) {
        *self.nodes.ports.lock().unwrap() = ports;
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(mut client: TcpStream, nodes: Arc<Nodes>) {
    let ports = nodes.ports.lock().unwrap().clone();
    let turn = nodes.turn.fetch_add(1, Ordering::Relaxed);
    for attempt in 0..ports.len() {
        let port = ports[(turn + attempt) % ports.len()];
        if let Ok(mut node) = TcpStream::connect(("127.0.0.1", port)).await {
            let _ = tokio::io::copy_bidirectional(&mut client, &mut node).await;
            return;
        }
    }
}
