//! The programs that downloads need: where they are, which version they have, and how to get them.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use tokio::{process::Command, time::timeout};

use crate::config::Config;

const TIMEOUT: Duration = Duration::from_secs(30);
/// Sites change faster than this.
const MAX_AGE_DAYS: i64 = 120;

const GET_YTDLP: &str = "yt-dlp is not installed: run `pip install \"yt-dlp[default,curl-cffi,deno]\"`, or set `download.ytdlp` to its path";
const GET_FFMPEG: &str = "ffmpeg or ffprobe is not installed: run `apt-get install ffmpeg`, or set `download.ffmpeg_dir`";

/// Where the programs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tools {
    /// yt-dlp itself.
    pub(crate) ytdlp: PathBuf,
    /// ffmpeg
    pub(crate) ffmpeg: PathBuf,
    /// ffprobe
    pub(crate) ffprobe: PathBuf,
    /// `PATH` of the programs we start.
    pub(crate) path: OsString,
}

impl Tools {
    /// Looks for the programs; the error names what is missing and how to get it.
    pub(crate) fn find(config: &Config) -> Result<Self, Vec<String>> {
        let folders = folders(config);
        let mut missing = Vec::new();
        let ytdlp = find_program(Path::new(&config.ytdlp), &folders);
        if ytdlp.is_none() {
            missing.push(GET_YTDLP.to_owned());
        }
        let ffmpeg = find_program(Path::new("ffmpeg"), &folders);
        let ffprobe = find_program(Path::new("ffprobe"), &folders);
        if ffmpeg.is_none() || ffprobe.is_none() {
            missing.push(GET_FFMPEG.to_owned());
        }
        let (Some(ytdlp), Some(ffmpeg), Some(ffprobe)) = (ytdlp, ffmpeg, ffprobe) else {
            return Err(missing);
        };
        // The JavaScript runtime is found beside yt-dlp.
        let beside = ytdlp.parent().map(Path::to_owned);
        let path = env::join_paths(beside.into_iter().chain(folders)).unwrap_or_default();
        Ok(Self {
            ytdlp,
            ffmpeg,
            ffprobe,
            path,
        })
    }
}

/// The search path: the configured ffmpeg folder first. `PATH` belongs to the system, not to our settings.
fn folders(config: &Config) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let configured = config.ffmpeg_dir.iter().cloned();
    configured
        .chain(env::split_paths(&path))
        .filter(|folder| folder.is_absolute())
        .collect()
}

fn find_program(name: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return std::path::absolute(name).ok().filter(|path| path.is_file());
    }
    folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// What downloads need and is not installed, each with the way to get it; for `medianest doctor`.
pub fn missing_tools(config: &Config) -> Vec<String> {
    Tools::find(config).err().unwrap_or_default()
}

/// What is installed, for the operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    pub(crate) ytdlp: Option<String>,
    pub(crate) ytdlp_age_days: Option<i64>,
    pub(crate) ffmpeg: Option<String>,
    pub(crate) js_runtime: Option<String>,
    pub(crate) problems: Vec<String>,
}

impl Versions {
    /// Asks the programs.
    pub(crate) async fn ask(config: &Config, now: DateTime<Utc>) -> Self {
        let tools = match Tools::find(config) {
            Ok(tools) => tools,
            Err(problems) => {
                return Self {
                    problems,
                    ..Self::default()
                };
            }
        };
        let debug = output_of(&tools.ytdlp, &["--ignore-config", "-v"], &tools.path).await;
        let ffmpeg = output_of(&tools.ffmpeg, &["-version"], &tools.path).await;
        let mut versions = Self::read(&debug, &ffmpeg, now);
        if versions.ytdlp.is_none() {
            versions
                .problems
                .push(format!("`{}` does not run", tools.ytdlp.display()));
        }
        versions
    }

    fn read(debug: &str, ffmpeg: &str, now: DateTime<Utc>) -> Self {
        let line = |start: &str| {
            let found = debug.lines().find_map(|line| line.strip_prefix(start));
            found.map(|rest| rest.trim().to_owned())
        };
        let version = line("[debug] yt-dlp version ")
            .map(|rest| {
                rest.chars()
                    .skip_while(|c| !c.is_ascii_digit())
                    .collect::<String>()
            })
            .and_then(|rest| rest.split([' ', '@']).next().map(str::to_owned))
            .filter(|version| !version.is_empty());
        let js_runtime = line("[debug] JS runtimes: ").filter(|found| found != "none");
        let age = version
            .as_deref()
            .and_then(released_on)
            .map(|day| (now.date_naive() - day).num_days());
        let mut problems = Vec::new();
        if age.is_some_and(|age| age > MAX_AGE_DAYS) {
            problems.push(
                "yt-dlp is older than four months; some sites will not work until it is updated"
                    .to_owned(),
            );
        }
        if version.is_some() && js_runtime.is_none() {
            problems.push(
                "There is no JavaScript runtime: YouTube may offer few formats; install `deno`"
                    .to_owned(),
            );
        }
        let ffmpeg = ffmpeg.strip_prefix("ffmpeg version ");
        Self {
            ytdlp: version,
            ytdlp_age_days: age,
            ffmpeg: ffmpeg
                .and_then(|rest| rest.split(' ').next())
                .map(str::to_owned),
            js_runtime,
            problems,
        }
    }
}

/// The version is the day of its release.
fn released_on(version: &str) -> Option<NaiveDate> {
    let mut parts = version.splitn(4, '.').map(str::parse);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// Both streams of a short call, as text; empty when it does not run.
async fn output_of(program: &Path, argv: &[&str], path: &OsString) -> String {
    let output = Command::new(program)
        .args(argv)
        .env_clear()
        .env("PATH", path)
        .env("LANG", "C.UTF-8")
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match timeout(TIMEOUT, output).await {
        Ok(Ok(output)) => {
            let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.push_str(&String::from_utf8_lossy(&output.stderr));
            text
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_debug_output() {
        let debug = "[debug] Command-line config: []\n[debug] yt-dlp version stable@2026.08.19 from yt-dlp/yt-dlp (pip)\n\
                     [debug] JS runtimes: deno-2.9.8\n";
        let now = "2026-11-23T00:00:00Z".parse().expect("a time");
        let versions = Versions::read(debug, "ffmpeg version 5.1.9-0+deb12u1 Copyright", now);
        assert_eq!(versions.ytdlp.as_deref(), Some("2026.08.19"));
        assert_eq!(versions.ytdlp_age_days, Some(96));
        assert_eq!(versions.ffmpeg.as_deref(), Some("5.1.9-0+deb12u1"));
        assert_eq!(versions.js_runtime.as_deref(), Some("deno-2.9.8"));
        assert!(versions.problems.is_empty());
    }
}
