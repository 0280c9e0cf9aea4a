//! Logs, traces and metrics of the process.

use std::{collections::HashMap, net::SocketAddr};

use anyhow::Context;
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::{global, propagation::TextMapPropagator, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogConfig, LogFormat, TelemetryConfig};

/// Flushes traces when the process ends.
#[must_use]
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Starts logs and traces for this process. Spans always have a trace id; they are exported when an OTLP endpoint is configured.
    pub fn start(name: &str, log: &LogConfig, config: &TelemetryConfig) -> anyhow::Result<Self> {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let provider = tracer_provider(name, config)?;
        let filter = EnvFilter::try_new(&log.level)
            .with_context(|| format!("log.level: `{}` is not a log filter", log.level))?;
        let format = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let format = match log.format {
            LogFormat::Json => format.json().flatten_event(true).boxed(),
            LogFormat::Pretty => format.with_target(false).boxed(),
        };
        tracing_subscriber::registry()
            .with(format.with_filter(filter))
            .with(
                tracing_opentelemetry::layer()
                    .with_tracer(provider.tracer("medianest"))
                    .with_filter(tracing_subscriber::filter::LevelFilter::INFO),
            )
            .try_init()
            .context("logging was started twice")?;
        Ok(Self { provider })
    }

    /// Sends what is still in the queue; a dead collector costs at most a few seconds.
    pub fn stop(self) {
        if let Err(err) = self.provider.shutdown() {
            tracing::debug!("Traces were not flushed: {err}");
        }
    }
}

fn tracer_provider(name: &str, config: &TelemetryConfig) -> anyhow::Result<SdkTracerProvider> {
    let resource = Resource::builder()
        .with_service_name(format!("medianest-{name}"))
        .build();
    let builder = SdkTracerProvider::builder().with_resource(resource);
    let Some(endpoint) = config.otlp_endpoint.as_deref() else {
        return Ok(builder.build());
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .context("telemetry.otlp_endpoint: the exporter could not be made")?;
    Ok(builder.with_batch_exporter(exporter).build())
}

/// Serves Prometheus metrics on their own listener.
pub fn start_metrics(address: SocketAddr) -> anyhow::Result<()> {
    PrometheusBuilder::new()
        .with_http_listener(address)
        .install()
        .with_context(|| format!("server.metrics_bind: cannot serve metrics on {address}"))
}

/// The W3C `traceparent` of the current span, to hand on to an event or a request.
pub fn current_traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&tracing::Span::current().context(), &mut carrier);
    carrier.remove("traceparent")
}
