//! What is refused, and in which words.

use std::net::TcpListener;

use download_service::Config;
use serde_json::json;

use crate::rig::{Rig, download, submit, until};

#[tokio::test]
async fn dangerous_links_are_refused_before_anything_happens() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);
    for (link, word) in [
        ("file:///etc/passwd", "http"),
        ("http://127.0.0.1:1/x.mp4", "private network"),
        ("http://2130706433/x.mp4", "private network"),
        ("http://[::ffff:10.0.0.1]/", "private network"),
        ("http://localhost/", "private network"),
        ("https://user:pw@example.org/", "password"),
        ("--exec=before_dl:id", "not a link"),
        ("https://example.org/#__youtubedl_smuggle=%7B%7D", "#"),
    ] {
        for route in ["/api/v1/downloads", "/api/v1/downloads/preview"] {
            let answer = alice.post_json(route, &json!({"url": link})).await;
            assert_eq!(
                (answer.status, answer.problem_code().as_str()),
                (422, "link-refused"),
                "{link}"
            );
            let body = answer.json();
            assert!(
                body["detail"].as_str().expect("a detail").contains(word),
                "{body}"
            );
            assert_eq!(body["errors"][0]["pointer"], "#/url");
        }
    }
    let list = alice.get("/api/v1/downloads").await.json();
    assert_eq!(list["items"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn bad_fields_are_named() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let alice = rig.world.member(&app);
    assert_eq!(alice.get("/api/v1/downloads").await.status, 200);
    let url = "https://example.org/a";
    for (body, status, pointer) in [
        (json!({"url": url, "exec": "id"}), 400, "#/exec"),
        (json!({}), 422, "#/url"),
        (json!({"url": url, "preset": "--exec id"}), 422, "#/preset"),
        (json!({"url": url, "priority": 101}), 422, "#/priority"),
        (
            json!({"url": url, "collection": "a\u{0}b"}),
            422,
            "#/collection",
        ),
        (
            json!({"url": url, "library_id": "00000000-0000-7000-8000-000000000000"}),
            422,
            "#/library_id",
        ),
    ] {
        let answer = alice.post_json("/api/v1/downloads", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_redirect_into_the_private_network_is_stopped_by_the_guard() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);
    // Listens, and must never be connected to.
    let private = TcpListener::bind("127.0.0.1:0").expect("a free port");
    private.set_nonblocking(true).expect("set");
    let secret = private.local_addr().expect("an address");

    let id = submit(
        &alice,
        &rig.page(&format!("/redirect?to=http://{secret}/secret.mp4")),
    )
    .await;
    until_failed(&alice, &id).await;

    let failed = download(&alice, &id).await;
    assert_eq!(failed["error"]["class"], "blocked_address", "{failed}");
    assert!(
        failed["error"]["message"]
            .as_str()
            .expect("words")
            .contains(&secret.to_string())
    );
    assert!(private.accept().is_err(), "nobody came");
    app.stop().await;
}

async fn until_failed(client: &shared_testkit::Client, id: &str) {
    shared_testkit::eventually_within(crate::rig::LONG, "it failed", || async {
        download(client, id).await["state"] == "failed"
    })
    .await;
}

#[tokio::test]
async fn a_page_without_a_video_fails_with_a_reason_for_people() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);

    let id = submit(&alice, &rig.page("/no-video")).await;
    until_failed(&alice, &id).await;

    let failed = download(&alice, &id).await;
    assert_eq!(failed["error"]["class"], "unsupported", "{failed}");
    assert!(
        failed["error"]["message"]
            .as_str()
            .expect("words")
            .contains("no video at this link")
    );
    until("it is told", || rig.world.has_event("download.failed.v1")).await;
    let preview = alice
        .post_json(
            "/api/v1/downloads/preview",
            &json!({"url": rig.page("/no-video")}),
        )
        .await;
    assert_eq!(
        (preview.status, preview.problem_code().as_str()),
        (422, "link-refused")
    );
    let retried = alice
        .post(&format!("/api/v1/downloads/{id}/retry"))
        .await
        .expect_status(200)
        .json();
    assert_eq!(
        (&retried["state"], &retried["error"]),
        (&json!("queued"), &json!(null))
    );
    app.stop().await;
}

#[tokio::test]
async fn a_preview_tells_what_is_behind_a_link() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let alice = rig.world.member(&app);

    let preview = alice
        .post_json(
            "/api/v1/downloads/preview",
            &json!({"url": rig.page("/feed.rss")}),
        )
        .await;

    let preview = preview.expect_status(200).json();
    assert_eq!(
        (&preview["kind"], &preview["entry_count"]),
        (&json!("playlist"), &json!(3)),
        "{preview}"
    );
    assert_eq!(preview["entries"][0]["title"], "Alpha Clip");
    assert_eq!(preview["entries"][0]["url"], rig.page("/files/alpha.mp4"));
    assert_eq!(
        (&preview["fits_quota"], &preview["reasons"]),
        (&json!(true), &json!([]))
    );
    app.stop().await;
}

#[tokio::test]
async fn a_full_disk_holds_the_queue_and_says_so() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let (alice, admin) = (rig.world.member(&app), rig.world.admin(&app));

    let id = submit(&alice, &rig.page("/watch/alpha")).await;
    shared_testkit::eventually("the reason is visible", || async {
        let now = download(&alice, &id).await;
        now["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("disk is nearly full"))
    })
    .await;

    assert_eq!(download(&alice, &id).await["state"], "queued");
    let system = admin
        .get("/api/v1/downloads/system")
        .await
        .expect_status(200)
        .json();
    assert!(
        system["ytdlp_version"].is_string() && system["ffmpeg_version"].is_string(),
        "{system}"
    );
    let problems = system["problems"].as_array().expect("problems");
    assert!(
        problems.iter().any(|text| text
            .as_str()
            .is_some_and(|text| text.contains("nearly full"))),
        "{system}"
    );
    assert_eq!(alice.get("/api/v1/downloads/system").await.status, 403);
    app.stop().await;
}

#[tokio::test]
async fn without_yt_dlp_the_service_starts_and_says_how_to_get_it() {
    let rig = Rig::start().await;
    let app = rig
        .serve(Config {
            ytdlp: "/nowhere/yt-dlp".into(),
            ..rig.config()
        })
        .await;
    let (alice, admin) = (rig.world.member(&app), rig.world.admin(&app));

    let answer = alice
        .post_json(
            "/api/v1/downloads",
            &json!({"url": "https://example.org/a"}),
        )
        .await;

    assert_eq!(
        (answer.status, answer.problem_code().as_str()),
        (503, "unavailable")
    );
    assert!(
        answer.json()["detail"]
            .as_str()
            .expect("words")
            .contains("pip install")
    );
    let system = admin
        .get("/api/v1/downloads/system")
        .await
        .expect_status(200)
        .json();
    assert!(
        system["problems"][0]
            .as_str()
            .expect("a problem")
            .contains("yt-dlp is not installed")
    );
    app.stop().await;
}
