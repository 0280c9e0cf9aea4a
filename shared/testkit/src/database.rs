//! The database of one test world.

use diesel::{Connection, PgConnection, connection::SimpleConnection};

use crate::setting;

/// A fresh PostgreSQL database that is dropped with this value.
#[derive(Debug)]
pub(crate) struct FreshPostgres {
    admin_url: String,
    name: String,
}

impl FreshPostgres {
    /// A fresh database when the tests run over the scaled shape's parts.
    pub(crate) fn when_scaled(unique: &str) -> Option<Self> {
        if setting("MEDIANEST_TEST_SHAPE").as_deref() != Some("scaled") {
            return None;
        }
        let admin_url = setting("MEDIANEST_TEST_POSTGRES_URL")?;
        let name = format!("mn_test_{unique}");
        execute(&admin_url, &format!("CREATE DATABASE {name}"));
        Some(Self { admin_url, name })
    }

    /// The URL of the fresh database.
    pub(crate) fn url(&self) -> String {
        let (server, _old_name) = self
            .admin_url
            .rsplit_once('/')
            .expect("a URL with a database name");
        format!("{server}/{}", self.name)
    }
}

impl Drop for FreshPostgres {
    fn drop(&mut self) {
        execute(
            &self.admin_url,
            &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
    }
}

fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::establish(url).expect("the test PostgreSQL answers");
    connection
        .batch_execute(sql)
        .expect("test database statement");
}
