//! Who may be told what. An event that no rule names reaches nobody.

use std::collections::HashSet;

use serde_json::Value;
use shared_http::Caller;
use shared_types::{access::Scope, event::Event, ids::LibraryId};

/// A person with an open stream.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) caller: Caller,
    /// When the token was issued, epoch seconds.
    pub(crate) issued_at: i64,
    /// The libraries that plex-service lets the person see.
    pub(crate) libraries: HashSet<LibraryId>,
}

impl Viewer {
    /// Whether the person may be told.
    pub(crate) fn may_see(&self, event: &Event) -> bool {
        let key = event.routing_key();
        let (domain, fact) = key.split_once('.').unwrap_or((key, ""));
        match domain {
            "download" => self.owns(&event.data) || self.caller.has(Scope::DownloadsManage),
            "notification" => self.owns(&event.data),
            "library" => self.sees_library(&event.data),
            "plex" if fact.starts_with("server_") => self.caller.has(Scope::LibraryManage),
            "user" => self.caller.has(Scope::UsersManage),
            "webhook" | "media" | "request" | "playback" | "issue" | "service" | "health" => {
                self.caller.has(Scope::WebhooksManage)
            }
            _ => false,
        }
    }

    fn owns(&self, data: &Value) -> bool {
        data["user_id"].as_str() == Some(self.caller.user_id.to_string().as_str())
    }

    fn sees_library(&self, data: &Value) -> bool {
        let library = data["library_id"]
            .as_str()
            .and_then(|id| id.parse::<LibraryId>().ok());
        library.is_some_and(|library| self.libraries.contains(&library))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared_runtime::SystemClock;
    use shared_types::{
        access::{Claims, Role},
        ids::{SessionId, UserId},
    };

    use super::*;

    fn viewer(role: Role, libraries: &[LibraryId]) -> Viewer {
        let scopes: Vec<_> = role.scopes().iter().map(|scope| scope.as_str()).collect();
        let caller = Caller::from_claims(Claims {
            iss: String::new(),
            aud: Vec::new(),
            sub: UserId::generate(&SystemClock),
            client_id: String::new(),
            sid: SessionId::generate(&SystemClock),
            jti: String::new(),
            scope: scopes.join(" "),
            role,
            name: String::new(),
            iat: 0,
            nbf: 0,
            exp: 0,
        });
        Viewer {
            caller,
            issued_at: 0,
            libraries: libraries.iter().copied().collect(),
        }
    }

    fn event(kind: &str, data: &Value) -> Event {
        Event::of_kind(
            &SystemClock,
            "test",
            &format!("medianest.{kind}.v1"),
            "x".into(),
            data,
        )
    }

    #[test]
    fn a_person_hears_of_their_own_downloads_only() {
        let (alice, bob) = (viewer(Role::Member, &[]), viewer(Role::Member, &[]));
        let event = event(
            "download.progress",
            &json!({"user_id": alice.caller.user_id}),
        );
        assert!(alice.may_see(&event));
        assert!(!bob.may_see(&event));
        assert!(viewer(Role::Admin, &[]).may_see(&event));
    }

    #[test]
    fn library_news_reach_only_who_sees_the_library() {
        let library = LibraryId::generate(&SystemClock);
        let event = event("library.item_added", &json!({"library_id": library}));
        assert!(viewer(Role::Member, &[library]).may_see(&event));
        assert!(!viewer(Role::Member, &[]).may_see(&event));
    }

    #[test]
    fn webhooks_are_for_admins_and_sessions_for_nobody() {
        let (member, admin) = (viewer(Role::Member, &[]), viewer(Role::Admin, &[]));
        assert!(!member.may_see(&event("webhook.received", &json!({}))));
        assert!(admin.may_see(&event("webhook.received", &json!({}))));
        assert!(!admin.may_see(&event("session.revoked", &json!({}))));
    }
}
