//! The life of a download: what people do to it, what workers report, and how the states of its items make up its own.

use std::path::Path;

use chrono::{DateTime, Utc};
use shared_db::{AnyConn, idempotency};
use shared_types::{
    Clock,
    event::LibraryItemAdded,
    ids::{DownloadId, DownloadItemId, EventId, ItemId, LibraryId, UserId},
};
use tracing::info;

use crate::{
    app::AppState,
    config::Quotas,
    error::Error,
    events,
    library::remove_file_and_sidecars,
    link::VideoUrl,
    preset::Preset,
    quota,
    state::{DownloadState, Step},
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

/// Something that a person does to a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Pause,
    Resume,
    Cancel,
    Retry,
}

impl Order {
    const fn step(self) -> Step {
        match self {
            Self::Pause => Step::Pause,
            Self::Resume => Step::Resume,
            Self::Cancel => Step::Cancel,
            Self::Retry => Step::Retry,
        }
    }

    const fn participle(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Cancel => "cancelled",
            Self::Retry => "retried",
        }
    }

    /// Which items it concerns, and where they go.
    const fn items(self) -> (&'static [DownloadState], DownloadState) {
        use DownloadState as S;
        match self {
            Self::Pause => (
                &[S::Queued, S::Probing, S::Downloading, S::Processing],
                S::Paused,
            ),
            Self::Resume => (&[S::Paused], S::Queued),
            Self::Cancel => (
                &[
                    S::Queued,
                    S::Probing,
                    S::Downloading,
                    S::Processing,
                    S::Importing,
                    S::Paused,
                ],
                S::Cancelled,
            ),
            Self::Retry => (&[S::Failed, S::Cancelled], S::Queued),
        }
    }
}

/// Carries out an order of the owner, or of somebody who manages all downloads (`owner` is then `None`).
pub(crate) async fn order(
    state: &AppState,
    owner: Option<UserId>,
    id: DownloadId,
    order: Order,
) -> Result<DownloadRow, Error> {
    let clock = state.clock();
    let row = state
        .db
        .tx(move |conn| obey(conn, &*clock, owner, id, order))
        .await?;
    if matches!(order, Order::Pause | Order::Cancel) {
        state.running.halt(id);
    }
    state.wake();
    Ok(row)
}

fn obey(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    owner: Option<UserId>,
    id: DownloadId,
    order: Order,
) -> Result<DownloadRow, Error> {
    store::find_visible(conn, owner, id)?;
    let now = clock.now();
    let row = store::lock(conn, id, now)?;
    let wrong = Error::WrongState {
        state: row.state(),
        action: order.participle(),
    };
    let Some(after) = row.state().after(order.step()) else {
        return Err(wrong);
    };
    let (from, to) = order.items();
    let changed = items::update_all(conn, id, from, to)?;
    let reannounces = row.state() == DownloadState::Importing;
    if order == Order::Retry && changed == 0 && !reannounces {
        return Err(wrong);
    }
    store::update_state(conn, id, after)?;
    match order {
        Order::Cancel => {
            store::update_finished(conn, id, Some(now))?;
            events::cancelled(conn, clock, &row)?;
        }
        Order::Retry => {
            items::clear_errors(conn, id)?;
            store::update_error(conn, id, None)?;
            store::update_finished(conn, id, None)?;
        }
        Order::Pause | Order::Resume => {}
    }
    settle(conn, clock, id)?;
    Ok(store::find_any(conn, id)?.unwrap_or(row))
}

/// Forgets a download; with `files`, also removes what it brought.
pub(crate) async fn delete(
    state: &AppState,
    owner: Option<UserId>,
    id: DownloadId,
    files: bool,
) -> Result<(), Error> {
    let row = state
        .db
        .run(move |conn| store::find_visible(conn, owner, id))
        .await?;
    if row.state().after(Step::Cancel).is_some() {
        order(state, owner, id, Order::Cancel).await?;
    }
    if files {
        let found = state
            .db
            .run(move |conn| items::list_with_file(conn, id))
            .await;
        let found = found.map_err(Error::Db)?;
        remove_files(&row, found).await?;
    }
    state
        .db
        .tx(move |conn| store::delete_download(conn, id))
        .await
        .map_err(Error::Db)
}

async fn remove_files(row: &DownloadRow, found: Vec<ItemRow>) -> Result<(), Error> {
    let Some(target) = row.target() else {
        return Ok(());
    };
    let removed = tokio::task::spawn_blocking(move || {
        let paths = found
            .iter()
            .filter_map(|item| item.file_path.as_deref())
            .map(Path::new);
        // Only what lies in the download's own folder is ours to remove.
        let mut ours = paths.filter(|path| path.starts_with(&target.folder));
        ours.try_for_each(remove_file_and_sidecars)
    });
    removed.await.map_err(std::io::Error::other)??;
    Ok(())
}

/// Brings a download in line with its items. Call it after every change to them; it locks the download first.
pub(crate) fn settle(conn: &mut AnyConn, clock: &dyn Clock, id: DownloadId) -> Result<(), Error> {
    let now = clock.now();
    let row = store::lock(conn, id, now)?;
    let counts = Counts::of(&items::count_by_state(conn, id)?);
    store::update_counts(conn, id, counts.columns())?;
    if !row.state().is_open() || counts.running > 0 {
        return Ok(());
    }
    if counts.queued > 0 {
        return requeue(conn, id, &row);
    }
    if counts.done == 0 {
        return fail(conn, clock, &row, now);
    }
    if counts.failed > 0 {
        let message = format!(
            "{} of {} videos could not be downloaded; the list of videos says why.",
            counts.failed,
            counts.all()
        );
        store::update_error(conn, id, Some(("partial", &message)))?;
    } else {
        store::update_error(conn, id, None)?;
    }
    announce(conn, clock, &row, now)
}

fn requeue(conn: &mut AnyConn, id: DownloadId, row: &DownloadRow) -> Result<(), Error> {
    if let Some(after) = row.state().after(Step::Requeue) {
        store::update_state(conn, id, after)?;
    }
    Ok(())
}

fn fail(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let id = row.download_id();
    let Some(after) = row.state().after(Step::Fail) else {
        return Ok(());
    };
    let (class, message) = items::find_first_error(conn, id)?.unwrap_or_default();
    let class = class.unwrap_or_else(|| "unknown".to_owned());
    let message = message.unwrap_or_else(|| "The download failed.".to_owned());
    store::update_state(conn, id, after)?;
    store::update_error(conn, id, Some((&class, &message)))?;
    store::update_finished(conn, id, Some(now))?;
    Ok(events::failed(conn, clock, row, (&class, &message))?)
}

/// All files lie in their folder: Plex is told, or nobody needs to be.
fn announce(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let id = row.download_id();
    let files = items::list_with_file(conn, id)?;
    let (known, new): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|item| item.state() == DownloadState::InPlex);
    let step = if row.library_id.is_some() {
        Step::Import
    } else {
        Step::Finish
    };
    let Some(after) = row.state().after(step) else {
        return Ok(());
    };
    store::update_state(conn, id, after)?;
    store::update_finished(conn, id, Some(now))?;
    if new.is_empty() && !known.is_empty() {
        return reach_plex(conn, clock, row.download_id(), None);
    }
    info!(download.id = %id, "Download {id} lies in its folder");
    Ok(events::finished(conn, clock, row, &new)?)
}

/// Plex has an item for one of our files.
pub(crate) fn found_in_plex(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    fact: &LibraryItemAdded,
) -> Result<(), Error> {
    let Some(item) = fact.download_item_id else {
        return Ok(());
    };
    let Some(known) = items::find_item(conn, item)? else {
        return Ok(());
    };
    let id = known.download_id.into();
    store::lock(conn, id, clock.now())?;
    items::update_in_plex(conn, item, fact.item_id)?;
    reach_plex(conn, clock, id, fact.plex_url.as_deref())
}

/// Ends the import when Plex knows every file.
fn reach_plex(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    id: DownloadId,
    plex_url: Option<&str>,
) -> Result<(), Error> {
    let row = store::lock(conn, id, clock.now())?;
    if let (None, Some(url)) = (&row.plex_url, plex_url) {
        store::update_plex_url(conn, id, url)?;
    }
    let files = items::list_with_file(conn, id)?;
    let item_ids: Vec<ItemId> = files
        .iter()
        .filter_map(|item| item.plex_item_id)
        .map(Into::into)
        .collect();
    let Some(after) = row
        .state()
        .after(Step::ReachPlex)
        .filter(|_| item_ids.len() == files.len())
    else {
        return Ok(());
    };
    store::update_state(conn, id, after)?;
    let row = store::find_any(conn, id)?.unwrap_or(row);
    info!(download.id = %id, "Download {id} is in Plex");
    Ok(events::in_plex(conn, clock, &row, item_ids)?)
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    queued: i32,
    running: i32,
    done: i32,
    failed: i32,
    other: i32,
}

impl Counts {
    fn of(by_state: &[(DownloadState, i64)]) -> Self {
        use DownloadState as S;
        let mut counts = Self::default();
        for (state, count) in by_state {
            let count = i32::try_from(*count).unwrap_or(i32::MAX);
            match state {
                S::Queued => counts.queued += count,
                S::Probing | S::Downloading | S::Processing | S::Importing => {
                    counts.running += count;
                }
                S::Finished | S::InPlex => counts.done += count,
                S::Failed => counts.failed += count,
                S::Paused | S::Cancelled => counts.other += count,
            }
        }
        counts
    }

    const fn all(self) -> i32 {
        self.queued + self.running + self.done + self.failed + self.other
    }

    const fn columns(self) -> (i32, i32, i32) {
        (self.all(), self.done, self.failed)
    }
}
