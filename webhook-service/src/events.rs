//! What the service listens to: events that people want to know of, and who the people are.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use shared_db::{AnyConn, Db, inbox, outbox};
use shared_types::{
    Clock,
    bus::{Handler, Outcome},
    event::{Event, Fact, NotificationCreated, UserCreated, UserDeleted, UserUpdated},
    ids::{NotificationId, UserId},
};

use crate::{
    app::NAME,
    error::Error,
    notify::{self, Audience, Message},
    store::{
        notifications::{self, NotificationRow},
        people,
    },
};

/// Turns events into notifications.
pub(crate) const NOTIFIER: &str = "webhook-service.notifications";
pub(crate) const NOTIFIER_TOPICS: [&str; 6] = [
    "download.in_plex.v1",
    "download.failed.v1",
    "plex.server_down.v1",
    "request.available.v1",
    "media.added.v1",
    "service.down.v1",
];
/// Learns who is an administrator.
pub(crate) const PEOPLE: &str = "webhook-service.people";
pub(crate) const PEOPLE_TOPICS: [&str; 3] =
    ["user.created.v1", "user.updated.v1", "user.deleted.v1"];

/// How long a database that is away is left alone.
const PAUSE: Duration = Duration::from_secs(2);

/// The consumer behind [`NOTIFIER`].
#[derive(Debug)]
pub(crate) struct Notifier {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The consumer behind [`PEOPLE`].
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Handler for Notifier {
    async fn handle(&self, event: &Event) -> Outcome {
        let message = match notify::message(event) {
            Ok(Some(message)) => message,
            Ok(None) => return Outcome::Done,
            Err(err) => return dead(&err),
        };
        let (event, clock) = (event.clone(), Arc::clone(&self.clock));
        let told = self.db.tx(move |conn| {
            if !inbox::claim(conn, NOTIFIER, event.id, clock.now())? {
                return Ok(());
            }
            for user in recipients(conn, message.audience)? {
                write(conn, &*clock, &event, user, &message)?;
            }
            Ok::<_, Error>(())
        });
        outcome(told.await)
    }
}

fn recipients(conn: &mut AnyConn, audience: Audience) -> Result<Vec<UserId>, Error> {
    match audience {
        Audience::Person(user) => Ok(vec![user]),
        Audience::Admins => Ok(people::list_admins(conn)?),
    }
}

fn write(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    event: &Event,
    user: UserId,
    message: &Message,
) -> Result<(), Error> {
    let row = NotificationRow {
        id: NotificationId::generate(clock),
        user_id: user,
        event_id: event.id.into(),
        kind: message.kind.clone(),
        title: message.title.clone(),
        body: message.body.clone(),
        link: message.link.clone(),
        created_at: clock.now().into(),
        read_at: None,
    };
    let fact = NotificationCreated {
        notification_id: row.id,
        user_id: user,
        kind: row.kind.clone(),
        title: row.title.clone(),
        body: row.body.clone(),
    };
    notifications::insert_notification(conn, row)?;
    let created = Event::new(clock, NAME, &fact).with_traceparent(event.traceparent.clone());
    Ok(outbox::append(conn, &created)?)
}

#[async_trait]
impl Handler for People {
    async fn handle(&self, event: &Event) -> Outcome {
        let (event, clock) = (event.clone(), Arc::clone(&self.clock));
        let learned = self.db.tx(move |conn| {
            if inbox::claim(conn, PEOPLE, event.id, clock.now())? {
                learn(conn, &event)?;
            }
            Ok::<_, Error>(())
        });
        outcome(learned.await)
    }
}

fn learn(conn: &mut AnyConn, event: &Event) -> Result<(), Error> {
    let broken = |err: serde_json::Error| Error::Db(err.into());
    match event.kind.as_str() {
        UserCreated::TYPE => {
            let fact: UserCreated = event.fact().map_err(broken)?;
            people::upsert_person(conn, fact.user_id, fact.role)?;
        }
        UserUpdated::TYPE => {
            let fact: UserUpdated = event.fact().map_err(broken)?;
            people::upsert_person(conn, fact.user_id, fact.role)?;
        }
        UserDeleted::TYPE => {
            let fact: UserDeleted = event.fact().map_err(broken)?;
            people::delete_person(conn, fact.user_id)?;
            notifications::delete_for_user(conn, fact.user_id)?;
        }
        _ => {}
    }
    Ok(())
}

fn outcome(result: Result<(), Error>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(Error::Db(shared_db::Error::Json(err))) => dead(&err),
        Err(err) => Outcome::Retry {
            after: PAUSE,
            reason: err.to_string(),
        },
    }
}

fn dead(err: &serde_json::Error) -> Outcome {
    Outcome::Dead {
        reason: format!("the event is not what its type says: {err}"),
    }
}
