//! What `karat demo` made is never served to real people.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn serve_refuses_a_database_that_the_demo_made() {
    let folder = std::env::temp_dir().join(format!("karat-demo-data-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let program = env!("CARGO_BIN_EXE_karat");
    let port = four_free_ports();
    let mut demo = Command::new(program)
        .args(["demo", "--port", &port.to_string(), "--data"])
        .arg(&folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok);
    let console = format!("http://localhost:{port}/admin ");
    assert!(
        said.any(|line| line.contains(&console) && line.contains("olga@example.com")),
        "who runs the house is told"
    );
    assert!(said.any(|line| line.contains("Stop with Ctrl-C")), "the demo did not start");
    demo.kill().unwrap();
    demo.wait().unwrap();

    let serve = |url: String| {
        let config = folder.join("karat.toml");
        let key = folder.join("sealing.key");
        let text = format!(
            "[server]\nissuer = \"http://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
             [storage]\nurl = \"{url}\"\n[keys]\nsealing_key_file = \"{}\"\n",
            key.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(program);
        command.arg("serve").arg("--config").arg(config).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let refused = serve(format!("sqlite:{}/karat.db", folder.display())).wait_with_output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("made by `karat demo`"), "{refused:?}");

    let mut served = serve(format!("sqlite:{}/own.db", folder.display()));
    let mut said = BufReader::new(served.stdout.take().unwrap()).lines().map_while(Result::ok);
    let serves = said.any(|line| line.starts_with("Karat serves"));
    served.kill().unwrap();
    served.wait().unwrap();
    assert!(serves, "a database of its own is served");
    let _ = std::fs::remove_dir_all(&folder);
}

fn four_free_ports() -> u16 {
    let free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = 20_000 + u16::try_from(std::process::id() % 5_000).unwrap() * 4;
    (start..start + 400).step_by(4).find(|port| (*port..port + 4).all(free)).expect("four free ports in a row")
}
