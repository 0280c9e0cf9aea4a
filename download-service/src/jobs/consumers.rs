//! What other services tell us: an item appeared in Plex, a person is gone.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use shared_db::inbox;
use shared_types::{
    bus::{Handler, Outcome},
    event::{Event, Fact, LibraryItemAdded, UserDeleted},
};
use tracing::error;

use crate::{
    app::AppState,
    downloads,
    error::Error,
    store::{downloads as store, usage},
};

const LIBRARY: &str = "download-service.library";
const USERS: &str = "download-service.users";

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Both consumers, to be spawned.
pub(super) fn all(state: &Arc<AppState>) -> [(&'static str, Task); 2] {
    [
        (
            LIBRARY,
            consume(
                state,
                LIBRARY,
                LibraryItemAdded::TYPE,
                Arc::new(OnItemAdded(Arc::clone(state))),
            ),
        ),
        (
            USERS,
            consume(
                state,
                USERS,
                UserDeleted::TYPE,
                Arc::new(OnUserDeleted(Arc::clone(state))),
            ),
        ),
    ]
}

fn consume(
    state: &Arc<AppState>,
    name: &'static str,
    kind: &'static str,
    handler: Arc<dyn Handler>,
) -> Task {
    let (bus, stop) = (Arc::clone(&state.bus), state.supervisor.stop_token());
    Box::pin(async move {
        let topic = kind.trim_start_matches(shared_types::event::TYPE_PREFIX);
        if let Err(err) = bus.consume(name, &[topic], handler, stop).await {
            error!("The consumer `{name}` ended: {err}");
        }
    })
}

struct OnItemAdded(Arc<AppState>);

#[async_trait]
impl Handler for OnItemAdded {
    async fn handle(&self, event: &Event) -> Outcome {
        let fact: LibraryItemAdded = match event.fact() {
            Ok(fact) => fact,
            Err(err) => {
                return Outcome::Dead {
                    reason: err.to_string(),
                };
            }
        };
        let (id, clock) = (event.id, self.0.clock());
        let handled = self.0.db.tx(move |conn| {
            if inbox::claim(conn, LIBRARY, id, clock.now())? {
                downloads::found_in_plex(conn, &*clock, &fact)?;
            }
            Ok(())
        });
        outcome(handled.await)
    }
}

struct OnUserDeleted(Arc<AppState>);

#[async_trait]
impl Handler for OnUserDeleted {
    async fn handle(&self, event: &Event) -> Outcome {
        let user = match event.fact::<UserDeleted>() {
            Ok(fact) => fact.user_id,
            Err(err) => {
                return Outcome::Dead {
                    reason: err.to_string(),
                };
            }
        };
        let (id, now) = (event.id, self.0.clock.now());
        let handled = self.0.db.tx(move |conn| {
            if inbox::claim(conn, USERS, id, now)? {
                // Workers notice at their next write or sign of life, and their directories are swept.
                store::delete_of_user(conn, user)?;
                usage::delete_of_user(conn, user)?;
            }
            Ok(())
        });
        outcome(handled.await)
    }
}

fn outcome(result: Result<(), Error>) -> Outcome {
    match result {
        Ok(()) | Err(Error::NotFound) => Outcome::Done,
        Err(err) => Outcome::Retry {
            after: Duration::from_secs(2),
            reason: err.to_string(),
        },
    }
}
