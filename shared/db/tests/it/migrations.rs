//! Starting on a database of any age.

use diesel::{RunQueryDsl, sql_query};
use shared_db::{Db, Error, assert_migrations_agree, on_db};
use tokio::task::JoinSet;

use crate::support::{MIGRATIONS, TestDb, on_both};

on_both!(
    a_database_of_a_newer_version_is_refused,
    replicas_may_start_together,
);

#[test]
fn the_folders_of_both_back_ends_agree() {
    assert_migrations_agree(&MIGRATIONS);
}

async fn a_database_of_a_newer_version_is_refused(test: TestDb) {
    let applied = test.db.run(|conn| {
        on_db!(conn, c => sql_query(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')",
        )
        .execute(c))?;
        Ok::<_, Error>(())
    });
    applied.await.unwrap();

    let error = Db::open(test.options.clone(), &MIGRATIONS)
        .await
        .unwrap_err();

    assert!(
        matches!(&error, Error::NewerSchema { versions, .. } if versions == "20990101000000"),
        "{error:?}"
    );
}

async fn replicas_may_start_together(test: TestDb) {
    // A schema, or a file, that does not exist yet.
    let mut options = test.options.clone();
    if options.url.starts_with("sqlite:") {
        options.url.push_str(".second");
    } else {
        on_existing_schema_dropped(&test).await;
    }

    let mut replicas = JoinSet::new();
    for _ in 0..5 {
        replicas.spawn(Db::open(options.clone(), &MIGRATIONS));
    }

    for opened in replicas.join_all().await {
        opened.unwrap().ping().await.unwrap();
    }
}

async fn on_existing_schema_dropped(test: &TestDb) {
    let drop = format!("DROP SCHEMA \"{}\" CASCADE", test.options.schema);
    let dropped = test.db.run(move |conn| {
        on_db!(conn, c => sql_query(drop).execute(c))?;
        Ok::<_, Error>(())
    });
    dropped.await.unwrap();
}
