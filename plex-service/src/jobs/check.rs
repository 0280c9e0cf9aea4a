//! Asks every server now and then whether it is there and takes its token.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{pause, report};
use crate::{Error, app::AppState, servers, store};

pub(super) async fn run(state: Arc<AppState>, stop: CancellationToken) {
    let never = Notify::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            done = check_all(&state) => report("Checking the servers", done),
        }
        if !pause(&never, state.config.check_interval(), &stop).await {
            return;
        }
    }
}

async fn check_all(state: &AppState) -> Result<(), Error> {
    let rows = state.db.run(store::servers::list).await?;
    let checks = rows.iter().map(|server| servers::check(state, server));
    join_all(checks).await.into_iter().collect()
}
