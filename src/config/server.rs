//! How Karat is reached, what it may reach, and what it writes to its log.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::mistake::Report;
use super::value::{self, ByteSize, HostPort, Issuer};
use crate::domain::proxy::{ForwardedHeader, Proxies};
use crate::domain::time::Seconds;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSection {
    pub issuer: Issuer,
    pub listen: SocketAddr,
    /// Present exactly when `tls_key` is.
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    #[serde(deserialize_with = "value::seconds")]
    pub tls_reload_interval: Seconds,
    #[serde(deserialize_with = "value::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Which header of theirs is read.
    pub forwarded_header: ForwardedHeader,
    pub request_body_limit: ByteSize,
    #[serde(deserialize_with = "value::seconds")]
    pub header_read_timeout: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub request_timeout: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub shutdown_grace: Seconds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutgoingSection {
    /// Targets that may be private and plain http, beside every public one by https on port 443.
    pub allow: Vec<HostPort>,
    #[serde(deserialize_with = "value::seconds")]
    pub connect_timeout: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub timeout: Seconds,
    pub response_limit: ByteSize,
    pub certificate_authorities: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSection {
    pub format: LogFormat,
    /// A level, or a filter by target in the syntax of `tracing_subscriber::EnvFilter`.
    pub level: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsSection {
    /// Where a Prometheus server reads them; nowhere when left out.
    pub listen: Option<SocketAddr>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TracesSection {
    /// The whole address at which an OpenTelemetry collector takes them by OTLP over HTTP; nowhere when left out.
    pub endpoint: Option<Url>,
    /// Of a hundred requests, how many are traced.
    pub sample_percent: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Json,
    Text,
}

impl ServerSection {
    /// The proxies in front, to judge each request by.
    pub fn proxies(&self) -> Proxies<'_> {
        Proxies { trusted: &self.trusted_proxies, header: self.forwarded_header }
    }

    pub(super) fn check(&self, report: &mut Report<'_>) {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(_), Some(_)) if !self.issuer.is_https() => {
                report.mistake("server.issuer", "is http, but a certificate is configured: write https");
            }
            (Some(_), Some(_)) => {}
            (Some(_), None) => report.mistake("server.tls_certificate", "needs `tls_key` with it"),
            (None, Some(_)) => report.mistake("server.tls_key", "needs `tls_certificate` with it"),
            (None, None) if !self.listen.ip().to_canonical().is_loopback() && self.trusted_proxies.is_empty() => {
                report.mistake(
                    "server.listen",
                    "plain HTTP on an address that others reach: configure `tls_certificate` and `tls_key`, or declare the proxies in \
                     front in `trusted_proxies`",
                );
            }
            (None, None) => {}
        }
        for (index, network) in self.trusted_proxies.iter().enumerate() {
            if network.prefix_len() == 0 {
                let path = format!("server.trusted_proxies[{index}]");
                report.mistake(&path, "is everybody: anyone could then claim any address");
            }
        }
        report.span("server.tls_reload_interval", self.tls_reload_interval, Seconds(10), Seconds::days(7));
        report.number("server.request_body_limit", self.request_body_limit.0 as u64, 1 << 10, 16 << 20);
        report.span("server.header_read_timeout", self.header_read_timeout, Seconds(1), Seconds::minutes(5));
        report.span("server.request_timeout", self.request_timeout, Seconds(1), Seconds::minutes(5));
        report.span("server.shutdown_grace", self.shutdown_grace, Seconds(0), Seconds::minutes(10));
    }

    pub(super) fn warn(&self, warnings: &mut Vec<String>) {
        if self.issuer.is_https() && self.tls_certificate.is_none() && self.trusted_proxies.is_empty() {
            warnings.push(
                "server.issuer is https without a certificate or trusted_proxies: behind a proxy that is not declared, all people share \
                 its address and are throttled together"
                    .to_owned(),
            );
        }
    }
}

impl OutgoingSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        report.span("outgoing.connect_timeout", self.connect_timeout, Seconds(1), Seconds::minutes(1));
        report.span("outgoing.timeout", self.timeout, Seconds(1), Seconds::minutes(2));
        report.number("outgoing.response_limit", self.response_limit.0 as u64, 1 << 10, 16 << 20);
    }
}

impl TracesSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        if let Some(endpoint) = &self.endpoint
            && !["http", "https"].contains(&endpoint.scheme())
        {
            report.mistake("traces.endpoint", "must begin with http: or https:");
        }
        report.number("traces.sample_percent", self.sample_percent, 0, 100);
    }
}

impl LogSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        if let Err(error) = tracing_subscriber::filter::EnvFilter::builder().parse(&self.level) {
            report.mistake("log.level", format!("is neither a level nor a filter: {error}"));
        } else if self.level.trim().is_empty() {
            report.mistake("log.level", "must not be empty");
        }
    }
}
