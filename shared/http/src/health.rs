//! `/healthz` (the process is alive) and `/readyz` (it can serve; names what fails otherwise).

use std::{fmt, future::Future, sync::Arc, time::Duration};

use actix_web::{HttpResponse, web::Data};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;

type Check = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// The checks behind `/readyz`.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Vec<(&'static str, Check)>>,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.checks.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Health {
    /// No checks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check. Call it while building, before the first clone.
    #[must_use]
    pub fn with<F, Fut>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        let checks =
            Arc::get_mut(&mut self.checks).expect("checks are added before health is shared");
        checks.push((name, Box::new(move || check().boxed())));
        self
    }

    /// Names of the parts that fail right now; a check that takes over two seconds fails.
    pub async fn failing(&self) -> Vec<&'static str> {
        let runs = self.checks.iter().map(|(name, check)| async move {
            let healthy = tokio::time::timeout(Duration::from_secs(2), check()).await;
            (!healthy.unwrap_or(false)).then_some(*name)
        });
        futures_util::future::join_all(runs)
            .await
            .into_iter()
            .flatten()
            .collect()
    }
}

pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "alive"}))
}

pub(crate) async fn ready(health: Data<Health>) -> HttpResponse {
    let failing = health.failing().await;
    if failing.is_empty() {
        return HttpResponse::Ok().json(json!({"status": "ready"}));
    }
    HttpResponse::ServiceUnavailable().json(json!({"status": "not-ready", "failing": failing}))
}
