//! A person with a browser: the Playwright test of the web app, against a whole embedded deployment.

use std::{path::Path, process::Stdio};

use e2e::{House, Shape};
use shared_testkit::setting;
use simulator::Simulator;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sets_up_signs_in_browses_and_downloads() {
    if setting("MEDIANEST_TEST_BROWSER").is_none() {
        eprintln!(
            "skipped: MEDIANEST_TEST_BROWSER is not set; `deploy/tests/run e2e` sets it when Node and Chromium are there"
        );
        return;
    }
    let house = House::start(Shape::Embedded).await;
    let plex: &Simulator = &house.plex;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../gateway/web/e2e");
    let status = tokio::process::Command::new("npm")
        .args(["test", "--silent"])
        .current_dir(folder)
        .env("MEDIANEST_E2E_URL", &house.deployment.url)
        .env(
            "MEDIANEST_E2E_SETUP_SECRET",
            house.deployment.setup_secret(),
        )
        .env("MEDIANEST_E2E_PLEX_SERVER_URL", plex.server_url(0))
        .env("MEDIANEST_E2E_PLEX_TOKEN", plex.owner_token())
        .env("MEDIANEST_E2E_SIM_PLEXTV_URL", plex.plex_tv_url())
        .env(
            "MEDIANEST_E2E_VIDEO_URL",
            format!("{}/slow-watch/big", house.media.url),
        )
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .expect("npm starts");
    assert!(
        status.success(),
        "the browser test failed; its output is above"
    );
}
