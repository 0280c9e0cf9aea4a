//! Who the server is, what it does at the moment, and what was watched.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::{Value, json};

use super::{
    call::{Call, target, wants_json},
    container::Container,
    error::Refusal,
    row::{View, row},
};
use crate::{
    catalog::ItemId,
    fault::FaultTarget,
    hash,
    session::Session,
    world::{Account, World},
};

type Answer = Result<HttpResponse, Refusal>;

const VERSION: &str = "1.43.1.10611-1e34174b1";
const HISTORY_ROWS: usize = 60;
/// 2026-10-01; the latest view in the history.
const LAST_VIEW: i64 = 1_790_812_800;

/// Needs no token.
pub(super) async fn identity(request: HttpRequest, world: Data<World>) -> Answer {
    let Some(FaultTarget::Server(index)) = target(&request) else {
        return Err(Refusal::INTERNAL);
    };
    let container = Container::new()
        .with("claimed", true)
        .with(
            "machineIdentifier",
            world.servers[index].machine_identifier.as_str(),
        )
        .with("version", VERSION);
    Ok(container.answer_as(wants_json(&request)))
}

/// Capabilities of the server.
pub(super) async fn root(call: Call) -> HttpResponse {
    let server = call.server();
    let owner = call
        .world()
        .owner()
        .map(|owner| owner.email.clone())
        .unwrap_or_default();
    Container::new()
        .with("allowSync", true)
        .with("apiVersion", "1.2.0")
        .with("friendlyName", server.name.as_str())
        .with("machineIdentifier", server.machine_identifier.as_str())
        .with("myPlex", true)
        .with("myPlexMappingState", "mapped")
        .with("myPlexSigninState", "ok")
        .with("myPlexSubscription", true)
        .with("myPlexUsername", owner)
        .with("platform", "Linux")
        .with("platformVersion", "6.12.0")
        .with("transcoderPhoto", true)
        .with("transcoderVideo", true)
        .with("updatedAt", 1_790_000_000)
        .with("version", VERSION)
        .answer(&call)
}

/// Running scans.
pub(super) async fn activities(call: Call) -> Answer {
    call.require_owner()?;
    let scanning = call
        .sections()
        .filter(|section| section.is_refreshing())
        .map(|section| {
            json!({
                "uuid": hash::uuid(u64::from(section.key)),
                "type": "library.update.section",
                "cancellable": true,
                "userID": 1,
                "title": format!("Scanning {}", section.title()),
                "subtitle": "",
                "progress": -1,
                "Context": {"librarySectionID": section.key.to_string()},
            })
        });
    Ok(Container::new()
        .list("Activity", scanning.collect())
        .answer(&call))
}

/// Everybody the server knows; removed people stay listed.
pub(super) async fn accounts(call: Call) -> Answer {
    call.require_owner()?;
    let row = |id: u64, name: &str, thumb: &str| {
        json!({
            "id": id, "key": format!("/accounts/{id}"), "name": name,
            "defaultAudioLanguage": "en", "autoSelectAudio": true,
            "defaultSubtitleLanguage": "en", "subtitleMode": 1, "thumb": thumb,
        })
    };
    let mut rows = vec![row(0, "", "")];
    let known = call
        .world()
        .accounts
        .iter()
        .filter(|account| account.reaches(call.server()));
    rows.extend(known.map(|one| row(one.local_id(), &one.username, &one.thumb())));
    Ok(Container::new()
        .with("identifier", "com.plexapp.system.accounts")
        .list("Account", rows)
        .answer(&call))
}

/// What is being played now.
pub(super) async fn sessions(call: Call) -> Answer {
    call.require_owner()?;
    let running = call.server().sessions.list();
    let rows = running
        .iter()
        .filter_map(|session| session_row(&call, session))
        .collect();
    Ok(Container::new().list("Metadata", rows).answer(&call))
}

/// What was watched, newest first.
pub(super) async fn history(call: Call) -> Answer {
    call.require_owner()?;
    let account = call.number("accountID").map(|id| id as u64);
    let section = call.parameter("librarySectionID");
    let mut rows: Vec<Value> = (0..HISTORY_ROWS)
        .filter_map(|number| history_row(&call, number))
        .collect();
    rows.retain(|row| {
        account.is_none_or(|id| row["accountID"] == json!(id))
            && section.is_none_or(|key| row["librarySectionID"] == json!(key))
    });
    Ok(Container::new()
        .page(&call, "Metadata", &rows, |row| Some(row.clone()))
        .answer(&call))
}

/// Ids are texts here.
fn session_row(call: &Call, session: &Session) -> Option<Value> {
    let item = call.server().library.item(session.item)?;
    let section = call.section_of(session.item)?;
    let mut row = row(&item, section, &View::default().with_section());
    let owner = call.account();
    row["librarySectionID"] = json!(section.key.to_string());
    row["sessionKey"] = json!(session.key.to_string());
    row["viewOffset"] = json!(item.duration_ms / 3);
    row["User"] = json!({"id": "1", "title": owner.username, "thumb": owner.thumb()});
    row["Player"] = json!({
        "address": "192.168.1.20", "machineIdentifier": "sim0player0living0room",
        "platform": "Android", "product": "Plex for Android (TV)", "state": session.state,
        "title": "Living Room TV", "version": "10.20.0", "local": true, "relayed": false,
        "secure": true, "userID": 1,
    });
    row["Session"] =
        json!({"id": hash::hex(session.key, 24), "bandwidth": 9500, "location": "lan"});
    if let Some(media) = row["Media"].get_mut(0) {
        media["id"] = json!(media["id"].to_string());
        media["Part"][0]["id"] = json!(media["Part"][0]["id"].to_string());
        media["Part"][0]["decision"] = json!("directplay");
    }
    Some(row)
}

fn history_row(call: &Call, number: usize) -> Option<Value> {
    let library = &call.server().library;
    let random = hash::mix(library.catalog.seed, 200, number as u64);
    let id = viewed_item(call, random)?;
    let item = library.item(id)?;
    let section = call.server().section_of(id)?;
    let mut row = row(&item, section, &View::default());
    let viewer = viewer(call, random)?;
    let kept = [
        "key",
        "ratingKey",
        "parentKey",
        "grandparentKey",
        "title",
        "grandparentTitle",
        "type",
        "thumb",
        "parentThumb",
        "grandparentThumb",
        "grandparentArt",
        "index",
        "parentIndex",
        "originallyAvailableAt",
    ];
    let fields = row.as_object_mut()?;
    fields.retain(|key, _| kept.contains(&key.as_str()));
    if number % 20 == 19 {
        // The item is gone: its rows stay, without a link.
        fields.remove("key");
        fields.remove("ratingKey");
    }
    let viewed_at = LAST_VIEW - i64::try_from(number).ok()? * 7_321;
    row["historyKey"] = json!(format!("/status/sessions/history/{}", number + 1));
    row["librarySectionID"] = json!(section.key.to_string());
    row["viewedAt"] = json!(viewed_at);
    row["accountID"] = json!(viewer.local_id());
    row["deviceID"] = json!(1 + random % 4);
    Some(row)
}

fn viewed_item(call: &Call, random: u64) -> Option<ItemId> {
    let catalog = call.server().library.catalog;
    if random.is_multiple_of(3) && catalog.shows > 0 {
        return catalog.leaves(hash::below(random, catalog.shows)).next();
    }
    (catalog.movies > 0).then(|| ItemId::Movie(hash::below(random >> 8, catalog.movies.min(200))))
}

fn viewer(call: &Call, random: u64) -> Option<&Account> {
    let accounts = &call.world().accounts;
    let reaching: Vec<&Account> = accounts
        .iter()
        .filter(|account| account.reaches(call.server()))
        .collect();
    (!reaching.is_empty()).then(|| hash::pick(&reaching, random >> 16))
}
