//! Units of work.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, connection::SimpleConnection, dsl::update};
use shared_db::{AnyConn, Db, DbOptions, Error, Id, on_db};
use shared_types::ids::ItemId;
use tokio::task::JoinSet;

use crate::{
    example::{FilmRow, film, films, find_film, insert_film},
    support::{MIGRATIONS, TestDb, on_both},
};

on_both!(
    an_error_takes_back_the_whole_transaction,
    a_failed_inner_transaction_leaves_the_outer_one_alive,
    six_writers_of_two_processes_lose_nothing,
    a_panic_reaches_the_caller_and_leaves_nothing_behind,
    the_database_answers_a_ping,
);

async fn an_error_takes_back_the_whole_transaction(test: TestDb) {
    let film = film("Heat");
    let id = film.id;

    let result = test.db.tx(move |conn| {
        insert_film(conn, film.clone())?;
        insert_film(conn, film)
    });

    assert!(result.await.unwrap_err().is_unique_violation().is_some());
    let found = test.db.run(move |conn| find_film(conn, id)).await.unwrap();
    assert_eq!(found, None);
}

async fn a_failed_inner_transaction_leaves_the_outer_one_alive(test: TestDb) {
    let kept = test.db.tx(|conn| {
        let outer = insert_film(conn, film("Heat"))?;
        let inner = conn.tx(|conn| {
            insert_film(conn, film("Ronin"))?;
            insert_film(conn, film("Heat"))
        });
        assert!(inner.is_err());
        Ok::<_, Error>(outer.id)
    });
    let kept = kept.await.unwrap();

    let titles = test.db.run(|conn| {
        Ok::<Vec<String>, Error>(on_db!(conn, c => films::table.select(films::title).load(c))?)
    });
    assert_eq!(titles.await.unwrap(), ["Heat"]);
    assert!(
        test.db
            .run(move |c| find_film(c, kept))
            .await
            .unwrap()
            .is_some()
    );
}

/// Reads, then writes what it read plus one: without the lock from the start, updates would get lost or refused.
fn count_view(conn: &mut AnyConn, id: ItemId) -> Result<(), Error> {
    let id = Id::from(id);
    let views: i64 = match conn {
        AnyConn::Pg(c) => films::table
            .find(id)
            .select(films::views)
            .for_update()
            .first(c)?,
        AnyConn::Sqlite(c) => films::table.find(id).select(films::views).first(c)?,
    };
    on_db!(conn, c => update(films::table.find(id)).set(films::views.eq(views + 1)).execute(c))?;
    Ok(())
}

async fn six_writers_of_two_processes_lose_nothing(test: TestDb) {
    let film = film("Heat");
    let id = film.id;
    test.db.run(|conn| insert_film(conn, film)).await.unwrap();
    let replica = test.replica().await;

    let mut writers = JoinSet::new();
    for n in 0..6 {
        let db: Db = if n % 2 == 0 { &test.db } else { &replica }.clone();
        writers.spawn(async move {
            for _ in 0..25 {
                db.tx(move |conn| count_view(conn, id)).await.unwrap();
            }
        });
    }
    writers.join_all().await;

    let film = test.db.run(move |conn| find_film(conn, id)).await.unwrap();
    assert_eq!(film.unwrap().views, 6 * 25);
}

async fn a_panic_reaches_the_caller_and_leaves_nothing_behind(test: TestDb) {
    let film = film("Heat");
    let id = film.id;
    let db = test.db.clone();
    let mut task = JoinSet::new();
    task.spawn(async move {
        db.tx(move |conn| {
            let film = insert_film(conn, film)?;
            assert_ne!(film.id, id, "a panic in the middle of a transaction");
            Ok::<_, Error>(())
        })
        .await
    });

    assert!(task.join_next().await.unwrap().unwrap_err().is_panic());
    let found = test.db.run(move |conn| find_film(conn, id)).await.unwrap();
    assert_eq!(found, None);
}

async fn the_database_answers_a_ping(test: TestDb) {
    test.db.ping().await.unwrap();
}

#[tokio::test]
async fn an_unreachable_server_is_told_as_unavailable() {
    let options = DbOptions {
        url: "postgres://nobody@127.0.0.1:1/none".to_owned(),
        schema: "test".to_owned(),
        max_connections: 0,
    };

    let error = Db::open(options, &MIGRATIONS).await.unwrap_err();

    assert!(error.is_unavailable(), "{error:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_and_the_database_goes_on() {
    let test = TestDb::sqlite().await;
    let filled = test.db.run(|conn| {
        on_db!(&mut *conn, c => c.batch_execute("PRAGMA max_page_count = 1"))?;
        let huge = FilmRow {
            poster: Some(vec![1; 1_000_000]),
            ..film("Heat")
        };
        let result = insert_film(conn, huge);
        on_db!(conn, c => c.batch_execute("PRAGMA max_page_count = 1000000"))?;
        result
    });

    let error = filled.await.unwrap_err();

    assert!(error.is_disk_full(), "{error:?}");
    test.db.run(|c| insert_film(c, film("Heat"))).await.unwrap();
}
