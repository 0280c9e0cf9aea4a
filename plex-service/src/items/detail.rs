//! Everything about one item: from the server when it answers, from the mirror otherwise.

use serde::{Deserialize, Serialize};
use shared_types::ids::ItemId;
use tracing::debug;
use utoipa::ToSchema;

use super::NO_ITEM;
use crate::{
    Error,
    app::AppState,
    plex::{Metadata, plex_url},
    store::{self, items::ItemRow, libraries::LibraryRow, servers::ServerRow},
    visibility::Visible,
};

/// What the detail page shows besides the summary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    pub(crate) tagline: Option<String>,
    pub(crate) content_rating: Option<String>,
    pub(crate) rating: Option<f64>,
    pub(crate) audience_rating: Option<f64>,
    pub(crate) studio: Option<String>,
    pub(crate) originally_available_at: Option<String>,
    pub(crate) genres: Vec<String>,
    pub(crate) directors: Vec<String>,
    pub(crate) writers: Vec<String>,
    pub(crate) cast: Vec<CastMember>,
    pub(crate) external_ids: ExternalIds,
    pub(crate) media: Vec<MediaVersion>,
    pub(crate) collections: Vec<String>,
}

/// A person on screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CastMember {
    /// Name.
    pub(crate) name: String,
    /// Whom they play.
    pub(crate) role: Option<String>,
}

/// Ids in other catalogs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ExternalIds {
    /// IMDb
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) imdb: Option<String>,
    /// The Movie Database
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tmdb: Option<String>,
    /// TheTVDB
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tvdb: Option<String>,
}

/// One version of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MediaVersion {
    /// `4k`, `1080`, `sd`
    pub(crate) resolution: Option<String>,
    /// Such as `h264`
    pub(crate) video_codec: Option<String>,
    /// Such as `aac`
    pub(crate) audio_codec: Option<String>,
    /// Such as `mkv`
    pub(crate) container: Option<String>,
    /// kbit/s
    pub(crate) bitrate_kbps: Option<i64>,
    /// Pixels
    pub(crate) width: Option<i64>,
    /// Pixels
    pub(crate) height: Option<i64>,
}

/// An item with everything that is known of it.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) row: ItemRow,
    pub(crate) details: Details,
    pub(crate) plex_url: String,
}

impl Details {
    pub(super) fn of(item: &Metadata) -> Self {
        let names =
            |tags: &[crate::plex::Tag]| tags.iter().filter_map(|tag| tag.tag.clone()).collect();
        Self {
            tagline: item.tagline.clone(),
            content_rating: item.content_rating.clone(),
            rating: item.rating,
            audience_rating: item.audience_rating,
            studio: item.studio.clone(),
            originally_available_at: item
                .originally_available_at
                .as_ref()
                .map(|day| date_of(day)),
            genres: names(&item.genre),
            directors: names(&item.director),
            writers: names(&item.writer),
            cast: item.role.iter().filter_map(cast_member).collect(),
            external_ids: external_ids(item),
            media: item.media.iter().map(media_version).collect(),
            collections: names(&item.collection),
        }
    }
}

fn cast_member(tag: &crate::plex::Tag) -> Option<CastMember> {
    Some(CastMember {
        name: tag.tag.clone()?,
        role: tag.role.clone(),
    })
}

fn media_version(media: &crate::plex::Media) -> MediaVersion {
    MediaVersion {
        resolution: media.video_resolution.clone(),
        video_codec: media.video_codec.clone(),
        audio_codec: media.audio_codec.clone(),
        container: media.container.clone(),
        bitrate_kbps: media.bitrate,
        width: media.width,
        height: media.height,
    }
}

/// Rarely a time follows the date.
fn date_of(text: &str) -> String {
    text.chars().take(10).collect()
}

/// Modern items list their ids in `Guid[]`; those of legacy agents have one in `guid`.
fn external_ids(item: &Metadata) -> ExternalIds {
    let mut ids = ExternalIds::default();
    let listed = item.guids.iter().filter_map(|guid| guid.id.as_deref());
    for guid in listed.chain(item.guid.as_deref()) {
        let Some((scheme, rest)) = guid.split_once("://") else {
            continue;
        };
        let id = rest.split(['?', '/']).next().unwrap_or_default();
        let slot = match scheme.strip_prefix("com.plexapp.agents.").unwrap_or(scheme) {
            "imdb" => &mut ids.imdb,
            "tmdb" | "themoviedb" => &mut ids.tmdb,
            "tvdb" | "thetvdb" => &mut ids.tvdb,
            _ => continue,
        };
        if slot.is_none() && !id.is_empty() {
            *slot = Some(id.to_owned());
        }
    }
    ids
}

/// Everything about an item that the person may see.
pub(crate) async fn find_detail(
    state: &AppState,
    visible: &Visible,
    id: ItemId,
) -> Result<Detail, Error> {
    let visible = visible.clone();
    let (row, library, server) = state
        .db
        .run(move |conn| {
            let row = store::items::find(conn, &visible, id)?.ok_or(NO_ITEM)?;
            let library =
                store::libraries::find_any(conn, row.library_id.into())?.ok_or(NO_ITEM)?;
            let server = store::servers::find(conn, row.server_id.into())?.ok_or(NO_ITEM)?;
            Ok::<_, Error>((row, library, server))
        })
        .await?;
    let live = live(state, &server, &library, &row).await;
    let details = match live {
        Some(details) => details,
        None => row.details.parse()?,
    };
    Ok(Detail {
        plex_url: plex_url(&server.machine_identifier, &row.rating_key),
        row,
        details,
    })
}

/// What the server says now; none when it does not answer, or when the item is in another section by now.
async fn live(
    state: &AppState,
    server: &ServerRow,
    library: &LibraryRow,
    row: &ItemRow,
) -> Option<Details> {
    if !server.is_up() {
        return None;
    }
    let client = state.clients.of(server).ok()?;
    match client.metadata(&row.rating_key).await {
        Ok(item) => {
            let section = item.library_section_id.as_deref();
            section
                .is_none_or(|section| section == library.plex_key)
                .then(|| Details::of(&item))
        }
        Err(err) => {
            debug!("The detail of item {} comes from the mirror: {err}", row.id);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids_of(value: serde_json::Value) -> ExternalIds {
        external_ids(&serde_json::from_value(value).expect("an item"))
    }

    #[test]
    fn ids_of_modern_and_legacy_agents_are_read() {
        let modern = ids_of(json!({
            "guid": "plex://movie/5d776834e6d55c002040ccce",
            "Guid": [{"id": "imdb://tt0133093"}, {"id": "tmdb://603"}, {"id": "tvdb://169"}],
        }));
        assert_eq!(modern.imdb.as_deref(), Some("tt0133093"));
        assert_eq!(modern.tmdb.as_deref(), Some("603"));
        assert_eq!(modern.tvdb.as_deref(), Some("169"));
        let legacy = ids_of(json!({"guid": "com.plexapp.agents.thetvdb://121361/1/2?lang=en"}));
        assert_eq!(legacy.tvdb.as_deref(), Some("121361"));
    }
}
