//! Everybody sees what is shared with him, and nothing else.

use reqwest::Method;

use crate::world::{at_plex_tv, at_server, friend, owner, settings, start, texts};

const MOVIE: &str = "/library/metadata/1000001";
const SHOW: &str = "/library/metadata/100000000";

#[actix_web::test]
async fn a_friend_sees_only_the_shared_libraries() {
    let simulator = start(settings(5)).await;
    let alice = friend(&simulator, "alice").await;

    let sections = alice.container("/library/sections").await;
    assert_eq!(texts(&sections, "Directory", "title"), ["Movies"]);
    assert_eq!(alice.status(MOVIE).await, 200);
    assert_eq!(alice.status(SHOW).await, 404);
    assert_eq!(alice.status("/library/sections/2/all").await, 404);
    assert_eq!(
        alice.status("/library/metadata/100000000/thumb/1").await,
        404
    );
    let found = alice.container("/library/search?query=breaking").await;
    assert_eq!(found["size"], 0);
    assert_eq!(owner(&simulator).status(SHOW).await, 200);
}

#[actix_web::test]
async fn an_account_token_of_a_friend_is_not_valid_on_the_server() {
    let simulator = start(settings(5)).await;
    let with_account_token = at_server(&simulator, &simulator.account_token("alice"));

    let refused = with_account_token.get("/library/sections").await;

    assert_eq!(refused.status(), 401);
    assert!(
        refused
            .text()
            .await
            .unwrap()
            .contains("<h1>401 Unauthorized</h1>")
    );
    assert_eq!(with_account_token.status("/identity").await, 200);
}

#[actix_web::test]
async fn strangers_and_removed_friends_have_no_server_at_all() {
    let simulator = start(settings(5)).await;
    let alice = friend(&simulator, "alice").await;
    let stranger = at_plex_tv(&simulator, &simulator.account_token("stranger"));
    let machine = simulator.machine_identifier(0);
    let shares = format!("/api/servers/{machine}/shared_servers");
    let at_home = at_plex_tv(&simulator, &simulator.owner_token());
    assert!(
        !stranger
            .get("/api/v2/resources")
            .await
            .text()
            .await
            .unwrap()
            .contains(&machine)
    );
    assert!(
        at_home
            .get(&shares)
            .await
            .text()
            .await
            .unwrap()
            .contains("username=\"alice\"")
    );

    simulator.revoke_access("alice");

    assert_eq!(alice.status("/library/sections").await, 401);
    assert!(
        !at_home
            .get(&shares)
            .await
            .text()
            .await
            .unwrap()
            .contains("username=\"alice\"")
    );
    let users = at_home.get("/api/users").await.text().await.unwrap();
    assert!(users.contains("username=\"bob\"") && !users.contains("alice"));
}

#[actix_web::test]
async fn only_the_owner_scans_looks_at_sessions_and_makes_collections() {
    let simulator = start(settings(5)).await;
    let alice = friend(&simulator, "alice").await;

    assert_eq!(alice.status("/status/sessions").await, 403);
    assert_eq!(alice.status("/library/sections/1/refresh").await, 403);
    let create = "/library/collections?type=1&title=Mine&sectionId=1";
    assert_eq!(alice.send(Method::POST, create).await.status(), 403);
    let sessions = owner(&simulator).container("/status/sessions").await;
    assert_eq!(sessions["size"], 0);
    assert!(sessions.get("Metadata").is_none());
}
