//! How fast the embedded binary is ready, and how much memory it holds when nobody uses it.

use std::{
    fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

const READY_GOAL: Duration = Duration::from_secs(1);
const MEMORY_GOAL_KIB: u64 = 64 * 1024;
/// Memory is read after the process has been left alone for this long.
const IDLE: Duration = Duration::from_secs(5);
const GIVE_UP: Duration = Duration::from_secs(30);

/// Measures and prints; an error when the median misses a goal.
pub(crate) fn measure(binary: &Path, rounds: usize) -> anyhow::Result<()> {
    let mut starts = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..rounds.max(1) {
        let (ready, resident) = one_round(binary)?;
        starts.push(ready);
        memory.push(resident);
    }
    starts.sort();
    memory.sort_unstable();
    let (start, resident) = (starts[starts.len() / 2], memory[memory.len() / 2]);
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "start to ready: median {} ms (goal {} ms), all {starts:?}",
        start.as_millis(),
        READY_GOAL.as_millis()
    )?;
    writeln!(
        out,
        "idle resident memory: median {resident} KiB (goal {MEMORY_GOAL_KIB} KiB), all {memory:?}"
    )?;
    if start > READY_GOAL || resident > MEMORY_GOAL_KIB {
        bail!("a goal is missed");
    }
    Ok(())
}

fn one_round(binary: &Path) -> anyhow::Result<(Duration, u64)> {
    let dir = tempfile::tempdir()?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let started = Instant::now();
    let mut running = Running(start(binary, dir.path(), address)?);
    while !is_ready(address) {
        if started.elapsed() > GIVE_UP || running.0.try_wait()?.is_some() {
            bail!(
                "{} was not ready within {} s",
                binary.display(),
                GIVE_UP.as_secs()
            );
        }
        pause(Duration::from_millis(5));
    }
    let ready = started.elapsed();
    pause(IDLE);
    Ok((ready, resident_kib(running.0.id())?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement starts a process and blocks on it"
)]
fn start(binary: &Path, dir: &Path, address: SocketAddr) -> anyhow::Result<Child> {
    Command::new(binary)
        .arg("serve")
        .env("MEDIANEST_DATA__DIR", dir.join("data"))
        .env("MEDIANEST_SERVER__BIND", address.to_string())
        .env("MEDIANEST_SERVER__METRICS_BIND", "")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| {
            format!(
                "{} cannot be started: cargo build --release -p medianest",
                binary.display()
            )
        })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement waits in real time"
)]
fn pause(time: Duration) {
    thread::sleep(time);
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer.ends_with(b"200"))
    };
    ask().unwrap_or(false)
}

fn resident_kib(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))
        .context("reading memory needs Linux")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Ends the process with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}
