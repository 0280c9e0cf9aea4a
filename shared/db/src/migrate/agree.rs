//! The test that every service runs over its migrations.

use std::{collections::BTreeSet, path::PathBuf};

use diesel::{
    QueryableByName, RunQueryDsl,
    backend::Backend,
    connection::SimpleConnection,
    migration::MigrationSource,
    pg::Pg,
    sql_query,
    sql_types::{Bool, Text},
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use uuid::Uuid;

use super::{Cause, Migrations, SHARED, prepare, steps_of};
use crate::{AnyConn, Error, on_db, pool::Target};

/// A column as both back ends can tell it: table, column, whether it may be null.
type Columns = BTreeSet<(String, String, bool)>;

/// Checks a service's migrations; for its tests.
///
/// Both folders must have the same names. On SQLite, and on PostgreSQL when `MEDIANEST_TEST_POSTGRES_URL` is set, every
/// step is applied, reverted and applied again; reverting must leave nothing. Both back ends must end up with the same
/// tables and columns (`tsvector` columns and SQLite's virtual tables excepted: search differs by nature).
///
/// # Panics
/// When they do not agree.
pub fn assert_migrations_agree(migrations: &Migrations) {
    assert_same_names(migrations);
    let file = ScratchFile::new();
    let sqlite = up_down_up(&file.target(), migrations).expect("the SQLite migrations work");
    let Some(scratch) = ScratchSchema::from_environment() else {
        return;
    };
    let postgres = up_down_up(&scratch.target, migrations).expect("the PostgreSQL migrations work");
    let differences: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
    assert!(
        differences.is_empty(),
        "these (table, column, nullable) are on one back end only: {differences:#?}"
    );
}

fn assert_same_names(migrations: &Migrations) {
    let sqlite = names::<Sqlite>(&migrations.sqlite);
    let postgres = names::<Pg>(&migrations.postgres);
    assert_eq!(
        sqlite, postgres,
        "migrations/sqlite and migrations/postgres have different names"
    );
    for name in &sqlite {
        assert!(
            !name.starts_with("0000"),
            "{name}: versions are dates; those that start with zeros belong to shared-db"
        );
    }
}

fn names<DB: Backend>(set: &EmbeddedMigrations) -> Vec<String> {
    let steps = MigrationSource::<DB>::migrations(set).expect("embedded migrations can be listed");
    let mut names: Vec<_> = steps.iter().map(|step| step.name().to_string()).collect();
    names.sort();
    names
}

fn up_down_up(target: &Target, migrations: &Migrations) -> Result<Columns, Error> {
    prepare(target, migrations)?;
    let mut conn = target.connect()?;
    let full = columns(&mut conn)?;
    conn.tx(|conn| down(conn, target, migrations))?;
    let left = columns(&mut conn)?;
    assert!(
        left.is_empty(),
        "down.sql leaves these (table, column, nullable) behind: {left:#?}"
    );
    prepare(target, migrations)?;
    assert_eq!(
        full,
        columns(&mut conn)?,
        "applying a second time gives another schema"
    );
    Ok(full)
}

fn down(conn: &mut AnyConn, target: &Target, migrations: &Migrations) -> Result<(), Error> {
    let reverted = match conn {
        AnyConn::Pg(c) => down_on(c, [&migrations.postgres, &SHARED.postgres]),
        AnyConn::Sqlite(c) => down_on(c, [&migrations.sqlite, &SHARED.sqlite]),
    };
    reverted.map_err(|source| Error::Migration {
        schema: target.schema.clone(),
        source,
    })
}

fn down_on<DB: Backend, C: MigrationHarness<DB>>(
    conn: &mut C,
    sets: [&EmbeddedMigrations; 2],
) -> Result<(), Cause> {
    for set in sets {
        for step in steps_of::<DB>(set)?.iter().rev() {
            conn.revert_migration(&**step)?;
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
}

/// All columns except those of diesel's own table.
fn columns(conn: &mut AnyConn) -> Result<Columns, Error> {
    let query = match conn {
        AnyConn::Pg(_) => {
            "SELECT c.table_name::text AS table_name, c.column_name::text AS column_name, \
             c.is_nullable = 'YES' AS is_nullable \
             FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) \
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.data_type <> 'tsvector' \
             AND c.table_name <> '__diesel_schema_migrations'"
        }
        AnyConn::Sqlite(_) => {
            "SELECT t.name AS table_name, c.name AS column_name, (c.\"notnull\" = 0 AND c.pk = 0) AS is_nullable \
             FROM pragma_table_list AS t, pragma_table_info(t.name) AS c \
             WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND t.name <> '__diesel_schema_migrations'"
        }
    };
    let rows: Vec<ColumnRow> = on_db!(conn, c => sql_query(query).load(c))?;
    Ok(rows
        .into_iter()
        .map(|row| (row.table_name, row.column_name, row.is_nullable))
        .collect())
}

/// A database file that goes away with its folder.
struct ScratchFile(PathBuf);

impl ScratchFile {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("medianest-migrations-{}", random())))
    }

    fn target(&self) -> Target {
        let url = format!("sqlite:{}", self.0.join("agree.db").display());
        Target::parse(&url, "agree").expect("a path in the temporary folder is a good URL")
    }
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        // Best effort: the operating system clears its temporary folder, too.
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!("could not remove {}: {error}", self.0.display());
        }
    }
}

/// A PostgreSQL schema that goes away when the test ends, also when it fails.
struct ScratchSchema {
    target: Target,
}

impl ScratchSchema {
    fn from_environment() -> Option<Self> {
        let url = std::env::var_os("MEDIANEST_TEST_POSTGRES_URL")?;
        let schema = format!("agree_{}", random().simple());
        let target = Target::parse(&url.to_string_lossy(), &schema)
            .expect("MEDIANEST_TEST_POSTGRES_URL is a PostgreSQL URL");
        Some(Self { target })
    }
}

impl Drop for ScratchSchema {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.target.schema);
        if let Ok(mut conn) = self.target.connect()
            && let Err(error) = on_db!(&mut conn, c => c.batch_execute(&sql))
        {
            tracing::warn!("could not drop a test's schema: {error}");
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "names a scratch place; it is no id of ours"
)]
fn random() -> Uuid {
    Uuid::new_v4()
}
