//! A disk that runs full under a download: the person is told why, and nothing else suffers.

use std::{path::Path, process::Command, time::Duration};

use e2e::{House, Shape};
use serde_json::json;
use shared_testkit::{eventually_within, media::Clip};

use crate::{
    in_both_shapes,
    main_job::{count, files_below, library_id},
};

in_both_shapes!(a_full_disk_is_told_and_the_download_goes_on_when_there_is_space);

/// A file system of its own over a folder; unmounted with this value.
struct SmallDisk<'p>(&'p Path);

impl<'p> SmallDisk<'p> {
    /// `None` where this process may not mount (it is not root, or not on Linux).
    fn mount(folder: &'p Path, size: &str) -> Option<Self> {
        let is_mounted = run(
            "mount",
            &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"],
            folder,
        );
        is_mounted.then_some(Self(folder))
    }

    fn grow(&self, size: &str) {
        assert!(
            run("mount", &["-o", &format!("remount,size={size}")], self.0),
            "the disk grows"
        );
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        run("umount", &["-l"], self.0);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test mounts a disk before anything else runs"
)]
fn run(program: &str, arguments: &[&str], folder: &Path) -> bool {
    let status = Command::new(program).args(arguments).arg(folder).status();
    status.is_ok_and(|status| status.success())
}

async fn a_full_disk_is_told_and_the_download_goes_on_when_there_is_space(shape: Shape) {
    let house = House::start(shape).await;
    let folder = house.videos_dir();
    let Some(disk) = SmallDisk::mount(&folder, "1800k") else {
        eprintln!("skipped: this process may not mount a small file system");
        return;
    };
    let admin = house.claim().await;
    house.add_plex_server(&admin).await;
    let bob = house.friend("bob").await;
    let videos = library_id(&bob, "Home Videos").await;
    let url = format!("{}/watch/{}", house.media.url, Clip::Big.name());
    let body = json!({"url": url, "library_id": videos});
    let download = bob
        .client
        .post_json("/api/v1/downloads", &body)
        .await
        .expect_status(201)
        .json();
    let path = format!(
        "/api/v1/downloads/{}",
        download["id"].as_str().expect("an id")
    );
    eventually_within(Duration::from_mins(1), "the reason is told", || async {
        let download = bob.client.get(&path).await.expect_status(200).json();
        let message = download["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase();
        message.contains("disk") || message.contains("space")
    })
    .await;
    assert_eq!(
        count(&files_below(&folder), "mp4"),
        0,
        "half a file is in the library"
    );
    bob.client
        .get("/api/v1/plex/libraries")
        .await
        .expect_status(200);
    admin
        .client
        .get("/api/v1/webhooks/sources")
        .await
        .expect_status(200);
    disk.grow("64m");
    if bob.client.get(&path).await.json()["state"] == "failed" {
        bob.client
            .post(&format!("{path}/retry"))
            .await
            .expect_status(200);
    }
    let id = download["id"].as_str().expect("an id");
    house.wait_for_download(&bob, id, "in_plex").await;
}
