//! Watching one process to its end: its lines, its silence, and the order to stop. INT to the group first, then KILL.

use std::{io, process::ExitStatus, time::Duration};

use futures_util::{Stream, StreamExt, stream};
use tokio::{
    io::AsyncReadExt,
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Failure,
    runner::{Group, Output, Started},
};

/// A process that does not end within this time after INT is killed.
const GRACE: Duration = Duration::from_secs(5);
/// Longer lines are cut: no line of our templates is.
const MAX_LINE_BYTES: usize = 1024 * 1024;
const TICK: Duration = Duration::from_millis(500);

/// Somebody who looks at the lines of a process.
pub(crate) trait Observer {
    /// A line of either stream.
    fn line(&mut self, line: &str);

    /// Twice a second: the time to tell others. An error ends the process.
    fn tick(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// How a process ended.
#[derive(Debug)]
pub(crate) enum End {
    /// By itself.
    Exited(ExitStatus),
    /// We were told to stop.
    Halted,
    /// We ended it: it was silent for too long, or the observer had a reason.
    Ended(Failure),
}

/// Watches a process until it and its group have ended.
pub(crate) async fn watch(
    started: Started,
    observer: &mut (impl Observer + Send),
    halt: &CancellationToken,
    max_silence: Duration,
) -> io::Result<End> {
    let Started {
        mut group,
        stdout,
        stderr,
        mut exit,
    } = started;
    let mut lines = Box::pin(stream::select(lines(stdout), lines(stderr)));
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    let mut exited = None;
    let end = loop {
        tokio::select! {
            line = lines.next() => match line {
                Some(line) => {
                    heard_at = Instant::now();
                    observer.line(&line);
                }
                None => break None,
            },
            status = &mut exit, if exited.is_none() => {
                exited = Some(status?);
                // What the leader started would hold the streams open: ffmpeg of a live stream.
                group.kill();
                group.ended();
            }
            _tick = ticks.tick() => if let Err(failure) = observer.tick().await {
                break Some(End::Ended(failure));
            },
            () = halt.cancelled() => break Some(End::Halted),
            () = sleep_until(heard_at + max_silence) => {
                break Some(End::Ended(Failure::of("stalled")));
            }
        }
    };
    if end.is_some() {
        group.interrupt();
        drain(&mut lines, observer).await;
    }
    let status = match exited {
        Some(status) => status,
        None => reap(&mut group, &mut exit).await?,
    };
    Ok(end.unwrap_or(End::Exited(status)))
}

/// Hears the last words of a process that was asked to finish.
async fn drain(
    lines: &mut (impl Stream<Item = String> + Unpin),
    observer: &mut (impl Observer + Send),
) {
    let rest = async {
        while let Some(line) = lines.next().await {
            observer.line(&line);
        }
    };
    // Not in time is fine: the group is killed next.
    let _in_time = timeout(GRACE, rest).await;
}

async fn reap(
    group: &mut Group,
    exit: &mut (impl Future<Output = io::Result<ExitStatus>> + Unpin),
) -> io::Result<ExitStatus> {
    let status = match timeout(GRACE, &mut *exit).await {
        Ok(status) => status?,
        Err(_elapsed) => {
            group.kill();
            exit.await?
        }
    };
    // The leader is gone; what it started (ffmpeg of a live stream) must not stay. The group's number cannot be taken
    // by a new process while a member of the group lives, and an empty group is no error.
    group.kill();
    group.ended();
    Ok(status)
}

/// Reads at most `limit` bytes of standard output; for the one large JSON value of a probe.
pub(crate) async fn collect(
    started: Started,
    limit: u64,
    halt: &CancellationToken,
    time_limit: Duration,
) -> io::Result<Result<Collected, End>> {
    let Started {
        mut group,
        stdout,
        stderr,
        mut exit,
    } = started;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let (mut stdout, mut stderr) = (stdout.take(limit + 1), stderr.take(256 * 1024));
    let reading =
        async { tokio::try_join!(stdout.read_to_end(&mut out), stderr.read_to_end(&mut err)) };
    let failure = tokio::select! {
        read = timeout(time_limit, reading) => match read {
            Ok(read) => { read?; None }
            Err(_elapsed) => Some(End::Ended(Failure::of("too_slow"))),
        },
        () = halt.cancelled() => Some(End::Halted),
    };
    if failure.is_some() || out.len() as u64 > limit {
        group.kill();
    }
    let status = reap(&mut group, &mut exit).await?;
    if let Some(end) = failure {
        return Ok(Err(end));
    }
    if out.len() as u64 > limit {
        return Ok(Err(End::Ended(Failure::of("probe_too_large"))));
    }
    Ok(Ok(Collected {
        status,
        stdout: out,
        stderr: String::from_utf8_lossy(&err).into_owned(),
    }))
}

/// Everything a process printed.
#[derive(Debug)]
pub(crate) struct Collected {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// The lines of a stream, each cut at the bound.
fn lines(output: Output) -> impl Stream<Item = String> + Send {
    stream::unfold(
        (output, Vec::new()),
        |(mut output, mut buffer)| async move {
            loop {
                if let Some(line) = take_line(&mut buffer) {
                    return Some((line, (output, buffer)));
                }
                let mut chunk = [0; 8192];
                match output.read(&mut chunk).await {
                    Ok(count) if count > 0 => buffer.extend_from_slice(&chunk[..count]),
                    _ if buffer.is_empty() => return None,
                    _ => buffer.push(b'\n'),
                }
            }
        },
    )
}

fn take_line(buffer: &mut Vec<u8>) -> Option<String> {
    let end = buffer.iter().position(|byte| *byte == b'\n');
    if end.is_none() && buffer.len() < MAX_LINE_BYTES {
        return None;
    }
    let rest = buffer.split_off(end.map_or(buffer.len(), |end| end + 1));
    let line = std::mem::replace(buffer, rest);
    Some(
        String::from_utf8_lossy(&line)
            .trim_end_matches(['\n', '\r'])
            .to_owned(),
    )
}
