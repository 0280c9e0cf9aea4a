//! Collections made through the API.

use reqwest::Method;
use serde_json::Value;
use simulator::Simulator;

use crate::world::{Asker, owner, settings, start, texts};

fn uri(simulator: &Simulator, keys: &str) -> String {
    let machine = simulator.machine_identifier(0);
    format!("server%3A%2F%2F{machine}%2Fcom.plexapp.plugins.library%2Flibrary%2Fmetadata%2F{keys}")
}

async fn create(owner: &Asker, title: &str) -> Value {
    let path = format!("/library/collections?type=1&title={title}&smart=0&sectionId=1");
    owner.json_of(Method::POST, &path).await["MediaContainer"]["Metadata"][0].take()
}

#[actix_web::test]
async fn a_collection_is_made_filled_emptied_and_deleted() {
    let simulator = start(settings(10)).await;
    let owner = owner(&simulator);
    let key = create(&owner, "Road Trips").await["ratingKey"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/library/collections/{key}");
    let children = format!("{path}/children");

    let add = format!("{path}/items?uri={}", uri(&simulator, "1000001%2C1000002"));
    owner.json_of(Method::PUT, &add).await;
    owner.json_of(Method::PUT, &add).await;
    assert_eq!(owner.titles(&children).await, ["The Matrix", "Amélie"]);

    owner
        .json_of(Method::DELETE, &format!("{path}/items/1000001"))
        .await;
    assert_eq!(owner.titles(&children).await, ["Amélie"]);
    let listed = owner.container("/library/sections/1/collections").await;
    assert_eq!(
        texts(&listed, "Metadata", "title"),
        ["Road Trips", "Staff Picks"]
    );
    assert_eq!(listed["Metadata"][0]["childCount"], "1");

    assert_eq!(owner.send(Method::DELETE, &path).await.status(), 200);
    assert_eq!(owner.status(&path).await, 404);
}

#[actix_web::test]
async fn items_of_another_type_or_server_are_refused() {
    let simulator = start(settings(10)).await;
    let owner = owner(&simulator);
    let key = create(&owner, "Mixed").await["ratingKey"]
        .as_str()
        .unwrap()
        .to_owned();
    let items = format!("/library/collections/{key}/items");

    for keys in [
        uri(&simulator, "100000000"),
        "server%3A%2F%2Fother%2Fx".to_owned(),
    ] {
        let answer = owner
            .send(Method::PUT, &format!("{items}?uri={keys}"))
            .await;
        assert_eq!(answer.status(), 400);
    }
    let long = uri(&simulator, &"1000001,".repeat(1200));
    let answer = owner
        .send(Method::PUT, &format!("{items}?uri={long}"))
        .await;
    assert_eq!(answer.status(), 414);
}

#[actix_web::test]
async fn titles_may_repeat_when_created_but_not_by_renaming() {
    let simulator = start(settings(10)).await;
    let owner = owner(&simulator);
    create(&owner, "Twice").await;
    let second = create(&owner, "Twice").await["ratingKey"]
        .as_str()
        .unwrap()
        .to_owned();

    let rename = |title: &str| {
        format!("/library/sections/1/all?type=18&id={second}&title.value={title}&title.locked=1")
    };
    assert_eq!(
        owner
            .send(Method::PUT, &rename("Staff Picks"))
            .await
            .status(),
        409
    );
    assert_eq!(owner.send(Method::PUT, &rename("Once")).await.status(), 200);
}
