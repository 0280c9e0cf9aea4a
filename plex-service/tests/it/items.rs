//! Browsing: pages and orders, search, detail, seasons and episodes, collections.

use std::collections::HashSet;

use serde_json::{Value, json};
use shared_testkit::eventually;

use crate::stage::{Stage, list, text};

async fn search(stage: &Stage, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/plex/search?q={query}");
    list(&stage.admin.get(&path).await.expect_status(200).json()["items"])
}

#[tokio::test]
async fn a_library_is_read_page_by_page_in_every_order() {
    let stage = Stage::mirrored().await;
    let library = stage.library(&stage.admin, "Movies").await.expect("movies");
    assert_eq!(library["item_count"], 30);
    for sort in ["title", "-added_at", "-year", "year"] {
        let mut seen = HashSet::new();
        let mut cursor = String::new();
        loop {
            let id = text(&library["id"]);
            let path = format!("/api/v1/plex/libraries/{id}/items?sort={sort}&limit=7{cursor}");
            let page = stage.admin.get(&path).await.expect_status(200).json();
            assert_eq!(page["total"], 30);
            seen.extend(list(&page["items"]).iter().map(|item| text(&item["id"])));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 30, "{sort}");
    }
}

#[tokio::test]
async fn lists_are_narrowed_by_title_and_year_and_refuse_nonsense() {
    let stage = Stage::mirrored().await;
    let library = stage.library(&stage.admin, "Movies").await.expect("movies");
    let path = format!("/api/v1/plex/libraries/{}/items", text(&library["id"]));
    let get = async |query: &str| stage.admin.get(&format!("{path}?{query}")).await;
    let found = get("q=MATRIX&year=1999").await.expect_status(200).json();
    assert_eq!(found["total"], 1);
    assert_eq!(found["items"][0]["title"], "The Matrix");
    assert_eq!(get("genre=nonsense").await.json()["total"], 0);
    assert_eq!(get("sort=random").await.problem_code(), "invalid");
    assert_eq!(get("cursor=abc").await.problem_code(), "invalid-cursor");
    assert_eq!(get("colour=red").await.problem_code(), "unknown-field");
}

#[tokio::test]
async fn a_search_forgives_typing_errors_and_accents() {
    let stage = Stage::mirrored().await;
    eventually("the search index has the library", || async {
        !search(&stage, "matrix").await.is_empty()
    })
    .await;

    let found = search(&stage, "matrx").await;

    assert_eq!(found[0]["item"]["title"], "The Matrix");
    assert_eq!(found[0]["matched"], "title");
    assert_eq!(search(&stage, "amelie").await[0]["item"]["title"], "Amélie");
    assert!(search(&stage, "xqzxqzxqz").await.is_empty());
}

#[tokio::test]
async fn a_detail_comes_from_plex_and_has_a_link_to_it() {
    let stage = Stage::mirrored().await;
    let items = stage.items("Movies").await;
    let matrix = items
        .iter()
        .find(|item| item["title"] == "The Matrix")
        .expect("it");

    let path = format!("/api/v1/plex/items/{}", text(&matrix["id"]));
    let answer = stage.admin.get(&path).await.expect_status(200);

    let detail = answer.json();
    assert_eq!(detail["year"], 1999);
    assert!(!list(&detail["genres"]).is_empty(), "{detail}");
    assert!(!list(&detail["media"]).is_empty(), "{detail}");
    let machine = stage.plex.machine_identifier(0);
    let link = text(&detail["plex_url"]);
    assert!(link.starts_with(&format!("https://app.plex.tv/desktop/#!/server/{machine}/")));
    assert!(!answer.text().contains(&stage.plex.owner_token()));
    assert!(!answer.text().contains("\"file\""));
}

#[tokio::test]
async fn a_show_leads_to_seasons_and_episodes() {
    let stage = Stage::mirrored().await;
    let shows = stage.items("TV Shows").await;
    let children = async |item: &Value| {
        let path = format!("/api/v1/plex/items/{}/children", text(&item["id"]));
        list(&stage.admin.get(&path).await.expect_status(200).json()["items"])
    };

    let seasons = children(&shows[0]).await;
    let episodes = children(&seasons[0]).await;

    assert_eq!(seasons[0]["type"], "season");
    assert_eq!(episodes[0]["type"], "episode");
    assert_eq!(episodes[0]["grandparent_title"], shows[0]["title"]);
    let recent = stage
        .admin
        .get("/api/v1/plex/recently-added?limit=5")
        .await
        .json();
    assert_eq!(list(&recent["items"]).len(), 5);
    assert!(recent["next_cursor"].is_string());
}

#[tokio::test]
async fn a_collection_is_made_on_plex_once() {
    let stage = Stage::mirrored().await;
    let library = stage.library(&stage.admin, "Movies").await.expect("movies");
    let items = stage.items("Movies").await;
    let members = [&items[3]["id"], &items[1]["id"]];
    let body = json!({"title": "Friday", "library_id": library["id"], "item_ids": members, "summary": "Ours"});

    let made = stage
        .admin
        .post_json("/api/v1/plex/collections", &body)
        .await;
    let again = stage
        .admin
        .post_json("/api/v1/plex/collections", &body)
        .await;
    let member = stage
        .member("alice")
        .await
        .post_json("/api/v1/plex/collections", &body)
        .await;

    let made = made.expect_status(201).json();
    assert_eq!(made["item_count"], 2);
    assert_eq!(made["items"][0]["id"], items[3]["id"]);
    assert_eq!(again.problem_code(), "conflict");
    assert_eq!(member.problem_code(), "forbidden");
    let sync = stage.sync_again(&stage.server_id().await).await;
    assert_eq!(sync["state"], "done", "{sync}");
    let listed = stage.admin.get("/api/v1/plex/collections").await.json();
    let friday = list(&listed["items"])
        .into_iter()
        .filter(|collection| collection["title"] == "Friday")
        .collect::<Vec<_>>();
    assert_eq!(friday.len(), 1);
    assert_eq!(
        (&friday[0]["id"], &friday[0]["summary"]),
        (&made["id"], &json!("Ours"))
    );
}
