//! Answers to requests with an `Idempotency-Key`, so that a repeated request is answered and not executed again.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, insert_into};
use serde_json::Value;

use crate::{AnyConn, Error, Json, Ts, on_db, schema::idempotency};

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: Value,
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Nothing: execute the request and [`store`] its answer in the same transaction.
    New,
    /// The same request was answered with this.
    Same(Reply),
    /// The key was used for a different request.
    Conflict,
}

/// Looks a key up. `scope` says whose key it is and for which operation: `create_download:<user id>`.
/// `request_hash` identifies the content of the request.
pub fn find(
    conn: &mut AnyConn,
    scope: &str,
    key: &str,
    request_hash: &str,
) -> Result<Lookup, Error> {
    let stored: Option<(String, i32, Json)> = on_db!(conn, c => idempotency::table
        .find((scope, key))
        .select((idempotency::request_hash, idempotency::status, idempotency::body))
        .first(c)
        .optional())?;
    Ok(match stored {
        None => Lookup::New,
        Some((hash, ..)) if hash != request_hash => Lookup::Conflict,
        Some((_, status, body)) => Lookup::Same(Reply {
            // Written from a u16 by `store`.
            status: u16::try_from(status).unwrap_or(u16::MAX),
            body: body.0,
        }),
    })
}

/// Keeps the answer to a new request; call it in the transaction of the effect.
///
/// When the same request runs twice at the same time, the second one gets a unique violation here and rolls back:
/// look the key up again and send what is there.
pub fn store(
    conn: &mut AnyConn,
    scope: &str,
    key: &str,
    request_hash: &str,
    reply: &Reply,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = (
        idempotency::scope.eq(scope),
        idempotency::key.eq(key),
        idempotency::request_hash.eq(request_hash),
        idempotency::status.eq(i32::from(reply.status)),
        idempotency::body.eq(Json(reply.body.clone())),
        idempotency::created_at.eq(Ts::from(now)),
    );
    on_db!(conn, c => insert_into(idempotency::table).values(row).execute(c))?;
    Ok(())
}

/// Forgets the answers given before `cutoff`.
pub(crate) fn delete_before(conn: &mut AnyConn, cutoff: DateTime<Utc>) -> Result<usize, Error> {
    let old = idempotency::table.filter(idempotency::created_at.lt(Ts::from(cutoff)));
    Ok(on_db!(conn, c => diesel::delete(old).execute(c))?)
}
