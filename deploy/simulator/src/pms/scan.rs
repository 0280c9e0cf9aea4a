//! Scans: answered at once, done later, with the section `refreshing` meanwhile.

use std::{path::PathBuf, sync::Arc};

use actix_web::{HttpResponse, rt, web::Path};

use super::{call::Call, container::success, error::Refusal};
use crate::{
    library::{Content, Section},
    webhook,
    world::World,
};

/// Starts a scan of a library, or with `path=` of a folder in it.
pub(super) async fn refresh(call: Call, key: Path<String>) -> Result<HttpResponse, Refusal> {
    call.require_owner()?;
    let path = call.parameter("path").map(PathBuf::from);
    let chosen: Vec<u32> = match key.as_str() {
        "all" => call.sections().map(|section| section.key).collect(),
        key => vec![call.section(key)?.key],
    };
    for key in chosen {
        let (world, server) = (Arc::clone(call.world()), call.server().index);
        if let Some(section) = call.server().section(key) {
            section.scan_started();
        }
        rt::spawn(scan(world, server, key, path.clone()));
    }
    Ok(success().content_type("text/html").finish())
}

async fn scan(world: Arc<World>, server: usize, key: u32, path: Option<PathBuf>) {
    let server = &world.servers[server];
    let Some(section) = server.section(key) else {
        return;
    };
    tokio::time::sleep(server.scan_delay).await;
    let added = if section.content == Content::Videos {
        compare(&world, server.index, section, path).await
    } else {
        Vec::new()
    };
    section.scan_ended();
    for id in added {
        if let Err(error) = webhook::send(&world, server, "library.new", Some(id)).await {
            tracing::debug!(%error, "a web hook could not be delivered");
        }
    }
}

async fn compare(
    world: &Arc<World>,
    server: usize,
    section: &Section,
    path: Option<PathBuf>,
) -> Vec<crate::catalog::ItemId> {
    let scanned = Arc::clone(world);
    let scanning = tokio::task::spawn_blocking(move || {
        scanned.servers[server].library.videos.scan(path.as_deref())
    });
    let changes = scanning.await.unwrap_or_default();
    if changes.removed > 0 || !changes.added.is_empty() {
        section.content_changed();
    }
    changes.added
}
