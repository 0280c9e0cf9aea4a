//! Posters and art, resized and cached.

use serde_json::Value;

use crate::stage::{Stage, text};

#[tokio::test]
async fn a_poster_is_served_and_kept_without_any_token() {
    let stage = Stage::mirrored().await;
    let items = stage.items("Movies").await;
    let poster = items
        .iter()
        .find_map(|item| item["poster_url"].as_str())
        .expect("a poster");
    let path = format!("{poster}&w=200&h=300");

    let first = stage.admin.get(&path).await.expect_status(200);

    assert_eq!(first.headers["content-type"], "image/jpeg");
    let etag = first.headers["etag"].clone();
    assert!(
        first.headers["cache-control"]
            .to_str()
            .expect("text")
            .starts_with("private")
    );
    assert!(!format!("{:?}", first.headers).contains(&stage.plex.owner_token()));
    let request = stage.admin.request("GET".parse().expect("a method"), &path);
    let known = stage
        .admin
        .send(request.header("if-none-match", etag))
        .await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let asked = |stage: &Stage| {
        let requests = stage.plex.requests();
        requests
            .iter()
            .filter(|request| request.contains("/photo/"))
            .count()
    };
    let before = asked(&stage);
    let stage = stage.restart().await;
    let kept = stage.admin.get(&path).await.expect_status(200);
    assert_eq!(kept.body, first.body);
    assert_eq!(asked(&stage), before, "it came from the disk");
}

#[tokio::test]
async fn pictures_of_hidden_items_and_without_a_session_are_not_there() {
    let stage = Stage::mirrored().await;
    let movies = stage.items("Movies").await;
    let poster: &Value = movies
        .iter()
        .map(|item| &item["poster_url"])
        .find(|poster| poster.is_string())
        .expect("a poster");
    let poster = text(poster);
    assert_eq!(stage.member("alice").await.get(&poster).await.status, 200);
    assert_eq!(
        stage.member("bob").await.get(&poster).await.problem_code(),
        "not-found"
    );
    assert_eq!(stage.app.anon.get(&poster).await.status, 401);
    let odd = poster.replace("/poster", "/theme");
    assert_eq!(stage.admin.get(&odd).await.status, 404);
}
