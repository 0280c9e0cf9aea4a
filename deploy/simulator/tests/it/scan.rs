//! Scans of a real folder.

use std::{fs, time::Duration};

use simulator::{HOME_VIDEOS, Settings, Simulator};
use tempfile::TempDir;

use crate::world::{Asker, eventually, owner, settings, start};

const ITEMS: &str = "/library/sections/5/all?type=1";

async fn with_videos() -> (Simulator, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut settings: Settings = settings(2);
    settings.servers[0].videos_dir = Some(folder.path().to_owned());
    settings.servers[0].scan_delay = Duration::from_millis(150);
    (start(settings).await, folder)
}

async fn is_refreshing(owner: &Asker) -> bool {
    let sections = owner.container("/library/sections").await;
    let all = sections["Directory"].as_array().expect("libraries");
    all.iter()
        .any(|section| section["title"] == HOME_VIDEOS && section["refreshing"] == true)
}

async fn scan(owner: &Asker, path: &str) {
    let answer = owner
        .get(&format!("/library/sections/5/refresh?path={path}"))
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.expect("a body"), "");
}

#[actix_web::test]
async fn a_new_file_becomes_an_item_and_vanishes_with_the_file() {
    let (simulator, folder) = with_videos().await;
    let owner = owner(&simulator);
    let channel = folder.path().join("Channel");
    fs::create_dir(&channel).unwrap();
    fs::write(channel.join("clip.mp4"), "video").unwrap();
    fs::write(
        channel.join("clip.nfo"),
        "<movie><title>Tea &amp; Rain</title></movie>",
    )
    .unwrap();
    fs::write(channel.join("other.mp4.part"), "half").unwrap();

    scan(&owner, channel.to_str().unwrap()).await;

    assert!(is_refreshing(&owner).await);
    assert_eq!(owner.container("/activities").await["size"], 1);
    assert!(owner.titles(ITEMS).await.is_empty(), "the scan takes time");
    eventually("the item appears", async || {
        owner.titles(ITEMS).await == ["Tea & Rain"]
    })
    .await;
    assert!(!is_refreshing(&owner).await);
    assert_eq!(
        owner.titles(&format!("{ITEMS}&file=clip.mp4")).await,
        ["Tea & Rain"]
    );

    fs::remove_file(channel.join("clip.mp4")).unwrap();
    scan(&owner, channel.to_str().unwrap()).await;
    eventually("the item vanishes", async || {
        owner.titles(ITEMS).await.is_empty()
    })
    .await;
}

#[actix_web::test]
async fn a_scan_of_one_folder_leaves_the_others_alone() {
    let (simulator, folder) = with_videos().await;
    let owner = owner(&simulator);
    for name in ["here", "there"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(
            folder.path().join(name).join(format!("{name}.mkv")),
            "video",
        )
        .unwrap();
    }

    scan(&owner, "/somewhere/else").await;
    scan(&owner, folder.path().join("here").to_str().unwrap()).await;

    eventually("scans end", async || !is_refreshing(&owner).await).await;
    assert_eq!(owner.titles(ITEMS).await, ["here"]);
}
