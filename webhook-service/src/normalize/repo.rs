//! GitHub, Gitea and Forgejo: the event is in a header, the action in the body.

use serde_json::Value;

use super::{
    Fields, Input, Normalized, Reading,
    fields::{list, text},
    one, topic_part, unknown,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let event = ["x-gitea-event", "x-forgejo-event", "x-github-event"];
    let Some(event) = event.iter().find_map(|name| input.header(name)) else {
        return unknown(input, None);
    };
    let action = text(document, &["action"]);
    let name = match (event, &action) {
        ("ping", _) => "webhook.test".to_owned(),
        (event, Some(action)) => format!("repo.{}.{}", topic_part(event), topic_part(action)),
        (event, None) => format!("repo.{}", topic_part(event)),
    };
    let event_type = match action {
        Some(action) => format!("{event}.{action}"),
        None => event.to_owned(),
    };
    let fields = fields(document);
    let is_degraded = !fields.has("repository") && name != "webhook.test";
    let event = Normalized::new(&name, input, fields).degraded(is_degraded);
    one(Some(event_type), event)
}

fn fields(document: &Value) -> Fields {
    let mut fields = Fields::default();
    let get = |path: &[&str]| text(document, path);
    let title = ["issue", "pull_request", "discussion"]
        .iter()
        .find_map(|key| get(&[key, "title"]))
        .or_else(|| get(&["release", "name"]))
        .or_else(|| get(&["head_commit", "message"]));
    let url = ["issue", "pull_request", "release", "repository"]
        .iter()
        .find_map(|key| get(&[key, "html_url"]));
    let commits = list(document, &["commits"]).len();
    let user = get(&["sender", "login"]).or_else(|| get(&["sender", "username"]));
    fields
        .put_in("repository", "name", get(&["repository", "full_name"]))
        .put_in("repository", "url", get(&["repository", "html_url"]))
        .put_in("user", "name", user)
        .put_in("user", "id", get(&["sender", "id"]))
        .put("title", title)
        .put("url", url)
        .put("ref", get(&["ref"]))
        .put("tag", get(&["release", "tag_name"]))
        .put("number", get(&["number"]))
        .put("commit_count", (commits > 0).then_some(commits));
    fields
}
