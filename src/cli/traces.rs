//! Traces on their way to an OpenTelemetry collector, by OTLP over HTTP. What cannot be delivered is dropped: requests never wait
//! for it.

use std::time::Duration;

use anyhow::Context;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use crate::config::TracesSection;

const TIMEOUT: Duration = Duration::from_secs(5);

/// What is to be ended in good order, so that the last spans arrive.
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    pub fn begin(section: &TracesSection) -> anyhow::Result<Self> {
        let Some(endpoint) = &section.endpoint else { return Ok(Self(None)) };
        let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint.as_str()).with_timeout(TIMEOUT);
        let exporter = exporter.build().context("traces.endpoint")?;
        let share = f64::from(section.sample_percent) / 100.0;
        let resource = Resource::builder()
            .with_service_name("karat")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(resource.build());
        Ok(Self(Some(provider.build())))
    }

    pub fn provider(&self) -> Option<&SdkTracerProvider> {
        self.0.as_ref()
    }

    /// Sends what is left, for a few seconds at most.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(TIMEOUT)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces did not arrive");
        }
    }
}
