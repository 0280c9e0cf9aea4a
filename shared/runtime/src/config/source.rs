//! Reads the layers and hands out sections, collecting faults on the way.

use std::{collections::BTreeMap, fs, path::Path};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde_json::{Map, Value};

use super::{Common, Faults, Section};

/// Every section that exists. A section of another service is fine, any other name is a fault.
pub const SECTIONS: [&str; 15] = [
    "server",
    "data",
    "database",
    "bus",
    "cache",
    "services",
    "internal",
    "log",
    "telemetry",
    "security",
    "gateway",
    "auth",
    "plex",
    "download",
    "webhook",
];

/// The merged file and environment.
#[derive(Debug)]
pub struct Source {
    sections: BTreeMap<String, Map<String, Value>>,
    faults: Faults,
}

impl Source {
    /// Reads `file`, or the one that `MEDIANEST_CONFIG` names, and the environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn load(file: Option<&Path>) -> Self {
        let named = std::env::var("MEDIANEST_CONFIG").ok();
        let file = file.or(named.as_deref().map(Path::new));
        let mut figment = Figment::new();
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let settings = Env::prefixed("MEDIANEST_").filter(|key| key.as_str().contains("__"));
        Self::from_figment(&figment.merge(settings.split("__")))
    }

    /// Reads a TOML text only; for tests and examples.
    pub fn from_toml(text: &str) -> Self {
        Self::from_figment(&Figment::from(Toml::string(text)))
    }

    fn from_figment(figment: &Figment) -> Self {
        let mut faults = Faults::default();
        let values: Map<String, Value> = figment.extract().unwrap_or_else(|err| {
            faults.add("configuration", err);
            Map::new()
        });
        let mut sections = BTreeMap::new();
        for (name, value) in values {
            match value {
                Value::Object(keys) if SECTIONS.contains(&name.as_str()) => {
                    let keys = read_files(&name, &keys, &mut faults);
                    sections.insert(name, keys);
                }
                _ => faults.add(
                    &name,
                    format!(
                        "this section does not exist; there are {}",
                        SECTIONS.join(", ")
                    ),
                ),
            }
        }
        Self { sections, faults }
    }

    /// The section `name` over its defaults. Faulty keys keep their default and are noted.
    pub fn section<T: Section>(&mut self, name: &str) -> T {
        let known = known_keys::<T>();
        let mut accepted = Map::new();
        for (key, value) in self.sections.get(name).cloned().unwrap_or_default() {
            match with_key::<T>(&known, &accepted, &key, value) {
                Ok(better) => accepted = better,
                Err(fault) => self.faults.add(&format!("{name}.{key}"), fault),
            }
        }
        let section: T = serde_json::from_value(Value::Object(accepted)).unwrap_or_default();
        section.validate(&mut self.faults);
        section
    }

    /// The sections that all services share.
    pub fn common(&mut self) -> Common {
        Common::load(self)
    }

    /// Notes a fault that concerns several sections.
    pub fn add_fault(&mut self, key: &str, fault: &str) {
        self.faults.add(key, fault);
    }

    /// All faults found so far, as an error.
    pub fn finish(&self) -> Result<(), Faults> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(self.faults.clone())
        }
    }
}

fn known_keys<T: Section>() -> Vec<String> {
    let defaults = serde_json::to_value(T::default()).unwrap_or_default();
    defaults
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .collect()
}

/// The accepted keys with one more, if it exists and its value fits. Keys that are not given keep their default.
fn with_key<T: Section>(
    known: &[String],
    accepted: &Map<String, Value>,
    key: &str,
    value: Value,
) -> Result<Map<String, Value>, String> {
    if !known.iter().any(|name| name == key) {
        return Err(format!(
            "this setting does not exist; this section has {}",
            known.join(", ")
        ));
    }
    let mut candidate = accepted.clone();
    candidate.insert(key.to_owned(), value);
    serde_json::from_value::<T>(Value::Object(candidate.clone()))
        .map(|_fits| candidate)
        .map_err(|err| err.to_string())
}

/// Replaces `<key>_file` by `<key>` with the file's content.
fn read_files(section: &str, keys: &Map<String, Value>, faults: &mut Faults) -> Map<String, Value> {
    let mut read = Map::new();
    for (key, value) in keys {
        let Some(base) = key.strip_suffix("_file") else {
            read.insert(key.clone(), value.clone());
            continue;
        };
        let name = format!("{section}.{key}");
        if keys.contains_key(base) {
            faults.add(
                &name,
                format!("`{base}` and `{key}` are both set; keep one"),
            );
            continue;
        }
        match value.as_str().map(fs::read_to_string) {
            Some(Ok(text)) => {
                read.insert(base.to_owned(), Value::String(text.trim().to_owned()));
            }
            Some(Err(err)) => faults.add(&name, format!("cannot read {value}: {err}")),
            None => faults.add(&name, "must be the path of a file"),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
    #[serde(default, deny_unknown_fields)]
    struct Example {
        workers: usize,
        name: String,
        token: Option<crate::Secret>,
    }

    impl Default for Example {
        fn default() -> Self {
            Self {
                workers: 2,
                name: "x".into(),
                token: None,
            }
        }
    }

    impl Section for Example {}

    #[test]
    fn every_fault_is_reported_and_good_keys_are_kept() {
        let mut source = Source::from_toml(
            "[download]\nworkers = 'many'\nwrokers = 3\nname = 'y'\n[downlaod]\na = 1\n",
        );
        let example: Example = source.section("download");
        assert_eq!((example.workers, example.name.as_str()), (2, "y"));
        let faults = source.finish().expect_err("three faults");
        assert_eq!(faults.lines().len(), 3, "{faults}");
        assert!(
            faults
                .to_string()
                .contains("download.wrokers: this setting does not exist")
        );
        assert!(
            faults
                .to_string()
                .contains("downlaod: this section does not exist")
        );
    }

    #[test]
    fn a_secret_default_is_kept_when_another_key_is_set() {
        let mut source = Source::from_toml("[database]\nmax_connections = 7\n");
        let database: crate::config::DatabaseConfig = source.section("database");
        assert_eq!(
            (database.url.expose(), database.max_connections),
            ("sqlite:", 7)
        );
        assert!(source.finish().is_ok());
    }

    #[test]
    fn a_secret_comes_from_a_file_or_from_the_setting_but_not_from_both() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("token");
        fs::write(&path, "s3cret\n").expect("written");
        let mut source = Source::from_toml(&format!("[plex]\ntoken_file = '{}'\n", path.display()));
        let example: Example = source.section("plex");
        assert_eq!(example.token.expect("read").expose(), "s3cret");
        let both = format!("[plex]\ntoken_file = '{}'\ntoken = 'a'\n", path.display());
        assert!(Source::from_toml(&both).finish().is_err());
    }
}
