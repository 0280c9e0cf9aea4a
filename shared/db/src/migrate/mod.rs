//! Bringing a schema up to date: this crate's tables first, then the service's, under a lock.

mod agree;

use std::collections::BTreeSet;

use diesel::{
    PgConnection, RunQueryDsl,
    backend::Backend,
    connection::SimpleConnection,
    dsl::sql,
    migration::{Migration, MigrationSource},
    result::QueryResult,
    select, sql_query,
    sql_types::{Bool, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{AnyConn, Error, pool::Target};

pub use agree::assert_migrations_agree;

/// The migrations of a service: the same steps for both back ends, embedded with `embed_migrations!`.
#[expect(missing_debug_implementations, reason = "EmbeddedMigrations has none")]
pub struct Migrations {
    /// From `migrations/sqlite`.
    pub sqlite: EmbeddedMigrations,
    /// From `migrations/postgres`.
    pub postgres: EmbeddedMigrations,
}

/// The tables every service has. Their versions start with eight zeros, so they never meet a service's, which are dates.
pub(crate) static SHARED: Migrations = Migrations {
    sqlite: embed_migrations!("migrations/sqlite"),
    postgres: embed_migrations!("migrations/postgres"),
};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Creates what is missing and migrates.
pub(crate) fn prepare(target: &Target, migrations: &Migrations) -> Result<(), Error> {
    let mut conn = target.connect()?;
    if let AnyConn::Pg(conn) = &mut conn {
        lock(conn, &target.schema)?;
        create_schema(conn, &target.schema)?;
    }
    conn.tx(|conn| up(conn, &target.schema, migrations))
}

/// Replicas that start together take turns; the lock ends with the connection. On SQLite the transaction is the lock.
fn lock(conn: &mut PgConnection, schema: &str) -> QueryResult<()> {
    /// "medianest" on a telephone keypad: keeps off the advisory locks of others.
    const NAMESPACE: i32 = 633_426_378;
    // A migration may take long, but waiting for another replica's must end some time.
    conn.batch_execute("SET statement_timeout = 0; SET lock_timeout = '10min'")?;
    sql_query(format!(
        "SELECT pg_advisory_lock({NAMESPACE}, hashtext($1))"
    ))
    .bind::<Text, _>(schema)
    .execute(conn)?;
    Ok(())
}

/// Looks first: `IF NOT EXISTS` alone needs the right to create schemas even when there is nothing to do.
fn create_schema(conn: &mut PgConnection, schema: &str) -> QueryResult<()> {
    let exists = sql::<Bool>("EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ")
        .bind::<Text, _>(schema)
        .sql(")");
    if !select(exists).get_result::<bool>(conn)? {
        conn.batch_execute(&format!("CREATE SCHEMA \"{schema}\""))?;
    }
    Ok(())
}

fn up(conn: &mut AnyConn, schema: &str, migrations: &Migrations) -> Result<(), Error> {
    match conn {
        AnyConn::Pg(c) => up_on(c, schema, [&SHARED.postgres, &migrations.postgres]),
        AnyConn::Sqlite(c) => up_on(c, schema, [&SHARED.sqlite, &migrations.sqlite]),
    }
}

fn up_on<DB: Backend, C: MigrationHarness<DB>>(
    conn: &mut C,
    schema: &str,
    sets: [&EmbeddedMigrations; 2],
) -> Result<(), Error> {
    let failed = |source| Error::Migration {
        schema: schema.to_owned(),
        source,
    };
    let applied = applied(conn).map_err(failed)?;
    let mut steps = Vec::new();
    for set in sets {
        steps.extend(steps_of::<DB>(set).map_err(failed)?);
    }
    refuse_newer(schema, &applied, &steps)?;
    for step in steps {
        if !applied.contains(&version(&*step)) {
            conn.run_migration(&*step).map_err(failed)?;
            tracing::info!(schema, "applied database migration {}", step.name());
        }
    }
    Ok(())
}

/// Both sets share diesel's list of applied versions: what neither of them knows came from a newer program.
fn refuse_newer<DB: Backend>(
    schema: &str,
    applied: &BTreeSet<String>,
    steps: &[Box<dyn Migration<DB>>],
) -> Result<(), Error> {
    let known: BTreeSet<String> = steps.iter().map(|step| version(&**step)).collect();
    let unknown: Vec<&str> = applied.difference(&known).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Error::NewerSchema {
        schema: schema.to_owned(),
        versions: unknown.join(", "),
    })
}

fn applied<DB: Backend>(conn: &mut impl MigrationHarness<DB>) -> Result<BTreeSet<String>, Cause> {
    let versions = conn.applied_migrations()?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// The steps of a set, oldest first.
fn steps_of<DB: Backend>(set: &EmbeddedMigrations) -> Result<Vec<Box<dyn Migration<DB>>>, Cause> {
    let mut steps = MigrationSource::<DB>::migrations(set)?;
    steps.sort_by_key(|step| version(&**step));
    Ok(steps)
}

fn version<DB: Backend>(step: &dyn Migration<DB>) -> String {
    step.name().version().to_string()
}
