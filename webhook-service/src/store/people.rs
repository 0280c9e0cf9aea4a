//! Who is an administrator.

use diesel::{insert_into, prelude::*, upsert::excluded};
use shared_db::{AnyConn, Error, Id, on_db};
use shared_types::{access::Role, ids::UserId};

use super::schema::people;

pub(crate) fn upsert_person(conn: &mut AnyConn, user: UserId, role: Role) -> Result<(), Error> {
    let row = (
        people::user_id.eq(Id::from(user)),
        people::role.eq(role.as_str()),
    );
    on_db!(conn, c => insert_into(people::table)
        .values(row)
        .on_conflict(people::user_id)
        .do_update()
        .set(people::role.eq(excluded(people::role)))
        .execute(c))?;
    Ok(())
}

pub(crate) fn delete_person(conn: &mut AnyConn, user: UserId) -> Result<(), Error> {
    on_db!(conn, c => diesel::delete(people::table.find(Id::from(user))).execute(c))?;
    Ok(())
}

pub(crate) fn list_admins(conn: &mut AnyConn) -> Result<Vec<UserId>, Error> {
    let ids: Vec<Id> = on_db!(conn, c => people::table
        .filter(people::role.eq(Role::Admin.as_str()))
        .order(people::user_id)
        .select(people::user_id)
        .load(c))?;
    Ok(ids.into_iter().map(|id| UserId::from(id.0)).collect())
}
