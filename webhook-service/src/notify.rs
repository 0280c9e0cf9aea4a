//! What an event means to a person: whom to tell, and in which words.

use shared_types::{
    event::{DownloadFailed, DownloadInPlex, Event, Fact, NormalizedEvent, PlexServerDown},
    ids::UserId,
};

/// Longest title of a notification.
const MAX_TITLE_CHARS: usize = 200;

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Person(UserId),
    Admins,
}

/// A notification that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) audience: Audience,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) link: Option<String>,
}

/// `Ok(None)`: nobody needs to be told. `Err`: the event is not what its type says.
pub(crate) fn message(event: &Event) -> Result<Option<Message>, serde_json::Error> {
    Ok(match event.kind.as_str() {
        DownloadInPlex::TYPE => Some(in_plex(&event.fact()?)),
        DownloadFailed::TYPE => Some(failed(event.fact()?)),
        PlexServerDown::TYPE => Some(server_down(event.fact()?)),
        "medianest.request.available.v1" => normalized(event, available)?,
        "medianest.media.added.v1" => normalized(event, added)?,
        "medianest.service.down.v1" => normalized(event, service_down)?,
        _ => None,
    })
}

fn in_plex(fact: &DownloadInPlex) -> Message {
    Message {
        audience: Audience::Person(fact.user_id),
        kind: "download.in_plex".to_owned(),
        title: short(format!("“{}” is in Plex", fact.title)),
        body: match fact.item_ids.len() {
            0 | 1 => "Your download is ready to watch.".to_owned(),
            count => format!("All {count} videos of your download are ready to watch."),
        },
        link: Some("/downloads".to_owned()),
    }
}

fn failed(fact: DownloadFailed) -> Message {
    let title = match fact.title {
        Some(title) => format!("“{title}” could not be downloaded"),
        None => "A download failed".to_owned(),
    };
    Message {
        audience: Audience::Person(fact.user_id),
        kind: "download.failed".to_owned(),
        title: short(title),
        body: fact.message,
        link: Some("/downloads".to_owned()),
    }
}

fn server_down(fact: PlexServerDown) -> Message {
    Message {
        audience: Audience::Admins,
        kind: "plex.server_down".to_owned(),
        title: short(format!("The Plex server “{}” does not answer", fact.name)),
        body: fact.reason,
        link: None,
    }
}

fn normalized(
    event: &Event,
    describe: fn(&NormalizedEvent) -> (String, String),
) -> Result<Option<Message>, serde_json::Error> {
    let fact: NormalizedEvent = serde_json::from_value(event.data.clone())?;
    let (title, body) = describe(&fact);
    Ok(Some(Message {
        audience: Audience::Admins,
        kind: fact.name,
        title: short(title),
        body,
        link: None,
    }))
}

fn available(fact: &NormalizedEvent) -> (String, String) {
    let body = match text(fact, &["user", "name"]) {
        Some(name) => format!("{name} asked for it."),
        None => "A request was fulfilled.".to_owned(),
    };
    (format!("“{}” is available", name_of(fact)), body)
}

fn added(fact: &NormalizedEvent) -> (String, String) {
    let body = match text(fact, &["library"]) {
        Some(library) => format!("It is new in {library}."),
        None => "It is new in your library.".to_owned(),
    };
    (format!("“{}” was added", name_of(fact)), body)
}

fn service_down(fact: &NormalizedEvent) -> (String, String) {
    let name = text(fact, &["service", "name"]).unwrap_or_else(|| "A service".to_owned());
    let body = text(fact, &["service", "message"]).or_else(|| text(fact, &["message"]));
    let body = body.unwrap_or_else(|| "It does not answer.".to_owned());
    (format!("{name} is down"), body)
}

/// `Show: Episode`, or the title alone.
fn name_of(fact: &NormalizedEvent) -> String {
    let title = text(fact, &["title"]).unwrap_or_else(|| "Something".to_owned());
    match text(fact, &["grandparent_title"]) {
        Some(show) => format!("{show}: {title}"),
        None => title,
    }
}

fn text(fact: &NormalizedEvent, path: &[&str]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let value = fact.fields.get(*first)?;
    let value = rest.iter().try_fold(value, |value, key| value.get(*key))?;
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .or_else(|| value.as_number().map(ToString::to_string))
}

fn short(title: String) -> String {
    if title.chars().count() <= MAX_TITLE_CHARS {
        return title;
    }
    let mut cut: String = title.chars().take(MAX_TITLE_CHARS - 1).collect();
    cut.push('…');
    cut
}
