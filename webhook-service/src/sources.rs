//! Sources: adding, changing, rotating. A secret leaves this module in clear exactly once, when it is made.

use std::{sync::Arc, time::Duration};

use actix_web::http::header::HeaderName;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use shared_db::{AnyConn, Db, Id};
use shared_runtime::{Sealer, Secret, random_token};
use shared_types::{
    Clock,
    ids::{EventId, SourceId},
};

use crate::{
    error::Error,
    kind::{AuthMode, Kind},
    store::sources::{self as store, SecretRow, SourceChanges, SourceRow},
    verify::{self, Credential},
};

/// The header that carries the secret unless the operator chooses another one.
const DEFAULT_HEADER: &str = "X-MediaNest-Token";
/// Headers whose meaning is taken.
const TAKEN_HEADERS: [&str; 12] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "te",
    "traceparent",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];
const MAX_NAME_CHARS: usize = 100;
/// 128 bits in base64 have 22 characters; chosen secrets may not be shorter than 16.
const MIN_SECRET_CHARS: usize = 16;
const MAX_SECRET_CHARS: usize = 256;

/// What an operator asks for.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) auth_mode: Option<AuthMode>,
    pub(crate) header_name: Option<String>,
    /// The sender's own secret, for senders that insist on theirs.
    pub(crate) secret: Option<Secret>,
}

/// A source with the secret that was just made for it.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) row: SourceRow,
    pub(crate) secret: Secret,
}

/// What the functions here need.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sealer: Arc<Sealer>,
}

/// Adds a source.
pub(crate) async fn create(keeper: &Keeper, wish: Wish) -> Result<Fresh, Error> {
    let mode = wish.auth_mode.unwrap_or(wish.kind.default_mode());
    if !wish.kind.modes().contains(&mode) {
        let message = format!("{} cannot authenticate by `{mode}`.", wish.kind.title());
        return Err(Error::invalid("auth_mode", message));
    }
    let row = SourceRow {
        id: SourceId::generate(&*keeper.clock),
        kind: wish.kind.as_str().to_owned(),
        name: checked_name(&wish.name)?,
        is_enabled: true,
        auth_mode: mode.as_str().to_owned(),
        header_name: header_for(mode, wish.header_name.as_deref())?,
        created_at: keeper.clock.now().into(),
        last_seen_at: None,
    };
    let secret = match wish.secret {
        Some(secret) => checked_secret(mode, secret)?,
        None => generate(mode),
    };
    let stored = stored_secret(keeper, &row, mode, &secret);
    let inserted = row.clone();
    keeper
        .db
        .tx(move |conn| {
            insert_named(conn, inserted)?;
            Ok::<_, Error>(store::insert_secret(conn, stored)?)
        })
        .await?;
    Ok(Fresh { row, secret })
}

/// Replaces the secret; the previous one stays good for `overlap`.
pub(crate) async fn rotate(
    keeper: &Keeper,
    id: SourceId,
    overlap: Duration,
) -> Result<Fresh, Error> {
    let now = keeper.clock.now();
    let until = now + TimeDelta::from_std(overlap).unwrap_or_default();
    let owned = keeper.clone();
    keeper
        .db
        .tx(move |conn| {
            let row = store::find_source(conn, id)?.ok_or(Error::NotFound)?;
            let mode: AuthMode = row.auth_mode.parse()?;
            let secret = generate(mode);
            store::expire_secrets(conn, id, until)?;
            store::insert_secret(conn, stored_secret(&owned, &row, mode, &secret))?;
            Ok(Fresh { row, secret })
        })
        .await
}

/// Changes name, header or whether it is on.
pub(crate) async fn change(
    keeper: &Keeper,
    id: SourceId,
    mut changes: SourceChanges,
) -> Result<SourceRow, Error> {
    if let Some(name) = changes.name.take() {
        changes.name = Some(checked_name(&name)?);
    }
    keeper
        .db
        .tx(move |conn| {
            let row = store::find_source(conn, id)?.ok_or(Error::NotFound)?;
            if let Some(header) = changes.header_name.take() {
                let mode: AuthMode = row.auth_mode.parse()?;
                changes.header_name = header_for(mode, Some(&header))?;
            }
            let is_empty = changes.name.is_none()
                && changes.is_enabled.is_none()
                && changes.header_name.is_none();
            if is_empty {
                return Ok(row);
            }
            let changed = store::update_source(conn, id, &changes).map_err(name_taken)?;
            changed.ok_or(Error::NotFound)
        })
        .await
}

/// What is needed to check requests of a source, from what is stored of its secrets.
pub(crate) fn credentials(
    sealer: &Sealer,
    row: &SourceRow,
    secrets: &[SecretRow],
) -> Result<Vec<Credential>, Error> {
    let mode: AuthMode = row.auth_mode.parse()?;
    let mine = secrets.iter().filter(|secret| secret.source_id == row.id);
    mine.map(|secret| credential(sealer, mode, secret))
        .collect()
}

fn credential(sealer: &Sealer, mode: AuthMode, row: &SecretRow) -> Result<Credential, Error> {
    let broken = || Error::Stored("the secret of a source".to_owned());
    if let Some(hash) = &row.token_hash {
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).map_err(|_hex| broken())?;
        return Ok(Credential::Token(bytes));
    }
    let sealed = row.sealed_key.as_ref().ok_or_else(broken)?;
    let key = sealer.open(&seal_context(row.source_id), sealed)?;
    match mode {
        AuthMode::Standard => {
            let text = std::str::from_utf8(&key).map_err(|_bytes| broken())?;
            verify::standard_credential(text).ok_or_else(broken)
        }
        _ => Ok(Credential::Hmac(key)),
    }
}

fn insert_named(conn: &mut AnyConn, row: SourceRow) -> Result<(), Error> {
    store::insert_source(conn, row).map_err(name_taken)
}

fn name_taken(error: shared_db::Error) -> Error {
    if error.violates(&["sources_name_key", "sources.name"]) {
        Error::NameTaken
    } else {
        Error::Db(error)
    }
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let is_fine = !name.is_empty()
        && name.chars().count() <= MAX_NAME_CHARS
        && !name.chars().any(char::is_control);
    if is_fine {
        Ok(name.to_owned())
    } else {
        let message = format!("Give it a name of 1 to {MAX_NAME_CHARS} visible characters.");
        Err(Error::invalid("name", message))
    }
}

fn header_for(mode: AuthMode, wanted: Option<&str>) -> Result<Option<String>, Error> {
    if mode != AuthMode::Header {
        return match wanted {
            None => Ok(None),
            Some(_) => Err(Error::invalid(
                "header_name",
                "Only the mode `header` has a header of its own.",
            )),
        };
    }
    let name = wanted.unwrap_or(DEFAULT_HEADER).trim();
    let is_taken = TAKEN_HEADERS.contains(&name.to_ascii_lowercase().as_str());
    if name.len() > 64 || name.parse::<HeaderName>().is_err() || is_taken {
        return Err(Error::invalid(
            "header_name",
            "Choose the name of a header that is not used otherwise, such as `X-MediaNest-Token`.",
        ));
    }
    Ok(Some(name.to_owned()))
}

fn checked_secret(mode: AuthMode, secret: Secret) -> Result<Secret, Error> {
    let text = secret.expose();
    let is_fine = match mode {
        AuthMode::Standard => verify::standard_credential(text).is_some(),
        _ => {
            (MIN_SECRET_CHARS..=MAX_SECRET_CHARS).contains(&text.len())
                && text.bytes().all(|byte| (0x21..0x7f).contains(&byte))
        }
    };
    let is_fine = is_fine && (mode != AuthMode::UrlSecret || is_path_segment(text));
    if is_fine {
        return Ok(secret);
    }
    let message = match mode {
        AuthMode::Standard => "Enter the sender's secret as it shows it: `whsec_…` or `whpk_…`.",
        _ => "Use at least 16 characters without blanks; or leave it out and one is made.",
    };
    Err(Error::invalid("secret", message))
}

fn is_path_segment(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
}

/// 256 random bits in the form that the mode wants.
fn generate(mode: AuthMode) -> Secret {
    match mode {
        AuthMode::Standard => {
            let key = hex::decode(random_token(32)).expect("made of hexadecimal digits");
            Secret::new(format!("whsec_{}", STANDARD.encode(key)))
        }
        _ => Secret::new(random_token(32)),
    }
}

fn stored_secret(keeper: &Keeper, row: &SourceRow, mode: AuthMode, secret: &Secret) -> SecretRow {
    let text = secret.expose();
    let sealed = || keeper.sealer.seal(&seal_context(row.id), text.as_bytes());
    SecretRow {
        // Any ordered unique id will do.
        id: Id::from(EventId::generate(&*keeper.clock)),
        source_id: row.id,
        token_hash: (!mode.signs()).then(|| hex::encode(verify::token_hash(text))),
        sealed_key: mode.signs().then(sealed),
        created_at: keeper.clock.now().into(),
        expires_at: None,
    }
}

fn seal_context(id: SourceId) -> String {
    format!("webhook-source/{id}")
}
