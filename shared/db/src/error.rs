//! What can go wrong with a database, sorted by what a caller does about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error of the database layer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database URL or the schema name cannot be used. A fault of the configuration.
    #[error("{0}")]
    Configuration(String),
    /// The database was migrated by a newer version of this program.
    #[error(
        "the database of {schema} is newer than this program (it has the unknown migrations {versions}): start the \
         version that wrote it, or restore a backup"
    )]
    NewerSchema {
        /// The service.
        schema: String,
        /// The versions that this program does not know, comma-separated.
        versions: String,
    },
    /// A migration failed. Nothing of it was kept.
    #[error("could not migrate the database of {schema}")]
    Migration {
        /// The service.
        schema: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The database is away, or too busy to answer in time. Trying again later can help.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// A value that must be unique exists already.
    #[error("a value that must be unique exists already ({constraint})")]
    UniqueViolation {
        /// PostgreSQL: the name of the constraint or index. SQLite: the columns, such as `users.username`.
        constraint: String,
        /// The database's error.
        #[source]
        source: DieselError,
    },
    /// There is no space left for the database.
    #[error("the disk of the database is full")]
    DiskFull(#[source] DieselError),
    /// Any other failed query.
    #[error("a query failed")]
    Query(#[source] DieselError),
    /// A JSON column holds, or was given, something else than expected.
    #[error("a JSON column could not be read or written")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// The violated constraint, if that is what went wrong.
    ///
    /// PostgreSQL tells the name of the constraint or index (`users_username_key`), SQLite the columns
    /// (`users.username`): [`Error::violates`] compares with both.
    pub fn is_unique_violation(&self) -> Option<&str> {
        match self {
            Self::UniqueViolation { constraint, .. } => Some(constraint),
            _ => None,
        }
    }

    /// Whether one of these unique constraints was violated. Give PostgreSQL's name and SQLite's columns:
    /// `error.violates(&["users_username_key", "users.username"])`.
    pub fn violates(&self, names: &[&str]) -> bool {
        self.is_unique_violation()
            .is_some_and(|constraint| names.contains(&constraint))
    }

    /// Whether the database has no space left.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull(_))
    }

    /// Whether trying again later can help: the database is away or busy.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether a query that wanted exactly one row found none.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Query(DieselError::NotFound))
    }

    pub(crate) fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, info) = &error else {
            return Self::Query(error);
        };
        let message = info.message();
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::UniqueViolation {
                constraint: violated_constraint(info.constraint_name(), message),
                source: error,
            },
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure => {
                Self::unavailable(error)
            }
            DatabaseErrorKind::Unknown if says_disk_full(message) => Self::DiskFull(error),
            DatabaseErrorKind::Unknown if says_busy(message) => Self::unavailable(error),
            _ => Self::Query(error),
        }
    }
}

fn violated_constraint(name: Option<&str>, message: &str) -> String {
    const SQLITE_PREFIX: &str = "UNIQUE constraint failed: ";
    name.unwrap_or_else(|| message.strip_prefix(SQLITE_PREFIX).unwrap_or(message))
        .to_owned()
}

// Diesel keeps neither SQLite's result code nor PostgreSQL's SQLSTATE, only the text.
// SQLITE_FULL; ENOSPC as PostgreSQL reports it with 53100.
fn says_disk_full(message: &str) -> bool {
    ["database or disk is full", "No space left on device"]
        .iter()
        .any(|text| message.contains(text))
}

// SQLITE_BUSY after the busy time-out; PostgreSQL's 55P03, 57014, 40P01, 57P01, 57P03 and 53300.
fn says_busy(message: &str) -> bool {
    [
        "database is locked",
        "lock timeout",
        "statement timeout",
        "deadlock detected",
        "terminating connection",
        "the database system is",
        "too many clients",
    ]
    .iter()
    .any(|text| message.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database_error(kind: DatabaseErrorKind, message: &str) -> Error {
        DieselError::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn sqlite_names_the_columns_of_a_unique_violation() {
        let error = database_error(
            DatabaseErrorKind::UniqueViolation,
            "UNIQUE constraint failed: users.username",
        );

        assert_eq!(error.is_unique_violation(), Some("users.username"));
        assert!(error.violates(&["users_username_key", "users.username"]));
    }

    #[test]
    fn a_full_disk_and_a_busy_database_are_told_apart() {
        let full = database_error(DatabaseErrorKind::Unknown, "database or disk is full");
        let busy = database_error(DatabaseErrorKind::Unknown, "database is locked");

        assert!(full.is_disk_full() && !full.is_unavailable());
        assert!(busy.is_unavailable() && !busy.is_disk_full());
    }
}
