#![doc = include_str!("../README.md")]

mod doctor;
mod embedded;
mod gate;
mod openapi;
mod reference;
mod settings;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::settings::Settings;

/// MediaNest: the portal of a Plex household.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file; without it, only defaults and the environment.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Command {
    /// Run the gateway and all services in this process.
    Serve,
    /// Say what is wrong with the configuration, one line per fault.
    CheckConfig,
    /// Say which tools and folders are missing and how to get them.
    Doctor,
    /// Ask a running MediaNest on this machine whether it is ready.
    Healthcheck,
    /// Print the OpenAPI document of the whole system.
    Openapi,
    /// Print the configuration reference.
    ConfigReference,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            let _written = writeln!(io::stderr(), "{err:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let file = arguments.config.as_deref();
    match arguments.command {
        Command::Openapi => print(&openapi::document()?),
        Command::ConfigReference => print(&reference::page()),
        Command::Healthcheck => {
            shared_runtime::health_check(&Settings::load(file)?.common.server.bind)
        }
        Command::CheckConfig => {
            Settings::load(file)?;
            print("The configuration is fine.\n")
        }
        Command::Doctor => doctor::run(&Settings::load(file)?),
        Command::Serve => embedded::serve(Settings::load(file)?),
    }
}

pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}
