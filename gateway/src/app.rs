//! Puts the gateway together.

use std::{collections::HashSet, sync::Arc, time::Duration};

use actix_web::web::Data;
use anyhow::Context;
use ipnet::IpNet;
use serde::Deserialize;
use shared_http::{
    Health, KeySource, Outbound, OutboundOptions, Problem, ServerOptions, ServiceTokens, Verifier,
};
use shared_runtime::{Common, Parts, Serving, config::CookieMode};
use shared_types::{access::service, ids::LibraryId, problem::Code};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    Config,
    credentials::Credentials,
    limits::Limits,
    live::Hub,
    pipeline::answer::AnswerOptions,
    routes,
    upstreams::{Upstream, Upstreams},
};

/// The service's name.
pub const NAME: &str = service::GATEWAY;

/// What handlers share.
pub(crate) struct AppState {
    pub(crate) config: Config,
    pub(crate) answer: AnswerOptions,
    /// The origin of our own page, such as `https://media.example.org`.
    pub(crate) origin: String,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) upstreams: Upstreams,
    pub(crate) hub: Arc<Hub>,
    pub(crate) stop: CancellationToken,
    /// What request bodies may take in memory, in KiB.
    pub(crate) body_memory: Semaphore,
    clients: [Outbound; 4],
    tokens: ServiceTokens,
}

#[derive(Deserialize)]
struct SetupState {
    setup_required: bool,
}

#[derive(Deserialize)]
struct VisibleLibrary {
    id: LibraryId,
}

impl AppState {
    /// A client for the gateway's own questions to a service.
    pub(crate) fn client_of(&self, upstream: Upstream) -> &Outbound {
        &self.clients[upstream as usize]
    }

    /// Whether there is no administrator yet.
    pub(crate) async fn setup_required(&self) -> Result<bool, Problem> {
        let away = |err| {
            Problem::new(Code::Unavailable)
                .detail("auth-service does not answer.")
                .retry_after(2)
                .source(err)
        };
        let token = self.tokens.token_for(service::AUTH).await.map_err(away)?;
        let request = self
            .client_of(Upstream::Auth)
            .get("/internal/setup")
            .bearer(&token);
        let reply = request
            .send()
            .await
            .and_then(shared_http::Reply::success)
            .map_err(away)?;
        let state: SetupState = reply.json().map_err(away)?;
        Ok(state.setup_required)
    }

    /// The libraries that the token's person may see; `None` when plex-service does not answer.
    pub(crate) async fn visible_libraries(&self, token: &str) -> Option<HashSet<LibraryId>> {
        let request = self
            .client_of(Upstream::Plex)
            .get("/api/v1/plex/libraries")
            .bearer(token);
        let reply = request
            .send()
            .await
            .and_then(shared_http::Reply::success)
            .ok()?;
        let libraries: Vec<VisibleLibrary> = reply.json().ok()?;
        Some(libraries.into_iter().map(|library| library.id).collect())
    }
}

/// Builds the gateway.
pub async fn build(config: Config, parts: Parts) -> anyhow::Result<Serving> {
    let stop = parts.supervisor.stop_token();
    let state = Data::new(state(config, &parts)?);
    let hub = Arc::clone(&state.hub).run(
        Arc::clone(&parts.bus),
        Arc::clone(&state.credentials),
        stop.clone(),
    );
    parts.supervisor.spawn("events", hub);
    parts
        .supervisor
        .spawn("limits", prune(Arc::clone(&state.limits), stop.clone()));
    let (bus, supervisor) = (Arc::clone(&parts.bus), parts.supervisor.clone());
    let health = Health::new()
        .with("bus", move || futures_util::future::ready(bus.is_healthy()))
        .with("tasks", move || {
            futures_util::future::ready(supervisor.failed_tasks().is_empty())
        });
    let mut options = ServerOptions::new(NAME, health, stop);
    options.workers = parts.workers;
    options.trusts_caller = false;
    let serving = shared_http::serve(parts.listener, options, move |config| {
        config.app_data(state.clone());
        routes::configure(config);
    });
    Ok(Box::pin(serving))
}

fn state(config: Config, parts: &Parts) -> anyhow::Result<AppState> {
    let common = &parts.common;
    let secret = parts.internal_secret.expose();
    let keys = Arc::new(KeySource::remote(&parts.urls.auth));
    let verifier = Verifier::new(keys, NAME, Arc::clone(&parts.clock));
    let client = |upstream: Upstream, url: &str| {
        Outbound::new(OutboundOptions::new(
            &format!("gateway>{}", upstream.name()),
            url,
        ))
    };
    let clients = [
        client(Upstream::Auth, &parts.urls.auth),
        client(Upstream::Plex, &parts.urls.plex),
        client(Upstream::Download, &parts.urls.download),
        client(Upstream::Webhook, &parts.urls.webhook),
    ];
    let credentials = Credentials::new(
        verifier,
        client(Upstream::Auth, &parts.urls.auth),
        ServiceTokens::new(&parts.urls.auth, NAME, secret),
        cookie_name(common),
    );
    Ok(AppState {
        answer: AnswerOptions {
            is_https: common.security.public_url.starts_with("https://"),
        },
        origin: common.security.public_url.trim_end_matches('/').to_owned(),
        trusted_proxies: trusted_proxies(common)?,
        credentials: Arc::new(credentials),
        limits: Arc::new(Limits::new(&config)),
        upstreams: Upstreams::new(&parts.urls),
        hub: Arc::new(Hub::new()),
        stop: parts.supervisor.stop_token(),
        body_memory: Semaphore::new(config.body_memory_bytes / 1024),
        tokens: ServiceTokens::new(&parts.urls.auth, NAME, secret),
        clients,
        config,
    })
}

fn trusted_proxies(common: &Common) -> anyhow::Result<Vec<IpNet>> {
    common
        .security
        .trusted_proxies
        .iter()
        .map(|text| {
            text.parse().with_context(|| {
                format!("security.trusted_proxies: `{text}` is not a network such as `10.0.0.0/8`")
            })
        })
        .collect()
}

fn cookie_name(common: &Common) -> &'static str {
    match common.security.cookie_mode {
        CookieMode::Secure => "__Host-mn_session",
        CookieMode::Lan => {
            warn!(
                "Session cookies are sent over plain http (`security.cookie_mode = lan`): use this in a trusted network only"
            );
            "mn_session"
        }
    }
}

async fn prune(limits: Arc<Limits>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_mins(1)) => limits.prune(),
            () = stop.cancelled() => return,
        }
    }
}
