//! Search over all libraries of the caller.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{
    call::Call,
    container::Container,
    error::Refusal,
    row::{View, collection_row, row},
};
use crate::{
    catalog::{ItemId, Kind},
    library::{Order, fold, title_contains},
};

type Answer = Result<HttpResponse, Refusal>;

/// Hubs that are always listed, most of them empty.
const HUBS: [(&str, &str); 17] = [
    ("movie", "Movies"),
    ("show", "Shows"),
    ("episode", "Episodes"),
    ("collection", "Collections"),
    ("artist", "Artists"),
    ("album", "Albums"),
    ("track", "Tracks"),
    ("photoalbum", "Photo Albums"),
    ("autotag", "Automatic Tags"),
    ("photo", "Photos"),
    ("tag", "Tags"),
    ("genre", "Genres"),
    ("actor", "Actors"),
    ("director", "Directors"),
    ("playlist", "Playlists"),
    ("shared", "Shared"),
    ("place", "Places"),
];

/// Results grouped by type; three each unless `limit` says more.
pub(super) async fn hubs(call: Call) -> Answer {
    let query = fold(call.parameter("query").ok_or(Refusal::BAD_REQUEST)?);
    let limit = call.number("limit").unwrap_or(3);
    let hubs = HUBS
        .iter()
        .map(|&(kind, title)| hub(&call, kind, title, &query, limit))
        .collect();
    Ok(Container::new().list("Hub", hubs).answer(&call))
}

/// The best results of all types in one list.
pub(super) async fn library(call: Call) -> Answer {
    let query = fold(call.parameter("query").ok_or(Refusal::BAD_REQUEST)?);
    let wanted = call
        .parameter("searchTypes")
        .unwrap_or("movies,tv,otherVideos");
    let mut kinds = Vec::new();
    if wanted.contains("movies") || wanted.contains("otherVideos") {
        kinds.push(Kind::Movie);
    }
    if wanted.contains("tv") {
        kinds.extend([Kind::Show, Kind::Episode]);
    }
    let mut found: Vec<(f64, ItemId)> = kinds
        .iter()
        .flat_map(|&kind| matches(&call, kind, &query))
        .collect();
    found.sort_by(|left, right| right.0.total_cmp(&left.0));
    found.truncate(call.number("limit").unwrap_or(50));
    let results = found.into_iter().filter_map(|(score, id)| {
        Some(json!({"score": score, "Metadata": result_row(&call, id)?}))
    });
    Ok(Container::new()
        .list("SearchResult", results.collect())
        .answer(&call))
}

fn hub(call: &Call, kind: &str, title: &str, query: &str, limit: usize) -> Value {
    let mut rows = match Kind::from_number(kind) {
        Some(kind) => best(call, kind, query, limit + 1),
        None if kind == "collection" => collections(call, query),
        None => Vec::new(),
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let mut hub = json!({
        "title": title,
        "type": kind,
        "hubIdentifier": kind,
        "context": "",
        "size": rows.len(),
        "more": more,
        "style": "shelf",
    });
    if !rows.is_empty() {
        hub["Metadata"] = Value::Array(rows);
    }
    hub
}

fn best(call: &Call, kind: Kind, query: &str, limit: usize) -> Vec<Value> {
    let mut found = matches(call, kind, query);
    found.sort_by(|left, right| right.0.total_cmp(&left.0));
    found.truncate(limit);
    let rows = found.into_iter().filter_map(|(score, id)| {
        let mut row = result_row(call, id)?;
        row["score"] = json!(format!("{score:.5}"));
        Some(row)
    });
    rows.collect()
}

fn collections(call: &Call, query: &str) -> Vec<Value> {
    let server = call.server();
    let visible = call
        .sections()
        .flat_map(|section| server.library.collections.in_section(section.key));
    let matching = visible.filter(|collection| fold(&collection.title).contains(query));
    matching
        .map(|collection| collection_row(server, &collection))
        .collect()
}

/// Items whose title contains the text, with a score between 0 and 1.
fn matches(call: &Call, kind: Kind, query: &str) -> Vec<(f64, ItemId)> {
    let library = &call.server().library;
    let wanted = call.parameter("sectionId");
    let sections = call
        .sections()
        .filter(|section| wanted.is_none_or(|wanted| section.key.to_string() == wanted));
    let ids = sections.flat_map(|section| library.list(section.content, kind, Order::TITLE, &[]));
    ids.filter(|&id| !query.is_empty() && title_contains(library, id, query))
        .map(|id| (score(&fold(&library.title(id)), query), id))
        .collect()
}

fn score(title: &str, query: &str) -> f64 {
    match title {
        _ if title == query => 0.95,
        _ if title.starts_with(query) => 0.8,
        _ if title.contains(&format!(" {query}")) => 0.65,
        _ => 0.4,
    }
}

fn result_row(call: &Call, id: ItemId) -> Option<Value> {
    let item = call.server().library.item(id)?;
    Some(row(
        &item,
        call.section_of(id)?,
        &View::of_list(call).with_section(),
    ))
}
