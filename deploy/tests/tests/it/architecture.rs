//! The arrows between the crates, as ARCHITECTURE.md draws them, read from what Cargo knows.

use std::{collections::BTreeMap, fs};

use crate::repository::{Package, SERVICES, packages};

/// What a package may use of the workspace in its product code. A new package needs a row.
const ARROWS: [(&str, &[&str]); 16] = [
    ("shared-types", &[]),
    ("shared-bus", &["shared-types"]),
    ("shared-cache", &["shared-types"]),
    ("shared-db", &["shared-types"]),
    ("shared-http", &["shared-types"]),
    (
        "shared-runtime",
        &["shared-bus", "shared-cache", "shared-types"],
    ),
    ("shared-testkit", SHARED),
    (
        "gateway",
        &["shared-http", "shared-runtime", "shared-types"],
    ),
    ("auth-service", SHARED),
    ("plex-service", SHARED),
    ("download-service", SHARED),
    ("webhook-service", SHARED),
    ("medianest", EVERYTHING_THAT_RUNS),
    ("simulator", &[]),
    (
        "e2e",
        &[
            "shared-runtime",
            "shared-testkit",
            "shared-types",
            "simulator",
        ],
    ),
    ("bench", &["simulator"]),
];

const SHARED: &[&str] = &[
    "shared-bus",
    "shared-cache",
    "shared-db",
    "shared-http",
    "shared-runtime",
    "shared-types",
];

const EVERYTHING_THAT_RUNS: &[&str] = &[
    "auth-service",
    "download-service",
    "gateway",
    "plex-service",
    "shared-bus",
    "shared-cache",
    "shared-db",
    "shared-http",
    "shared-runtime",
    "shared-types",
    "webhook-service",
];

/// For tests only.
const TEST_ONLY: [&str; 4] = ["shared-testkit", "simulator", "e2e", "bench"];

#[test]
fn every_arrow_between_crates_is_allowed() {
    let allowed = BTreeMap::from(ARROWS);
    for package in packages() {
        let Some(row) = allowed.get(package.name.as_str()) else {
            panic!("{} has no row in ARROWS", package.name);
        };
        for used in &package.uses {
            assert!(
                row.contains(&used.as_str()),
                "{} must not use {used}; it may use {row:?}",
                package.name
            );
        }
    }
}

#[test]
fn a_service_does_not_know_another_service_not_even_in_its_tests() {
    let packages = packages();
    for service in SERVICES {
        let package = find(&packages, service);
        for used in package.uses.iter().chain(&package.tests_use) {
            assert!(
                !SERVICES.contains(&used.as_str()),
                "{service} uses {used}: ask over HTTP or listen to an event"
            );
        }
    }
}

#[test]
fn nothing_depends_on_the_medianest_binary() {
    for package in packages() {
        let mut used = package.uses.iter().chain(&package.tests_use);
        assert!(
            !used.any(|used| used == "medianest"),
            "{} uses medianest",
            package.name
        );
    }
}

#[test]
fn product_code_does_not_reach_test_code() {
    let packages = packages();
    let products = packages
        .iter()
        .filter(|package| !TEST_ONLY.contains(&package.name.as_str()));
    for package in products {
        for used in &package.uses {
            assert!(
                !TEST_ONLY.contains(&used.as_str()),
                "{} uses {used} outside of its tests",
                package.name
            );
        }
    }
}

#[test]
fn every_package_inherits_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = fs::read_to_string(&package.manifest).expect("the manifest can be read");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has no `[lints] workspace = true`",
            package.name
        );
    }
}

fn find<'a>(packages: &'a [Package], name: &str) -> &'a Package {
    packages
        .iter()
        .find(|package| package.name == name)
        .unwrap_or_else(|| panic!("{name} is not a package of the workspace"))
}
