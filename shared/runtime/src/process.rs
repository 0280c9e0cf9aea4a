//! One service as its own process: read the configuration, connect, build, serve, stop.

use std::{
    future::Future,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::{
    Building, Common, Parts, Sealer, Section, ServiceUrls, Source, Supervisor, SystemClock,
    telemetry::{self, Telemetry},
};

const STOP_GRACE: Duration = Duration::from_secs(30);

/// What [`run_service`] needs to know of a service.
pub struct Definition<C> {
    /// The service's name, as in `shared_types::access::service`.
    pub name: &'static str,
    /// Its section in the configuration.
    pub section: &'static str,
    /// Builds it.
    pub build: fn(C, Parts) -> Building,
}

/// `main` of a service binary: no argument serves, `check-config` explains the configuration, `healthcheck` asks a running one.
pub fn run_service<C: Section + 'static>(definition: &Definition<C>) -> ExitCode {
    let mut source = Source::load(None);
    let common = source.common();
    let config: C = source.section(definition.section);
    check_scaled(&common, &mut source);
    let argument = std::env::args().nth(1);
    let result = match (argument.as_deref(), source.finish()) {
        (Some("healthcheck"), _) => health_check(&common.server.bind),
        (_, Err(faults)) => Err(anyhow::anyhow!(faults)),
        (Some("check-config"), Ok(())) => say("The configuration is fine."),
        (None, Ok(())) => serve(definition, common, config),
        (Some(other), _) => Err(anyhow::anyhow!(
            "`{other}` is not a command; there are `check-config` and `healthcheck`"
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            let _written = writeln!(std::io::stderr(), "{err:#}");
            ExitCode::from(2)
        }
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

/// A service that is its own process needs what the embedded shape generates or shares in memory.
fn check_scaled(common: &Common, source: &mut Source) {
    if common.bus.url.expose() == "local:" {
        source.add_fault(
            "bus.url",
            "`local:` works only inside the `medianest` binary; set `amqp://…`",
        );
    }
    if common.internal.secret.is_none() {
        source.add_fault(
            "internal.secret",
            "must be set, to the same value for every service",
        );
    }
    if common.security.encryption_key.is_none() {
        source.add_fault(
            "security.encryption_key",
            "must be set, to the same value for every service",
        );
    }
    if common.services.auth_url.is_none() {
        source.add_fault(
            "services.auth_url",
            "must be set, such as `http://auth-service:8080`",
        );
    }
}

fn serve<C: Section>(definition: &Definition<C>, common: Common, config: C) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the async runtime could not be started")?;
    runtime.block_on(async {
        let telemetry = Telemetry::start(definition.name, &common.log, &common.telemetry)?;
        if let Ok(address) = common.server.metrics_bind.parse() {
            telemetry::start_metrics(address)?;
        }
        let supervisor = Supervisor::new();
        let parts = connect(common, supervisor.clone()).await?;
        let address = parts.listener.local_addr()?;
        let serving = (definition.build)(config, parts).await?;
        info!("{} listens on {address}", definition.name);
        let stop = supervisor.stop_token();
        let signals = async move {
            shutdown_signal().await;
            stop.cancel();
        };
        let (served, ()) = futures_util::join!(
            serving,
            signals_until_served(signals, supervisor.stop_token())
        );
        supervisor.shut_down(STOP_GRACE).await;
        telemetry.stop();
        served.context("the HTTP server failed")
    })
}

/// Ends when a signal came, or when something else cancelled the stop token.
async fn signals_until_served(
    signals: impl Future<Output = ()>,
    stop: tokio_util::sync::CancellationToken,
) {
    tokio::select! {
        () = signals => {}
        () = stop.cancelled() => {}
    }
}

async fn connect(common: Common, supervisor: Supervisor) -> anyhow::Result<Parts> {
    let options = shared_bus::BusOptions {
        prefix: common.bus.prefix.clone(),
    };
    let bus = shared_bus::connect(common.bus.url.expose(), options).await?;
    let cache = shared_cache::connect(common.cache.url.expose(), &common.cache.prefix).await?;
    let listener = TcpListener::bind(&common.server.bind)
        .with_context(|| format!("server.bind: cannot listen on `{}`", common.server.bind))?;
    let (Some(internal_secret), Some(key)) = (
        common.internal.secret.clone(),
        common.security.encryption_key.clone(),
    ) else {
        bail!("internal.secret and security.encryption_key must be set");
    };
    let urls = ServiceUrls {
        auth: common.services.auth_url.clone().unwrap_or_default(),
        plex: common.services.plex_url.clone().unwrap_or_default(),
        download: common.services.download_url.clone().unwrap_or_default(),
        webhook: common.services.webhook_url.clone().unwrap_or_default(),
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Parts {
        workers: if common.server.workers == 0 {
            cores
        } else {
            common.server.workers
        },
        sealer: Arc::new(Sealer::new(&key)?),
        common: Arc::new(common),
        clock: Arc::new(SystemClock),
        bus,
        cache,
        supervisor,
        listener,
        urls,
        internal_secret,
    })
}

/// Ends at the first `SIGTERM` or `SIGINT`.
pub async fn shutdown_signal() {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    let mut interrupt = signal(SignalKind::interrupt()).expect("SIGINT can be handled");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Asks a running process on this machine for `/readyz`.
pub fn health_check(bind: &str) -> anyhow::Result<()> {
    let mut address: SocketAddr = bind.parse().context("server.bind is not an address")?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let timeout = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    if answer.ends_with(b"200") {
        return Ok(());
    }
    bail!("not ready: {}", String::from_utf8_lossy(&answer))
}
