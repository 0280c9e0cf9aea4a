//! Assembles a service's HTTP server: the same context, limits, health and stop for all.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{
    App, HttpServer,
    middleware::from_fn,
    web::{self, Data, PayloadConfig, ServiceConfig},
};
use tokio_util::sync::CancellationToken;

use crate::{Health, context, health};

/// How a server is assembled.
#[derive(Debug)]
pub struct ServerOptions {
    /// Name in spans and metrics.
    pub service: &'static str,
    /// Worker threads.
    pub workers: usize,
    /// Largest request body unless a route says otherwise, in bytes.
    pub max_body_bytes: usize,
    /// The caller is the gateway or a service: keep its request id and continue its trace.
    pub trusts_caller: bool,
    /// The checks behind `/readyz`.
    pub health: Health,
    /// Stops the server gracefully.
    pub stop: CancellationToken,
}

impl ServerOptions {
    /// The usual options of a service behind the gateway.
    pub fn new(service: &'static str, health: Health, stop: CancellationToken) -> Self {
        Self {
            service,
            workers: 1,
            max_body_bytes: 1024 * 1024,
            trusts_caller: true,
            health,
            stop,
        }
    }
}

/// Serves until the stop token fires, then finishes what is in flight (at most 25 s). `configure` runs once per worker.
pub async fn serve<F>(listener: TcpListener, options: ServerOptions, configure: F) -> io::Result<()>
where
    F: Fn(&mut ServiceConfig) + Send + Clone + 'static,
{
    let context = context::ContextOptions {
        service: options.service,
        trusts_caller: options.trusts_caller,
    };
    let (health, max_body) = (options.health, options.max_body_bytes);
    let server = HttpServer::new(move || {
        let configure = configure.clone();
        App::new()
            .app_data(Data::new(health.clone()))
            .app_data(PayloadConfig::new(max_body))
            .route("/healthz", web::get().to(health::alive))
            .route("/readyz", web::get().to(health::ready))
            .configure(configure)
            .default_service(web::to(context::not_found))
            .wrap(from_fn(move |request, next| {
                context::wrap(context, request, next)
            }))
    })
    .workers(options.workers.max(1))
    .client_request_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(15))
    .shutdown_timeout(25)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let stop = async {
        options.stop.cancelled().await;
        handle.stop(true).await;
    };
    let (served, ()) = futures_util::join!(server, stop);
    served
}
