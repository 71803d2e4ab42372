//! An installation in a folder of its own, driven through the real program.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Removed with everything in it when dropped.
pub struct Installation {
    pub folder: PathBuf,
    pub port: u16,
    /// Added to the configuration file.
    pub more: String,
}

/// What a command did.
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Installation {
    pub fn new() -> Self {
        Self::with("[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n")
    }

    /// `more` is configuration text of further sections.
    pub fn with(more: &str) -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("karat-operator-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let installation = Self { folder, port, more: more.to_owned() };
        installation.write_config(more);
        installation
    }

    pub fn base(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// `more` begins on line 7.
    pub fn write_config(&self, more: &str) {
        self.write_config_with("", more);
    }

    /// `server` are further keys of the server section.
    pub fn write_config_with(&self, server: &str, more: &str) {
        let (base, port) = (self.base(), self.port);
        let server = if server.is_empty() { String::new() } else { format!("{server}\n") };
        let text = format!(
            "[server]\nissuer = \"{base}\"\nlisten = \"127.0.0.1:{port}\"\n{server}\
             [passwords]\nargon2_memory_kib = 8192\nargon2_iterations = 1\n{more}"
        );
        fs::write(self.folder.join("karat.toml"), text).unwrap();
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_karat"));
        command.args(arguments).current_dir(&self.folder).env("KARAT_CONFIG", "karat.toml").env("RUST_BACKTRACE", "0");
        command
    }

    pub fn karat(&self, arguments: &[&str]) -> Done {
        self.karat_with(arguments, "")
    }

    /// With these variables in the environment.
    pub fn karat_as(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Done {
        let mut command = self.command(arguments);
        Done::of(command.envs(variables.iter().copied()).stdin(Stdio::null()).output().unwrap())
    }

    /// `input` comes from standard input.
    pub fn karat_with(&self, arguments: &[&str], input: &str) -> Done {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that does not read has closed its end.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Done::of(child.wait_with_output().unwrap())
    }

    /// The JSON that a command prints; it must succeed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let done = self.karat(arguments).succeeded();
        serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("not JSON: {}", done.out))
    }

    /// Starts the server and waits until it is ready.
    pub async fn serve(&self) -> Server {
        self.serve_with(&[]).await
    }

    pub async fn serve_with(&self, arguments: &[&str]) -> Server {
        let mut server = self.spawn(arguments);
        let client = reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).build().unwrap();
        let scheme = if self.more.contains("tls_key") { "https" } else { "http" };
        let url = format!("{scheme}://localhost:{}/readyz", self.port);
        for _ in 0..600 {
            if client.get(&url).send().await.is_ok_and(|answer| answer.status() == 200) {
                return server;
            }
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended: {}", server.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server is not ready: {}", server.log());
    }

    /// Starts the server and waits for nothing.
    pub fn spawn(&self, arguments: &[&str]) -> Server {
        let mut all = vec!["serve"];
        all.extend(arguments);
        self.begin(&[], &all)
    }

    /// Starts a command with these variables in its environment, and waits for nothing.
    pub fn begin(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Server {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let log = self.file(&format!("log-{number}.txt"));
        let child = self
            .command(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(File::create(self.file("out.txt")).unwrap())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Server { child, log }
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Done {
    fn of(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    /// The JSON that it printed; it must have succeeded.
    pub fn json(self) -> Value {
        let done = self.succeeded();
        serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("not JSON: {}", done.out))
    }

    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self
    }

    /// Ended with this code, having said this on standard error.
    pub fn failed(self, code: i32, saying: &str) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.contains(saying), "{saying:?} is not in: {}", self.err);
        self
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits for the end of the process.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < within, "the server is still running: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn stop(mut self) -> String {
        self.signal("TERM");
        let status = self.ended(Duration::from_secs(20)).await;
        assert!(status.success(), "{status}: {}", self.log());
        self.log()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
