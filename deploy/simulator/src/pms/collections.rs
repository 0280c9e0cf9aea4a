//! Collections: everybody sees those of his libraries, the owner changes them.

use actix_web::{HttpResponse, web::Path};
use url::form_urlencoded;

use super::{
    call::Call,
    container::{Container, success},
    error::Refusal,
    row::{View, collection_row, row},
};
use crate::{
    catalog::{ItemId, Kind},
    library::{Collection, Library, NewCollection, Section},
    simulator::existing,
    world::Server,
};

type Answer = Result<HttpResponse, Refusal>;

/// The collections of a library.
pub(super) async fn list(call: Call, key: Path<String>) -> Answer {
    Ok(of_section(&call, call.section(&key)?))
}

pub(super) fn of_section(call: &Call, section: &Section) -> HttpResponse {
    let server = call.server();
    let wanted = call
        .parameter("title")
        .map(str::to_lowercase)
        .unwrap_or_default();
    let mut found = server.library.collections.in_section(section.key);
    found.retain(|collection| collection.title.to_lowercase().contains(&wanted));
    Container::of_section(section)
        .with("title1", section.title())
        .with("viewGroup", section.kind().name())
        .page(call, "Metadata", &found, |collection| {
            Some(collection_row(server, collection))
        })
        .answer(call)
}

/// A collection.
pub(super) async fn detail(call: Call, key: Path<String>) -> Answer {
    one(&call, &key)
}

pub(super) fn one(call: &Call, key: &str) -> Answer {
    let (collection, section) = visible(call, key)?;
    let mut row = collection_row(call.server(), &collection);
    row["librarySectionID"] = section.key.into();
    row["librarySectionTitle"] = section.title().into();
    row["librarySectionKey"] = format!("/library/sections/{}", section.key).into();
    Ok(Container::of_section(section)
        .list("Metadata", vec![row])
        .answer(call))
}

/// The items of a collection.
pub(super) async fn children(call: Call, key: Path<String>) -> Answer {
    let (collection, section) = visible(&call, &key)?;
    let view = View::of_list(&call).with_section();
    let library = &call.server().library;
    let ids: Vec<_> = collection
        .items
        .iter()
        .copied()
        .filter(|&id| library.exists(id))
        .collect();
    Ok(Container::new()
        .page(&call, "Metadata", &ids, |&id| {
            Some(row(&library.item(id)?, section, &view))
        })
        .answer(&call))
}

/// Makes a collection; a title that exists already makes a second one.
pub(super) async fn create(call: Call) -> Answer {
    call.require_owner()?;
    let title = call.parameter("title").filter(|title| !title.is_empty());
    let title = title.ok_or(Refusal::BAD_REQUEST)?.to_owned();
    let section = call.section(call.parameter("sectionId").ok_or(Refusal::BAD_REQUEST)?)?;
    if call.is_on("smart") {
        return Err(Refusal::BAD_REQUEST);
    }
    let subtype = match call.parameter("type") {
        None => section.kind(),
        Some(number) => Kind::from_number(number).ok_or(Refusal::BAD_REQUEST)?,
    };
    let items = match call.parameter("uri") {
        None => Vec::new(),
        Some(uri) => items_of(call.server(), uri)?,
    };
    require_fitting(section, subtype, &items)?;
    let new = NewCollection {
        section: section.key,
        subtype,
        title,
        items,
    };
    let collection = call.server().library.collections.create(new);
    one(&call, &collection.rating_key.to_string())
}

/// Adds items; those that are in it already stay where they are.
pub(super) async fn add(call: Call, key: Path<String>) -> Answer {
    call.require_owner()?;
    let (collection, section) = visible(&call, &key)?;
    let added = items_of(
        call.server(),
        call.parameter("uri").ok_or(Refusal::BAD_REQUEST)?,
    )?;
    require_fitting(section, collection.subtype, &added)?;
    change(&call, &collection, |collection| {
        let new = added.iter().filter(|id| !collection.items.contains(id));
        let new: Vec<ItemId> = new.copied().collect();
        collection.items.extend(new);
    })
}

/// Takes an item out.
pub(super) async fn remove(call: Call, path: Path<(String, String)>) -> Answer {
    call.require_owner()?;
    let (collection, _) = visible(&call, &path.0)?;
    let removed = existing(call.server(), &path.1).ok_or(Refusal::NOT_FOUND)?;
    change(&call, &collection, |collection| {
        collection.items.retain(|&id| id != removed);
    })
}

/// Deletes a collection; its items stay.
pub(super) async fn delete(call: Call, key: Path<String>) -> Answer {
    call.require_owner()?;
    let (collection, _) = visible(&call, &key)?;
    call.server()
        .library
        .collections
        .delete(collection.rating_key);
    Ok(success().content_type("text/html").finish())
}

/// The other address of the same.
pub(super) async fn delete_in_section(call: Call, path: Path<(String, String)>) -> Answer {
    call.require_owner()?;
    let (collection, section) = visible(&call, &path.1)?;
    if section.key.to_string() != path.0 {
        return Err(Refusal::NOT_FOUND);
    }
    call.server()
        .library
        .collections
        .delete(collection.rating_key);
    Ok(success().content_type("text/html").finish())
}

/// Renames a collection or changes its summary; a title that is taken is a conflict.
pub(super) async fn edit(call: Call, key: Path<String>) -> Answer {
    call.require_owner()?;
    let section = call.section(&key)?;
    let (collection, _) = visible(&call, call.parameter("id").ok_or(Refusal::BAD_REQUEST)?)?;
    let title = call.parameter("title.value");
    let others = call.server().library.collections.in_section(section.key);
    let is_taken = others.iter().any(|other| {
        other.rating_key != collection.rating_key && Some(other.title.as_str()) == title
    });
    if is_taken {
        return Err(Refusal::CONFLICT);
    }
    change(&call, &collection, |collection| {
        if let Some(title) = title {
            title.clone_into(&mut collection.title);
        }
        if let Some(summary) = call.parameter("summary.value") {
            summary.clone_into(&mut collection.summary);
        }
    })?;
    Ok(success().content_type("text/html").finish())
}

/// Sort and mode of a collection are accepted and change nothing that is shown.
pub(super) async fn preferences(call: Call, key: Path<String>) -> Answer {
    call.require_owner()?;
    visible(&call, &key)?;
    Ok(success().content_type("text/html").finish())
}

/// A collection the caller may see, with its library.
pub(super) fn visible<'a>(call: &'a Call, key: &str) -> Result<(Collection, &'a Section), Refusal> {
    let key = key.parse().ok().ok_or(Refusal::NOT_FOUND)?;
    let collection = call
        .server()
        .library
        .collections
        .find(key)
        .ok_or(Refusal::NOT_FOUND)?;
    let section = call.section(&collection.section.to_string())?;
    Ok((collection, section))
}

fn change(call: &Call, collection: &Collection, edit: impl FnOnce(&mut Collection)) -> Answer {
    let collections = &call.server().library.collections;
    collections
        .change(collection.rating_key, edit)
        .ok_or(Refusal::NOT_FOUND)?;
    one(call, &collection.rating_key.to_string())
}

/// Reads `server://{machine}/com.plexapp.plugins.library/library/metadata/1,2,3`, also when it
/// arrives encoded twice.
fn items_of(server: &Server, uri: &str) -> Result<Vec<ItemId>, Refusal> {
    let decoded: String = form_urlencoded::parse(uri.as_bytes())
        .map(|(key, _)| key)
        .collect();
    let root = format!(
        "server://{}/com.plexapp.plugins.library",
        server.machine_identifier
    );
    let path = decoded.strip_prefix(&root).ok_or(Refusal::BAD_REQUEST)?;
    let keys = path
        .strip_prefix("/library/metadata/")
        .ok_or(Refusal::BAD_REQUEST)?;
    keys.split(',')
        .map(|key| existing(server, key).ok_or(Refusal::NOT_FOUND))
        .collect()
}

/// Items must be of the collection's type and library.
fn require_fitting(section: &Section, subtype: Kind, items: &[ItemId]) -> Result<(), Refusal> {
    let fits = |&id: &ItemId| id.kind() == subtype && Library::content_of(id) == section.content;
    let offers = section.content.kinds().contains(&subtype);
    if offers && items.iter().all(fits) {
        Ok(())
    } else {
        Err(Refusal::BAD_REQUEST)
    }
}
