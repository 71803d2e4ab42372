//! What an OpenTelemetry collector hears of requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;

use crate::process::Installation;
use crate::visitor::Visitor;

const SECRET: &str = "a-secret-of-32-characters-or-more-x";
const PASSWORD: &str = "amber Kettle drifts 41";

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Bytes>>>);

struct Collector {
    endpoint: String,
    heard: Heard,
}

impl Collector {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let heard = Heard::default();
        let take = async |State(heard): State<Heard>, headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            heard.0.lock().unwrap().push(body);
        };
        let router = Router::new().route("/v1/traces", post(take)).with_state(heard.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, heard }
    }

    fn spans(&self) -> Vec<Span> {
        let bodies = self.heard.0.lock().unwrap();
        let mut spans = Vec::new();
        for body in bodies.iter() {
            for resource in ExportTraceServiceRequest::decode(body.clone()).unwrap().resource_spans {
                let of = resource.resource.unwrap();
                assert!(of.attributes.iter().any(|pair| pair.key == "service.name"), "{of:?}");
                spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
            }
        }
        spans
    }
}

fn installation(endpoint: &str, percent: u32) -> Installation {
    Installation::with(&format!(
        "[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n[traces]\nendpoint = \"{endpoint}\"\n\
         sample_percent = {percent}\n[[client]]\nclient_id = \"bot\"\nkind = \"service\"\nclient_secret = \"{SECRET}\"\n\
         grant_types = [\"client_credentials\"]\nscope = \"orders\"\n"
    ))
}

async fn token(installation: &Installation, traceparent: Option<&str>) -> u16 {
    let mut asked = reqwest::Client::new().post(installation.url("/token")).basic_auth("bot", Some(SECRET));
    if let Some(traceparent) = traceparent {
        asked = asked.header("traceparent", traceparent);
    }
    asked.form(&[("grant_type", "client_credentials")]).send().await.unwrap().status().as_u16()
}

fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let pair = span.attributes.iter().find(|pair| pair.key == key)?;
    match pair.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

const BEGUN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const BEGUN_ID: &str = "0af7651916cd43dd8448eb211c80319c";

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_hears_what_a_request_waited_for_and_nothing_of_anybody() {
    let collector = Collector::start().await;
    let installation = installation(&collector.endpoint, 100);
    installation.karat_with(&["user", "add", "--email", "ada@example.com", "--password-stdin"], PASSWORD).succeeded();
    let server = installation.serve().await;
    assert_eq!(token(&installation, Some(BEGUN)).await, 200);
    Visitor::new(&installation.base()).log_in("ada@example.com", PASSWORD).await.unwrap();
    server.stop().await;

    let spans = collector.spans();
    let tokens = named(&spans, "POST /token");
    assert_eq!(tokens.len(), 1, "{spans:?}");
    assert_eq!(text(tokens[0], "http.route"), Some("/token"));
    let status = tokens[0].attributes.iter().find(|pair| pair.key == "http.response.status_code");
    let status = status.and_then(|pair| pair.value.as_ref()?.value.as_ref());
    assert!(matches!(status, Some(Value::IntValue(200))), "{:?}", tokens[0]);
    assert!(text(tokens[0], "request_id").is_some_and(|id| id.len() == 32), "{:?}", tokens[0]);
    assert_ne!(hex(&tokens[0].trace_id), BEGUN_ID, "what a stranger says of traces is not believed");

    let log_ins = named(&spans, "POST /login");
    let log_in = log_ins.first().expect("a log-in");
    let within = |name: &str| {
        let of_it = named(&spans, name).into_iter().filter(|span| span.trace_id == log_in.trace_id);
        of_it.filter(|span| span.parent_span_id == log_in.span_id).count()
    };
    assert!(within("database") >= 2 && within("password hash") >= 1, "{spans:?}");
    let statements: Vec<&str> =
        named(&spans, "database").iter().filter_map(|span| text(span, "db.query.text")).collect();
    assert!(statements.iter().any(|text| text.starts_with("SELECT") && text.contains("$1")), "{statements:?}");
    assert!(statements.contains(&"COMMIT"), "{statements:?}");

    let all = collector.heard.0.lock().unwrap().concat();
    for secret in ["ada@example.com", PASSWORD, SECRET, "amber"] {
        assert!(!all.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_proxy_begins_traces_and_decides_which() {
    let collector = Collector::start().await;
    let installation = installation(&collector.endpoint, 0);
    installation.write_config_with("trusted_proxies = [\"127.0.0.0/8\"]", &installation.more);
    let server = installation.serve().await;
    assert_eq!(token(&installation, None).await, 200);
    assert_eq!(token(&installation, Some(BEGUN)).await, 200);
    server.stop().await;
    let spans = collector.spans();
    let tokens = named(&spans, "POST /token");
    assert_eq!(tokens.iter().map(|span| hex(&span.trace_id)).collect::<Vec<_>>(), [BEGUN_ID], "{spans:?}");
    assert_eq!(hex(&tokens[0].parent_span_id), "b7ad6b7169203331");
    assert!(tokens[0].status.as_ref().is_none_or(|status| status.code() != StatusCode::Error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_holds_up_nobody() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let installation = installation(&format!("http://{gone}/v1/traces"), 100);
    let mut server = installation.serve().await;
    for _ in 0..3 {
        assert_eq!(token(&installation, None).await, 200);
    }
    server.signal("TERM");
    assert!(server.ended(Duration::from_secs(20)).await.success(), "{}", server.log());
    assert!(server.log().contains("telemetry data will be lost"), "the operator is told: {}", server.log());
    assert!(!server.log().contains(SECRET));
}

#[test]
fn an_endpoint_that_is_none_is_named_with_its_line() {
    let installation = installation("ftp://collector.example/v1/traces", 10);
    installation.karat(&["serve"]).failed(2, "traces.endpoint");
}
