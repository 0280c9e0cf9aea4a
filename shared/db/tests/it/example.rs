//! The store of an imaginary service: how to write one. The README points here.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::update, insert_into, prelude::*, upsert::excluded};
use shared_db::{AnyConn, Error, Id, Json, Ts, on_db};
use shared_types::{Clock, ids::ItemId};

use crate::support::{TestDb, clock, on_both};

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use shared_db::{IdSql, JsonSql, TsSql};

    films (id) {
        id -> IdSql,
        title -> Text,
        views -> BigInt,
        is_seen -> Bool,
        details -> Nullable<JsonSql>,
        poster -> Nullable<Binary>,
        claimed_at -> Nullable<TsSql>,
        added_at -> TsSql,
    }
}

/// `treat_none_as_default_value = false`: a `None` is stored as `NULL`. SQLite has no `DEFAULT` keyword, so batches with
/// `on_conflict` need it, and other batches are one statement instead of one per row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = films, treat_none_as_default_value = false)]
pub(crate) struct FilmRow {
    /// A typed id: converted on the way in and out. (A `NULL`able one has to be `Option<Id>`.)
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) id: ItemId,
    pub(crate) title: String,
    pub(crate) views: i64,
    pub(crate) is_seen: bool,
    pub(crate) details: Option<Json>,
    pub(crate) poster: Option<Vec<u8>>,
    pub(crate) claimed_at: Option<Ts>,
    pub(crate) added_at: Ts,
}

/// What a change may change: `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = films)]
struct FilmChanges {
    is_seen: Option<bool>,
    details: Option<Json>,
}

/// Optional: `None` when it does not exist.
pub(crate) fn find_film(conn: &mut AnyConn, id: ItemId) -> Result<Option<FilmRow>, Error> {
    Ok(on_db!(conn, c => films::table
        .find(Id::from(id))
        .select(FilmRow::as_select())
        .first(c)
        .optional())?)
}

/// One row, given back as the database keeps it.
pub(crate) fn insert_film(conn: &mut AnyConn, film: FilmRow) -> Result<FilmRow, Error> {
    Ok(on_db!(conn, c => insert_into(films::table)
        .values(film)
        .returning(FilmRow::as_returning())
        .get_result(c))?)
}

/// A page in a stable order: newest first, the id decides between equals. Ask for one more than the page holds to know
/// whether there is a next one.
fn list_films(
    conn: &mut AnyConn,
    after: Option<(Ts, ItemId)>,
    limit: i64,
) -> Result<Vec<FilmRow>, Error> {
    on_db!(conn, c => {
        let mut query = films::table.select(FilmRow::as_select()).into_boxed();
        if let Some((added_at, id)) = after {
            query = query.filter(
                films::added_at.lt(added_at)
                    .or(films::added_at.eq(added_at).and(films::id.lt(Id::from(id)))),
            );
        }
        Ok(query.order((films::added_at.desc(), films::id.desc())).limit(limit).load(c)?)
    })
}

/// Many rows at once: new ones are inserted, known titles are counted up and get the new details.
fn upsert_films(conn: &mut AnyConn, rows: Vec<FilmRow>) -> Result<usize, Error> {
    Ok(on_db!(conn, c => insert_into(films::table)
        .values(rows)
        .on_conflict(films::title)
        .do_update()
        .set((films::views.eq(films::views + 1), films::details.eq(excluded(films::details))))
        .execute(c))?)
}

/// `None` when it does not exist.
fn update_film(
    conn: &mut AnyConn,
    id: ItemId,
    changes: &FilmChanges,
) -> Result<Option<FilmRow>, Error> {
    Ok(on_db!(conn, c => update(films::table.find(Id::from(id)))
        .set(changes)
        .returning(FilmRow::as_returning())
        .get_result(c)
        .optional())?)
}

/// Takes the oldest film that nobody has claimed, or whose claim is older than `stale`. Compare and set: of several
/// workers that see the same row, one update counts.
fn claim_film(
    conn: &mut AnyConn,
    now: DateTime<Utc>,
    stale: TimeDelta,
) -> Result<Option<FilmRow>, Error> {
    let is_free = films::claimed_at.is_null().or(films::claimed_at
        .lt(Ts::from(now - stale))
        .assume_not_null());
    conn.tx(|conn| {
        let id: Option<Id> = on_db!(conn, c => films::table
            .filter(is_free)
            .order((films::added_at, films::id))
            .select(films::id)
            .first(c)
            .optional())?;
        let Some(id) = id else {
            return Ok(None);
        };
        Ok(
            on_db!(conn, c => update(films::table.find(id).filter(is_free))
            .set(films::claimed_at.eq(Some(Ts::from(now))))
            .returning(FilmRow::as_returning())
            .get_result(c)
            .optional())?,
        )
    })
}

pub(crate) fn film(title: &str) -> FilmRow {
    FilmRow {
        id: ItemId::generate(&clock()),
        title: title.to_owned(),
        views: 0,
        is_seen: false,
        details: Some(Json(serde_json::json!({ "year": 1999, "cast": ["Keanu"] }))),
        poster: Some(vec![0, 255, 7]),
        claimed_at: None,
        added_at: clock().now().into(),
    }
}

on_both!(
    a_row_comes_back_as_it_was_written,
    a_second_film_of_the_same_title_names_the_constraint,
    pages_follow_each_other_without_gap_or_repetition,
    upserting_changes_what_is_there_and_adds_the_rest,
    of_many_claimers_each_gets_another_film,
);

async fn a_row_comes_back_as_it_was_written(test: TestDb) {
    let written = film("The Matrix");
    let row = written.clone();
    let (inserted, found) = test
        .db
        .tx(move |conn| {
            let id = row.id;
            Ok::<_, Error>((insert_film(conn, row)?, find_film(conn, id)?))
        })
        .await
        .unwrap();

    assert_eq!(inserted, written);
    assert_eq!(found, Some(written));
}

async fn a_second_film_of_the_same_title_names_the_constraint(test: TestDb) {
    test.db.run(|c| insert_film(c, film("Heat"))).await.unwrap();

    let error = test
        .db
        .run(|c| insert_film(c, film("Heat")))
        .await
        .unwrap_err();

    assert!(
        error.violates(&["films_title_key", "films.title"]),
        "{error:?}"
    );
}

async fn pages_follow_each_other_without_gap_or_repetition(test: TestDb) {
    let films: Vec<_> = (0..7).map(|n| film(&format!("Part {n}"))).collect();
    let mut ids: Vec<_> = films.iter().map(|film| film.id).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));

    let pages = test.db.run(move |conn| {
        upsert_films(conn, films)?;
        let mut seen = Vec::new();
        loop {
            let after = seen.last().map(|film: &FilmRow| (film.added_at, film.id));
            let page = list_films(conn, after, 3)?;
            if page.is_empty() {
                return Ok::<_, Error>(seen);
            }
            seen.extend(page);
        }
    });

    let seen: Vec<_> = pages.await.unwrap().iter().map(|film| film.id).collect();
    assert_eq!(seen, ids);
}

async fn upserting_changes_what_is_there_and_adds_the_rest(test: TestDb) {
    let heat = film("Heat");
    let id = heat.id;
    let changed = test.db.tx(move |conn| {
        insert_film(conn, heat)?;
        let newer = FilmRow {
            details: None,
            ..film("Heat")
        };
        upsert_films(conn, vec![newer, film("Ronin")])?;
        let changes = FilmChanges {
            is_seen: Some(true),
            ..FilmChanges::default()
        };
        update_film(conn, id, &changes)
    });

    let heat = changed.await.unwrap().unwrap();
    assert_eq!((heat.views, heat.is_seen, heat.details), (1, true, None));
    let all = test
        .db
        .run(|conn| list_films(conn, None, 10))
        .await
        .unwrap();
    assert_eq!(all.len(), 2);
}

async fn of_many_claimers_each_gets_another_film(test: TestDb) {
    let films: Vec<_> = (0..20).map(|n| film(&format!("Part {n}"))).collect();
    test.db.run(|conn| upsert_films(conn, films)).await.unwrap();

    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let db = test.db.clone();
        workers.spawn(async move {
            let mut claimed = Vec::new();
            // A lost race looks like "nothing left" to its loser, so everyone asks more often than needed.
            for _ in 0..20 {
                let work =
                    |conn: &mut AnyConn| claim_film(conn, clock().now(), TimeDelta::minutes(1));
                claimed.extend(db.run(work).await.unwrap().map(|film| film.id));
            }
            claimed
        });
    }

    let mut claimed = workers.join_all().await.concat();
    claimed.sort_unstable();
    let count = claimed.len();
    claimed.dedup();
    assert_eq!((claimed.len(), count), (20, 20));
}
