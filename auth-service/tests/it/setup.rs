//! First-run setup.

use std::{collections::HashMap, fs, os::unix::fs::PermissionsExt, time::Duration};

use futures_util::future::join_all;
use serde_json::json;
use shared_testkit::eventually;
use shared_types::access::service;

use crate::rig::{PASSWORD, Rig};

async fn setup_required(rig: &Rig) -> bool {
    let gateway = rig.service(service::GATEWAY).await;
    let state = gateway.get("/internal/setup").await.expect_status(200);
    state.json()["setup_required"].as_bool().expect("a bool")
}

#[actix_web::test]
async fn the_setup_secret_makes_the_administrator_once_and_is_gone_afterwards() {
    let rig = Rig::start().await;
    let secret = rig.setup_secret();
    let file = rig.world.dir().join("setup-secret");
    let mode = fs::metadata(&file).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(setup_required(&rig).await);

    let answer = rig.set_up(&secret.to_uppercase()).await.expect_status(201);

    let user = &answer.json()["user"];
    assert_eq!(user["role"], "admin");
    assert_eq!(user["username"], "Root");
    assert!(!file.exists());
    assert!(!setup_required(&rig).await);
    assert_eq!(rig.set_up(&secret).await.problem_code(), "setup-done");
    let rig = rig.restart().await;
    assert!(!file.exists());
    assert!(!setup_required(&rig).await);
    assert_eq!(rig.set_up(&secret).await.problem_code(), "setup-done");
}

#[actix_web::test]
async fn aut_07_five_wrong_secrets_and_a_new_one_is_needed() {
    let rig = Rig::start().await;
    let first = rig.setup_secret();
    for _ in 0..5 {
        let refused = rig.set_up("abcde-abcde-abcde-abcde").await;
        assert_eq!(refused.problem_code(), "invalid-setup-secret");
    }
    let second = rig.setup_secret();
    assert_ne!(first, second);

    let throttled = rig.set_up(&second).await.expect_status(429);
    assert!(throttled.headers.contains_key("retry-after"));
    rig.world.clock.advance(Duration::from_secs(101));
    assert_eq!(
        rig.set_up(&first).await.problem_code(),
        "invalid-setup-secret"
    );
    let _done = rig.set_up(&second).await.expect_status(201);
}

#[actix_web::test]
async fn an_old_setup_secret_is_refused_and_replaced() {
    let rig = Rig::start().await;
    let old = rig.setup_secret();
    rig.world.clock.advance(Duration::from_secs(3601));
    assert_eq!(
        rig.set_up(&old).await.problem_code(),
        "invalid-setup-secret"
    );
    let _done = rig.set_up(&rig.setup_secret()).await.expect_status(201);
}

#[actix_web::test]
async fn aut_07_fifty_setups_at_once_make_one_administrator() {
    let rig = Rig::start().await;
    let secret = rig.setup_secret();
    let bodies = (0..50).map(|number| {
        json!({"setup_secret": secret, "username": format!("root{number}"), "password": PASSWORD})
    });
    let bodies: Vec<_> = bodies.collect();
    let calls = bodies
        .iter()
        .map(|body| rig.app.anon.post_json("/api/v1/auth/setup", body));
    let mut statuses: HashMap<u16, usize> = HashMap::new();
    for answer in join_all(calls).await {
        *statuses.entry(answer.status).or_default() += 1;
    }
    assert_eq!(statuses.get(&201), Some(&1), "{statuses:?}");
    assert!(
        statuses
            .keys()
            .all(|status| [201, 401, 409, 429, 503].contains(status))
    );
    eventually("the event is published", || async {
        rig.world.events_of("user.created.v1").len() == 1
    })
    .await;
}

#[actix_web::test]
async fn a_weak_password_or_an_odd_name_is_refused_with_the_field() {
    let rig = Rig::start().await;
    for (username, password, pointer) in [
        ("root", "short", "#/password"),
        ("root", "password123", "#/password"),
        ("a b", PASSWORD, "#/username"),
    ] {
        let body =
            json!({"setup_secret": rig.setup_secret(), "username": username, "password": password});
        let refused = rig.app.anon.post_json("/api/v1/auth/setup", &body).await;
        assert_eq!(refused.problem_code(), "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
    let body =
        json!({"setup_secret": "x", "username": "root", "password": PASSWORD, "role": "admin"});
    let refused = rig.app.anon.post_json("/api/v1/auth/setup", &body).await;
    assert_eq!(refused.problem_code(), "unknown-field");
}
