//! The file behind an item, with its streams in the detail.

use serde_json::{Map, Value, json};

use super::row::{View, put};
use crate::catalog::{Item, Media};

/// The one version an item has.
pub(super) fn add(row: &mut Map<String, Value>, item: &Item, view: &View) {
    if let Some(media) = &item.media {
        put(row, "Media", json!([media_row(item, media, view)]));
    }
}

fn media_row(item: &Item, media: &Media, view: &View) -> Value {
    let key = item.id.rating_key();
    let quality = media.quality;
    let mut part = json!({
        "id": key + 3,
        "key": format!("/library/parts/{}/{}/file.{}", key + 3, item.added_at, media.container),
        "duration": item.duration_ms,
        "file": media.file,
        "size": media.size,
        "container": media.container,
        "videoProfile": quality.profile,
    });
    if view.detail {
        part["Stream"] = streams(key, media);
    }
    json!({
        "id": key + 7,
        "duration": item.duration_ms,
        "bitrate": quality.bitrate,
        "width": quality.width,
        "height": quality.height,
        "aspectRatio": 1.78,
        "audioChannels": quality.channels,
        "audioCodec": quality.audio_codec,
        "videoCodec": quality.video_codec,
        "videoResolution": quality.resolution,
        "container": media.container,
        "videoFrameRate": "24p",
        "videoProfile": quality.profile,
        "Part": [part],
    })
}

fn streams(key: u64, media: &Media) -> Value {
    let quality = media.quality;
    json!([
        {
            "id": key * 10 + 1,
            "streamType": 1,
            "default": true,
            "codec": quality.video_codec,
            "index": 0,
            "bitrate": quality.bitrate,
            "width": quality.width,
            "height": quality.height,
            "frameRate": 23.976,
            "profile": quality.profile,
            "displayTitle": format!("{} ({})", quality.resolution, quality.video_codec),
        },
        {
            "id": key * 10 + 2,
            "streamType": 2,
            "selected": true,
            "default": true,
            "codec": quality.audio_codec,
            "index": 1,
            "channels": quality.channels,
            "bitrate": 384,
            "language": "English",
            "languageTag": "en",
            "languageCode": "eng",
            "samplingRate": 48000,
            "displayTitle": format!("English ({})", quality.audio_codec),
        }
    ])
}
