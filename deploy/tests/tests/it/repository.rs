//! The repository as it lies on disk: its root, its files and its packages, for the tests about the project itself.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The names of the five services, which are also their folders and packages.
pub(crate) const SERVICES: [&str; 5] = [
    "auth-service",
    "download-service",
    "gateway",
    "plex-service",
    "webhook-service",
];

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("deploy/tests is two levels down")
}

/// Every file that is or could be committed, relative to the root: ignored files are not among them.
pub(crate) fn files() -> Vec<String> {
    let arguments = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let mut files: Vec<_> = output("git", &arguments)
        .lines()
        .filter(|path| root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    files
}

/// Those of [`files`] that end in `.{extension}`.
pub(crate) fn files_of_kind(extension: &str) -> Vec<String> {
    let ending = format!(".{extension}");
    let mut files = files();
    files.retain(|path| path.ends_with(&ending));
    files
}

/// The text of a file; `None` for pictures and the like.
pub(crate) fn text(path: &str) -> Option<String> {
    let bytes = fs::read(root().join(path)).expect("a listed file can be read");
    String::from_utf8(bytes).ok()
}

/// The names in a folder, sorted.
pub(crate) fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder))
        .unwrap_or_else(|err| panic!("{folder} cannot be read: {err}"));
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// One package of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its manifest.
    pub(crate) manifest: PathBuf,
    /// Packages of the workspace that its product code (or build script) uses.
    pub(crate) uses: Vec<String>,
    /// Packages of the workspace that only its tests use.
    pub(crate) tests_use: Vec<String>,
}

/// The packages of the workspace, as Cargo sees them.
pub(crate) fn packages() -> Vec<Package> {
    let arguments = [
        "metadata",
        "--no-deps",
        "--offline",
        "--locked",
        "--format-version=1",
    ];
    let metadata: Value =
        serde_json::from_str(&output(env!("CARGO"), &arguments)).expect("metadata is JSON");
    array(&metadata["packages"]).iter().map(package).collect()
}

fn package(metadata: &Value) -> Package {
    let (tests_use, uses) = array(&metadata["dependencies"])
        .iter()
        .filter(|dependency| dependency["path"].is_string())
        .partition::<Vec<_>, _>(|dependency| dependency["kind"] == "dev");
    let names = |dependencies: Vec<&Value>| {
        let name = |dependency: &Value| string(&dependency["name"]);
        dependencies.into_iter().map(name).collect()
    };
    Package {
        name: string(&metadata["name"]),
        manifest: PathBuf::from(string(&metadata["manifest_path"])),
        uses: names(uses),
        tests_use: names(tests_use),
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

fn string(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "asks git and Cargo about the repository"
)]
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap_or_else(|err| panic!("{program} does not start: {err}"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {told}");
    String::from_utf8(output.stdout).expect("the answer is text")
}
