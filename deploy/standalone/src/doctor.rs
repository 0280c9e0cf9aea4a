//! Looks for the tools and folders that MediaNest needs and says how to get what is missing.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use tokio::{process::Command, time::timeout};

use crate::{print, settings::Settings};

/// One line per tool and folder; an error at the end when something is missing.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let missing = runtime.block_on(check_all(settings))?;
    if missing > 0 {
        bail!("{missing} of the checks failed");
    }
    Ok(())
}

async fn check_all(settings: &Settings) -> anyhow::Result<usize> {
    let download = &settings.download;
    let ffmpeg = |name: &str| match &download.ffmpeg_dir {
        Some(dir) => dir.join(name).display().to_string(),
        None => name.to_owned(),
    };
    let mut missing = 0;
    for (name, program, argument, remedy) in [
        (
            "yt-dlp",
            download.ytdlp.clone(),
            "--version",
            "run `deploy/run/tools`, or `pip install \"yt-dlp[default,curl-cffi,deno]\"` in a virtual environment and set download.ytdlp",
        ),
        (
            "ffmpeg",
            ffmpeg("ffmpeg"),
            "-version",
            "apt-get install ffmpeg, or brew install ffmpeg",
        ),
        (
            "ffprobe",
            ffmpeg("ffprobe"),
            "-version",
            "it comes with ffmpeg",
        ),
    ] {
        let found = version(&program, argument).await;
        missing += usize::from(report(name, found, remedy)?);
    }
    let runtime = javascript_runtime(&download.ytdlp).await;
    missing += usize::from(report(
        "JavaScript runtime for yt-dlp",
        runtime,
        "pip install deno in yt-dlp's virtual environment",
    )?);
    let folder = writable(&settings.common.data.dir);
    missing += usize::from(report(
        "data folder",
        folder,
        "make it writable, or set data.dir",
    )?);
    Ok(missing)
}

/// Prints one line; true when it is missing.
fn report(name: &str, found: anyhow::Result<String>, remedy: &str) -> anyhow::Result<bool> {
    match found {
        Ok(found) => print(&format!("ok       {name}: {found}\n"))?,
        Err(err) => {
            print(&format!("missing  {name}: {err:#}. To get it: {remedy}\n"))?;
            return Ok(true);
        }
    }
    Ok(false)
}

async fn version(program: &str, argument: &str) -> anyhow::Result<String> {
    let output = timeout(
        Duration::from_secs(20),
        Command::new(program).arg(argument).output(),
    )
    .await
    .context("it did not answer")?
    .with_context(|| format!("`{program}` cannot be started"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// What yt-dlp itself says it found: its `-v` output names the runtimes.
async fn javascript_runtime(ytdlp: &str) -> anyhow::Result<String> {
    let run = Command::new(ytdlp).args(["--ignore-config", "-v"]).output();
    let output = timeout(Duration::from_secs(20), run)
        .await
        .context("yt-dlp did not answer")??;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .find_map(|line| line.split_once("JS runtimes: "));
    match line {
        Some((_, found)) if found.trim() != "none" => Ok(found.trim().to_owned()),
        _ => bail!("none found"),
    }
}

fn writable(dir: &Path) -> anyhow::Result<String> {
    std::fs::create_dir_all(dir).with_context(|| format!("`{}` cannot be made", dir.display()))?;
    let access = rustix::fs::Access::WRITE_OK;
    rustix::fs::access(dir, access)
        .with_context(|| format!("`{}` is not writable", dir.display()))?;
    Ok(dir.display().to_string())
}
