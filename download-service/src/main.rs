//! The download-service binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    shared_runtime::run_service(&shared_runtime::Definition {
        name: download_service::NAME,
        section: "download",
        build: |config, parts| Box::pin(download_service::build(config, parts)),
    })
}
