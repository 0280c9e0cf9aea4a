//! API keys for scripts: `mnk_<id>_<secret>_<crc>`. The checksum answers typos without a look into the database.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::Duration;
use serde_json::json;
use shared_db::AnyConn;
use shared_http::Caller;
use shared_runtime::random_token;
use shared_types::{
    Clock,
    access::{Role, Scope},
    ids::{ApiKeyId, SessionId, UserId},
    internal::ExchangedCredential,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    app::AppState,
    audit::{Entry, Name},
    error::{Error, InvalidField},
    events,
    issuer::Holder,
    opaque,
    origin::{Origin, is_harmless},
    store::{
        api_keys::{self as store, ApiKeyRow},
        users::UserRow,
    },
};

const MAX_KEYS: usize = 25;
const MAX_DAYS: u32 = 3650;
const MAX_NAME: usize = 80;
/// A key's last use is noted at most this often, in seconds.
const USED_EVERY_SECONDS: i64 = 60;
/// A key must not manage accounts, keys or sessions.
const NEVER: [Scope; 2] = [Scope::Account, Scope::UsersManage];

/// A key to be made, not checked yet.
#[derive(Debug)]
pub(crate) struct NewKey {
    pub(crate) name: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) expires_in_days: Option<u32>,
}

/// A whole key. It never prints.
pub(crate) struct Key {
    id: Uuid,
    secret: Zeroizing<String>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Not a key of ours, or mistyped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAKey;

impl Key {
    fn generate(id: ApiKeyId) -> Self {
        Self {
            id: id.as_uuid(),
            secret: Zeroizing::new(random_token(32)),
        }
    }

    /// What its owner gets to see, once.
    pub(crate) fn reveal(&self) -> Zeroizing<String> {
        let body = format!("{}_{}", prefix(self.id.into()), *self.secret);
        let checksum = crc32(body.as_bytes());
        Zeroizing::new(format!("{body}_{checksum:08x}"))
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let (body, checksum) = text.rsplit_once('_').ok_or(NotAKey)?;
        let given = u32::from_str_radix(checksum, 16).map_err(|_digits| NotAKey)?;
        if checksum.len() != 8 || given != crc32(body.as_bytes()) {
            return Err(NotAKey);
        }
        let (id, secret) = body
            .strip_prefix("mnk_")
            .and_then(|rest| rest.split_once('_'))
            .ok_or(NotAKey)?;
        Ok(Self {
            id: Uuid::try_parse(id).map_err(|_uuid| NotAKey)?,
            secret: Zeroizing::new(secret.to_owned()),
        })
    }
}

/// The part of a key that may be shown any time.
pub(crate) fn prefix(id: ApiKeyId) -> String {
    format!("mnk_{}", id.as_uuid().simple())
}

/// CRC-32 (ISO-HDLC), bit by bit: keys are short.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _bit| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), step)
    })
}

/// Makes a key for the caller.
pub(crate) async fn create(
    state: &AppState,
    caller: &Caller,
    new: NewKey,
    origin: Origin,
) -> Result<(ApiKeyRow, Key), Error> {
    let days = check(&new, caller, state.config.api_key_days)?;
    let now = state.clock.now();
    let id = ApiKeyId::generate(&*state.clock);
    let key = Key::generate(id);
    let scopes: Vec<_> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    let row = ApiKeyRow {
        id: id.into(),
        user_id: caller.user_id.into(),
        name: new.name.trim().to_owned(),
        secret_hash: opaque::digest(&key.secret),
        scopes: scopes.join(" "),
        created_at: now.into(),
        expires_at: (now + Duration::days(days.into())).into(),
        last_used_at: None,
    };
    let user = caller.user_id;
    let row = state
        .db
        .tx(move |conn| {
            if store::list_for_user(conn, user)?.len() >= MAX_KEYS {
                return Err(Error::TooManyKeys);
            }
            store::insert_key(conn, &row)?;
            Entry::success(Name::KeyCreated)
                .by(user)
                .about(Some(user))
                .details(json!({"key_id": row.id, "scopes": row.scopes}))
                .write(conn, now, &origin)?;
            Ok(row)
        })
        .await?;
    Ok((row, key))
}

/// The life of the key in days, if the request is acceptable.
fn check(new: &NewKey, caller: &Caller, default_days: u32) -> Result<u32, InvalidField> {
    let name = new.name.trim();
    if !(1..=MAX_NAME).contains(&name.chars().count()) || !name.chars().all(is_harmless) {
        return Err(InvalidField::new(
            "name",
            "format",
            "Use 1 to 80 characters.",
        ));
    }
    let refused = |scope: &&Scope| NEVER.contains(scope) || !caller.has(**scope);
    if let Some(scope) = new.scopes.iter().find(refused) {
        return Err(InvalidField::new(
            "scopes",
            "not-allowed",
            format!("A key of yours cannot have the permission `{scope}`."),
        ));
    }
    if new.scopes.is_empty() {
        return Err(InvalidField::new(
            "scopes",
            "required",
            "Name at least one permission.",
        ));
    }
    let days = new.expires_in_days.unwrap_or(default_days);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(InvalidField::new(
            "expires_in_days",
            "range",
            "Use 1 to 3650 days.",
        ));
    }
    Ok(days)
}

/// A person's keys, the newest first.
pub(crate) async fn list(state: &AppState, user: UserId) -> Result<Vec<ApiKeyRow>, Error> {
    state
        .db
        .run(move |conn| Ok(store::list_for_user(conn, user)?))
        .await
}

/// Removes a key of the caller.
pub(crate) async fn delete(
    state: &AppState,
    caller: &Caller,
    id: ApiKeyId,
    origin: Origin,
) -> Result<(), Error> {
    let (clock, user) = (Arc::clone(&state.clock), caller.user_id);
    state
        .db
        .tx(move |conn| {
            if !store::delete_for_user(conn, user, id)? {
                return Err(Error::NotFound);
            }
            events::session_revoked(conn, &*clock, user, session_of(id))?;
            Entry::success(Name::KeyRevoked)
                .by(user)
                .about(Some(user))
                .details(json!({"key_id": id}))
                .write(conn, clock.now(), &origin)
        })
        .await
}

/// Tells everybody that tokens of a person's keys carry rights that are not theirs any more.
pub(crate) fn announce_all(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    user: UserId,
) -> Result<(), Error> {
    for key in store::list_for_user(conn, user)? {
        events::session_revoked(conn, clock, user, session_of(key.id.into()))?;
    }
    Ok(())
}

/// The access token that a key stands for.
pub(crate) async fn exchange(state: &AppState, text: &str) -> Result<ExchangedCredential, Error> {
    let key: Key = text.parse().map_err(|NotAKey| Error::Unauthenticated)?;
    let id = ApiKeyId::from(key.id);
    let found = state
        .db
        .run(move |conn| Ok::<_, Error>(store::find_any_with_user(conn, id)?))
        .await?;
    let now = state.clock.now();
    let given = opaque::digest(&key.secret);
    let (row, user) = found
        .filter(|(row, user)| {
            opaque::same(&row.secret_hash, &given) && user.is_active() && now < row.expires_at.0
        })
        .ok_or(Error::Unauthenticated)?;
    let is_noted = row
        .last_used_at
        .is_some_and(|at| (now - at.0).num_seconds() < USED_EVERY_SECONDS);
    if !is_noted {
        state
            .db
            .tx(move |conn| Ok::<_, Error>(store::update_last_used(conn, id, now)?))
            .await?;
    }
    let issued = state.issuer.access_token(&holder(&row, &user))?;
    let left = (row.expires_at.0 - now).num_seconds();
    Ok(ExchangedCredential {
        access_token: issued.access_token,
        expires_in: issued.expires_in.min(left),
        user_id: user.user_id(),
        session_id: session_of(id),
    })
}

/// Whom the tokens of a key are for: never with more rights than its owner has now.
fn holder(row: &ApiKeyRow, user: &UserRow) -> Holder {
    let allowed = user.role().scopes();
    Holder {
        user_id: user.user_id(),
        session_id: session_of(row.id.into()),
        client_id: "api-key".to_owned(),
        role: role_of(row, user),
        name: user.display_name.clone(),
        scopes: scopes_of(row)
            .into_iter()
            .filter(|scope| allowed.contains(scope))
            .collect(),
    }
}

/// A key is as much of an administrator as its scopes say.
fn role_of(row: &ApiKeyRow, user: &UserRow) -> Role {
    let member = Role::Member.scopes();
    if scopes_of(row).iter().all(|scope| member.contains(scope)) {
        return Role::Member;
    }
    user.role()
}

/// The scopes of a key; those that this version does not know are left out.
pub(crate) fn scopes_of(row: &ApiKeyRow) -> Vec<Scope> {
    row.scopes
        .split(' ')
        .filter_map(|name| name.parse().ok())
        .collect()
}

/// A key is its own session in tokens and in `session.revoked`.
fn session_of(id: ApiKeyId) -> SessionId {
    SessionId::from(id.as_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_01_a_typo_is_noticed_without_the_database() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let key = Key::generate(ApiKeyId::from(Uuid::from_u128(7)));
        let text = key.reveal();
        let parsed: Key = text.parse().expect("our own key");
        assert_eq!(parsed.secret, key.secret);
        assert_eq!(parsed.id, key.id);
        for position in [5, 50, text.len() - 1] {
            let mut typo = text.as_bytes().to_vec();
            typo[position] = if typo[position] == b'0' { b'1' } else { b'0' };
            let typo = String::from_utf8(typo).expect("ASCII");
            assert_eq!(typo.parse::<Key>().err(), Some(NotAKey), "{typo}");
        }
    }
}
