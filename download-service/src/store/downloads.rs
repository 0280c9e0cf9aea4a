//! The table `downloads`.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, Insertable,
    NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable,
    SelectableHelper, TextExpressionMethods, delete, insert_into, update,
};
use shared_db::{AnyConn, Error as DbError, Id, Json, Ts, dialect, on_db};
use shared_types::{
    event::Progress,
    ids::{DownloadId, LibraryId, UserId},
};

use super::schema::downloads;
use crate::{error::Error, library::Target, state::DownloadState};

/// A download as it is stored.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = downloads)]
pub(crate) struct DownloadRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) url: String,
    pub(crate) title: Option<String>,
    pub(crate) state: String,
    pub(crate) preset: String,
    pub(crate) library_id: Option<Id>,
    pub(crate) collection: Option<String>,
    pub(crate) priority: i32,
    pub(crate) item_count: i32,
    pub(crate) items_done: i32,
    pub(crate) items_failed: i32,
    pub(crate) progress: Option<Json>,
    pub(crate) error_class: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) plex_url: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) plex_folder: Option<String>,
    pub(crate) created_at: Ts,
    pub(crate) started_at: Option<Ts>,
    pub(crate) finished_at: Option<Ts>,
    pub(crate) updated_at: Ts,
}

impl DownloadRow {
    /// Its id.
    pub(crate) fn download_id(&self) -> DownloadId {
        self.id.into()
    }

    /// Its owner.
    pub(crate) fn owner(&self) -> UserId {
        self.user_id.into()
    }

    /// The library, once it is known.
    pub(crate) fn library(&self) -> Option<LibraryId> {
        self.library_id.map(Into::into)
    }

    /// The state; a row of a newer version counts as failed.
    pub(crate) fn state(&self) -> DownloadState {
        self.state.parse().unwrap_or(DownloadState::Failed)
    }

    /// The title for people.
    pub(crate) fn title_or_url(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.url)
    }

    /// Where its files go, once that is fixed.
    pub(crate) fn target(&self) -> Option<Target> {
        let (folder, plex_folder) = (self.folder.as_ref()?, self.plex_folder.as_ref()?);
        Some(Target {
            library_id: self.library(),
            folder: folder.into(),
            plex_folder: plex_folder.into(),
        })
    }
}

/// Which downloads a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Only this person's.
    pub(crate) owner: Option<UserId>,
    /// Only in this state.
    pub(crate) state: Option<DownloadState>,
    /// Only with this text in the title or the link.
    pub(crate) text: Option<String>,
    /// Only older than this one.
    pub(crate) before: Option<DownloadId>,
}

/// Stores a new download.
pub(crate) fn insert_download(conn: &mut AnyConn, row: &DownloadRow) -> Result<(), DbError> {
    on_db!(conn, c => insert_into(downloads::table).values(row).execute(c))?;
    Ok(())
}

/// A download, whoever owns it.
pub(crate) fn find_any(conn: &mut AnyConn, id: DownloadId) -> Result<Option<DownloadRow>, DbError> {
    Ok(on_db!(conn, c => downloads::table
        .find(Id::from(id))
        .select(DownloadRow::as_select())
        .first(c)
        .optional())?)
}

/// A download of this owner; `None` for the owner means anybody's.
pub(crate) fn find_visible(
    conn: &mut AnyConn,
    owner: Option<UserId>,
    id: DownloadId,
) -> Result<DownloadRow, Error> {
    let row = find_any(conn, id)?.ok_or(Error::NotFound)?;
    match owner {
        Some(owner) if row.owner() != owner => Err(Error::NotFound),
        _ => Ok(row),
    }
}

/// Locks a download for the rest of the transaction, so that its items are counted by one worker at a time.
pub(crate) fn lock(
    conn: &mut AnyConn,
    id: DownloadId,
    now: DateTime<Utc>,
) -> Result<DownloadRow, Error> {
    let touched = on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set(downloads::updated_at.eq(Ts::from(now)))
        .returning(DownloadRow::as_returning())
        .get_result(c)
        .optional())
    .map_err(DbError::from)?;
    touched.ok_or(Error::NotFound)
}

/// Newest first; one row more than `limit`.
pub(crate) fn list_downloads(
    conn: &mut AnyConn,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<DownloadRow>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let pattern = filter
        .text
        .as_deref()
        .map(|text| dialect::like_anywhere(&text.to_lowercase()));
    Ok(on_db!(conn, c => {
        let mut query = downloads::table.select(DownloadRow::as_select()).into_boxed();
        if let Some(owner) = filter.owner {
            query = query.filter(downloads::user_id.eq(Id::from(owner)));
        }
        if let Some(state) = filter.state {
            query = query.filter(downloads::state.eq(state.as_str()));
        }
        if let Some(pattern) = &pattern {
            let in_title = dialect::lower(downloads::title.assume_not_null()).like(pattern.clone()).escape('\\');
            let in_url = dialect::lower(downloads::url).like(pattern.clone()).escape('\\');
            query = query.filter(in_url.or(downloads::title.is_not_null().and(in_title)));
        }
        if let Some(before) = filter.before {
            query = query.filter(downloads::id.lt(Id::from(before)));
        }
        query.order(downloads::id.desc()).limit(limit).load(c)
    })?)
}

/// Moves a download to another state.
pub(crate) fn update_state(
    conn: &mut AnyConn,
    id: DownloadId,
    state: DownloadState,
) -> Result<(), DbError> {
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set(downloads::state.eq(state.as_str()))
        .execute(c))?;
    Ok(())
}

/// Notes that the first worker began.
pub(crate) fn update_started(
    conn: &mut AnyConn,
    id: DownloadId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set(downloads::started_at.eq(Ts::from(now)))
        .execute(c))?;
    Ok(())
}

/// Notes or clears the end; clearing also takes the progress away.
pub(crate) fn update_finished(
    conn: &mut AnyConn,
    id: DownloadId,
    at: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set((downloads::finished_at.eq(at.map(Ts::from)), downloads::progress.eq(None::<Json>)))
        .execute(c))?;
    Ok(())
}

/// Notes or clears the error.
pub(crate) fn update_error(
    conn: &mut AnyConn,
    id: DownloadId,
    error: Option<(&str, &str)>,
) -> Result<(), DbError> {
    let (class, message) = error.unzip();
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set((downloads::error_class.eq(class), downloads::error_message.eq(message)))
        .execute(c))?;
    Ok(())
}

/// Notes the title.
pub(crate) fn update_title(conn: &mut AnyConn, id: DownloadId, title: &str) -> Result<(), DbError> {
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set(downloads::title.eq(title))
        .execute(c))?;
    Ok(())
}

/// Notes the collection that the files are added to.
pub(crate) fn update_collection(
    conn: &mut AnyConn,
    id: DownloadId,
    name: &str,
) -> Result<(), DbError> {
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set(downloads::collection.eq(name))
        .execute(c))?;
    Ok(())
}

/// Fixes where the files go.
pub(crate) fn update_target(
    conn: &mut AnyConn,
    id: DownloadId,
    target: &Target,
) -> Result<(), DbError> {
    let changes = (
        downloads::library_id.eq(target.library_id.map(Id::from)),
        downloads::folder.eq(target.folder.to_string_lossy().into_owned()),
        downloads::plex_folder.eq(target.plex_folder.to_string_lossy().into_owned()),
    );
    on_db!(conn, c => update(downloads::table.find(Id::from(id))).set(changes).execute(c))?;
    Ok(())
}

/// Notes how far it is.
pub(crate) fn update_progress(
    conn: &mut AnyConn,
    id: DownloadId,
    progress: &Progress,
) -> Result<(), DbError> {
    let progress = Json::of(progress)?;
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set(downloads::progress.eq(progress))
        .execute(c))?;
    Ok(())
}

/// Notes how many of its items there are, are done, and have failed.
pub(crate) fn update_counts(
    conn: &mut AnyConn,
    id: DownloadId,
    (items, done, failed): (i32, i32, i32),
) -> Result<(), DbError> {
    let changes = (
        downloads::item_count.eq(items),
        downloads::items_done.eq(done),
        downloads::items_failed.eq(failed),
    );
    on_db!(conn, c => update(downloads::table.find(Id::from(id))).set(changes).execute(c))?;
    Ok(())
}

/// Notes where Plex shows it.
pub(crate) fn update_plex_url(
    conn: &mut AnyConn,
    id: DownloadId,
    url: &str,
) -> Result<(), DbError> {
    on_db!(conn, c => update(downloads::table.find(Id::from(id)))
        .set(downloads::plex_url.eq(url))
        .execute(c))?;
    Ok(())
}

/// Forgets a download with everything that belongs to it.
pub(crate) fn delete_download(conn: &mut AnyConn, id: DownloadId) -> Result<(), DbError> {
    on_db!(conn, c => delete(downloads::table.find(Id::from(id))).execute(c))?;
    Ok(())
}

/// Forgets a person's downloads.
pub(crate) fn delete_of_user(conn: &mut AnyConn, user: UserId) -> Result<(), DbError> {
    let owned = downloads::table.filter(downloads::user_id.eq(Id::from(user)));
    on_db!(conn, c => delete(owned).execute(c))?;
    Ok(())
}

/// The folders that hold files, for cleaning up after crashes.
pub(crate) fn list_folders(conn: &mut AnyConn) -> Result<Vec<String>, DbError> {
    let folders: Vec<Option<String>> = on_db!(conn, c => downloads::table
        .filter(downloads::folder.is_not_null())
        .select(downloads::folder)
        .distinct()
        .load(c))?;
    Ok(folders.into_iter().flatten().collect())
}
