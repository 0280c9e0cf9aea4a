//! All five in one process. They find each other by loopback addresses that are bound before anything is built.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use futures_util::future::{join_all, try_join_all};
use shared_bus::BusOptions;
use shared_runtime::{
    Building, Common, Parts, Sealer, Secret, ServiceUrls, Supervisor, SystemClock, load_or_create,
    shutdown_signal,
    telemetry::{self, Telemetry},
};
use shared_types::{Clock, bus::Bus, cache::Cache};

use crate::{gate::GatedBus, print, settings::Settings};

const STOP_GRACE: Duration = Duration::from_secs(30);

/// Runs until a signal comes.
pub(crate) fn serve(settings: Settings) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the async runtime could not be started")?;
    runtime.block_on(run(settings))
}

async fn run(settings: Settings) -> anyhow::Result<()> {
    let common = Arc::new(settings.common.clone());
    let telemetry = Telemetry::start("embedded", &common.log, &common.telemetry)?;
    if let Ok(address) = common.server.metrics_bind.parse() {
        telemetry::start_metrics(address)?;
    }
    let supervisor = Supervisor::new();
    let doors = Doors::bind(&common)?;
    let address = doors.gateway.local_addr()?;
    let shared = Shared::connect(&common, supervisor.clone(), doors.urls()?).await?;
    let servings = try_join_all(build_all(settings, doors, &shared)).await?;
    shared.bus.open();
    welcome(&common, address)?;
    let stop = supervisor.stop_token();
    let signals = async {
        tokio::select! {
            () = shutdown_signal() => stop.cancel(),
            () = stop.cancelled() => {}
        }
    };
    let (served, ()) = futures_util::join!(join_all(servings), signals);
    supervisor.shut_down(STOP_GRACE).await;
    telemetry.stop();
    served
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .context("an HTTP server failed")?;
    Ok(())
}

/// The listeners: the public one, and one on loopback for each service.
struct Doors {
    gateway: TcpListener,
    auth: TcpListener,
    plex: TcpListener,
    download: TcpListener,
    webhook: TcpListener,
}

impl Doors {
    fn bind(common: &Common) -> anyhow::Result<Self> {
        let bind = &common.server.bind;
        let gateway = TcpListener::bind(bind).with_context(|| {
            format!("server.bind: cannot listen on `{bind}`; is MediaNest running already?")
        })?;
        let inner =
            || TcpListener::bind("127.0.0.1:0").context("no free port on the loopback interface");
        Ok(Self {
            gateway,
            auth: inner()?,
            plex: inner()?,
            download: inner()?,
            webhook: inner()?,
        })
    }

    fn urls(&self) -> anyhow::Result<ServiceUrls> {
        let url = |listener: &TcpListener| {
            listener
                .local_addr()
                .map(|address| format!("http://{address}"))
        };
        Ok(ServiceUrls {
            auth: url(&self.auth)?,
            plex: url(&self.plex)?,
            download: url(&self.download)?,
            webhook: url(&self.webhook)?,
        })
    }
}

/// What all five get.
struct Shared {
    common: Arc<Common>,
    clock: Arc<dyn Clock>,
    bus: Arc<GatedBus>,
    cache: Arc<dyn Cache>,
    supervisor: Supervisor,
    urls: ServiceUrls,
    internal_secret: Secret,
    sealer: Arc<Sealer>,
}

impl Shared {
    async fn connect(
        common: &Arc<Common>,
        supervisor: Supervisor,
        urls: ServiceUrls,
    ) -> anyhow::Result<Self> {
        let secrets = common.data.dir.join("secrets");
        let kept = |given: &Option<Secret>, name: &str| match given {
            Some(secret) => Ok(secret.clone()),
            None => load_or_create(&secrets, name).with_context(|| {
                format!("data.dir: cannot keep secrets in `{}`", secrets.display())
            }),
        };
        let internal_secret = kept(&common.internal.secret, "internal")?;
        let key = kept(&common.security.encryption_key, "encryption_key")?;
        let options = BusOptions {
            prefix: common.bus.prefix.clone(),
        };
        Ok(Self {
            clock: Arc::new(SystemClock),
            bus: Arc::new(GatedBus::closed(
                shared_bus::connect(common.bus.url.expose(), options).await?,
            )),
            cache: shared_cache::connect(common.cache.url.expose(), &common.cache.prefix).await?,
            common: Arc::clone(common),
            sealer: Arc::new(Sealer::new(&key)?),
            supervisor,
            urls,
            internal_secret,
        })
    }

    fn parts(&self, listener: TcpListener, workers: usize) -> Parts {
        Parts {
            common: Arc::clone(&self.common),
            clock: Arc::clone(&self.clock),
            bus: Arc::clone(&self.bus) as Arc<dyn Bus>,
            cache: Arc::clone(&self.cache),
            supervisor: self.supervisor.clone(),
            listener,
            workers,
            urls: self.urls.clone(),
            internal_secret: self.internal_secret.clone(),
            sealer: Arc::clone(&self.sealer),
        }
    }
}

fn build_all(settings: Settings, doors: Doors, shared: &Shared) -> [Building; 5] {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = match settings.common.server.workers {
        0 => cores,
        workers => workers,
    };
    [
        Box::pin(auth_service::build(
            settings.auth,
            shared.parts(doors.auth, 1),
        )),
        Box::pin(plex_service::build(
            settings.plex,
            shared.parts(doors.plex, 1),
        )),
        Box::pin(download_service::build(
            settings.download,
            shared.parts(doors.download, 1),
        )),
        Box::pin(webhook_service::build(
            settings.webhook,
            shared.parts(doors.webhook, 1),
        )),
        Box::pin(gateway::build(
            settings.gateway,
            shared.parts(doors.gateway, workers),
        )),
    ]
}

/// Says where MediaNest is, and how to claim it while nobody has.
fn welcome(common: &Common, address: SocketAddr) -> anyhow::Result<()> {
    let public_url = &common.security.public_url;
    print(&format!(
        "\nMediaNest is at {public_url} (listening on {address})\n"
    ))?;
    if let Some(secret) = setup_secret(&common.data.dir) {
        print(&format!("Setup secret, valid once: {secret}\n"))?;
    }
    print("\n")
}

fn setup_secret(data_dir: &Path) -> Option<String> {
    let text = fs::read_to_string(data_dir.join("setup-secret")).ok()?;
    Some(text.trim().to_owned()).filter(|secret| !secret.is_empty())
}
