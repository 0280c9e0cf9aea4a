//! The hand-over: files that a download left in a library folder become items of Plex, members of a collection, and an
//! event. Every step can be repeated, so a crash anywhere only means that the attempt runs again.

mod attempt;
mod finding;
mod paths;

use shared_db::{AnyConn, Id, Ts, dialect, inbox};
use shared_types::{
    Clock,
    event::{DownloadFinished, Event},
};
use tracing::{info, warn};

use crate::{
    Error,
    app::AppState,
    store::{
        self,
        handovers::{AttemptEnd, HandoverFileRow, HandoverRow},
    },
};

pub(crate) const CONSUMER: &str = "plex-service.handover";

/// Records the work that an event asks for, once.
pub(crate) fn record(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    event: &Event,
    finished: &DownloadFinished,
) -> Result<(), shared_db::Error> {
    if !inbox::claim(conn, CONSUMER, event.id, clock.now())? {
        return Ok(());
    }
    let id = Id::from(event.id);
    let row = HandoverRow {
        id,
        download_id: finished.download_id.into(),
        library_id: finished.library_id.map(Into::into),
        collection: finished.collection.clone(),
        state: "waiting".to_owned(),
        attempts: 0,
        next_attempt_at: Ts::from(dialect::now(conn)?),
        lease_until: None,
        scanned_at: None,
        last_error: None,
        created_at: Ts::from(clock.now()),
    };
    let files: Vec<HandoverFileRow> = finished
        .files
        .iter()
        .map(|file| HandoverFileRow {
            handover_id: id,
            download_item_id: file.download_item_id.into(),
            path: file.path.clone(),
            item_id: None,
        })
        .collect();
    store::handovers::insert(conn, &row, &files)
}

/// Works on what is due until nothing is.
pub(crate) async fn work(state: &AppState) -> Result<(), Error> {
    while let Some(handover) = state.db.tx(store::handovers::claim).await? {
        let end = match attempt::attempt(state, &handover).await {
            Ok(end) => end,
            Err(err) => AttemptEnd::Again {
                after: state.config.handover_pause(handover.attempts),
                reason: err.to_string(),
            },
        };
        log(&handover, &end);
        let id = handover.id;
        state
            .db
            .tx(move |conn| store::handovers::finish_attempt(conn, id, &end))
            .await?;
    }
    Ok(())
}

fn log(handover: &HandoverRow, end: &AttemptEnd) {
    let download = handover.download_id;
    match end {
        AttemptEnd::Done => info!("Every file of download {download} is in Plex"),
        AttemptEnd::Failed(reason) => warn!("Download {download} did not reach Plex: {reason}"),
        AttemptEnd::Again { reason, .. } => {
            tracing::debug!("Download {download} is not in Plex yet: {reason}");
        }
    }
}
