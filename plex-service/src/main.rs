//! plex-service as its own process.

use std::process::ExitCode;

fn main() -> ExitCode {
    shared_runtime::run_service(&shared_runtime::Definition {
        name: plex_service::NAME,
        section: "plex",
        build: |config, parts| Box::pin(plex_service::build(config, parts)),
    })
}
