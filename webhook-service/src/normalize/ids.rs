//! Ids of titles in the databases of the world, and the subject that they make.

use serde_json::{Map, Value};

use super::{Fields, fields::text};

/// Puts an id such as `tmdb://10378` or an old agent's `com.plexapp.agents.thetvdb://81797/22/70?lang=en`.
pub(super) fn put_guid(fields: &mut Fields, guid: &str) {
    let Some((scheme, rest)) = guid.split_once("://") else {
        return;
    };
    let id = rest.split(['?', '/']).next().unwrap_or_default();
    let (database, id) = match scheme {
        "imdb" | "com.plexapp.agents.imdb" => ("imdb", id),
        "tmdb" | "com.plexapp.agents.themoviedb" => ("tmdb", id),
        "tvdb" | "com.plexapp.agents.thetvdb" => ("tvdb", id),
        "mbid" => ("mbid", id),
        "com.plexapp.agents.hama" => match id.split_once('-') {
            Some(("tvdb", id)) => ("tvdb", id),
            Some(("anidb", id)) => ("anidb", id),
            _ => return,
        },
        "plex" => ("plex_guid", rest),
        _ => return,
    };
    if !id.is_empty() && id != "0" {
        fields.put_in("ids", database, Some(id));
    }
}

/// An id that a sender gives in a field of its own; `0` and nothing mean that it does not know.
pub(super) fn put_id(fields: &mut Fields, database: &str, value: &Value, path: &[&str]) {
    let id = text(value, path).filter(|id| id != "0");
    fields.put_in("ids", database, id);
}

/// `tmdb:movie:157336`, `service:Plex`, …
pub(super) fn subject(fields: &Map<String, Value>) -> Option<String> {
    let of = |group: &str, key: &str| fields.get(group)?.get(key)?.as_str().map(clean);
    let media = fields.get("media_type").and_then(Value::as_str);
    let media = media.map_or_else(|| "title".to_owned(), clean);
    for database in ["tmdb", "tvdb", "imdb", "mbid", "plex", "jellyfin"] {
        if let Some(id) = of("ids", database) {
            return Some(format!("{database}:{media}:{id}"));
        }
    }
    let service = of("service", "name").map(|name| format!("service:{name}"));
    service.or_else(|| of("repository", "name").map(|name| format!("repository:{name}")))
}

fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_of_new_and_old_agents_are_understood() {
        let mut fields = Fields::default();
        for guid in [
            "imdb://tt14765720",
            "com.plexapp.agents.themoviedb://10378?lang=en",
            "com.plexapp.agents.hama://tvdb-81797/22/70?lang=en",
            "plex://episode/615580a9",
            "local://1",
            "nonsense",
        ] {
            put_guid(&mut fields, guid);
        }
        let fields = fields.into_map();
        assert_eq!(
            fields["ids"],
            json!({"imdb": "tt14765720", "tmdb": "10378", "tvdb": "81797", "plex_guid": "episode/615580a9"})
        );
        assert_eq!(subject(&fields).as_deref(), Some("tmdb:title:10378"));
    }
}
