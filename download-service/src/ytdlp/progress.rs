//! From the counters of several formats to one percentage that never runs backwards.

use std::collections::BTreeMap;

use shared_types::event::Progress;

use super::message::{Counters, VideoInfo};

/// Progress of one video.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracker {
    formats: BTreeMap<String, Part>,
    expected_formats: usize,
    expected_bytes: f64,
    percent: f64,
    speed: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    done: f64,
    total: Option<f64>,
    fraction: f64,
}

impl Tracker {
    /// Notes what is to come.
    pub(crate) fn expect(&mut self, video: &VideoInfo) {
        let formats = video.format_id.as_deref().unwrap_or_default();
        self.expected_formats = formats.split('+').count().max(1);
        self.expected_bytes = video.filesize_approx.unwrap_or(0.0);
    }

    /// Notes a progress line.
    pub(crate) fn add(&mut self, format: &str, counters: &Counters) {
        let part = self.formats.entry(format.to_owned()).or_default();
        part.done = counters.downloaded_bytes.unwrap_or(part.done);
        part.total = counters
            .total_bytes
            .or(counters.total_bytes_estimate)
            .or(part.total);
        if counters.status.as_deref() == Some("finished") {
            part.total = Some(part.done);
        }
        part.fraction = fraction(*part, counters);
        self.speed = counters.speed;
        self.percent = self.percent.max(self.current_percent());
    }

    fn current_percent(&self) -> f64 {
        let done: f64 = self.formats.values().map(|part| part.done).sum();
        let total = self.total();
        let by_bytes = total.filter(|total| *total > 0.0).map(|total| done / total);
        #[expect(clippy::cast_precision_loss, reason = "a handful of formats")]
        let count = self.expected_formats.max(self.formats.len()).max(1) as f64;
        let by_parts = self.formats.values().map(|part| part.fraction).sum::<f64>() / count;
        100.0 * by_bytes.unwrap_or(by_parts).clamp(0.0, 1.0)
    }

    /// Bytes in all: known only when every format has told its size, or the site has told the sum.
    fn total(&self) -> Option<f64> {
        let known: Option<f64> = self.formats.values().map(|part| part.total).sum();
        let is_complete = self.formats.len() >= self.expected_formats;
        match known {
            Some(known) if is_complete => Some(known),
            known if self.expected_bytes > 0.0 => {
                Some(self.expected_bytes.max(known.unwrap_or(0.0)))
            }
            _ => None,
        }
    }

    /// The progress as it is told to browsers.
    #[expect(clippy::cast_possible_truncation, reason = "file sizes fit")]
    pub(crate) fn progress(&self, stage: &str) -> Progress {
        let done: f64 = self.formats.values().map(|part| part.done).sum();
        let total = self.total();
        let left = total.map(|total| (total - done).max(0.0));
        let speed = self.speed.filter(|speed| *speed > 0.0);
        Progress {
            stage: stage.to_owned(),
            percent: (self.percent * 10.0).round() / 10.0,
            downloaded_bytes: done as i64,
            total_bytes: total.map(|total| total as i64),
            speed_bps: speed.map(f64::round),
            eta_seconds: left.zip(speed).map(|(left, speed)| (left / speed).round()),
        }
    }
}

fn fraction(part: Part, counters: &Counters) -> f64 {
    if counters.status.as_deref() == Some("finished") {
        return 1.0;
    }
    let by_bytes = part
        .total
        .filter(|total| *total > 0.0)
        .map(|total| part.done / total);
    let fragments = counters.fragment_index.zip(counters.fragment_count);
    let by_fragments = fragments
        .filter(|(_, count)| *count > 0.0)
        .map(|(index, count)| index / count);
    by_bytes.or(by_fragments).unwrap_or(0.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(done: f64, total: Option<f64>, status: &str) -> Counters {
        Counters {
            status: Some(status.to_owned()),
            downloaded_bytes: Some(done),
            total_bytes: total,
            speed: Some(100.0),
            ..Counters::default()
        }
    }

    #[test]
    fn two_formats_make_one_percentage_that_never_runs_backwards() {
        let mut tracker = Tracker::default();
        tracker.expect(&VideoInfo {
            format_id: Some("137+140".into()),
            ..VideoInfo::default()
        });
        let mut seen = Vec::new();
        for (format, done, status) in [
            ("137", 400.0, "downloading"),
            ("137", 800.0, "finished"),
            ("140", 0.0, "downloading"),
            ("140", 200.0, "finished"),
        ] {
            let total = if format == "137" { 800.0 } else { 200.0 };
            tracker.add(format, &counters(done, Some(total), status));
            seen.push(tracker.progress("downloading").percent);
        }
        assert_eq!(seen, [25.0, 50.0, 80.0, 100.0]);
    }

    #[test]
    fn the_time_left_follows_from_bytes_and_speed() {
        let mut tracker = Tracker::default();
        tracker.expect(&VideoInfo::default());
        tracker.add("0", &counters(250.0, Some(1000.0), "downloading"));
        let progress = tracker.progress("downloading");
        assert_eq!(
            (progress.percent, progress.eta_seconds, progress.total_bytes),
            (25.0, Some(8.0), Some(1000))
        );
    }
}
