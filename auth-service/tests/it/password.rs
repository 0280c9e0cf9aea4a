//! Sign-in with user name and password.

use std::time::Duration;

use serde_json::json;

use crate::rig::{PASSWORD, Rig, cookie_value};

#[actix_web::test]
async fn a_name_in_another_case_signs_in_and_the_answer_says_who() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let answer = rig.login("rOOT", PASSWORD).await.expect_status(200);
    let person = rig.person(&answer.json());
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 600);
    assert_eq!(person.id, admin.id);
    let me = person
        .client
        .get("/api/v1/me")
        .await
        .expect_status(200)
        .json();
    assert_eq!(me["username"], "Root");
    assert_eq!(me["has_password"], true);
    assert_eq!(me["plex"], json!(null));
}

#[actix_web::test]
async fn aut_04_unknown_wrong_and_suspended_look_the_same() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let path = format!("/api/v1/users/{}", bob.id);
    let suspended = admin
        .client
        .patch_json(&path, &json!({"suspended": true}))
        .await;
    let _suspended = suspended.expect_status(200);

    let mut answers = Vec::new();
    for (name, password) in [
        ("nobody", PASSWORD),
        ("root", "wrong horse battery"),
        ("bob", PASSWORD),
    ] {
        let refused = rig.login(name, password).await.expect_status(401);
        let mut body = refused.json();
        body["request_id"] = json!("");
        let mut names: Vec<_> = refused.headers.keys().map(ToString::to_string).collect();
        names.sort();
        answers.push((body, names));
    }
    assert_eq!(answers[0].0["code"], "invalid-credentials");
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[actix_web::test]
async fn aut_05_failures_from_one_address_are_limited_and_successes_are_not() {
    let rig = Rig::start().await;
    let _admin = rig.admin().await;
    for _ in 0..8 {
        let _ok = rig.login("root", PASSWORD).await.expect_status(200);
    }
    for _ in 0..5 {
        let _wrong = rig
            .login("root", "wrong horse battery")
            .await
            .expect_status(401);
    }
    let known = rig.login("root", PASSWORD).await;
    let unknown = rig.login("nobody", PASSWORD).await;
    assert_eq!(known.problem_code(), "rate-limited");
    assert_eq!(unknown.problem_code(), "rate-limited");
    let wait = known.headers["retry-after"].to_str().expect("text");
    assert!((1..=100).contains(&wait.parse::<u64>().expect("seconds")));
    rig.world.clock.advance(Duration::from_secs(100));
    let _ok = rig.login("root", PASSWORD).await.expect_status(200);
}

#[actix_web::test]
async fn aut_05_an_attack_on_an_account_does_not_lock_its_owners_browser_out() {
    let rig = Rig::start().await;
    let _admin = rig.admin().await;
    let device = cookie_value(&rig.login_cookie("root").await, "mn_device");
    for number in 0..10 {
        let address = format!("203.0.113.{number}");
        let _wrong = rig
            .login_from(&address, "wrong horse battery")
            .await
            .expect_status(401);
    }
    let stranger = rig.login_from("198.51.100.7", PASSWORD).await;
    assert_eq!(stranger.problem_code(), "rate-limited");

    let body = json!({"username": "root", "password": PASSWORD, "mode": "cookie"});
    let cookie = format!("mn_device={device}");
    let owner = rig
        .post_with_cookie("/api/v1/auth/login", &cookie, &body)
        .await;
    let _owner = owner.expect_status(200);
}

impl Rig {
    /// Somebody at an address, as the gateway tells it.
    async fn login_from(&self, address: &str, password: &str) -> shared_testkit::TestResponse {
        let anon = &self.app.anon;
        let request = anon
            .request(reqwest::Method::POST, "/api/v1/auth/login")
            .header("x-forwarded-for", address)
            .json(&json!({"username": "root", "password": password}));
        anon.send(request).await
    }
}

#[actix_web::test]
async fn a_new_password_ends_the_other_sessions_and_the_old_one_is_worthless() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let other = rig.person(&rig.login("root", PASSWORD).await.json());
    let new = "a quite different one";
    let change =
        |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let path = "/api/v1/me/password";
    let wrong = admin
        .client
        .post_json(path, &change("wrong horse battery", new))
        .await;
    assert_eq!(wrong.problem_code(), "invalid-credentials");
    let weak = admin
        .client
        .post_json(path, &change(PASSWORD, "medianest"))
        .await;
    assert_eq!(weak.problem_code(), "invalid");

    let done = admin.client.post_json(path, &change(PASSWORD, new)).await;

    let _done = done.expect_status(204);
    assert_eq!(rig.refresh(&other.refresh_token).await.status, 401);
    let _kept = rig.refresh(&admin.refresh_token).await.expect_status(200);
    assert_eq!(rig.login("root", PASSWORD).await.status, 401);
    let _new = rig.login("root", new).await.expect_status(200);
}

#[actix_web::test]
async fn malformed_sign_ins_are_refused_with_a_reason() {
    let rig = Rig::start().await;
    let anon = &rig.app.anon;
    let extra = json!({"username": "root", "password": PASSWORD, "remember": true});
    let answer = anon.post_json("/api/v1/auth/login", &extra).await;
    assert_eq!(answer.problem_code(), "unknown-field");
    let number = json!({"username": "root", "password": 1_234_567_890});
    assert_eq!(
        anon.post_json("/api/v1/auth/login", &number)
            .await
            .problem_code(),
        "invalid"
    );
    let plain = anon
        .request(reqwest::Method::POST, "/api/v1/auth/login")
        .header("content-type", "text/plain")
        .body("{}");
    assert_eq!(
        anon.send(plain).await.problem_code(),
        "unsupported-media-type"
    );
}
