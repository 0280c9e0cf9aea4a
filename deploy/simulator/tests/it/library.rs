//! Lists, their order, filters and pages.

use std::collections::HashSet;

use crate::world::{client, owner, settings, start, texts};

#[actix_web::test]
async fn pages_follow_each_other_without_gaps_in_a_library_of_100_000() {
    let simulator = start(settings(100_000)).await;
    let owner = owner(&simulator);
    let page = |start: usize| {
        format!(
            "/library/sections/1/all?type=1&X-Plex-Container-Start={start}&X-Plex-Container-Size=200"
        )
    };

    let mut seen = HashSet::new();
    for start in (0..1000).step_by(200) {
        let container = owner.container(&page(start)).await;
        assert_eq!(container["totalSize"], 100_000);
        assert_eq!(container["offset"], start);
        seen.extend(texts(&container, "Metadata", "ratingKey"));
    }

    assert_eq!(seen.len(), 1000);
    assert_eq!(owner.container(&page(99_900)).await["size"], 100);
    let behind = owner.container(&page(100_000)).await;
    assert!(behind.get("Metadata").is_none(), "an empty list has no key");
}

#[actix_web::test]
async fn totals_come_only_with_paging_whose_headers_count_too() {
    let simulator = start(settings(30)).await;
    let whole = owner(&simulator).container("/library/sections/1/all").await;
    assert_eq!(whole["size"], 30);
    assert!(whole.get("totalSize").is_none());

    let counted = client()
        .get(format!(
            "{}/library/sections/1/all",
            simulator.server_url(0)
        ))
        .header("Accept", "application/json")
        .header("X-Plex-Token", simulator.owner_token())
        .header("X-Plex-Container-Start", "0")
        .header("X-Plex-Container-Size", "0")
        .send()
        .await
        .unwrap();

    assert_eq!(counted.headers()["x-plex-container-total-size"], "30");
    assert_eq!(counted.headers()["content-type"], "application/json");
}

#[actix_web::test]
async fn lists_can_be_ordered_and_filtered() {
    let simulator = start(settings(200)).await;
    let owner = owner(&simulator);
    let all = "/library/sections/1/all?type=1";

    assert_eq!(
        owner.titles(&format!("{all}&title=amelie")).await,
        ["Amélie"]
    );
    assert_eq!(
        owner
            .titles(&format!("{all}&title=%E5%8D%83%E3%81%A8"))
            .await,
        ["Spirited Away"]
    );
    assert_eq!(
        owner.titles(&format!("{all}&file=The Matrix (1999)")).await,
        ["The Matrix"]
    );
    let newest = owner.container(&format!("{all}&sort=addedAt:desc")).await;
    let times: Vec<i64> = newest["Metadata"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["addedAt"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted_by(|left, right| left >= right));
    let since = times[9];
    assert_eq!(
        owner
            .titles(&format!("{all}&addedAt>>={since}"))
            .await
            .len(),
        9
    );
    assert_eq!(
        owner
            .titles(&format!("{all}&addedAt%3E%3E={since}"))
            .await
            .len(),
        9
    );
}

#[actix_web::test]
async fn real_servers_traps_are_there() {
    let simulator = start(settings(300)).await;
    let container = owner(&simulator)
        .container("/library/sections/1/all?includeGuids=1")
        .await;
    let movies = container["Metadata"].as_array().unwrap();

    let without = |key: &str| {
        movies
            .iter()
            .filter(|movie| movie.get(key).is_none())
            .count()
    };
    assert!(without("thumb") > 0 && without("updatedAt") > 0 && without("titleSort") > 0);
    assert!(movies.iter().any(|movie| movie["rating"].is_i64()));
    assert!(movies.iter().any(|movie| movie["rating"].is_f64()));
    assert!(movies.iter().all(|movie| movie["ratingKey"].is_string()));
    assert!(
        movies
            .iter()
            .all(|movie| movie.get("librarySectionID").is_none())
    );
    assert!(
        movies
            .iter()
            .any(|movie| movie["guid"].as_str().unwrap().starts_with("local://"))
    );
}

#[actix_web::test]
async fn a_show_leads_to_its_seasons_and_episodes() {
    let simulator = start(settings(3)).await;
    let owner = owner(&simulator);
    let show = "/library/metadata/100000000";

    let detail = owner.container(show).await;
    assert_eq!(detail["Metadata"][0]["title"], "Breaking Bad");
    let seasons = owner.container(&format!("{show}/children")).await;
    assert_eq!(seasons["Directory"][0]["title"], "All episodes");
    let first = seasons["Metadata"][0]["key"].as_str().unwrap().to_owned();
    let episodes = owner.container(&first).await;
    assert_eq!(episodes["Metadata"][0]["grandparentTitle"], "Breaking Bad");
    let leaves = owner.container(&format!("{show}/allLeaves")).await;
    assert_eq!(leaves["size"], detail["Metadata"][0]["leafCount"]);
}

#[actix_web::test]
async fn several_details_leave_out_what_does_not_exist() {
    let simulator = start(settings(3)).await;
    let owner = owner(&simulator);

    let titles = owner.titles("/library/metadata/1000001,77,1000002").await;

    assert_eq!(titles, ["The Matrix", "Amélie"]);
    assert_eq!(owner.status("/library/metadata/77").await, 404);
}

#[actix_web::test]
async fn search_groups_by_type_or_ranks_everything() {
    let simulator = start(settings(50)).await;
    let owner = owner(&simulator);

    let hubs = owner.container("/hubs/search?query=matrix").await;
    assert_eq!(hubs["size"], 17);
    assert_eq!(hubs["Hub"][0]["Metadata"][0]["title"], "The Matrix");
    let ranked = owner.container("/library/search?query=dark&limit=5").await;
    assert_eq!(ranked["SearchResult"][0]["Metadata"]["title"], "Dark");
    assert_eq!(owner.status("/hubs/search").await, 400);
}

#[actix_web::test]
async fn without_accept_the_answer_is_xml() {
    let simulator = start(settings(3)).await;

    let request = client().get(format!("{}/library/sections", simulator.server_url(0)));
    let response = request
        .header("X-Plex-Token", simulator.owner_token())
        .send()
        .await
        .unwrap();

    assert_eq!(response.headers()["content-type"], "text/xml;charset=utf-8");
    let body = response.text().await.unwrap();
    assert!(body.contains("<Directory ") && body.contains("title=\"Movies\""));
}
