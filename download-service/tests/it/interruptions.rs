//! Everything that can interrupt a transfer, and that it goes on where it stopped.

use std::{process::Stdio, time::Duration};

use diesel::{RunQueryDsl, sql_query};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use shared_db::{Db, DbOptions, on_db};
use shared_testkit::{Client, Running};
use tokio::{process::Command, time::timeout};

use crate::rig::{Rig, download, submit, until, wait_for};

/// Bytes a second that leave a test the time to interrupt.
const SLOW: u64 = 300 * 1024;
const FAST: u64 = 1024 * 1024 * 1024;

/// A transfer of the big clip of which some hundred kilobytes have come.
async fn under_way(rig: &Rig, app: &Running) -> (Client, String) {
    let alice = rig.world.member(app);
    rig.site.set_slow_rate(SLOW);
    let id = submit(&alice, &rig.page("/slow-watch/big")).await;
    until("some bytes are on the disk", || part_size(rig) > 200_000).await;
    (alice, id)
}

fn part_size(rig: &Rig) -> u64 {
    fn largest(dir: &std::path::Path) -> u64 {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let sizes = entries.map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => largest(&entry.path()),
            Ok(found) if entry.file_name().to_string_lossy().ends_with(".part") => found.len(),
            _ => 0,
        });
        sizes.max().unwrap_or(0)
    }
    largest(&rig.staging())
}

fn was_resumed(rig: &Rig) -> bool {
    let asked = rig.site.requests_for("/slow/big");
    asked.iter().any(|request| {
        let range = request.range.as_deref().unwrap_or_default();
        range.starts_with("bytes=") && !range.starts_with("bytes=0-")
    })
}

#[tokio::test]
async fn cancelling_ends_the_process_and_leaves_nothing_behind() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let (alice, id) = under_way(&rig, &app).await;
    assert_eq!(rig.ytdlp_processes().len(), 1);

    let answer = alice
        .post(&format!("/api/v1/downloads/{id}/cancel"))
        .await
        .expect_status(200)
        .json();

    assert_eq!(answer["state"], "cancelled");
    until("the process is gone", || rig.ytdlp_processes().is_empty()).await;
    until("its files are gone", || {
        std::fs::read_dir(rig.staging()).expect("there").count() == 0
    })
    .await;
    until("it is told", || {
        rig.world.has_event("download.cancelled.v1")
    })
    .await;
    let again = alice.post(&format!("/api/v1/downloads/{id}/cancel")).await;
    assert_eq!(
        (again.status, again.problem_code().as_str()),
        (409, "wrong-state")
    );
    assert!(rig.files().is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_paused_download_goes_on_where_it_stopped() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let (alice, id) = under_way(&rig, &app).await;

    alice
        .post(&format!("/api/v1/downloads/{id}/pause"))
        .await
        .expect_status(200);
    until("the process is gone", || rig.ytdlp_processes().is_empty()).await;
    assert_eq!(download(&alice, &id).await["state"], "paused");
    assert!(part_size(&rig) > 0);

    rig.site.set_slow_rate(FAST);
    alice
        .post(&format!("/api/v1/downloads/{id}/resume"))
        .await
        .expect_status(200);
    wait_for(&alice, &id, &["importing"]).await;
    assert!(was_resumed(&rig), "{:?}", rig.site.requests());
    app.stop().await;
}

#[tokio::test]
async fn a_killed_yt_dlp_is_started_again_and_continues() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let (alice, id) = under_way(&rig, &app).await;

    for pid in rig.ytdlp_processes() {
        let group = Pid::from_raw(pid).expect("a process");
        kill_process_group(group, Signal::KILL).expect("killed");
    }
    rig.site.set_slow_rate(FAST);

    wait_for(&alice, &id, &["importing"]).await;
    assert!(was_resumed(&rig), "{:?}", rig.site.requests());
    until("it is told", || rig.world.has_event("download.finished.v1")).await;
    assert_eq!(rig.world.events_of("download.finished.v1").len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_restart_of_the_service_in_mid_file_loses_nothing() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let (_alice, id) = under_way(&rig, &app).await;

    app.stop().await;
    assert!(
        rig.ytdlp_processes().is_empty(),
        "no process outlives the service"
    );
    rig.site.set_slow_rate(FAST);
    let app = rig.serve(rig.config()).await;

    let admin = rig.world.admin(&app);
    wait_for(&admin, &id, &["importing"]).await;
    assert!(was_resumed(&rig), "{:?}", rig.site.requests());
    assert_eq!(
        rig.files()
            .iter()
            .filter(|file| file.ends_with(".mp4"))
            .count(),
        1
    );
    app.stop().await;
}

/// Puts the one item of the database into the hands of a worker that will never finish it.
async fn abandon(rig: &Rig, worker: &str, process: (u32, u64)) {
    let options = DbOptions {
        url: rig.world.common.database_url(download_service::NAME),
        schema: "download".into(),
        max_connections: 1,
    };
    let db = Db::open(options, &download_service::MIGRATIONS)
        .await
        .expect("opened");
    let (pid, start) = process;
    let statements = [
        "UPDATE download_items SET state = 'downloading', attempt = attempt + 1, lease_until = created_at".to_owned(),
        "UPDATE downloads SET state = 'downloading'".to_owned(),
        format!(
            "INSERT INTO attempts (item_id, attempt, worker, pid, pid_start, started_at) \
             SELECT id, attempt, '{worker}', {pid}, {start}, created_at FROM download_items"
        ),
    ];
    db.tx(move |conn| {
        for statement in &statements {
            on_db!(conn, c => sql_query(statement).execute(c))?;
        }
        Ok::<_, shared_db::Error>(())
    })
    .await
    .expect("abandoned");
}

fn start_time(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let after_name = &stat[stat.rfind(')').expect("a name") + 2..];
    after_name
        .split(' ')
        .nth(19)
        .expect("field 22")
        .parse()
        .expect("a number")
}

#[tokio::test]
async fn what_a_crash_left_is_ended_and_its_item_taken_over() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let alice = rig.world.member(&app);
    let id = submit(&alice, &rig.page("/watch/alpha")).await;
    app.stop().await;
    let mut orphan = Command::new("sleep")
        .arg("600")
        .process_group(0)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("started");
    let pid = orphan.id().expect("it runs");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("Linux");
    // A process number that no process has now.
    abandon(
        &rig,
        &format!("{}:4194304:1", host.trim()),
        (pid, start_time(pid)),
    )
    .await;

    let app = rig.serve(rig.config()).await;

    timeout(Duration::from_secs(10), orphan.wait())
        .await
        .expect("the orphan is ended")
        .expect("reaped");
    let admin = rig.world.admin(&app);
    wait_for(&admin, &id, &["importing"]).await;
    app.stop().await;
}

#[tokio::test]
async fn the_item_of_a_silent_worker_on_another_machine_is_taken_over() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let alice = rig.world.member(&app);
    let id = submit(&alice, &rig.page("/watch/bravo")).await;
    app.stop().await;
    abandon(&rig, "elsewhere:1:1", (1, 1)).await;

    let app = rig.serve(rig.config()).await;

    let admin = rig.world.admin(&app);
    wait_for(&admin, &id, &["importing"]).await;
    let log = admin
        .get(&format!("/api/v1/downloads/{id}/log"))
        .await
        .json();
    let lines = log["lines"].as_array().expect("lines");
    assert!(lines.contains(&json!("Video 1, attempt 1: lost")), "{log}");
    app.stop().await;
}
