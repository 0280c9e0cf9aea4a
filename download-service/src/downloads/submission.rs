//! A link on its way into the queue: counted, stored and told in one transaction.

use shared_db::{AnyConn, idempotency};
use shared_types::{
    Clock,
    ids::{DownloadId, DownloadItemId, EventId, LibraryId, UserId},
};
use tracing::info;

use crate::{
    app::AppState,
    config::Quotas,
    error::Error,
    events,
    link::VideoUrl,
    preset::Preset,
    quota,
    state::DownloadState,
    store::{
        DownloadRow, ItemRow, downloads as store, items,
        usage::{self, Kind},
    },
    ytdlp::tools::Tools,
};

/// A link with what is wanted of it.
#[derive(Debug, Clone)]
pub(crate) struct Submission {
    pub(crate) url: VideoUrl,
    pub(crate) preset: Preset,
    pub(crate) library_id: Option<LibraryId>,
    /// Absent: named after the playlist. Empty: none.
    pub(crate) collection: Option<String>,
    pub(crate) priority: i32,
}

/// Identifies a repeated request.
#[derive(Debug, Clone)]
pub(crate) struct RequestKey {
    pub(crate) key: String,
    pub(crate) hash: String,
}

/// The answer to a submission.
#[derive(Debug)]
pub(crate) enum Submitted {
    /// It is in the queue.
    New(Box<DownloadRow>),
    /// The same request was answered before, with this.
    Repeated(serde_json::Value),
}

/// Takes a link into the queue. `answer` makes the body that a repetition of the request gets.
pub(crate) async fn submit(
    state: &AppState,
    user: UserId,
    submission: Submission,
    key: Option<RequestKey>,
    answer: fn(&DownloadRow) -> serde_json::Value,
) -> Result<Submitted, Error> {
    Tools::find(&state.config).map_err(|missing| Error::ToolMissing(missing.join(" ")))?;
    if let Some(library) = submission.library_id {
        state.catalog.target(Some(library)).await?;
    }
    let (clock, quotas) = (state.clock(), state.config.quotas.clone());
    let submitted = state
        .db
        .tx(move |conn| {
            let person = Person {
                user,
                quotas: &quotas,
            };
            insert(conn, &*clock, &person, submission, key.as_ref(), answer)
        })
        .await?;
    if let Submitted::New(row) = &submitted {
        info!(download.id = %row.id, user.id = %row.user_id, "Download {} was submitted", row.id);
        state.wake();
    }
    Ok(submitted)
}

struct Person<'a> {
    user: UserId,
    quotas: &'a Quotas,
}

fn insert(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    person: &Person<'_>,
    submission: Submission,
    key: Option<&RequestKey>,
    answer: fn(&DownloadRow) -> serde_json::Value,
) -> Result<Submitted, Error> {
    let now = clock.now();
    // First: two requests of one person, the same or not, are counted one after the other.
    usage::lock_person(conn, person.user, now)?;
    let scope = format!("create_download:{}", person.user);
    if let Some(key) = key {
        match idempotency::find(conn, &scope, &key.key, &key.hash)? {
            idempotency::Lookup::New => {}
            idempotency::Lookup::Same(reply) => return Ok(Submitted::Repeated(reply.body)),
            idempotency::Lookup::Conflict => return Err(Error::IdempotencyConflict),
        }
    }
    quota::check(conn, person.quotas, person.user, now)?;
    let row = new_row(clock, person.user, submission);
    store::insert_download(conn, &row)?;
    let item = ItemRow::queued(DownloadItemId::generate(clock), &row, 1, row.url.clone());
    items::insert_items(conn, &[item])?;
    usage::insert_usage(
        conn,
        EventId::generate(clock),
        person.user,
        (Kind::Download, 1),
        now,
    )?;
    events::requested(conn, clock, &row)?;
    if let Some(key) = key {
        let reply = idempotency::Reply {
            status: 202,
            body: answer(&row),
        };
        idempotency::store(conn, &scope, &key.key, &key.hash, &reply, now)?;
    }
    Ok(Submitted::New(Box::new(row)))
}

fn new_row(clock: &dyn Clock, user: UserId, submission: Submission) -> DownloadRow {
    let now = clock.now().into();
    DownloadRow {
        id: DownloadId::generate(clock).into(),
        user_id: user.into(),
        url: submission.url.as_str().to_owned(),
        title: None,
        state: DownloadState::Queued.as_str().to_owned(),
        preset: submission.preset.as_str().to_owned(),
        library_id: submission.library_id.map(Into::into),
        collection: submission.collection,
        priority: submission.priority,
        item_count: 1,
        items_done: 0,
        items_failed: 0,
        progress: None,
        error_class: None,
        error_message: None,
        plex_url: None,
        folder: None,
        plex_folder: None,
        created_at: now,
        started_at: None,
        finished_at: None,
        updated_at: now,
    }
}
