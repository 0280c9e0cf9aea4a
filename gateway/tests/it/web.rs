//! The web app and the API reference.

use shared_testkit::TestWorld;

use crate::start;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_address_serves_the_app_and_missing_files_do_not() {
    let world = TestWorld::start().await;
    let app = start(&world).await;
    let page = app.anon.get("/").await.expect_status(200);
    assert!(
        page.headers["content-type"]
            .to_str()
            .is_ok_and(|kind| kind.starts_with("text/html"))
    );
    assert!(
        !page.headers["content-security-policy"]
            .to_str()
            .expect("text")
            .contains("unsafe-inline")
    );
    let deep = app.anon.get("/library/some-id").await.expect_status(200);
    assert_eq!(deep.body, page.body);
    let request = app
        .anon
        .request(reqwest::Method::GET, "/")
        .header("if-none-match", page.headers["etag"].clone());
    assert_eq!(app.anon.send(request).await.status, 304);
    for path in [
        "/assets/none.js",
        "/favicon-none.ico",
        "/api/none",
        "/metrics",
    ] {
        assert_eq!(app.anon.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_reference_is_served_without_outside_assets() {
    let world = TestWorld::start().await;
    let app = start(&world).await;
    let document = app
        .anon
        .get("/api/v1/openapi.json")
        .await
        .expect_status(200)
        .json();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    let page = app.anon.get("/api/docs/").await.expect_status(200).text();
    assert!(!page.contains("https://"), "{page}");
}
