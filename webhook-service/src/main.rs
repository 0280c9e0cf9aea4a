//! The webhook-service binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    shared_runtime::run_service(&shared_runtime::Definition {
        name: webhook_service::NAME,
        section: "webhook",
        build: |config, parts| Box::pin(webhook_service::build(config, parts)),
    })
}
