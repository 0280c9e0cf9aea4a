//! Sessions: cookies, refresh tokens, sign-out.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shared_testkit::eventually;

use crate::rig::{PASSWORD, Rig, cookie_value, set_cookie, text};

const DAY: Duration = Duration::from_hours(24);

#[actix_web::test]
async fn ses_02_a_browser_gets_a_cookie_and_no_token() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let answer = rig.login_cookie("root").await;
    assert!(answer.json().get("access_token").is_none());
    assert!(answer.json().get("refresh_token").is_none());
    let cookie = set_cookie(&answer, "mn_session");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Domain") && !cookie.contains("Secure"),
        "{cookie}"
    );

    let exchanged = rig.exchange(&cookie_value(&answer, "mn_session")).await;
    let exchanged = exchanged.expect_status(200).json();
    assert_eq!(exchanged["user_id"], json!(admin.id));
    let client = rig.app.anon.with_token(text(&exchanged, "access_token"));
    let _me = client.get("/api/v1/me").await.expect_status(200);
}

#[actix_web::test]
async fn ses_02_over_https_the_cookie_is_bound_to_the_host() {
    let mut world = shared_testkit::TestWorld::start().await;
    world.common.security.cookie_mode = shared_runtime::config::CookieMode::Secure;
    let rig = Rig::start_in(world, auth_service::Config::default()).await;
    let _admin = rig.admin().await;
    let answer = rig.login_cookie("root").await;
    let cookie = set_cookie(&answer, "__Host-mn_session");
    assert!(cookie.contains("; Secure"), "{cookie}");
}

#[actix_web::test]
async fn ses_01_a_planted_session_ends_at_sign_in() {
    let rig = Rig::start().await;
    let _admin = rig.admin().await;
    let planted = cookie_value(&rig.login_cookie("root").await, "mn_session");
    let body = json!({"username": "root", "password": PASSWORD, "mode": "cookie"});
    let cookie = format!("mn_session={planted}");
    let again = rig
        .post_with_cookie("/api/v1/auth/login", &cookie, &body)
        .await;
    let fresh = cookie_value(&again.expect_status(200), "mn_session");
    assert_ne!(planted, fresh);
    assert_eq!(
        rig.exchange(&planted).await.problem_code(),
        "unauthenticated"
    );
    let _fresh = rig.exchange(&fresh).await.expect_status(200);
}

#[actix_web::test]
async fn ses_07_signing_out_ends_the_session_everywhere() {
    let rig = Rig::start().await;
    let _admin = rig.admin().await;
    let cookie = cookie_value(&rig.login_cookie("root").await, "mn_session");
    let exchanged = rig.exchange(&cookie).await.expect_status(200).json();
    let client = rig.app.anon.with_token(text(&exchanged, "access_token"));

    let answer = client.post("/api/v1/auth/logout").await.expect_status(204);

    assert!(answer.headers.contains_key("clear-site-data"));
    assert_eq!(cookie_value(&answer, "mn_session"), "");
    assert_eq!(rig.exchange(&cookie).await.status, 401);
    eventually("everybody is told", || async {
        let told = rig.world.events_of("session.revoked.v1");
        told.iter()
            .any(|event| event.data["session_id"] == exchanged["session_id"])
    })
    .await;
}

#[actix_web::test]
async fn signing_out_everywhere_ends_all_sessions_of_that_person_only() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let cookie = cookie_value(&rig.login_cookie("bob").await, "mn_session");
    let _gone = bob
        .client
        .post("/api/v1/auth/logout-all")
        .await
        .expect_status(204);
    assert_eq!(rig.exchange(&cookie).await.status, 401);
    assert_eq!(rig.refresh(&bob.refresh_token).await.status, 401);
    let _admin = rig.refresh(&admin.refresh_token).await.expect_status(200);
}

#[actix_web::test]
async fn tok_11_a_refresh_rotates_and_late_reuse_ends_the_session() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let answer = rig.refresh(&admin.refresh_token).await.expect_status(200);
    let second = rig.person(&answer.json());
    assert_ne!(second.refresh_token, admin.refresh_token);
    rig.world.clock.advance(Duration::from_secs(11));

    let reused = rig.refresh(&admin.refresh_token).await;

    assert_eq!(reused.problem_code(), "unauthenticated");
    assert_eq!(rig.refresh(&second.refresh_token).await.status, 401);
    eventually("everybody is told", || async {
        rig.world.has_event("session.revoked.v1")
    })
    .await;
    let fresh = rig.person(&rig.login("root", PASSWORD).await.json());
    let audit = fresh
        .client
        .get("/api/v1/audit?event=authn_token_reuse")
        .await;
    assert_eq!(audit.json()["items"].as_array().expect("a list").len(), 1);
}

#[actix_web::test]
async fn tok_11_a_lost_answer_is_forgiven_once_within_ten_seconds() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let lost = rig.person(&rig.refresh(&admin.refresh_token).await.json());
    let again = rig.refresh(&admin.refresh_token).await.expect_status(200);
    let again = rig.person(&again.json());
    let _kept = rig.refresh(&again.refresh_token).await.expect_status(200);
    assert_eq!(rig.refresh(&lost.refresh_token).await.status, 401);

    let other = rig.person(&rig.login("root", PASSWORD).await.json());
    let successor = rig.person(&rig.refresh(&other.refresh_token).await.json());
    let _used = rig
        .refresh(&successor.refresh_token)
        .await
        .expect_status(200);
    assert_eq!(rig.refresh(&other.refresh_token).await.status, 401);
}

#[actix_web::test]
async fn tok_11_parallel_refreshes_leave_at_most_one_live_branch() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let calls = (0..20).map(|_| rig.refresh(&admin.refresh_token));
    let answers = join_all(calls).await;
    let mut live = 0;
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        let token = text(&answer.json(), "refresh_token");
        live += usize::from(rig.refresh(&token).await.status == 200);
    }
    assert!(live <= 1, "{live} live branches");
}

#[actix_web::test]
async fn ses_06_a_session_ends_after_thirty_idle_days_and_after_ninety_in_any_case() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let idle = cookie_value(&rig.login_cookie("root").await, "mn_session");
    let busy = cookie_value(&rig.login_cookie("root").await, "mn_session");
    let mut token = admin.refresh_token;
    for _ in 0..4 {
        rig.world.clock.advance(DAY * 20);
        let _alive = rig.exchange(&busy).await.expect_status(200);
        token = text(
            &rig.refresh(&token).await.expect_status(200).json(),
            "refresh_token",
        );
    }
    assert_eq!(rig.exchange(&idle).await.status, 401);
    rig.world.clock.advance(DAY * 11);
    assert_eq!(rig.exchange(&busy).await.status, 401);
    assert_eq!(rig.refresh(&token).await.status, 401);
}

#[actix_web::test]
async fn ses_08_people_see_and_end_their_own_sessions_only() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let cookie = cookie_value(&rig.login_cookie("bob").await, "mn_session");
    let list = bob
        .client
        .get("/api/v1/me/sessions")
        .await
        .expect_status(200)
        .json();
    let sessions = list["items"].as_array().expect("a list");
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false);
    let other = other.expect("the browser");
    assert_eq!(other["method"], "password");
    assert_eq!(other["address"], "127.0.0.1");

    let path = format!("/api/v1/me/sessions/{}", text(other, "id"));
    assert_eq!(admin.client.delete(&path).await.problem_code(), "not-found");
    let _ended = bob.client.delete(&path).await.expect_status(204);
    assert_eq!(rig.exchange(&cookie).await.status, 401);
    assert_eq!(bob.client.delete(&path).await.problem_code(), "not-found");
}

#[actix_web::test]
async fn sessions_survive_a_restart() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let cookie = cookie_value(&rig.login_cookie("root").await, "mn_session");
    let rig = rig.restart().await;
    let _exchanged = rig.exchange(&cookie).await.expect_status(200);
    let _refreshed = rig.refresh(&admin.refresh_token).await.expect_status(200);
}
