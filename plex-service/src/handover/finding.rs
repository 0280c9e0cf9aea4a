//! Finding the item that Plex made of a file.

use crate::{
    plex::{self, Metadata, PlexClient},
    store::libraries::LibraryRow,
};

/// Plex's number of what a file becomes, by the library's kind.
fn leaf_number(library_kind: &str) -> u8 {
    match library_kind {
        "show" => 4,
        "artist" => 10,
        _ => 1,
    }
}

/// The item whose file this is: by the server's own filter, and among the newest items for servers that have none.
pub(super) async fn find_by_file(
    client: &PlexClient,
    library: &LibraryRow,
    path: &str,
    name: &str,
) -> Result<Option<Metadata>, plex::Error> {
    let list = format!(
        "/library/sections/{}/all?type={}&includeGuids=1",
        library.plex_key,
        leaf_number(&library.kind)
    );
    for query in [
        format!("{list}&file={}", plex::encode(name)),
        format!("{list}&sort=addedAt:desc"),
    ] {
        match client.page(&query, 0).await {
            Ok(page) => {
                let mut items = page.items.into_iter();
                if let Some(item) = items.find(|item| has_file(item, path)) {
                    return Ok(Some(item));
                }
            }
            Err(err) if err.is_temporary() => return Err(err),
            // A server that refuses the filter may still list.
            Err(_) => {}
        }
    }
    Ok(None)
}

fn has_file(item: &Metadata, path: &str) -> bool {
    let parts = item.media.iter().flat_map(|media| &media.part);
    parts
        .filter_map(|part| part.file.as_deref())
        .any(|file| file == path)
}
