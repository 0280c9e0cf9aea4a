//! Opening connections: which back end a URL means, and how a fresh connection is set up.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use diesel::{
    Connection, PgConnection, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{HandleError, ManageConnection},
};

use crate::{AnyConn, Backend, Error};

/// Where to connect to. Making one checks the URL and the schema's name, without any I/O.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) schema: String,
    address: Address,
}

#[derive(Clone)]
enum Address {
    Postgres(String),
    Sqlite(PathBuf),
}

impl Target {
    pub(crate) fn parse(url: &str, schema: &str) -> Result<Self, Error> {
        check_schema(schema)?;
        let address = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Address::Postgres(with_defaults(url, schema))
        } else if let Some(path) = url.strip_prefix("sqlite:") {
            Address::Sqlite(sqlite_path(path)?)
        } else {
            return Err(Error::Configuration(
                "the database URL must be `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`"
                    .to_owned(),
            ));
        };
        Ok(Self {
            schema: schema.to_owned(),
            address,
        })
    }

    pub(crate) fn backend(&self) -> Backend {
        match self.address {
            Address::Postgres(_) => Backend::Postgres,
            Address::Sqlite(_) => Backend::Sqlite,
        }
    }

    pub(crate) fn connect(&self) -> Result<AnyConn, Error> {
        match &self.address {
            Address::Postgres(url) => connect_postgres(url, &self.schema).map(AnyConn::Pg),
            Address::Sqlite(path) => connect_sqlite(path).map(AnyConn::Sqlite),
        }
    }
}

/// The name goes into SQL as a quoted identifier.
fn check_schema(schema: &str) -> Result<(), Error> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if !schema.is_empty() && schema.len() <= 63 && schema.chars().all(is_plain) {
        return Ok(());
    }
    Err(Error::Configuration(format!(
        "`{schema}` cannot be a schema name: use at most 63 of `a-z`, `0-9`, `_` and `-`"
    )))
}

fn sqlite_path(path: &str) -> Result<PathBuf, Error> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.starts_with(":memory:") {
        return Err(Error::Configuration(
            "`sqlite:` needs the path of a file, such as `sqlite:data/auth.db`; a database in memory cannot be shared \
             by several connections"
                .to_owned(),
        ));
    }
    std::path::absolute(path)
        .map_err(|error| Error::Configuration(format!("`{path}` is not a usable path: {error}")))
}

/// A dead server must not hold a thread for minutes, which is what TCP alone would do.
fn with_defaults(url: &str, schema: &str) -> String {
    let mut url = url.to_owned();
    let application = format!("application_name=medianest-{schema}");
    for setting in [
        "connect_timeout=5",
        "tcp_user_timeout=15000",
        "keepalives_idle=30",
        application.as_str(),
    ] {
        let key = setting.split('=').next().unwrap_or(setting);
        if !url.contains(&format!("{key}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(setting);
        }
    }
    url
}

fn connect_postgres(url: &str, schema: &str) -> Result<PgConnection, Error> {
    let mut conn = PgConnection::establish(url).map_err(Error::unavailable)?;
    // A statement that runs longer than a request may take is a bug or a lock: both should end by themselves. `public` is
    // where extensions live; tables are created in the first schema.
    conn.batch_execute(&format!(
        "SET search_path TO \"{schema}\", public; SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
         SET idle_in_transaction_session_timeout = '60s'"
    ))?;
    Ok(conn)
}

fn connect_sqlite(path: &Path) -> Result<SqliteConnection, Error> {
    prepare_file(path).map_err(|error| {
        let problem = format!("could not create the database `{}`", path.display());
        Error::unavailable(io::Error::new(error.kind(), format!("{problem}: {error}")))
    })?;
    let mut conn =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(Error::unavailable)?;
    // The busy time-out comes first: switching to WAL can already meet another connection.
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
    )?;
    Ok(conn)
}

/// Creates the file readable for its owner only; SQLite gives its `-wal` and `-shm` files the same mode.
fn prepare_file(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    Ok(())
}

/// Connects for the pool.
pub(crate) struct Manager(pub(crate) Target);

impl ManageConnection for Manager {
    type Connection = AnyConn;
    type Error = Error;

    fn connect(&self) -> Result<AnyConn, Error> {
        self.0.connect()
    }

    fn is_valid(&self, conn: &mut AnyConn) -> Result<(), Error> {
        conn.ping()
    }

    fn has_broken(&self, conn: &mut AnyConn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// Failed attempts of the pool's own threads. The caller that waits for the connection gets the error, too.
#[derive(Debug)]
pub(crate) struct LogFailure;

impl HandleError<Error> for LogFailure {
    fn handle_error(&self, error: Error) {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::debug!(cause, "a database connection failed: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_urls_are_refused_without_creating_anything() {
        for url in [
            "mysql://db",
            "auth.db",
            "postgres:down",
            "sqlite:",
            "sqlite::memory:",
        ] {
            assert!(
                matches!(Target::parse(url, "auth"), Err(Error::Configuration(_))),
                "{url}"
            );
        }
    }

    #[test]
    fn a_schema_name_cannot_carry_sql() {
        assert!(Target::parse("postgres://db/x", "auth\"; drop table users").is_err());
        assert!(Target::parse("postgres://db/x", "auth-service").is_ok());
    }

    #[test]
    fn connection_settings_of_the_url_win_over_ours() {
        let url = with_defaults("postgres://db/x?connect_timeout=1", "auth");

        assert!(url.starts_with("postgres://db/x?connect_timeout=1&tcp_user_timeout=15000&"));
        assert_eq!(url.matches("connect_timeout").count(), 1);
    }
}
