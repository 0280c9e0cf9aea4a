//! The outbox table as a queue: claiming runs of events, and noting what became of them.
//!
//! The oldest pending row of a subject is its head. Whoever holds the lease of the head owns the subject, so nobody else
//! publishes events of that subject, and their order is kept. Times here are the database's: replicas need not agree.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, Queryable,
    RunQueryDsl, Selectable, SelectableHelper,
    dsl::{exists, not},
    update,
};

use super::{DEAD, PENDING, PUBLISHED, backoff};
use crate::{AnyConn, Error, Id, Json, Ts, dialect, on_db, schema::outbox};

/// Most rows that one claim reads behind the heads.
const FOLLOWERS: i64 = 256;
/// Bytes of an error that are kept with the row.
const ERROR_LENGTH: usize = 500;

diesel::alias!(const EARLIER: Alias<Earlier> = outbox as earlier);

/// A row on its way to the bus.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) id: Id,
    pub(super) subject: String,
    pub(super) payload: Json,
    pub(super) attempts: i32,
    pub(super) rejections: i32,
}

/// Events of one subject, oldest first, leased until `lease`.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) lease: Ts,
    pub(super) rows: Vec<Row>,
}

/// What became of a run.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) head: i64,
    pub(super) lease: Ts,
    pub(super) published: Vec<i64>,
    pub(super) failure: Option<Failure>,
}

/// The row that ended a run, and why.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) row: Row,
    pub(super) kind: FailureKind,
    pub(super) error: String,
}

/// What a failure means for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The bus is away: try for ever.
    Unavailable,
    /// A consumer refused it: try a few times.
    Rejected,
    /// It is no event.
    Unreadable,
}

/// How long things take and how often they are tried.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    /// Longer than `run_time` and `publish_timeout` together.
    pub(super) lease: Duration,
    /// No event of a run is started later than this after its claim.
    pub(super) run_time: Duration,
    pub(super) publish_timeout: Duration,
    pub(super) unavailable_cap: Duration,
    pub(super) rejected_cap: Duration,
    pub(super) max_rejections: i32,
    pub(super) poll: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(20),
            run_time: Duration::from_secs(8),
            publish_timeout: Duration::from_secs(10),
            unavailable_cap: Duration::from_secs(5),
            rejected_cap: Duration::from_mins(1),
            max_rejections: 8,
            poll: Duration::from_secs(1),
        }
    }
}

/// The due heads that nobody works on. Same text for both back ends, which only differ in the lock.
macro_rules! free_heads {
    ($now:expr, $limit:expr) => {
        outbox::table
            .filter(outbox::state.eq(PENDING))
            .filter(
                outbox::next_attempt_at
                    .is_null()
                    .or(outbox::next_attempt_at.le($now).assume_not_null()),
            )
            .filter(
                outbox::lease_until
                    .is_null()
                    .or(outbox::lease_until.lt($now).assume_not_null()),
            )
            .filter(not(exists(
                EARLIER
                    .filter(EARLIER.field(outbox::state).eq(PENDING))
                    .filter(EARLIER.field(outbox::subject).eq(outbox::subject))
                    .filter(EARLIER.field(outbox::seq).lt(outbox::seq)),
            )))
            .order(outbox::seq)
            .limit($limit)
            .select(Row::as_select())
    };
}

/// Claims up to `subjects` subjects; call it in a transaction.
pub(super) fn claim(
    conn: &mut AnyConn,
    subjects: usize,
    policy: &Policy,
) -> Result<Vec<Run>, Error> {
    let now = dialect::now(conn)?;
    let limit = i64::try_from(subjects).unwrap_or(i64::MAX);
    let heads: Vec<Row> = match conn {
        AnyConn::Pg(c) => free_heads!(Ts(now), limit)
            .for_update()
            .skip_locked()
            .load(c)?,
        AnyConn::Sqlite(c) => free_heads!(Ts(now), limit).load(c)?,
    };
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let lease = Ts::from(now + policy.lease);
    let seqs: Vec<i64> = heads.iter().map(|head| head.seq).collect();
    on_db!(conn, c => update(outbox::table.filter(outbox::seq.eq_any(seqs)))
        .set(outbox::lease_until.eq(lease))
        .execute(c))?;
    runs(conn, heads, lease)
}

/// Adds to each head the rows behind it.
fn runs(conn: &mut AnyConn, heads: Vec<Row>, lease: Ts) -> Result<Vec<Run>, Error> {
    let subjects: Vec<String> = heads.iter().map(|head| head.subject.clone()).collect();
    let rows: Vec<Row> = on_db!(conn, c => outbox::table
        .filter(outbox::state.eq(PENDING))
        .filter(outbox::subject.eq_any(&subjects))
        .order(outbox::seq)
        .limit(FOLLOWERS)
        .select(Row::as_select())
        .load(c))?;
    let mut behind: HashMap<String, Vec<Row>> = HashMap::new();
    for row in rows {
        behind.entry(row.subject.clone()).or_default().push(row);
    }
    let with_followers = |head: Row| {
        let mut followers = behind.remove(&head.subject).unwrap_or_default();
        followers.retain(|row| row.seq > head.seq);
        let mut rows = vec![head];
        rows.append(&mut followers);
        Run { lease, rows }
    };
    Ok(heads.into_iter().map(with_followers).collect())
}

/// Notes what became of a run and gives its lease back; call it in a transaction.
pub(super) fn settle(
    conn: &mut AnyConn,
    finished: &Finished,
    policy: &Policy,
    published_at: DateTime<Utc>,
) -> Result<(), Error> {
    // A relay that slept past its lease must not touch what another one owns by now: the lease is the fencing token.
    let released = on_db!(conn, c => update(outbox::table)
        .filter(outbox::seq.eq(finished.head))
        .filter(outbox::state.eq(PENDING))
        .filter(outbox::lease_until.eq(finished.lease))
        .set(outbox::lease_until.eq(None::<Ts>))
        .execute(c))?;
    // What the bus has confirmed is published, whoever owns the subject.
    on_db!(conn, c => update(outbox::table)
        .filter(outbox::seq.eq_any(&finished.published))
        .filter(outbox::state.eq(PENDING))
        .set((outbox::state.eq(PUBLISHED), outbox::published_at.eq(Some(Ts::from(published_at)))))
        .execute(c))?;
    match &finished.failure {
        Some(failure) if released == 1 => postpone(conn, failure, policy),
        _ => Ok(()),
    }
}

fn postpone(conn: &mut AnyConn, failure: &Failure, policy: &Policy) -> Result<(), Error> {
    let now = dialect::now(conn)?;
    let next = Ts::from(now + failure.delay(policy));
    let changes = (
        outbox::state.eq(if failure.is_final(policy) {
            DEAD
        } else {
            PENDING
        }),
        outbox::attempts.eq(failure.row.attempts.saturating_add(1)),
        outbox::rejections.eq(failure.rejections()),
        outbox::next_attempt_at.eq(Some(next)),
        outbox::last_error.eq(Some(excerpt(&failure.error))),
    );
    on_db!(conn, c => update(outbox::table.find(failure.row.seq)).set(changes).execute(c))?;
    Ok(())
}

impl Failure {
    /// Whether the event is given up.
    pub(super) fn is_final(&self, policy: &Policy) -> bool {
        match self.kind {
            FailureKind::Unavailable => false,
            FailureKind::Rejected => self.rejections() >= policy.max_rejections,
            FailureKind::Unreadable => true,
        }
    }

    /// How long to wait before the next attempt.
    pub(super) fn delay(&self, policy: &Policy) -> Duration {
        match self.kind {
            FailureKind::Unavailable => {
                backoff::delay(self.row.attempts, policy.unavailable_cap, self.row.id.0)
            }
            FailureKind::Rejected | FailureKind::Unreadable => {
                backoff::delay(self.row.rejections, policy.rejected_cap, self.row.id.0)
            }
        }
    }

    fn rejections(&self) -> i32 {
        let refused = self.kind != FailureKind::Unavailable;
        self.row.rejections.saturating_add(i32::from(refused))
    }
}

fn excerpt(error: &str) -> &str {
    &error[..error.floor_char_boundary(ERROR_LENGTH)]
}

/// Forgets up to `limit` events that were published before `cutoff`; tells how many.
pub(super) fn delete_published(
    conn: &mut AnyConn,
    cutoff: DateTime<Utc>,
    limit: i64,
) -> Result<usize, Error> {
    let seqs: Vec<i64> = on_db!(conn, c => outbox::table
        .filter(outbox::state.eq(PUBLISHED))
        .filter(outbox::published_at.lt(Ts::from(cutoff)))
        .order(outbox::seq)
        .limit(limit)
        .select(outbox::seq)
        .load(c))?;
    Ok(
        on_db!(conn, c => diesel::delete(outbox::table.filter(outbox::seq.eq_any(seqs))).execute(c))?,
    )
}
