//! The mirrored items. What people ask for takes a [`Visible`]; functions for jobs say `any` in their names.

use diesel::{insert_into, prelude::*, upsert::excluded};
use shared_db::{AnyConn, Error, Id, Json, dialect::like_anywhere, on_db};
use shared_types::ids::{ItemId, LibraryId};

use super::schema::{collection_items, items};
use crate::visibility::Visible;

/// A mirrored item.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = items)]
#[diesel(treat_none_as_default_value = false)]
pub(crate) struct ItemRow {
    pub(crate) id: Id,
    pub(crate) library_id: Id,
    pub(crate) server_id: Id,
    pub(crate) rating_key: String,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) sort_title: String,
    pub(crate) folded_title: String,
    pub(crate) original_title: Option<String>,
    pub(crate) year: i32,
    pub(crate) parent_key: Option<String>,
    pub(crate) parent_title: Option<String>,
    pub(crate) grandparent_title: Option<String>,
    pub(crate) position: i32,
    pub(crate) parent_position: Option<i32>,
    pub(crate) summary: Option<String>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) child_count: Option<i32>,
    pub(crate) thumb: Option<String>,
    pub(crate) art: Option<String>,
    pub(crate) genres: String,
    pub(crate) details: Json,
    pub(crate) added_at: i64,
    pub(crate) generation: i64,
}

impl ItemRow {
    pub(crate) fn id(&self) -> ItemId {
        self.id.into()
    }
}

/// How a library can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Sort {
    /// By title.
    #[default]
    Title,
    /// Newest first.
    AddedDescending,
    /// Latest year first.
    YearDescending,
    /// Earliest year first.
    Year,
}

/// The place after which a page begins: the sort value and the id of the row before it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct After {
    pub(crate) text: String,
    pub(crate) number: i64,
    pub(crate) id: Id,
}

/// Which items of a library are wanted. Texts are folded already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) kind: String,
    pub(crate) title: Option<String>,
    pub(crate) genre: Option<String>,
    pub(crate) year: Option<i32>,
}

/// The conditions of a [`Filter`] on a boxed query; a macro because the query's type names the back end.
macro_rules! filtered {
    ($query:expr, $library:expr, $filter:expr) => {{
        let mut query = $query
            .filter(items::library_id.eq(Id::from($library)))
            .filter(items::kind.eq($filter.kind.clone()));
        if let Some(title) = &$filter.title {
            query = query.filter(items::folded_title.like(like_anywhere(title)).escape('\\'));
        }
        if let Some(genre) = &$filter.genre {
            let pattern = like_anywhere(&format!("|{genre}|"));
            query = query.filter(items::genres.like(pattern).escape('\\'));
        }
        if let Some(year) = $filter.year {
            query = query.filter(items::year.eq(year));
        }
        query
    }};
}

/// One page of a visible library.
pub(crate) fn list(
    conn: &mut AnyConn,
    visible: &Visible,
    library: LibraryId,
    filter: &Filter,
    sort: Sort,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<ItemRow>, Error> {
    if !visible.has(library) {
        return Ok(Vec::new());
    }
    Ok(on_db!(conn, c => {
        let query = items::table.select(ItemRow::as_select()).into_boxed();
        let mut query = filtered!(query, library, filter).limit(limit);
        query = match sort {
            Sort::Title => query.order((items::sort_title, items::id)),
            Sort::AddedDescending => query.order((items::added_at.desc(), items::id.desc())),
            Sort::YearDescending => query.order((items::year.desc(), items::id.desc())),
            Sort::Year => query.order((items::year, items::id)),
        };
        if let Some(after) = after {
            let year = i32::try_from(after.number).unwrap_or_default();
            query = match sort {
                Sort::Title => query.filter(items::sort_title.gt(after.text.clone())
                    .or(items::sort_title.eq(after.text.clone()).and(items::id.gt(after.id)))),
                Sort::AddedDescending => query.filter(items::added_at.lt(after.number)
                    .or(items::added_at.eq(after.number).and(items::id.lt(after.id)))),
                Sort::YearDescending => query.filter(items::year.lt(year)
                    .or(items::year.eq(year).and(items::id.lt(after.id)))),
                Sort::Year => query.filter(items::year.gt(year)
                    .or(items::year.eq(year).and(items::id.gt(after.id)))),
            };
        }
        query.load(c)
    })?)
}

/// How many items [`list`] gives in all.
pub(crate) fn count(
    conn: &mut AnyConn,
    visible: &Visible,
    library: LibraryId,
    filter: &Filter,
) -> Result<i64, Error> {
    if !visible.has(library) {
        return Ok(0);
    }
    Ok(on_db!(conn, c => {
        let query = items::table.select(diesel::dsl::count_star()).into_boxed();
        filtered!(query, library, filter).first(c)
    })?)
}

/// The newest items of the kind in a visible library.
pub(crate) fn list_newest(
    conn: &mut AnyConn,
    visible: &Visible,
    library: LibraryId,
    kind: &str,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<ItemRow>, Error> {
    let filter = Filter {
        kind: kind.to_owned(),
        ..Filter::default()
    };
    let sort = Sort::AddedDescending;
    list(conn, visible, library, &filter, sort, after, limit)
}

/// One item, if it is in a visible library.
pub(crate) fn find(
    conn: &mut AnyConn,
    visible: &Visible,
    id: ItemId,
) -> Result<Option<ItemRow>, Error> {
    Ok(on_db!(conn, c => items::table
        .find(Id::from(id))
        .filter(items::library_id.eq_any(visible.ids()))
        .select(ItemRow::as_select())
        .first(c)
        .optional())?)
}

/// Those of the given items that are in visible libraries, in no order.
pub(crate) fn list_by_ids(
    conn: &mut AnyConn,
    visible: &Visible,
    ids: &[ItemId],
) -> Result<Vec<ItemRow>, Error> {
    let ids: Vec<Id> = ids.iter().map(|&id| id.into()).collect();
    Ok(on_db!(conn, c => items::table
        .filter(items::id.eq_any(ids))
        .filter(items::library_id.eq_any(visible.ids()))
        .select(ItemRow::as_select())
        .load(c))?)
}

/// The children of an item, in their order.
pub(crate) fn list_children(
    conn: &mut AnyConn,
    visible: &Visible,
    parent: &ItemRow,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<ItemRow>, Error> {
    Ok(on_db!(conn, c => {
        let mut query = items::table
            .select(ItemRow::as_select())
            .into_boxed()
            .filter(items::server_id.eq(parent.server_id))
            .filter(items::parent_key.eq(parent.rating_key.clone()))
            .filter(items::library_id.eq_any(visible.ids()))
            .order((items::position, items::id))
            .limit(limit);
        if let Some(after) = after {
            let position = i32::try_from(after.number).unwrap_or_default();
            query = query.filter(items::position.gt(position)
                .or(items::position.eq(position).and(items::id.gt(after.id))));
        }
        query.load(c)
    })?)
}

/// The visible members of a collection, in its order.
pub(crate) fn list_members(
    conn: &mut AnyConn,
    visible: &Visible,
    collection: Id,
    limit: i64,
) -> Result<Vec<ItemRow>, Error> {
    Ok(on_db!(conn, c => items::table
        .inner_join(collection_items::table)
        .filter(collection_items::collection_id.eq(collection))
        .filter(items::library_id.eq_any(visible.ids()))
        .order((collection_items::position, items::id))
        .limit(limit)
        .select(ItemRow::as_select())
        .load(c))?)
}

/// Stores a page of items; known ones keep their ids.
pub(crate) fn upsert_any(conn: &mut AnyConn, rows: &[ItemRow]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    on_db!(conn, c => insert_into(items::table)
        .values(rows)
        .on_conflict((items::server_id, items::rating_key))
        .do_update()
        .set((
            items::library_id.eq(excluded(items::library_id)),
            items::kind.eq(excluded(items::kind)),
            items::title.eq(excluded(items::title)),
            items::sort_title.eq(excluded(items::sort_title)),
            items::folded_title.eq(excluded(items::folded_title)),
            items::original_title.eq(excluded(items::original_title)),
            items::year.eq(excluded(items::year)),
            items::parent_key.eq(excluded(items::parent_key)),
            items::parent_title.eq(excluded(items::parent_title)),
            items::grandparent_title.eq(excluded(items::grandparent_title)),
            items::position.eq(excluded(items::position)),
            items::parent_position.eq(excluded(items::parent_position)),
            items::summary.eq(excluded(items::summary)),
            items::duration_ms.eq(excluded(items::duration_ms)),
            items::child_count.eq(excluded(items::child_count)),
            items::thumb.eq(excluded(items::thumb)),
            items::art.eq(excluded(items::art)),
            items::genres.eq(excluded(items::genres)),
            items::details.eq(excluded(items::details)),
            items::added_at.eq(excluded(items::added_at)),
            items::generation.eq(excluded(items::generation)),
        ))
        .execute(c))?;
    Ok(())
}

/// Ids by rating key, of those of the given keys that are mirrored.
pub(crate) fn list_any_by_keys(
    conn: &mut AnyConn,
    server: Id,
    keys: &[String],
) -> Result<Vec<(String, Id)>, Error> {
    Ok(on_db!(conn, c => items::table
        .filter(items::server_id.eq(server))
        .filter(items::rating_key.eq_any(keys.to_vec()))
        .select((items::rating_key, items::id))
        .load(c))?)
}

/// Items of the kinds in a library.
pub(crate) fn count_any(conn: &mut AnyConn, library: Id, kinds: &[&str]) -> Result<i64, Error> {
    let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    Ok(on_db!(conn, c => items::table
        .filter(items::library_id.eq(library))
        .filter(items::kind.eq_any(kinds))
        .count()
        .get_result(c))?)
}

/// How many items a sweep saw.
pub(crate) fn count_any_seen(
    conn: &mut AnyConn,
    library: Id,
    kind: &str,
    generation: i64,
) -> Result<i64, Error> {
    Ok(on_db!(conn, c => items::table
        .filter(items::library_id.eq(library))
        .filter(items::kind.eq(kind))
        .filter(items::generation.eq(generation))
        .count()
        .get_result(c))?)
}

/// How many items there are, and how many of them a sweep did not see.
pub(crate) fn count_any_unseen(
    conn: &mut AnyConn,
    library: Id,
    generation: i64,
) -> Result<(i64, i64), Error> {
    let all = items::table.filter(items::library_id.eq(library));
    let unseen = all.filter(items::generation.lt(generation));
    let total = on_db!(conn, c => all.count().get_result(c))?;
    let unseen = on_db!(conn, c => unseen.count().get_result(c))?;
    Ok((total, unseen))
}

/// Removes what a complete sweep did not see.
pub(crate) fn delete_any_unseen(
    conn: &mut AnyConn,
    library: Id,
    generation: i64,
) -> Result<usize, Error> {
    let unseen = items::table
        .filter(items::library_id.eq(library))
        .filter(items::generation.lt(generation));
    Ok(on_db!(conn, c => diesel::delete(unseen).execute(c))?)
}

/// What the search index needs of an item.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = items)]
pub(crate) struct IndexedRow {
    pub(crate) id: Id,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) original_title: Option<String>,
    pub(crate) year: i32,
    pub(crate) details: Json,
}

/// A batch of a library for the search index, in the order of ids.
pub(crate) fn list_any_for_index(
    conn: &mut AnyConn,
    library: Id,
    after: Id,
    limit: i64,
) -> Result<Vec<IndexedRow>, Error> {
    Ok(on_db!(conn, c => items::table
        .filter(items::library_id.eq(library))
        .filter(items::id.gt(after))
        .order(items::id)
        .limit(limit)
        .select(IndexedRow::as_select())
        .load(c))?)
}
