//! Items by rating key, their children, and what is new.

use std::cmp::Reverse;

use actix_web::{HttpResponse, web::Path};
use serde_json::{Value, json};

use super::{
    call::Call,
    collections,
    container::Container,
    error::Refusal,
    row::{View, row},
    sections,
};
use crate::{
    catalog::{Item, ItemId},
    library::Section,
};

type Answer = Result<HttpResponse, Refusal>;

/// One or several items; keys that do not exist are left out.
pub(super) async fn detail(call: Call, keys: Path<String>) -> Answer {
    let found: Vec<(ItemId, &Section)> = keys
        .split(',')
        .filter_map(|key| call.item(key).ok())
        .collect();
    let Some(&(_, section)) = found.first() else {
        return collections::one(&call, &keys);
    };
    let is_one_section = found.iter().all(|(_, other)| other.key == section.key);
    let container = if is_one_section {
        Container::of_section(section)
    } else {
        Container::library()
    };
    let library = &call.server().library;
    let view = View::detail();
    let rows = found
        .iter()
        .filter_map(|&(id, section)| Some(row(&library.item(id)?, section, &view)));
    Ok(container.list("Metadata", rows.collect()).answer(&call))
}

/// Seasons of a show, episodes of a season.
pub(super) async fn children(call: Call, key: Path<String>) -> Answer {
    let (id, section) = call.item(&key)?;
    let library = &call.server().library;
    let parent = library.item(id).ok_or(Refusal::NOT_FOUND)?;
    let ids = library.children(id);
    let mut container = family(&call, section, &parent);
    let is_show = matches!(id, ItemId::Show(_));
    if is_show && ids.len() > 1 && !call.is_on("excludeAllLeaves") {
        container = container.with("Directory", json!([all_episodes(&parent)]));
    }
    Ok(page_of(&call, container, section, &ids))
}

/// All episodes below a show or season.
pub(super) async fn all_leaves(call: Call, key: Path<String>) -> Answer {
    let (id, section) = call.item(&key)?;
    let library = &call.server().library;
    let parent = library.item(id).ok_or(Refusal::NOT_FOUND)?;
    let ids = library.leaves(id);
    Ok(page_of(
        &call,
        family(&call, section, &parent),
        section,
        &ids,
    ))
}

/// The newest items of all libraries the caller sees.
pub(super) async fn recently_added(call: Call) -> HttpResponse {
    let library = &call.server().library;
    let mut ids: Vec<ItemId> = call
        .sections()
        .flat_map(|section| sections::newest(&call, section))
        .collect();
    ids.sort_by_cached_key(|&id| Reverse((library.added_at(id), id)));
    let view = View::of_list(&call).with_section();
    Container::library()
        .page(&call, "Metadata", &ids, |&id| {
            Some(row(&library.item(id)?, call.section_of(id)?, &view))
        })
        .answer(&call)
}

fn page_of(call: &Call, container: Container, section: &Section, ids: &[ItemId]) -> HttpResponse {
    let view = View::of_list(call);
    let library = &call.server().library;
    container
        .page(call, "Metadata", ids, |&id| {
            Some(row(&library.item(id)?, section, &view))
        })
        .answer(call)
}

/// Container attributes of a list of children. `parentTitle` is empty for episodes and
/// `grandparentRatingKey` a number, as recorded.
fn family(call: &Call, section: &Section, parent: &Item) -> Container {
    let key = parent.id.rating_key();
    let container = Container::of_section(section)
        .with("key", key.to_string())
        .with("nocache", true)
        .with(
            "thumb",
            format!("/library/metadata/{key}/thumb/{}", parent.picture()),
        );
    let Some(show) = &parent.parent else {
        return container
            .with("title1", section.title())
            .with("title2", parent.title.as_str())
            .with("parentTitle", parent.title.as_str())
            .with("summary", parent.summary.as_str())
            .with("parentIndex", 1)
            .with("viewGroup", "season");
    };
    let title = call.server().library.title(show.id);
    container
        .with("grandparentRatingKey", show.id.rating_key())
        .with("grandparentTitle", title.as_str())
        .with("parentTitle", "")
        .with("parentIndex", parent.index.unwrap_or_default())
        .with("title1", title)
        .with("title2", parent.title.as_str())
        .with("viewGroup", "episode")
}

/// The extra entry beside the seasons: no rating key, no type.
fn all_episodes(show: &Item) -> Value {
    let key = show.id.rating_key();
    json!({
        "leafCount": show.leaf_count,
        "thumb": format!("/library/metadata/{key}/thumb/{}", show.picture()),
        "viewedLeafCount": 0,
        "key": format!("/library/metadata/{key}/allLeaves"),
        "title": "All episodes",
    })
}
