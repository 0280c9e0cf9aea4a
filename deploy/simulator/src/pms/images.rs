//! Posters and backgrounds, in their own size or transcoded.

use actix_web::{HttpResponse, web, web::Path};

use super::{call::Call, collections, container::success, error::Refusal};
use crate::{
    art::{Drawing, Picture, Shape},
    simulator::existing,
};

type Answer = Result<HttpResponse, Refusal>;

const MAX_EDGE: u32 = 2_000;

/// `/library/metadata/{key}/{thumb|art}/{version}`
pub(super) async fn original(call: Call, path: Path<(String, String, String)>) -> Answer {
    let (key, picture, version) = path.into_inner();
    let source = item_picture(&call, &key, &picture, &version)?;
    send(source, None).await
}

/// The mosaic of a library.
pub(super) async fn composite(call: Call, path: Path<(String, String)>) -> Answer {
    let section = call.section(&path.0)?;
    let drawing = title_card(section.title(), &call.server().name);
    send(Source::Drawn(drawing), None).await
}

/// The picture of a collection.
pub(super) async fn collection(call: Call, path: Path<(String, String)>) -> Answer {
    let source = collection_picture(&call, &path.0)?;
    send(source, None).await
}

/// Any of the server's pictures in another size. Both width and height are needed.
pub(super) async fn transcode(call: Call) -> Answer {
    let edge = |name: &str| {
        let pixels = call
            .number(name)
            .and_then(|pixels| u32::try_from(pixels).ok());
        pixels
            .filter(|&pixels| pixels > 0)
            .map(|pixels| pixels.min(MAX_EDGE))
    };
    let (Some(width), Some(height)) = (edge("width"), edge("height")) else {
        return Err(Refusal::BAD_REQUEST);
    };
    let url = call.parameter("url").ok_or(Refusal::BAD_REQUEST)?;
    let path = url.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let source = match parts[..] {
        ["library", "metadata", key, picture, version] => {
            item_picture(&call, key, picture, version)?
        }
        ["library", "collections", key, "composite", _] => collection_picture(&call, key)?,
        _ => return Err(Refusal::NOT_FOUND),
    };
    let cover = call.is_on("minSize");
    send(source, Some((width, height, cover))).await
}

enum Source {
    Drawn(Drawing),
    /// A picture that lies beside a video; it is sent as it is.
    File(Vec<u8>, &'static str),
}

fn item_picture(call: &Call, key: &str, picture: &str, version: &str) -> Result<Source, Refusal> {
    let (id, _) = call.item(key)?;
    let library = &call.server().library;
    let item = library.item(id).ok_or(Refusal::NOT_FOUND)?;
    let picture = match picture {
        "thumb" if item.has_thumb && version != "-1" => Picture::Thumb,
        "art" if item.has_art => Picture::Art,
        _ => return Err(Refusal::NOT_FOUND),
    };
    let beside = library
        .picture_file(id)
        .filter(|_| picture == Picture::Thumb);
    if let Some(path) = beside {
        let is_png = path.extension().is_some_and(|extension| extension == "png");
        let content_type = if is_png { "image/png" } else { "image/jpeg" };
        let bytes = std::fs::read(path).ok().ok_or(Refusal::NOT_FOUND)?;
        return Ok(Source::File(bytes, content_type));
    }
    Ok(Source::Drawn(Drawing::of(&item, picture)))
}

fn collection_picture(call: &Call, key: &str) -> Result<Source, Refusal> {
    if existing(call.server(), key).is_some() {
        return Err(Refusal::NOT_FOUND);
    }
    let (collection, section) = collections::visible(call, key)?;
    Ok(Source::Drawn(title_card(
        &collection.title,
        section.title(),
    )))
}

fn title_card(title: &str, caption: &str) -> Drawing {
    Drawing {
        title: title.to_owned(),
        caption: caption.to_owned(),
        shape: Shape::Poster,
    }
}

async fn send(source: Source, wanted: Option<(u32, u32, bool)>) -> Answer {
    let (bytes, content_type) = match source {
        Source::File(bytes, content_type) => (bytes, content_type),
        Source::Drawn(drawing) => {
            let (width, height) = size(drawing.shape, wanted);
            let drawn = web::block(move || drawing.jpeg(width, height)).await;
            (drawn.ok().ok_or(Refusal::INTERNAL)?, "image/jpeg")
        }
    };
    Ok(success().content_type(content_type).body(bytes))
}

/// The size that keeps the proportions: inside the wanted box, or covering it.
fn size(shape: Shape, wanted: Option<(u32, u32, bool)>) -> (u32, u32) {
    let (own_width, own_height) = shape.size();
    let Some((width, height, cover)) = wanted else {
        return (own_width, own_height);
    };
    let by_width = (width, (width * own_height / own_width).max(1));
    let by_height = ((height * own_width / own_height).max(1), height);
    if (by_width.1 >= height) == cover {
        by_width
    } else {
        by_height
    }
}
