//! A wrong configuration stops the start with one line per fault.

use std::{collections::BTreeMap, fs, path::PathBuf};

use e2e::Process;
use shared_testkit::{eventually, setting};

#[tokio::test]
async fn every_fault_of_the_configuration_is_told_in_one_line() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let config = dir.path().join("medianest.toml");
    let text = "[server]\nbind = 'nowhere'\nbnid = 1\n[download]\nworkers = 'many'\n[plx]\n[security]\npublic_url = 'http://media.example'\n";
    fs::write(&config, text).expect("written");
    let log = dir.path().join("log");
    let path = config.display().to_string();
    let mut process = Process::start(
        &medianest(),
        &["--config", &path, "serve"],
        &BTreeMap::new(),
        &log,
    );
    let mut code = None;
    eventually("the start is refused", || {
        code = process.ended();
        std::future::ready(code.is_some())
    })
    .await;
    assert_eq!(code, Some(2));
    let told = process.log();
    for fault in [
        "server.bind",
        "server.bnid",
        "download.workers",
        "plx",
        "security.cookie_mode",
    ] {
        let lines = told
            .lines()
            .filter(|line| line.starts_with(&format!("{fault}:")))
            .count();
        assert_eq!(lines, 1, "{fault} in:\n{told}");
    }
    assert_eq!(told.trim().lines().count(), 5, "{told}");
}

fn medianest() -> PathBuf {
    let usual = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/debug");
    setting("MEDIANEST_TEST_BIN_DIR")
        .map_or_else(usual, PathBuf::from)
        .join("medianest")
}
