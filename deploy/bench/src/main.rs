#![doc = include_str!("../README.md")]

mod footprint;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measurements of MediaNest.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Time from start to ready, and memory of the idle process.
    Footprint {
        /// The `medianest` binary; build it with `--release`.
        #[arg(long, default_value = "target/release/medianest")]
        binary: PathBuf,
        /// Starts to measure.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Footprint { binary, rounds } => footprint::measure(&binary, rounds),
    }
}
