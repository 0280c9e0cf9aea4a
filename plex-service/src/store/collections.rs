//! Mirrored collections and their members.

use diesel::{insert_into, prelude::*, upsert::excluded};
use shared_db::{AnyConn, Error, Id, on_db};
use shared_types::ids::{CollectionId, LibraryId};

use super::schema::{collection_items, collections};
use crate::visibility::Visible;

/// A mirrored collection.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = collections)]
#[diesel(treat_none_as_default_value = false)]
pub(crate) struct CollectionRow {
    pub(crate) id: Id,
    pub(crate) library_id: Id,
    pub(crate) server_id: Id,
    pub(crate) rating_key: String,
    pub(crate) title: String,
    pub(crate) sort_title: String,
    pub(crate) summary: Option<String>,
    pub(crate) is_smart: bool,
    pub(crate) item_count: i64,
    pub(crate) thumb: Option<String>,
    pub(crate) updated_at: i64,
    pub(crate) generation: i64,
}

impl CollectionRow {
    pub(crate) fn id(&self) -> CollectionId {
        self.id.into()
    }
}

/// One page of visible collections by title.
pub(crate) fn list(
    conn: &mut AnyConn,
    visible: &Visible,
    library: Option<LibraryId>,
    after: Option<&(String, Id)>,
    limit: i64,
) -> Result<Vec<CollectionRow>, Error> {
    Ok(on_db!(conn, c => {
        let mut query = collections::table
            .select(CollectionRow::as_select())
            .into_boxed()
            .filter(collections::library_id.eq_any(visible.ids()))
            .order((collections::sort_title, collections::id))
            .limit(limit);
        if let Some(library) = library {
            query = query.filter(collections::library_id.eq(Id::from(library)));
        }
        if let Some((title, id)) = after {
            query = query.filter(collections::sort_title.gt(title.clone())
                .or(collections::sort_title.eq(title.clone()).and(collections::id.gt(*id))));
        }
        query.load(c)
    })?)
}

/// One collection, if it is in a visible library.
pub(crate) fn find(
    conn: &mut AnyConn,
    visible: &Visible,
    id: CollectionId,
) -> Result<Option<CollectionRow>, Error> {
    Ok(on_db!(conn, c => collections::table
        .find(Id::from(id))
        .filter(collections::library_id.eq_any(visible.ids()))
        .select(CollectionRow::as_select())
        .first(c)
        .optional())?)
}

/// A collection by the server's key, for jobs.
pub(crate) fn find_any_by_key(
    conn: &mut AnyConn,
    server: Id,
    key: &str,
) -> Result<Option<CollectionRow>, Error> {
    Ok(on_db!(conn, c => collections::table
        .filter(collections::server_id.eq(server))
        .filter(collections::rating_key.eq(key))
        .select(CollectionRow::as_select())
        .first(c)
        .optional())?)
}

/// Stores a collection and gives its id; a known one keeps it.
pub(crate) fn upsert_any(conn: &mut AnyConn, row: &CollectionRow) -> Result<Id, Error> {
    on_db!(conn, c => insert_into(collections::table)
        .values(row)
        .on_conflict((collections::server_id, collections::rating_key))
        .do_update()
        .set((
            collections::library_id.eq(excluded(collections::library_id)),
            collections::title.eq(excluded(collections::title)),
            collections::sort_title.eq(excluded(collections::sort_title)),
            collections::summary.eq(excluded(collections::summary)),
            collections::is_smart.eq(excluded(collections::is_smart)),
            collections::item_count.eq(excluded(collections::item_count)),
            collections::thumb.eq(excluded(collections::thumb)),
            collections::updated_at.eq(excluded(collections::updated_at)),
            collections::generation.eq(excluded(collections::generation)),
        ))
        .execute(c))?;
    Ok(on_db!(conn, c => collections::table
        .filter(collections::server_id.eq(row.server_id))
        .filter(collections::rating_key.eq(&row.rating_key))
        .select(collections::id)
        .first(c))?)
}

/// How many members of a collection are mirrored.
pub(crate) fn count_any_members(conn: &mut AnyConn, collection: Id) -> Result<i64, Error> {
    Ok(on_db!(conn, c => collection_items::table
        .filter(collection_items::collection_id.eq(collection))
        .count()
        .get_result(c))?)
}

/// Replaces the members of a collection.
pub(crate) fn replace_any_members(
    conn: &mut AnyConn,
    collection: Id,
    members: &[Id],
) -> Result<(), Error> {
    let old = collection_items::table.filter(collection_items::collection_id.eq(collection));
    on_db!(conn, c => diesel::delete(old).execute(c))?;
    add_any_members(conn, collection, members)
}

/// Adds members behind those that are there; known ones stay where they are.
pub(crate) fn add_any_members(
    conn: &mut AnyConn,
    collection: Id,
    members: &[Id],
) -> Result<(), Error> {
    let first = count_any_members(conn, collection)?;
    for (chunk, members) in members.chunks(500).enumerate() {
        let rows: Vec<_> = members
            .iter()
            .enumerate()
            .map(|(offset, &item)| {
                let position = first + i64::try_from(chunk * 500 + offset).unwrap_or_default();
                (
                    collection_items::collection_id.eq(collection),
                    collection_items::item_id.eq(item),
                    collection_items::position.eq(i32::try_from(position).unwrap_or(i32::MAX)),
                )
            })
            .collect();
        on_db!(conn, c => insert_into(collection_items::table)
            .values(&rows)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// How many collections there are in a library, and how many of them a sweep did not see.
pub(crate) fn count_any_unseen(
    conn: &mut AnyConn,
    library: Id,
    generation: i64,
) -> Result<(i64, i64), Error> {
    let all = collections::table.filter(collections::library_id.eq(library));
    let unseen = all.filter(collections::generation.lt(generation));
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
    let unseen = collections::table
        .filter(collections::library_id.eq(library))
        .filter(collections::generation.lt(generation));
    Ok(on_db!(conn, c => diesel::delete(unseen).execute(c))?)
}
