//! The simulator as a program, for a demonstration and for tests of whole deployments.

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::Parser;
use simulator::{Listen, ServerSettings, Settings, Simulator};
use tokio::signal::unix::{SignalKind, signal};

/// A Plex Media Server and plex.tv that behave like the real ones. For tests and demonstrations.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::from(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Port of the stand-in for plex.tv
    #[arg(long, default_value_t = 32480)]
    port_plex_tv: u16,
    /// Port of the Plex Media Server
    #[arg(long, default_value_t = 32400)]
    port_server: u16,
    /// How many movies there are
    #[arg(long, default_value_t = 240)]
    movies: usize,
    /// How many shows there are
    #[arg(long, default_value_t = 30)]
    shows: usize,
    /// Folder of the library "Home Videos"
    #[arg(long)]
    videos_dir: Option<PathBuf>,
    /// How long a scan takes, in milliseconds
    #[arg(long, default_value_t = 1500)]
    scan_delay_ms: u64,
    /// Everything invented follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    let arguments = Arguments::parse();
    let listen = Listen {
        plex_tv: SocketAddr::new(arguments.bind, arguments.port_plex_tv),
        first_server: SocketAddr::new(arguments.bind, arguments.port_server),
    };
    let simulator = Simulator::start_on(settings(arguments)?, listen).await?;
    introduce(&simulator)?;
    asked_to_stop().await?;
    simulator.stop().await;
    Ok(())
}

/// SIGINT from a terminal, SIGTERM from a container or a test.
async fn asked_to_stop() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

fn settings(arguments: Arguments) -> io::Result<Settings> {
    let server = ServerSettings {
        movies: arguments.movies,
        shows: arguments.shows,
        videos_dir: arguments.videos_dir.map(std::path::absolute).transpose()?,
        scan_delay: Duration::from_millis(arguments.scan_delay_ms),
        ..ServerSettings::default()
    };
    Ok(Settings {
        seed: arguments.seed,
        servers: vec![server],
        ..Settings::default()
    })
}

fn introduce(simulator: &Simulator) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "plex.tv        {}", simulator.plex_tv_url())?;
    writeln!(out, "sign-in page   {}/auth", simulator.plex_tv_url())?;
    writeln!(out, "server         {}", simulator.server_url(0))?;
    writeln!(out, "identifier     {}", simulator.machine_identifier(0))?;
    for account in Settings::default().accounts {
        let token = simulator.account_token(&account.username);
        writeln!(out, "token          {token}  {}", account.username)?;
    }
    out.flush()
}
