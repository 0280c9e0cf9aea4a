//! People.

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::{access::Role, ids::UserId};
use uuid::Uuid;

use super::schema::users;

/// May sign in.
pub(crate) const ACTIVE: &str = "active";
/// May not.
pub(crate) const SUSPENDED: &str = "suspended";

/// A person.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) username_key: String,
    pub(crate) display_name: String,
    pub(crate) email: Option<String>,
    pub(crate) role: String,
    pub(crate) status: String,
    pub(crate) avatar_url: Option<String>,
    pub(crate) password_hash: Option<String>,
    pub(crate) created_at: Ts,
    pub(crate) updated_at: Ts,
}

impl UserRow {
    /// The id as the rest of the service knows it.
    pub(crate) fn user_id(&self) -> UserId {
        self.id.into()
    }

    /// The role; the schema admits only known ones, and an unknown one is worth nothing.
    pub(crate) fn role(&self) -> Role {
        self.role.parse().unwrap_or(Role::Member)
    }

    /// Whether the person may sign in.
    pub(crate) fn is_active(&self) -> bool {
        self.status == ACTIVE
    }
}

/// What changes about a person; absent stays as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = users)]
pub(crate) struct UserChanges {
    pub(crate) display_name: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) password_hash: Option<String>,
    pub(crate) avatar_url: Option<String>,
    pub(crate) updated_at: Option<Ts>,
}

/// Adds a person.
pub(crate) fn insert_user(conn: &mut AnyConn, user: &UserRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(users::table).values(user).execute(c))?;
    Ok(())
}

/// The person with this id.
pub(crate) fn find_user(conn: &mut AnyConn, id: UserId) -> Result<Option<UserRow>, Error> {
    Ok(on_db!(conn, c => users::table
        .find(Id::from(id))
        .select(UserRow::as_select())
        .first(c)
        .optional())?)
}

/// The person with this name in lower case.
pub(crate) fn find_user_by_name(conn: &mut AnyConn, key: &str) -> Result<Option<UserRow>, Error> {
    Ok(on_db!(conn, c => users::table
        .filter(users::username_key.eq(key))
        .select(UserRow::as_select())
        .first(c)
        .optional())?)
}

/// People from `after` on, the oldest account first.
pub(crate) fn list_users(
    conn: &mut AnyConn,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<UserRow>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = after.map_or(Id(Uuid::nil()), Id::from);
    Ok(on_db!(conn, c => users::table
        .filter(users::id.gt(after))
        .order(users::id)
        .limit(limit)
        .select(UserRow::as_select())
        .load(c))?)
}

/// Changes a person and gives the new row.
pub(crate) fn update_user(
    conn: &mut AnyConn,
    id: UserId,
    changes: UserChanges,
    now: DateTime<Utc>,
) -> Result<UserRow, Error> {
    let changes = UserChanges {
        updated_at: Some(now.into()),
        ..changes
    };
    Ok(on_db!(conn, c => update(users::table.find(Id::from(id)))
        .set(&changes)
        .returning(UserRow::as_returning())
        .get_result(c))?)
}

/// How many administrators could sign in if `except` could not.
pub(crate) fn count_other_admins(conn: &mut AnyConn, except: UserId) -> Result<i64, Error> {
    Ok(on_db!(conn, c => users::table
        .filter(users::role.eq(Role::Admin.as_str()))
        .filter(users::status.eq(ACTIVE))
        .filter(users::id.ne(Id::from(except)))
        .select(count_star())
        .first(c))?)
}
