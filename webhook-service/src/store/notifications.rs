//! The in-app inbox of each person.

use chrono::{DateTime, Utc};
use diesel::{insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::ids::{NotificationId, UserId};

use super::schema::notifications;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub(crate) struct NotificationRow {
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) id: NotificationId,
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) user_id: UserId,
    pub(crate) event_id: Id,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) link: Option<String>,
    pub(crate) created_at: Ts,
    pub(crate) read_at: Option<Ts>,
}

pub(crate) fn insert_notification(conn: &mut AnyConn, row: NotificationRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(notifications::table).values(row).execute(c))?;
    Ok(())
}

/// Newest first.
pub(crate) fn list_for_user(
    conn: &mut AnyConn,
    user: UserId,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<NotificationRow>, Error> {
    on_db!(conn, c => {
        let mut query = notifications::table
            .select(NotificationRow::as_select())
            .filter(notifications::user_id.eq(Id::from(user)))
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(notifications::id.lt(before));
        }
        Ok(query.order(notifications::id.desc()).limit(limit).load(c)?)
    })
}

/// Marks one of the person's notifications as read; `false` when there is no such one.
pub(crate) fn update_read_for_user(
    conn: &mut AnyConn,
    user: UserId,
    id: NotificationId,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let mine = || {
        notifications::table
            .find(Id::from(id))
            .filter(notifications::user_id.eq(Id::from(user)))
    };
    let unread = mine().filter(notifications::read_at.is_null());
    on_db!(conn, c => update(unread).set(notifications::read_at.eq(Some(Ts::from(now)))).execute(c))?;
    let found: i64 = on_db!(conn, c => mine().count().get_result(c))?;
    Ok(found == 1)
}

/// Marks everything of the person as read.
pub(crate) fn update_all_read_for_user(
    conn: &mut AnyConn,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let unread = notifications::table
        .filter(notifications::user_id.eq(Id::from(user)))
        .filter(notifications::read_at.is_null());
    Ok(on_db!(conn, c => update(unread)
        .set(notifications::read_at.eq(Some(Ts::from(now))))
        .execute(c))?)
}

/// Forgets everything of the person.
pub(crate) fn delete_for_user(conn: &mut AnyConn, user: UserId) -> Result<(), Error> {
    let mine = notifications::table.filter(notifications::user_id.eq(Id::from(user)));
    on_db!(conn, c => diesel::delete(mine).execute(c))?;
    Ok(())
}

/// Forgets what was read, and what is older than `cutoff`.
pub(crate) fn delete_before(conn: &mut AnyConn, cutoff: DateTime<Utc>) -> Result<usize, Error> {
    let old = notifications::table.filter(notifications::created_at.lt(Ts::from(cutoff)));
    Ok(on_db!(conn, c => diesel::delete(old).execute(c))?)
}
