//! The figures for a Prometheus server.

use crate::process::Installation;
use crate::visitor::Visitor;

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The value of a line; `labels` as they stand there.
fn value(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let fits = |line: &&str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
            && labels.iter().all(|label| line.contains(label))
    };
    text.lines().find(fits).and_then(|line| line.rsplit(' ').next()?.parse().ok())
}

#[tokio::test]
async fn a_prometheus_server_reads_what_happened_and_how_things_stand() {
    let port = free_port();
    let client = "[[client]]\nclient_id = \"bot\"\nkind = \"service\"\nclient_secret = \"a-secret-of-32-characters-or-more-x\"\n\
                  grant_types = [\"client_credentials\"]\nscope = \"orders\"\n";
    let installation = Installation::with(&format!(
        "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n[metrics]\nlisten = \"127.0.0.1:{port}\"\n{client}"
    ));
    installation
        .karat_with(&["user", "add", "--email", "ada@example.com", "--password-stdin"], "amber Kettle drifts 41")
        .succeeded();
    let server = installation.serve().await;
    let http = reqwest::Client::new();
    let token = async |secret: &str| {
        let asked = http.post(installation.url("/token")).basic_auth("bot", Some(secret));
        asked.form(&[("grant_type", "client_credentials")]).send().await.unwrap().status().as_u16()
    };
    assert_eq!(token("a-secret-of-32-characters-or-more-x").await, 200);
    assert_eq!(token("a-secret-of-32-characters-or-more-x").await, 200);
    assert_eq!(token("another").await, 401);
    let visitor = Visitor::new(&installation.base());
    visitor.log_in("ada@example.com", "not hers").await.unwrap();
    let visitor = Visitor::new(&installation.base());
    visitor.log_in("ada@example.com", "amber Kettle drifts 41").await.unwrap();
    http.request("BREW".parse().unwrap(), installation.url("/token")).send().await.unwrap();

    let told = http.get(format!("http://127.0.0.1:{port}/metrics")).send().await.unwrap();
    assert!(told.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = told.text().await.unwrap();
    let of = |name: &str, labels: &[&str]| value(&text, name, labels);
    let granted = ["grant_type=\"client_credentials\"", "outcome=\"granted\""];
    assert_eq!(of("karat_token_requests_total", &granted), Some(2.0), "{text}");
    assert_eq!(of("karat_token_requests_total", &["outcome=\"invalid_client\""]), Some(1.0), "{text}");
    assert_eq!(of("karat_log_ins_total", &["with=\"password\"", "outcome=\"wrong\""]), Some(1.0), "{text}");
    assert_eq!(of("karat_log_ins_total", &["with=\"password\"", "outcome=\"signed_in\""]), Some(1.0), "{text}");
    let posted = ["route=\"/token\"", "method=\"POST\"", "status=\"200\""];
    assert_eq!(of("karat_http_requests_total", &posted), Some(2.0), "{text}");
    assert_eq!(of("karat_http_requests_total", &["method=\"other\"", "route=\"/token\""]), Some(1.0), "{text}");
    assert_eq!(of("karat_http_request_seconds_count", &["route=\"/token\""]), Some(4.0), "{text}");
    assert!(of("karat_http_request_seconds_bucket", &["route=\"/token\"", "le=\"0.005\""]).is_some(), "{text}");
    assert_eq!(of("karat_ready", &[]), Some(1.0), "{text}");
    assert_eq!(of("karat_outbox_waiting", &["kind=\"mail\""]), Some(0.0), "{text}");
    assert!(of("karat_password_hash_places", &[]).unwrap() > 64.0, "{text}");
    assert!(of("karat_database_connections", &["state=\"idle\""]).is_some(), "{text}");
    assert!(
        !text.contains("ada@example.com") && !text.contains("bot") && !text.contains("127.0.0.1"),
        "of nobody: {text}"
    );
    assert_eq!(http.get(installation.url("/metrics")).send().await.unwrap().status(), 404, "not where people are");
    server.stop().await;
}

/// Everything that the dashboard and the alerts ask for is there to be read.
#[test]
fn the_dashboard_and_the_alerts_ask_for_figures_that_there_are() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let source = read("src/http/metrics.rs");
    let known: Vec<&str> = source.split('"').filter(|text| text.starts_with("karat_")).collect();
    assert!(known.len() >= 10, "{known:?}");
    for file in ["deploy/monitoring/dashboard.json", "deploy/monitoring/alerts.yaml"] {
        let text = read(file);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let asked: Vec<&str> = text.split(|c| !is_name(c)).filter(|word| word.starts_with("karat_")).collect();
        assert!(asked.len() > 5, "{file}");
        for name in asked {
            let base = name.trim_end_matches("_bucket").trim_end_matches("_count").trim_end_matches("_sum");
            assert!(known.contains(&base), "{file} asks for {name}");
        }
    }
    let dashboard: serde_json::Value = serde_json::from_str(&read("deploy/monitoring/dashboard.json")).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() >= 8);
}
