//! The program `auth-service`.

use std::process::ExitCode;

fn main() -> ExitCode {
    shared_runtime::run_service(&shared_runtime::Definition {
        name: auth_service::NAME,
        section: "auth",
        build: |config, parts| Box::pin(auth_service::build(config, parts)),
    })
}
