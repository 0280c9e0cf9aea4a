//! Starting yt-dlp: argv in, two byte streams and an exit status out. Behind a trait, so that a warm host can take over
//! from one process per item without anybody noticing.

use std::{
    ffi::{OsStr, OsString},
    fmt::Debug,
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use futures_util::{FutureExt, future::BoxFuture};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{io::AsyncRead, process::Command};

use super::orphan;

/// What to run. The environment is exactly `env`; standard input is closed; the process leads its own group.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments, each one whole.
    pub(crate) argv: Vec<OsString>,
    /// Working directory.
    pub(crate) dir: PathBuf,
    /// The whole environment.
    pub(crate) env: Vec<(&'static str, OsString)>,
}

impl Invocation {
    /// A call in a job's directory, with the environment that yt-dlp needs and nothing else.
    pub(crate) fn new(
        program: &Path,
        argv: Vec<OsString>,
        dir: &Path,
        path: &OsStr,
        cache: &Path,
    ) -> Self {
        Self {
            program: program.to_owned(),
            argv,
            dir: dir.to_owned(),
            env: vec![
                ("PATH", path.to_owned()),
                ("HOME", dir.into()),
                ("XDG_CACHE_HOME", cache.into()),
                ("TMPDIR", dir.join("tmp").into()),
                ("LANG", "C.UTF-8".into()),
                ("PYTHONUTF8", "1".into()),
                ("PYTHONNOUSERSITE", "1".into()),
            ],
        }
    }
}

/// A stream of bytes from the process.
pub(crate) type Output = Box<dyn AsyncRead + Send + Unpin>;

/// A process that was started. Dropping it kills the whole group.
pub(crate) struct Started {
    /// The group, to be signalled and recorded.
    pub(crate) group: Group,
    /// Standard output.
    pub(crate) stdout: Output,
    /// Standard error.
    pub(crate) stderr: Output,
    /// How it ended.
    pub(crate) exit: BoxFuture<'static, io::Result<ExitStatus>>,
}

/// A process group of ours, ended with this value unless it has ended by itself.
#[derive(Debug)]
pub(crate) struct Group {
    pid: Pid,
    /// Start time of the leader, which tells it from a later process with the same number.
    pub(crate) start: Option<u64>,
    has_ended: bool,
}

impl Group {
    /// The leader's process id.
    pub(crate) fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Asks it to finish cleanly: part files stay, ffmpeg closes its output.
    pub(crate) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Ends it at once.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Notes that the leader was reaped: from now on its number may belong to somebody else.
    pub(crate) fn ended(&mut self) {
        self.has_ended = true;
    }

    fn signal(&self, signal: Signal) {
        if !self.has_ended {
            // The group may have ended by itself in this moment.
            let _gone = kill_process_group(self.pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts processes.
pub(crate) trait Runner: Send + Sync + Debug {
    /// Starts one.
    fn start(&self, invocation: &Invocation) -> io::Result<Started>;
}

/// One process per call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ProcessRunner;

impl Runner for ProcessRunner {
    fn start(&self, invocation: &Invocation) -> io::Result<Started> {
        // A program that was started with SIGINT ignored hands that on to its children, and yt-dlp would ignore it for ever.
        // Ours catches SIGINT, and exec resets caught signals to their default, so no reset is needed here.
        let mut child = Command::new(&invocation.program)
            .args(&invocation.argv)
            .env_clear()
            .envs(invocation.env.iter().map(|(name, value)| (*name, value)))
            .current_dir(&invocation.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        let pid = id.ok_or_else(|| io::Error::other("the process has no id"))?;
        let group = Group {
            pid,
            start: orphan::start_time(pid.as_raw_nonzero().get()),
            has_ended: false,
        };
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(io::Error::other("the process has no output"));
        };
        Ok(Started {
            group,
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            exit: async move { child.wait().await }.boxed(),
        })
    }
}
