//! Owner of background tasks: each has a name, hears the stop token, and is missed when it ends with a panic.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, error, info_span, warn};

/// Spawns tasks and stops them. Clones share the same tasks.
#[derive(Debug, Clone, Default)]
pub struct Supervisor {
    tasks: TaskTracker,
    stop: CancellationToken,
    failed: Arc<Mutex<Vec<String>>>,
}

impl Supervisor {
    /// A supervisor without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when the process should stop.
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs a task until it ends. A panic is logged and makes [`Supervisor::failed_tasks`] name it.
    ///
    /// The task is polled once before this returns, so that a consumer is registered by the time its service is built.
    pub fn spawn<F>(&self, name: &str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let span = info_span!(parent: None, "task", task = name);
        let mut task = Box::pin(AssertUnwindSafe(task.instrument(span)).catch_unwind());
        let first = (&mut task).now_or_never();
        let (failed, name) = (Arc::clone(&self.failed), name.to_owned());
        self.tasks.spawn(async move {
            let result = match first {
                Some(result) => result,
                None => task.await,
            };
            if result.is_err() {
                error!("The background task `{name}` panicked; restart the process");
                failed
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(name);
            }
        });
    }

    /// Names of tasks that ended with a panic: the process is not ready any more.
    pub fn failed_tasks(&self) -> Vec<String> {
        self.failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Tells every task to stop and waits for them, at most `grace`.
    pub async fn shut_down(&self, grace: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait())
            .await
            .is_err()
        {
            warn!(
                "Some background tasks did not stop within {} s",
                grace.as_secs()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panicking_task_is_named_and_the_others_stop_in_order() {
        let supervisor = Supervisor::new();
        let stop = supervisor.stop_token();
        supervisor.spawn("steady", async move { stop.cancelled().await });
        supervisor.spawn("broken", async { panic!("on purpose") });
        supervisor.shut_down(Duration::from_secs(5)).await;
        assert_eq!(supervisor.failed_tasks(), ["broken"]);
    }
}
