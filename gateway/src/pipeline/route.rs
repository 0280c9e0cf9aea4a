//! The table of what may be asked for. The first matching row decides; what no row names is refused, so `/internal` is never reachable.

use crate::{limits::Class, upstreams::Upstream};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Everybody.
    Nobody,
    /// A signed-in person.
    Person,
    /// The service checks the sender itself (webhooks); credentials of people are not looked at.
    OwnCheck,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    Service(Upstream),
    Gateway,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) prefix: &'static str,
    pub(crate) answers: Answers,
    pub(crate) needs: Needs,
    pub(crate) class: Class,
}

const fn row(prefix: &'static str, answers: Answers, needs: Needs, class: Class) -> Route {
    Route {
        prefix,
        answers,
        needs,
        class,
    }
}

const AUTH: Answers = Answers::Service(Upstream::Auth);
const PLEX: Answers = Answers::Service(Upstream::Plex);
const DOWNLOAD: Answers = Answers::Service(Upstream::Download);
const WEBHOOK: Answers = Answers::Service(Upstream::Webhook);

/// A prefix matches whole segments: `/api/v1/me` matches `/api/v1/me/limits`, not `/api/v1/menu`.
static ROUTES: [Route; 27] = [
    row(
        "/.well-known/jwks.json",
        AUTH,
        Needs::Nobody,
        Class::Anonymous,
    ),
    row(
        "/api/docs",
        Answers::Gateway,
        Needs::Nobody,
        Class::Anonymous,
    ),
    row(
        "/api/v1/openapi.json",
        Answers::Gateway,
        Needs::Nobody,
        Class::Anonymous,
    ),
    row(
        "/api/v1/system/status",
        Answers::Gateway,
        Needs::Nobody,
        Class::User,
    ),
    row(
        "/api/v1/system",
        Answers::Gateway,
        Needs::Person,
        Class::User,
    ),
    row(
        "/api/v1/events",
        Answers::Gateway,
        Needs::Person,
        Class::User,
    ),
    row(
        "/api/v1/me/limits",
        Answers::Gateway,
        Needs::Person,
        Class::User,
    ),
    row("/api/v1/auth/logout", AUTH, Needs::Person, Class::User),
    row("/api/v1/auth/logout-all", AUTH, Needs::Person, Class::User),
    row(
        "/api/v1/auth/plex/pins",
        AUTH,
        Needs::Nobody,
        Class::Anonymous,
    ),
    row("/api/v1/auth", AUTH, Needs::Nobody, Class::SignIn),
    row("/api/v1/me", AUTH, Needs::Person, Class::User),
    row("/api/v1/users", AUTH, Needs::Person, Class::User),
    row("/api/v1/invites", AUTH, Needs::Person, Class::User),
    row("/api/v1/audit", AUTH, Needs::Person, Class::User),
    row("/api/v1/plex/images", PLEX, Needs::Person, Class::Image),
    row("/api/v1/plex", PLEX, Needs::Person, Class::User),
    row("/api/v1/downloads", DOWNLOAD, Needs::Person, Class::User),
    row("/api/v1/webhooks", WEBHOOK, Needs::Person, Class::User),
    row("/api/v1/notifications", WEBHOOK, Needs::Person, Class::User),
    row("/hooks/v1", WEBHOOK, Needs::OwnCheck, Class::Hook),
    row("/assets", Answers::Gateway, Needs::OwnCheck, Class::Image),
    row("/api", Answers::Gateway, Needs::Nobody, Class::User),
    row("/internal", Answers::Gateway, Needs::OwnCheck, Class::User),
    row(
        "/hooks",
        Answers::Gateway,
        Needs::OwnCheck,
        Class::Anonymous,
    ),
    row("/metrics", Answers::Gateway, Needs::OwnCheck, Class::User),
    row("", Answers::Gateway, Needs::OwnCheck, Class::Image),
];

/// The row for a path.
pub(crate) fn find(path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| {
        path.strip_prefix(route.prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || route.prefix.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_routes_of_services_are_not_reachable() {
        for path in [
            "/internal",
            "/internal/tokens",
            "/api/v1/internal/tokens",
            "/api/v2/me",
        ] {
            let route = find(path).expect("the last row takes all");
            assert_eq!(route.answers, Answers::Gateway, "{path}");
        }
    }

    #[test]
    fn prefixes_match_whole_segments() {
        let found = |path| find(path).expect("a row").prefix;
        assert_eq!(found("/api/v1/me"), "/api/v1/me");
        assert_eq!(found("/api/v1/menu"), "/api");
        assert_eq!(found("/api/v1/me/limits"), "/api/v1/me/limits");
        assert_eq!(found("/library/1"), "");
    }
}
