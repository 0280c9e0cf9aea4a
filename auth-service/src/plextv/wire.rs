//! What plex.tv sends, as far as we read it. Everything that may be absent is optional.

use serde::Deserialize;

/// A PIN.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pin {
    pub(crate) id: i64,
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) expires_in: Option<i64>,
    #[serde(default)]
    pub(crate) auth_token: Option<String>,
}

/// An account. The mail address is not read: nothing here needs it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) username: Option<String>,
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) thumb: Option<String>,
}

/// A device of an account or one that is shared with it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resource {
    #[serde(default)]
    pub(crate) client_identifier: String,
    #[serde(default)]
    pub(crate) provides: String,
    #[serde(default)]
    pub(crate) access_token: Option<String>,
}

impl Resource {
    /// Whether it is a media server.
    pub(crate) fn is_server(&self) -> bool {
        self.provides.split(',').any(|what| what.trim() == "server")
    }
}

impl Account {
    /// The name that the person goes by.
    pub(crate) fn name(&self) -> &str {
        let names = [self.username.as_deref(), self.title.as_deref()];
        names
            .into_iter()
            .flatten()
            .find(|name| !name.trim().is_empty())
            .unwrap_or("member")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_is_no_server_and_unknown_fields_do_not_matter() {
        let json = r#"[{"clientIdentifier":"a","provides":"player,pubsub-player","accessToken":null,"new":1},
            {"clientIdentifier":"b","provides":"client, server","accessToken":"t"},{}]"#;
        let resources: Vec<Resource> = serde_json::from_str(json).expect("parsed");
        let servers: Vec<_> = resources
            .iter()
            .filter(|resource| resource.is_server())
            .map(|resource| resource.client_identifier.as_str())
            .collect();
        assert_eq!(servers, ["b"]);
    }
}
