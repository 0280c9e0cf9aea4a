//! Webhook senders as they really are: Plex without a signature, GitHub and Standard Webhooks with one, others with a header.

use base64::{Engine, engine::general_purpose::STANDARD};
use e2e::{House, Person};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use shared_testkit::{Client, TestResponse, eventually};

/// One source of each kind of proof; all deliveries end in `done`.
pub(crate) async fn all_senders_are_heard(house: &House, admin: &Person) {
    plex(house, admin).await;
    github(house, admin).await;
    standard(house, admin).await;
    bearer(house, admin).await;
    eventually("every delivery is processed", || async {
        let deliveries = deliveries(admin).await;
        deliveries.len() == 5
            && deliveries.iter().all(|delivery| {
                ["done", "ignored", "duplicate"]
                    .contains(&delivery["state"].as_str().unwrap_or_default())
            })
    })
    .await;
}

/// A source and what is shown once when it is made: its address and its secret.
pub(crate) async fn create_source(admin: &Person, kind: &str, auth_mode: Option<&str>) -> Value {
    let mut body = json!({"kind": kind, "name": format!("{kind} in the cellar")});
    if let Some(mode) = auth_mode {
        body["auth_mode"] = json!(mode);
    }
    admin
        .client
        .post_json("/api/v1/webhooks/sources", &body)
        .await
        .expect_status(201)
        .json()
}

pub(crate) async fn deliveries(admin: &Person) -> Vec<Value> {
    let page = admin
        .client
        .get("/api/v1/webhooks/deliveries?limit=200")
        .await
        .expect_status(200)
        .json();
    page["items"].as_array().cloned().unwrap_or_default()
}

/// The path of a source's address; the host is the deployment's.
pub(crate) fn path_of(source: &Value) -> String {
    let url = source["url"].as_str().expect("an address");
    url[url.find("/hooks/").expect("an ingest path")..].to_owned()
}

async fn plex(house: &House, admin: &Person) {
    let source = create_source(admin, "plex", None).await;
    let url = format!("{}{}", house.deployment.url, path_of(&source));
    house.plex.add_webhook(url);
    let rating_key = first_rating_key(house).await;
    let statuses = house
        .plex
        .send_webhook(0, "media.play", &rating_key)
        .await
        .expect("sent");
    assert_eq!(statuses, [202]);
    let wrong = path_of(&source)
        .rsplit_once('/')
        .map(|(base, _)| format!("{base}/wrong-secret"))
        .expect("a secret");
    assert_eq!(house.anon().post_json(&wrong, &json!({})).await.status, 401);
}

async fn first_rating_key(house: &House) -> String {
    let client = Client::new(&house.plex.server_url(0), None);
    let request = client.request(
        Method::GET,
        "/library/recentlyAdded?X-Plex-Container-Start=0&X-Plex-Container-Size=1",
    );
    let request = request
        .header("X-Plex-Token", house.plex.owner_token())
        .header("Accept", "application/json");
    let body = client.send(request).await.expect_status(200).json();
    body["MediaContainer"]["Metadata"][0]["ratingKey"]
        .as_str()
        .expect("a rating key")
        .to_owned()
}

async fn github(house: &House, admin: &Person) {
    let source = create_source(admin, "github", None).await;
    let secret = source["secret"].as_str().expect("a secret");
    let body = json!({"action": "published", "release": {"tag_name": "v2.0", "name": "Two"}, "repository": {"full_name": "someone/something"}}).to_string();
    let good = format!(
        "sha256={}",
        hex::encode(sign(secret.as_bytes(), body.as_bytes()))
    );
    let post = |signature: String, delivery: &'static str| {
        let request = house.anon().request(Method::POST, &path_of(&source));
        request
            .header("content-type", "application/json")
            .header("x-github-event", "release")
            .header("x-github-delivery", delivery)
            .header("x-hub-signature-256", signature)
            .body(body.clone())
    };
    let anon = house.anon();
    let first = anon
        .send(post(good.clone(), "d-1"))
        .await
        .expect_status(202)
        .json();
    assert_eq!(first["status"], "accepted");
    let again = anon.send(post(good, "d-1")).await.expect_status(202).json();
    assert_eq!(again["status"], "duplicate");
    let forged = anon
        .send(post(format!("sha256={}", "0".repeat(64)), "d-2"))
        .await;
    assert_eq!(
        (forged.status, forged.problem_code().as_str()),
        (401, "invalid-signature")
    );
}

async fn standard(house: &House, admin: &Person) {
    let source = create_source(admin, "standard", None).await;
    let secret = source["secret"].as_str().expect("a secret");
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").expect("the standard prefix"))
        .expect("base64");
    let body = json!({"type": "backup.completed", "timestamp": "2026-11-23T10:00:00Z", "data": {}})
        .to_string();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let signature = STANDARD.encode(sign(&key, format!("msg_1.{now}.{body}").as_bytes()));
    let request = house.anon().request(Method::POST, &path_of(&source));
    let request = request
        .header("content-type", "application/json")
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", now)
        .header("webhook-signature", format!("v1,{signature}"))
        .body(body);
    let _accepted: TestResponse = house.anon().send(request).await.expect_status(202);
}

async fn bearer(house: &House, admin: &Person) {
    let source = create_source(admin, "generic", Some("bearer")).await;
    let secret = source["secret"].as_str().expect("a secret").to_owned();
    let path = path_of(&source);
    let sender = house.anon().with_token(secret);
    let _accepted = sender
        .post_json(&path, &json!({"hello": "house"}))
        .await
        .expect_status(202);
    assert_eq!(
        house
            .anon()
            .post_json(&path, &json!({"hello": "house"}))
            .await
            .status,
        401
    );
}

fn sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
