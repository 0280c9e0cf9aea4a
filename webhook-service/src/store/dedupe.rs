//! Who came first: a key belongs to its first owner until its window ends.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::ids::SourceId;

use super::schema::dedupe_keys;

/// The exact same request again.
pub(crate) const DELIVERY: &str = "delivery";
/// Another request that says the same.
pub(crate) const EVENT: &str = "event";

/// Something that must not happen twice within a window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) source_id: SourceId,
    pub(crate) scope: &'static str,
    pub(crate) key: &'a str,
    pub(crate) owner: Id,
    pub(crate) window: Duration,
}

/// `None`: the key belongs to the claim's owner now (or did before). Otherwise its first owner.
/// Insert, never check first: of two at the same time one waits for the other and loses.
pub(crate) fn claim(
    conn: &mut AnyConn,
    claim: Claim<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Id>, Error> {
    let expires_at = Ts::from(now + TimeDelta::from_std(claim.window).unwrap_or_default());
    let source_id = Id::from(claim.source_id);
    let row = (
        dedupe_keys::source_id.eq(source_id),
        dedupe_keys::scope.eq(claim.scope),
        dedupe_keys::dedupe_key.eq(claim.key),
        dedupe_keys::owner_id.eq(claim.owner),
        dedupe_keys::expires_at.eq(expires_at),
    );
    let inserted = on_db!(conn, c => insert_into(dedupe_keys::table)
        .values(row)
        .on_conflict((dedupe_keys::source_id, dedupe_keys::scope, dedupe_keys::dedupe_key))
        .do_nothing()
        .execute(c))?;
    if inserted == 1 {
        return Ok(None);
    }
    let held = || dedupe_keys::table.find((source_id, claim.scope, claim.key));
    let taken_over = on_db!(conn, c => update(held().filter(dedupe_keys::expires_at.le(Ts::from(now))))
        .set((dedupe_keys::owner_id.eq(claim.owner), dedupe_keys::expires_at.eq(expires_at)))
        .execute(c))?;
    if taken_over == 1 {
        return Ok(None);
    }
    let owner: Id = on_db!(conn, c => held().select(dedupe_keys::owner_id).first(c))?;
    Ok((owner != claim.owner).then_some(owner))
}

/// Forgets the keys whose window has ended.
pub(crate) fn delete_expired(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<usize, Error> {
    let old = dedupe_keys::table.filter(dedupe_keys::expires_at.le(Ts::from(now)));
    Ok(on_db!(conn, c => diesel::delete(old).execute(c))?)
}
