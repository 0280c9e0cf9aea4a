//! What a person may use: counted over sliding windows, in the transaction of the submission.

use chrono::{DateTime, TimeDelta, Utc};
use shared_db::{AnyConn, Error as DbError};
use shared_types::ids::UserId;

use crate::{
    config::Quotas,
    error::Error,
    store::{
        items,
        usage::{self, Kind},
    },
};

/// One quota of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Stable name.
    pub(crate) name: &'static str,
    /// Used up in the window.
    pub(crate) used: i64,
    /// The most; 0 means without limit.
    pub(crate) limit: i64,
    /// `count` or `bytes`.
    pub(crate) unit: &'static str,
    /// When the first of it is given back.
    pub(crate) resets_at: Option<DateTime<Utc>>,
    /// When there is room again, if there is none now.
    room_at: Option<DateTime<Utc>>,
}

impl Usage {
    /// Whether nothing is left.
    pub(crate) fn is_used_up(&self) -> bool {
        self.limit > 0 && self.used >= self.limit
    }

    /// The refusal in words.
    pub(crate) fn words(&self) -> String {
        match self.name {
            "downloads_per_hour" => {
                format!("You have used your {} downloads of this hour.", self.limit)
            }
            "downloads_per_day" => {
                format!("You have used your {} downloads of this day.", self.limit)
            }
            "bytes_per_month" => "You have transferred all your bytes of this month.".to_owned(),
            _ => "Your storage is used up; delete downloads that you no longer need.".to_owned(),
        }
    }
}

/// All quotas of a person.
pub(crate) fn measure(
    conn: &mut AnyConn,
    quotas: &Quotas,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<Usage>, DbError> {
    let windows = [
        (
            "downloads_per_hour",
            Kind::Download,
            TimeDelta::hours(1),
            quotas.downloads_per_hour,
            "count",
        ),
        (
            "downloads_per_day",
            Kind::Download,
            TimeDelta::days(1),
            quotas.downloads_per_day,
            "count",
        ),
        (
            "bytes_per_month",
            Kind::Bytes,
            TimeDelta::days(30),
            quotas.bytes_per_month,
            "bytes",
        ),
    ];
    let mut all = Vec::with_capacity(4);
    for (name, kind, window, limit, unit) in windows {
        let used = usage::list_usage(conn, user, kind, now - window)?;
        all.push(windowed(name, &used, window, limit, unit));
    }
    all.push(Usage {
        name: "storage_bytes",
        used: items::sum_stored_bytes(conn, user)?,
        limit: quotas.storage_bytes,
        unit: "bytes",
        resets_at: None,
        room_at: None,
    });
    Ok(all)
}

fn windowed(
    name: &'static str,
    used: &[(DateTime<Utc>, i64)],
    window: TimeDelta,
    limit: i64,
    unit: &'static str,
) -> Usage {
    let sum: i64 = used.iter().map(|(_, amount)| amount).sum();
    let mut left = sum;
    // Room comes back when enough of the oldest entries have left the window.
    let room = used.iter().find(|(_, amount)| {
        left -= amount;
        left < limit
    });
    Usage {
        name,
        used: sum,
        limit,
        unit,
        resets_at: used.first().map(|(at, _)| *at + window),
        room_at: room.map(|(at, _)| *at + window),
    }
}

/// An error when a person may not submit another link.
pub(crate) fn check(
    conn: &mut AnyConn,
    quotas: &Quotas,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let all = measure(conn, quotas, user, now)?;
    let Some(full) = all
        .iter()
        .filter(|usage| usage.is_used_up())
        .max_by_key(|usage| usage.room_at)
    else {
        return Ok(());
    };
    let seconds = full
        .room_at
        .map_or(3600, |at| (at - now).num_seconds().max(0) + 1);
    Err(Error::QuotaExceeded {
        detail: full.words(),
        retry_after: seconds.unsigned_abs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_comes_back_when_the_oldest_leave_the_window() {
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("a time");
        let used: Vec<_> = (0..3)
            .map(|minute| (start + TimeDelta::minutes(minute), 1))
            .collect();
        let usage = windowed("downloads_per_hour", &used, TimeDelta::hours(1), 2, "count");
        assert!(usage.is_used_up());
        assert_eq!(usage.resets_at, Some(start + TimeDelta::minutes(60)));
        assert_eq!(usage.room_at, Some(start + TimeDelta::minutes(61)));
    }

    #[test]
    fn zero_means_without_limit() {
        let used = [(DateTime::UNIX_EPOCH, 1_000_000)];
        assert!(!windowed("bytes_per_month", &used, TimeDelta::days(30), 0, "bytes").is_used_up());
    }
}
