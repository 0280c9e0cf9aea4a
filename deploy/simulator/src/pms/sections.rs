//! Libraries and what is in them.

use actix_web::{HttpResponse, web::Path};
use serde_json::{Value, json};

use super::{
    call::Call,
    collections,
    container::Container,
    error::Refusal,
    row::{View, row},
};
use crate::{
    catalog::{GENRES, ItemId, Kind},
    library::{Content, Filter, Order, Section, genre_id},
};

type Answer = Result<HttpResponse, Refusal>;

/// The libraries shared with the caller.
pub(super) async fn list(call: Call) -> HttpResponse {
    let rows = call
        .sections()
        .map(|section| section_row(&call, section))
        .collect();
    Container::new()
        .with("allowSync", false)
        .with("title1", "Plex Library")
        .list("Directory", rows)
        .answer(&call)
}

/// The menu of a library.
pub(super) async fn menu(call: Call, key: Path<String>) -> Answer {
    const ENTRIES: [(&str, &str); 4] = [
        ("all", "All"),
        ("recentlyAdded", "Recently Added"),
        ("collection", "By Collection"),
        ("genre", "By Genre"),
    ];
    let section = call.section(&key)?;
    let entry = |&(key, title): &(&str, &str)| json!({"key": key, "title": title});
    Ok(Container::library()
        .with("librarySectionID", section.key)
        .with("title1", section.title())
        .with("viewGroup", "secondary")
        .list("Directory", ENTRIES.iter().map(entry).collect())
        .answer(&call))
}

/// The items of a library, with sorting, filters and paging.
pub(super) async fn all(call: Call, key: Path<String>) -> Answer {
    let section = call.section(&key)?;
    if call.parameter("type") == Some("18") {
        return Ok(collections::of_section(&call, section));
    }
    let order = call.parameter("sort").map_or(Order::TITLE, Order::parse);
    let filters: Vec<_> = call
        .query()
        .iter()
        .filter_map(|(key, value)| Filter::parse(key, value))
        .collect();
    let ids = items(&call, section, order, &filters)?;
    Ok(listing(&call, section, &ids))
}

/// `query=` is a title filter.
pub(super) async fn search(call: Call, key: Path<String>) -> Answer {
    let section = call.section(&key)?;
    let query = call.parameter("query").ok_or(Refusal::BAD_REQUEST)?;
    let filters: Vec<_> = Filter::parse("title", query).into_iter().collect();
    let ids = items(&call, section, Order::TITLE, &filters)?;
    Ok(listing(&call, section, &ids))
}

/// The newest first; of shows, their seasons.
pub(super) async fn recently_added(call: Call, key: Path<String>) -> Answer {
    let section = call.section(&key)?;
    Ok(listing(&call, section, &newest(&call, section)))
}

/// Values of the filter `genre`.
pub(super) async fn genres(call: Call, key: Path<String>) -> Answer {
    let section = call.section(&key)?;
    let rows = GENRES.iter().map(|genre| {
        let id = genre_id(genre).to_string();
        let fast_key = format!("/library/sections/{}/all?genre={id}", section.key);
        json!({"key": id, "title": genre, "fastKey": fast_key, "type": "genre"})
    });
    let rows = if section.content == Content::Videos {
        Vec::new()
    } else {
        rows.collect()
    };
    Ok(Container::library()
        .with("title1", section.title())
        .list("Directory", rows)
        .answer(&call))
}

/// The newest items of a library as "recently added" shows them.
pub(super) fn newest(call: &Call, section: &Section) -> Vec<ItemId> {
    let kind = if section.content == Content::Shows {
        Kind::Season
    } else {
        Kind::Movie
    };
    call.server()
        .library
        .list(section.content, kind, Order::NEWEST, &[])
}

fn items(
    call: &Call,
    section: &Section,
    order: Order,
    filters: &[Filter],
) -> Result<Vec<ItemId>, Refusal> {
    let kind = match call.parameter("type") {
        None => section.kind(),
        Some(number) => Kind::from_number(number).ok_or(Refusal::BAD_REQUEST)?,
    };
    let mut ids = call
        .server()
        .library
        .list(section.content, kind, order, filters);
    if let Some(limit) = call.number("limit") {
        ids.truncate(limit);
    }
    Ok(ids)
}

fn listing(call: &Call, section: &Section, ids: &[ItemId]) -> HttpResponse {
    let view = View::of_list(call);
    let library = &call.server().library;
    let kind = section.kind().name();
    let all = if section.content == Content::Shows {
        "All Shows"
    } else {
        "All Movies"
    };
    Container::of_section(section)
        .with("art", format!("/:/resources/{kind}-fanart.jpg"))
        .with("thumb", format!("/:/resources/{kind}.png"))
        .with("title1", section.title())
        .with("title2", all)
        .with("viewGroup", kind)
        .page(call, "Metadata", ids, |&id| {
            Some(row(&library.item(id)?, section, &view))
        })
        .answer(call)
}

fn section_row(call: &Call, section: &Section) -> Value {
    let kind = section.kind().name();
    let (agent, scanner) = match section.content {
        Content::Movies => ("tv.plex.agents.movie", "Plex Movie"),
        Content::Shows => ("tv.plex.agents.series", "Plex TV Series"),
        Content::Videos => ("com.plexapp.agents.none", "Plex Video Files Scanner"),
    };
    json!({
        "allowSync": call.account().is_owner,
        "art": format!("/:/resources/{kind}-fanart.jpg"),
        "composite": format!("/library/sections/{}/composite/{}", section.key, section.scanned_at()),
        "filters": true,
        "refreshing": section.is_refreshing(),
        "thumb": format!("/:/resources/{kind}.png"),
        "key": section.key.to_string(),
        "type": kind,
        "title": section.title(),
        "agent": agent,
        "scanner": scanner,
        "language": "en-US",
        "uuid": section.uuid,
        "updatedAt": 1_726_000_000,
        "createdAt": 1_420_000_000,
        "scannedAt": section.scanned_at(),
        "content": true,
        "directory": true,
        "contentChangedAt": section.content_changed_at(),
        "hidden": 0,
        "Location": [{"id": section.key + 20, "path": section.location}],
    })
}
