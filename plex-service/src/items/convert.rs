//! From Plex's words to a row of the mirror.

use shared_db::Json;
use shared_types::{Clock, ids::ItemId};

use super::Details;
use crate::{
    plex::{Metadata, is_picture_path},
    search::text::fold,
    store::{items::ItemRow, libraries::LibraryRow},
};

const MIRRORED: [&str; 6] = ["movie", "show", "season", "episode", "artist", "album"];

/// The row for an item, or none for kinds that are not mirrored and for entries without an id or a title.
pub(crate) fn item_row(
    clock: &dyn Clock,
    library: &LibraryRow,
    generation: i64,
    item: &Metadata,
) -> Option<ItemRow> {
    let kind = item
        .kind
        .clone()
        .filter(|kind| MIRRORED.contains(&kind.as_str()))?;
    let title = item.title.clone()?;
    let details = Details::of(item);
    Some(ItemRow {
        id: ItemId::generate(clock).into(),
        library_id: library.id,
        server_id: library.server_id,
        rating_key: item.rating_key.clone()?,
        sort_title: fold(item.title_sort.as_deref().unwrap_or(&title)),
        folded_title: fold(&title),
        title,
        original_title: item.original_title.clone(),
        year: small(item.year).unwrap_or(0),
        parent_key: item.parent_rating_key.clone(),
        parent_title: item.parent_title.clone(),
        grandparent_title: item.grandparent_title.clone(),
        position: small(item.index).unwrap_or(0),
        parent_position: small(item.parent_index),
        summary: item.summary.clone(),
        duration_ms: item.duration,
        child_count: small(item.child_count.or(item.leaf_count)),
        thumb: picture([&item.thumb, &item.parent_thumb, &item.grandparent_thumb]),
        art: picture([&item.art]),
        genres: folded_list(&details.genres),
        details: Json::of(&details).expect("plain structs serialize"),
        added_at: item.added_at.unwrap_or(0),
        generation,
        kind,
    })
}

fn small(number: Option<i64>) -> Option<i32> {
    number.and_then(|number| i32::try_from(number).ok())
}

/// The first path that may be fetched.
fn picture<const N: usize>(candidates: [&Option<String>; N]) -> Option<String> {
    let paths = candidates.into_iter().flatten();
    let plain = paths.map(|path| path.split('?').next().unwrap_or_default());
    plain
        .filter(|path| is_picture_path(path))
        .map(str::to_owned)
        .next()
}

/// `|action|drama|`, to find one by `|action|`.
fn folded_list(texts: &[String]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let folded: Vec<_> = texts.iter().map(|text| fold(text)).collect();
    format!("|{}|", folded.join("|"))
}
