//! Sign in with Plex.

use reqwest::Method;
use serde_json::Value;

use crate::world::{at_plex_tv, client, settings, start};

#[actix_web::test]
async fn a_claimed_pin_gives_the_account_token_to_the_client_that_made_it() {
    let simulator = start(settings(3)).await;
    let portal = at_plex_tv(&simulator, "");

    let made = portal.send(Method::POST, "/api/v2/pins?strong=true").await;
    assert_eq!(made.status(), 201);
    let pin: Value = made.json().await.unwrap();
    let path = format!("/api/v2/pins/{}", pin["id"]);
    assert_eq!(pin["code"].as_str().unwrap().len(), 25);
    assert_eq!(pin["expiresIn"], 1800);
    assert_eq!(portal.json(&path).await["authToken"], Value::Null);

    assert!(simulator.claim_pin(pin["code"].as_str().unwrap(), "alice"));

    let claimed = portal.json(&path).await;
    assert_eq!(claimed["authToken"], simulator.account_token("alice"));
    let user = at_plex_tv(&simulator, claimed["authToken"].as_str().unwrap());
    assert_eq!(user.json("/api/v2/user").await["username"], "alice");
}

#[actix_web::test]
async fn a_pin_is_unknown_to_other_clients_and_after_its_time() {
    let simulator = start(settings(3)).await;
    let portal = at_plex_tv(&simulator, "");
    let pin = portal.json_of(Method::POST, "/api/v2/pins").await;
    let path = format!("/api/v2/pins/{}", pin["id"]);

    let other = client().get(format!("{}{path}", simulator.plex_tv_url()));
    let other = other
        .header("X-Plex-Client-Identifier", "somebody-else")
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 404);

    let code = pin["code"].as_str().unwrap();
    portal
        .send(Method::POST, &format!("/simulator/pins/{code}/expire"))
        .await;
    let expired = portal.get(&path).await;
    assert_eq!(expired.status(), 404);
    let error: Value = expired.json().await.unwrap();
    assert_eq!(error["errors"][0]["code"], 1020);
    assert!(!simulator.claim_pin(code, "alice"));
}

#[actix_web::test]
async fn plex_tv_wants_a_client_identifier_and_a_valid_token() {
    let simulator = start(settings(3)).await;

    let pins = format!("{}/api/v2/pins", simulator.plex_tv_url());
    assert_eq!(client().post(pins).send().await.unwrap().status(), 400);
    assert_eq!(
        at_plex_tv(&simulator, "invented")
            .status("/api/v2/user")
            .await,
        401
    );
}

#[actix_web::test]
async fn the_sign_in_page_has_a_button_for_everybody() {
    let simulator = start(settings(3)).await;

    let page = at_plex_tv(&simulator, "")
        .get("/auth?code=x")
        .await
        .text()
        .await
        .unwrap();

    for name in ["olivia", "alice", "bob", "stranger"] {
        assert!(
            page.contains(&format!("data-username=\"{name}\"")),
            "{name} is missing"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_on_a_plain_tokio_runtime_too() {
    let simulator = start(settings(3)).await;

    assert_eq!(
        at_plex_tv(&simulator, &simulator.owner_token())
            .status("/api/v2/ping")
            .await,
        200
    );

    simulator.stop().await;
}
