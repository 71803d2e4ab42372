//! A PostgreSQL and a Redis of one test's own, on free ports and in a temporary folder, to be mistreated. Stopped when dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use sqlx::{Connection, PgConnection};

use crate::folder::Folder;
use crate::{eventually, free_port};

/// How a server ends.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// It says goodbye to its clients.
    Fast,
    /// It drops everything, and recovers at its next start.
    Crash,
}

pub struct Postgres {
    pub port: u16,
    process: Option<Child>,
    programs: PathBuf,
    /// It refuses to run as root.
    as_user: Option<(u32, u32)>,
    folder: Folder,
}

impl Postgres {
    pub async fn start() -> Self {
        let folder = Folder::fresh().unwrap();
        let as_user = is_root().then(unprivileged);
        if let Some((user, group)) = as_user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut server = Self { port: free_port(), process: None, programs: programs(), as_user, folder };
        let mut initdb = server.command("initdb");
        initdb.args([
            "--pgdata=data",
            "--username=karat",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        let made = initdb.output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        server.start_again().await;
        server
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).env_remove("PGDATA");
        if let Some((user, group)) = self.as_user {
            command.uid(user).gid(group);
        }
        command
    }

    pub fn url(&self) -> String {
        format!("postgres://karat@127.0.0.1:{}/postgres", self.port)
    }

    pub fn end(&mut self, how: End) {
        let Some(mut process) = self.process.take() else { return };
        signal(
            &process,
            match how {
                End::Fast => "INT",
                End::Crash => "QUIT",
            },
        );
        process.wait().unwrap();
    }

    pub async fn start_again(&mut self) {
        // No power fails here: what is written is there for the next process without waiting for the disk.
        let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=80", "fsync=off"];
        let mut postgres = self.command("postgres");
        postgres.args(["-D", "data", "-p"]).arg(self.port.to_string());
        postgres.args(settings.iter().flat_map(|setting| ["-c", setting]));
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        self.process = Some(postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let url = self.url();
        eventually("PostgreSQL takes connections", async || PgConnection::connect(&url).await.is_ok()).await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end(End::Crash);
    }
}

pub struct Redis {
    pub port: u16,
    process: Option<Child>,
}

impl Redis {
    pub async fn start() -> Self {
        let mut server = Self { port: free_port(), process: None };
        server.start_again().await;
        server
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// With everything it held.
    pub fn kill(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        process.kill().unwrap();
        process.wait().unwrap();
    }

    pub async fn start_again(&mut self) {
        let mut redis = Command::new("redis-server");
        redis.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"]).arg(self.port.to_string());
        let redis = redis.current_dir(std::env::temp_dir()).stdin(Stdio::null()).stdout(Stdio::null());
        self.process = Some(redis.spawn().expect("redis-server is installed"));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        eventually("Redis takes connections", async || tokio::net::TcpStream::connect(address).await.is_ok()).await;
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.id().to_string()).status().unwrap();
    assert!(sent.success());
}

/// The folder of initdb, which Debian keeps out of the PATH: the newest.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> =
        versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    found.sort_by_key(|bin| bin.parent().and_then(|at| at.file_name()?.to_str()?.parse::<u32>().ok()));
    let in_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    found.pop().or_else(in_path).expect("PostgreSQL is installed")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn unprivileged() -> (u32, u32) {
    let known = fs::read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        let line = known.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    of("postgres").or_else(|| of("nobody")).expect("there is a user without rights")
}
