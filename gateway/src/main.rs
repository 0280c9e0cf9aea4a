//! The gateway as its own process.

use std::process::ExitCode;

fn main() -> ExitCode {
    shared_runtime::run_service(&shared_runtime::Definition {
        name: gateway::NAME,
        section: "gateway",
        build: |config, parts| Box::pin(gateway::build(config, parts)),
    })
}
