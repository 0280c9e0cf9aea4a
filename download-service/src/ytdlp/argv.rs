//! Command lines of yt-dlp. Nothing that a person typed comes before `--`, and there is no way to pass an option.

use std::{ffi::OsString, path::Path};

use crate::preset::Preset;

const PROGRESS: &str = concat!(
    r#"download:{"ev":"progress","id":%(info.id|null)j,"fmt":%(info.format_id|null)j,"p":%(progress."#,
    "{status,downloaded_bytes,total_bytes,total_bytes_estimate,speed,eta,elapsed,fragment_index,fragment_count})j}"
);
const POST: &str =
    r#"postprocess:{"ev":"post","id":%(info.id|null)j,"p":%(progress.{status,postprocessor})j}"#;
const VIDEO: &str = concat!(
    r#"video:{"ev":"video","v":%(.{id,title,duration,ext,extractor_key,webpage_url,channel,channel_id,uploader,"#,
    "upload_date,live_status,availability,age_limit,filesize_approx,format_id,height,thumbnail,description})j}"
);
const FILE: &str = concat!(
    r#"after_move:{"ev":"file","id":%(id|null)j,"path":%(filepath|null)j,"v":%(."#,
    "{ext,height,width,fps,vcodec,acodec,format_id,duration})j}"
);

/// Options of every call: no configuration, no plug-ins, no cookies of a browser, no self-update.
const BASE: [&str; 8] = [
    "--ignore-config",
    "--no-plugin-dirs",
    "--no-update",
    "--no-exec",
    "--no-cookies-from-browser",
    "--color",
    "never",
    "--quiet",
];

const TRANSFER: [&str; 37] = [
    "--no-simulate",
    "--progress",
    "--newline",
    "--progress-delta",
    "0.5",
    "--progress-template",
    PROGRESS,
    "--progress-template",
    POST,
    "--print",
    VIDEO,
    "--print",
    FILE,
    "--abort-on-error",
    "--no-playlist",
    "--no-mtime",
    "--continue",
    "--part",
    "--file-access-retries",
    "2",
    "--retry-sleep",
    "http:exp=1:20",
    "--retry-sleep",
    "fragment:exp=1:20",
    "--output",
    "%(extractor_key)s-%(id).80B.%(ext)s",
    "--windows-filenames",
    "--trim-filenames",
    "120",
    "--fragment-retries",
    "5",
    "--buffer-size",
    "1M",
    "--write-thumbnail",
    "--convert-thumbnails",
    "jpg",
    "--no-live-from-start",
];

const PATIENCE: [&str; 6] = [
    "--socket-timeout",
    "20",
    "--retries",
    "3",
    "--extractor-retries",
    "2",
];

/// Where and how a call runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The job's own directory.
    pub(crate) dir: &'a Path,
    /// The job's way out.
    pub(crate) proxy_url: &'a str,
    /// Folder with ffmpeg, when it is not on `PATH`.
    pub(crate) ffmpeg_dir: Option<&'a Path>,
}

/// The command line that looks at a link.
pub(crate) fn probe(around: Surroundings<'_>, max_entries: u32, url: &str) -> Vec<OsString> {
    let mut argv = common(around);
    push(&mut argv, &["--no-warnings", "--flat-playlist", "-J", "-I"]);
    argv.push(format!("1:{max_entries}").into());
    finish(argv, url)
}

/// The command line that transfers one video.
pub(crate) fn transfer(around: Surroundings<'_>, preset: Preset, url: &str) -> Vec<OsString> {
    let mut argv = common(around);
    push(&mut argv, &TRANSFER);
    for (kind, folder) in [("home:", "out"), ("temp:", "tmp")] {
        let mut path = OsString::from(kind);
        path.push(around.dir.join(folder));
        argv.extend(["--paths".into(), path]);
    }
    push(&mut argv, preset.flags());
    finish(argv, url)
}

fn common(around: Surroundings<'_>) -> Vec<OsString> {
    let mut argv = Vec::with_capacity(80);
    push(&mut argv, &BASE);
    push(&mut argv, &PATIENCE);
    push(&mut argv, &["--proxy", around.proxy_url]);
    if let Some(dir) = around.ffmpeg_dir {
        argv.extend(["--ffmpeg-location".into(), dir.into()]);
    }
    argv
}

fn push(argv: &mut Vec<OsString>, flags: &[&str]) {
    argv.extend(flags.iter().map(OsString::from));
}

fn finish(mut argv: Vec<OsString>, url: &str) -> Vec<OsString> {
    push(&mut argv, &["--", url]);
    argv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_stands_alone_behind_the_double_dash() {
        let around = Surroundings {
            dir: Path::new("/staging/x"),
            proxy_url: "http://a:b@127.0.0.1:1",
            ffmpeg_dir: None,
        };
        for argv in [
            probe(around, 10, "--exec=id"),
            transfer(around, Preset::Best, "--exec=id"),
        ] {
            let double_dash = argv
                .iter()
                .position(|part| part == "--")
                .expect("a double dash");
            assert_eq!(argv[double_dash + 1..], ["--exec=id"]);
        }
    }
}
