//! Portable columns: one SQL marker type per kind for the `table!` schema, and one newtype for rows and bind values.
//!
//! | marker | newtype | PostgreSQL | SQLite |
//! |---|---|---|---|
//! | [`IdSql`] | [`Id`] | `uuid` | `BLOB`, 16 bytes |
//! | [`TsSql`] | [`Ts`] | `timestamptz` | `INTEGER`, microseconds since 1970 UTC |
//! | [`JsonSql`] | [`Json`] | `jsonb` | `TEXT` |
//!
//! Text, integers, booleans, floats and binary need no marker of their own.

use std::fmt;

use chrono::{DateTime, SubsecRound, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{BigInt, Binary, Jsonb, SqlType, Text, Timestamptz, Uuid as PgUuid},
    sqlite::{Sqlite, SqliteValue},
};
use serde::{Deserialize, Serialize};
use shared_types::ids;
use uuid::Uuid;

/// SQL type of an id column.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(name = "uuid"))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct IdSql;

/// SQL type of a point in time.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(name = "timestamptz"))]
#[diesel(sqlite_type(name = "Long"))]
pub struct TsSql;

/// SQL type of a JSON document.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(name = "jsonb"))]
#[diesel(sqlite_type(name = "Text"))]
pub struct JsonSql;

/// An id as the database keeps it. UUIDv7 sorts by creation time on both back ends.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    AsExpression,
    FromSqlRow,
    Serialize,
    Deserialize,
)]
#[diesel(sql_type = IdSql)]
#[serde(transparent)]
pub struct Id(pub Uuid);

/// A point in time at the precision of the databases: microseconds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    AsExpression,
    FromSqlRow,
    Serialize,
    Deserialize,
)]
#[diesel(sql_type = TsSql)]
#[serde(transparent)]
pub struct Ts(pub DateTime<Utc>);

/// A JSON document.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = JsonSql)]
#[serde(transparent)]
pub struct Json(pub serde_json::Value);

impl From<Uuid> for Id {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<Id> for Uuid {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<DateTime<Utc>> for Ts {
    /// Truncates to microseconds, so that what is written compares equal to what is read.
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.trunc_subsecs(6))
    }
}

impl From<Ts> for DateTime<Utc> {
    fn from(time: Ts) -> Self {
        time.0
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self(value)
    }
}

impl From<Json> for serde_json::Value {
    fn from(json: Json) -> Self {
        json.0
    }
}

impl Json {
    /// Serializes a value.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, crate::Error> {
        Ok(Self(serde_json::to_value(value)?))
    }

    /// Reads the document as a `T`.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, crate::Error> {
        Ok(T::deserialize(&self.0)?)
    }
}

/// The id newtypes of `shared_types` convert to and from [`Id`], so rows can use them through
/// `#[diesel(serialize_as = Id, deserialize_as = Id)]` or `.into()`.
macro_rules! convert_ids {
    ($($name:ident),+ $(,)?) => {$(
        impl From<ids::$name> for Id {
            fn from(id: ids::$name) -> Self {
                Self(id.as_uuid())
            }
        }

        impl From<Id> for ids::$name {
            fn from(id: Id) -> Self {
                Self::from(id.0)
            }
        }
    )+};
}

convert_ids!(
    UserId,
    SessionId,
    ServerId,
    LibraryId,
    ItemId,
    CollectionId,
    DownloadId,
    DownloadItemId,
    SourceId,
    DeliveryId,
    EventId,
    NotificationId,
    ApiKeyId,
    PinId,
);

impl ToSql<IdSql, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<PgUuid, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<IdSql, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<PgUuid, Pg>::from_sql(value).map(Self)
    }
}

impl ToSql<IdSql, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<IdSql, Sqlite> for Id {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<TsSql, Pg> for Ts {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<TsSql, Pg> for Ts {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Timestamptz, Pg>::from_sql(value).map(Self)
    }
}

impl ToSql<TsSql, Sqlite> for Ts {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<TsSql, Sqlite> for Ts {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        DateTime::from_timestamp_micros(micros)
            .map(Self)
            .ok_or_else(|| format!("{micros} is no point in time").into())
    }
}

impl ToSql<JsonSql, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Jsonb, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<JsonSql, Pg> for Json {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Jsonb, Pg>::from_sql(value).map(Self)
    }
}

impl ToSql<JsonSql, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl FromSql<JsonSql, Sqlite> for Json {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}
