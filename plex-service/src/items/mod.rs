//! Items: lists, detail and children, always within what a person may see.

mod convert;
mod detail;

use shared_types::{
    ids::{ItemId, LibraryId},
    page::{decode_cursor, encode_cursor},
};

use crate::{
    Error,
    app::AppState,
    search::text::fold,
    store::{
        self,
        items::{After, Filter, ItemRow, Sort},
        libraries::LibraryRow,
    },
    visibility::Visible,
};

pub(crate) use convert::item_row;
pub(crate) use detail::{CastMember, Detail, Details, ExternalIds, MediaVersion, find_detail};

/// Kinds that stand for themselves in a library, by the library's kind.
pub(crate) fn top_kind(library_kind: &str) -> Option<&'static str> {
    match library_kind {
        "movie" => Some("movie"),
        "show" => Some("show"),
        "artist" => Some("artist"),
        _ => None,
    }
}

/// What people think of as one new thing, by the library's kind.
fn recent_kind(library_kind: &str) -> Option<&'static str> {
    match library_kind {
        "artist" => Some("album"),
        other => top_kind(other),
    }
}

/// Kinds that a list may ask for.
const KINDS: [&str; 7] = [
    "movie", "show", "season", "episode", "artist", "album", "track",
];

/// What a list of a library asks for.
#[derive(Debug, Default)]
pub(crate) struct ListItems {
    pub(crate) kind: Option<String>,
    pub(crate) sort: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) genre: Option<String>,
    pub(crate) year: Option<i32>,
    pub(crate) cursor: Option<String>,
    pub(crate) limit: usize,
}

/// One page, and how many there are in all where that is known.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) rows: Vec<ItemRow>,
    pub(crate) next_cursor: Option<String>,
    pub(crate) total: i64,
}

/// A page of a library.
pub(crate) async fn list(
    state: &AppState,
    visible: &Visible,
    library: LibraryId,
    wanted: ListItems,
) -> Result<Listed, Error> {
    let visible = visible.clone();
    let library = find_library(state, &visible, library).await?;
    let sort = parse_sort(wanted.sort.as_deref())?;
    let filter = filter(&library, &wanted)?;
    let after = parse_cursor(wanted.cursor.as_deref())?;
    let (id, limit) = (library.id(), wanted.limit);
    let (rows, total) = state
        .db
        .run(move |conn| {
            let rows = store::items::list(
                conn,
                &visible,
                id,
                &filter,
                sort,
                after.as_ref(),
                fetched(limit),
            )?;
            Ok::<_, Error>((rows, store::items::count(conn, &visible, id, &filter)?))
        })
        .await?;
    let (rows, next_cursor) = cut(rows, limit, |last| match sort {
        Sort::Title => (last.sort_title.clone(), 0),
        Sort::AddedDescending => (String::new(), last.added_at),
        Sort::Year | Sort::YearDescending => (String::new(), i64::from(last.year)),
    });
    Ok(Listed {
        rows,
        next_cursor,
        total,
    })
}

/// The newest items of all visible libraries.
pub(crate) async fn list_recent(
    state: &AppState,
    visible: &Visible,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<ItemRow>, Option<String>), Error> {
    let after = parse_cursor(cursor)?;
    let visible = visible.clone();
    let mut rows = state
        .db
        .run(move |conn| {
            let mut rows = Vec::new();
            // One short read of an index for each library is faster than one over all of them.
            for library in visible.filter(store::libraries::list_all(conn)?) {
                if let Some(kind) = recent_kind(&library.kind) {
                    let (id, after) = (library.id(), after.as_ref());
                    rows.extend(store::items::list_newest(
                        conn,
                        &visible,
                        id,
                        kind,
                        after,
                        fetched(limit),
                    )?);
                }
            }
            Ok::<_, Error>(rows)
        })
        .await?;
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.added_at, row.id)));
    Ok(cut(rows, limit, |last| (String::new(), last.added_at)))
}

/// The seasons of a show, the episodes of a season, the albums of an artist.
pub(crate) async fn list_children(
    state: &AppState,
    visible: &Visible,
    parent: ItemId,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<ItemRow>, Option<String>), Error> {
    let after = parse_cursor(cursor)?;
    let visible = visible.clone();
    let rows = state
        .db
        .run(move |conn| {
            let parent = store::items::find(conn, &visible, parent)?.ok_or(NO_ITEM)?;
            let after = after.as_ref();
            Ok::<_, Error>(store::items::list_children(
                conn,
                &visible,
                &parent,
                after,
                fetched(limit),
            )?)
        })
        .await?;
    Ok(cut(rows, limit, |last| {
        (String::new(), i64::from(last.position))
    }))
}

/// A library, if the person may see it.
pub(crate) async fn find_library(
    state: &AppState,
    visible: &Visible,
    id: LibraryId,
) -> Result<LibraryRow, Error> {
    const NO_LIBRARY: Error = Error::NotFound("library");
    if !visible.has(id) {
        return Err(NO_LIBRARY);
    }
    state
        .db
        .run(move |conn| store::libraries::find_any(conn, id))
        .await?
        .ok_or(NO_LIBRARY)
}

/// 404 for items that do not exist and for those that a person may not know of.
pub(crate) const NO_ITEM: Error = Error::NotFound("item");

fn parse_sort(sort: Option<&str>) -> Result<Sort, Error> {
    match sort {
        None | Some("title") => Ok(Sort::Title),
        Some("-added_at") => Ok(Sort::AddedDescending),
        Some("-year") => Ok(Sort::YearDescending),
        Some("year") => Ok(Sort::Year),
        Some(_) => Err(Error::InvalidField {
            pointer: "#/sort",
            code: "sort",
            message: "`sort` is one of `title`, `-added_at`, `-year`, `year`.".to_owned(),
        }),
    }
}

fn filter(library: &LibraryRow, wanted: &ListItems) -> Result<Filter, Error> {
    let kind = match &wanted.kind {
        Some(kind) if KINDS.contains(&kind.as_str()) => kind.clone(),
        Some(_) => {
            return Err(Error::InvalidField {
                pointer: "#/type",
                code: "type",
                message: format!("`type` is one of {}.", KINDS.join(", ")),
            });
        }
        None => top_kind(&library.kind).unwrap_or_default().to_owned(),
    };
    let folded = |text: &Option<String>| {
        let text = text.as_deref().map(fold);
        text.filter(|text| !text.is_empty())
    };
    Ok(Filter {
        kind,
        title: folded(&wanted.title),
        genre: folded(&wanted.genre),
        year: wanted.year,
    })
}

pub(crate) fn parse_cursor(cursor: Option<&str>) -> Result<Option<After>, Error> {
    cursor
        .map(|cursor| decode_cursor(cursor).map_err(|_invalid| Error::InvalidCursor))
        .transpose()
}

/// One more than a page, to know whether there is a next one.
pub(crate) fn fetched(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
}

fn cut(
    mut rows: Vec<ItemRow>,
    limit: usize,
    key: impl FnOnce(&ItemRow) -> (String, i64),
) -> (Vec<ItemRow>, Option<String>) {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more);
    let next_cursor = last.map(|last| {
        let (text, number) = key(last);
        encode_cursor(&After {
            text,
            number,
            id: last.id,
        })
    });
    (rows, next_cursor)
}
