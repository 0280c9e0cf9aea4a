//! Which sections a person may see, as Plex said when it was last asked.

use chrono::{DateTime, Utc};
use diesel::{insert_into, prelude::*, upsert::excluded};
use serde::{Deserialize, Serialize};
use shared_db::{AnyConn, Error, Id, Json, Ts, on_db};
use shared_types::ids::{ServerId, UserId};

use super::schema::access;

/// What one server lets a person see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerAccess {
    pub(crate) server_id: ServerId,
    pub(crate) sections: Vec<SectionRef>,
    /// When the server said so.
    pub(crate) fetched_at: DateTime<Utc>,
}

/// A section by its key, and by its uuid because keys are used again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SectionRef {
    pub(crate) key: String,
    pub(crate) uuid: String,
}

/// What all servers let a person see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessRecord {
    pub(crate) checked_at: DateTime<Utc>,
    pub(crate) servers: Vec<ServerAccess>,
}

pub(crate) fn find(conn: &mut AnyConn, user: UserId) -> Result<Option<AccessRecord>, Error> {
    let row: Option<(Ts, Json)> = on_db!(conn, c => access::table
        .find(Id::from(user))
        .select((access::checked_at, access::servers))
        .first(c)
        .optional())?;
    let Some((checked_at, servers)) = row else {
        return Ok(None);
    };
    Ok(Some(AccessRecord {
        checked_at: checked_at.0,
        servers: servers.parse()?,
    }))
}

pub(crate) fn store(conn: &mut AnyConn, user: UserId, record: &AccessRecord) -> Result<(), Error> {
    let row = (
        access::user_id.eq(Id::from(user)),
        access::checked_at.eq(Ts::from(record.checked_at)),
        access::servers.eq(Json::of(&record.servers)?),
    );
    on_db!(conn, c => insert_into(access::table)
        .values(row)
        .on_conflict(access::user_id)
        .do_update()
        .set((
            access::checked_at.eq(excluded(access::checked_at)),
            access::servers.eq(excluded(access::servers)),
        ))
        .execute(c))?;
    Ok(())
}
