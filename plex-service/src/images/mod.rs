//! Pictures: looked up by our ids, fetched from the server with its token in a header, kept on disk. No address from a
//! client is ever fetched.

mod cache;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shared_types::ids::{CollectionId, ItemId, ServerId};

use crate::{
    Error,
    app::AppState,
    plex::{self, is_picture_path},
    store,
    visibility::Visible,
};

pub(crate) use cache::ImageCache;

/// Sizes that are made; others get the next larger one, so that few variants fill the cache.
const SIZES: [u32; 8] = [120, 240, 360, 480, 720, 1080, 1440, 1920];
const NO_PICTURE: Error = Error::NotFound("picture");

/// Which picture of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Poster,
    Art,
}

/// A picture that may be sent.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: &'static str,
    pub(crate) etag: String,
}

impl Kind {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "poster" | "thumb" => Ok(Self::Poster),
            "art" => Ok(Self::Art),
            _ => Err(NO_PICTURE),
        }
    }

    const fn default_size(self) -> (u32, u32) {
        match self {
            Self::Poster => (360, 480),
            Self::Art => (1920, 1080),
        }
    }
}

/// The next size that is made.
fn bucket(wanted: u32) -> u32 {
    let larger = SIZES.into_iter().find(|&size| size >= wanted);
    larger.unwrap_or(SIZES[SIZES.len() - 1])
}

/// A picture of an item or a collection that the person may see.
pub(crate) async fn find(
    state: &AppState,
    visible: &Visible,
    id: uuid::Uuid,
    kind: Kind,
    size: (Option<u32>, Option<u32>),
) -> Result<Picture, Error> {
    let (server, path) = source(state, visible, id, kind).await?;
    let default = kind.default_size();
    let width = bucket(size.0.unwrap_or(default.0));
    let height = bucket(size.1.unwrap_or(default.1));
    let key = key(server, &path, width, height);
    let loaded = async {
        if let Some(bytes) = state.images.read(&key).await {
            return Ok(bytes);
        }
        let bytes = fetch(state, server, &path, width, height).await?;
        state.images.write(&key, &bytes).await;
        Ok(bytes)
    };
    let bytes = state.images.once(&key, loaded).await?;
    picture(bytes)
}

fn picture(bytes: Bytes) -> Result<Picture, Error> {
    let content_type = sniff(&bytes).ok_or(plex::Error::NotAPicture)?;
    let etag = hex::encode(&Sha256::digest(&bytes)[..16]);
    Ok(Picture {
        bytes,
        content_type,
        etag,
    })
}

/// Where the picture is, if there is one and the person may see what it belongs to.
async fn source(
    state: &AppState,
    visible: &Visible,
    id: uuid::Uuid,
    kind: Kind,
) -> Result<(ServerId, String), Error> {
    let visible = visible.clone();
    let found = state
        .db
        .run(move |conn| {
            if let Some(item) = store::items::find(conn, &visible, ItemId::from(id))? {
                let path = if kind == Kind::Art {
                    item.art
                } else {
                    item.thumb
                };
                return Ok(path.map(|path| (item.server_id, path)));
            }
            let collection = store::collections::find(conn, &visible, CollectionId::from(id))?;
            let collection = collection.filter(|_| kind == Kind::Poster);
            Ok::<_, Error>(collection.and_then(|it| Some((it.server_id, it.thumb?))))
        })
        .await?;
    let (server, path) = found.ok_or(NO_PICTURE)?;
    // The mirror holds only such paths; this is the door itself.
    if !is_picture_path(&path) {
        return Err(NO_PICTURE);
    }
    Ok((server.into(), path))
}

async fn fetch(
    state: &AppState,
    server: ServerId,
    path: &str,
    width: u32,
    height: u32,
) -> Result<Bytes, Error> {
    let server = crate::servers::find(state, server).await?;
    let bytes = state
        .clients
        .of(&server)?
        .picture(path, width, height)
        .await?;
    if sniff(&bytes).is_none() {
        return Err(plex::Error::NotAPicture.into());
    }
    Ok(bytes)
}

/// The type of a picture that a browser shows and that cannot run script.
fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let kind = infer::get(bytes)?.mime_type();
    ["image/jpeg", "image/png", "image/webp", "image/gif"]
        .into_iter()
        .find(|&allowed| allowed == kind)
}

/// The name of a variant in the cache. The path ends in a version, so a new picture has a new name.
fn key(server: ServerId, path: &str, width: u32, height: u32) -> String {
    hex::encode(Sha256::digest(format!("{server} {path} {width}x{height}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_clamped_to_few_variants() {
        assert_eq!(
            [0, 1, 300, 481, 9_999].map(bucket),
            [120, 120, 360, 720, 1920]
        );
    }

    #[test]
    fn only_pictures_without_script_pass() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some("image/jpeg"));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n"), Some("image/png"));
        assert_eq!(sniff(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
        assert_eq!(sniff(b"<html>"), None);
    }
}
