//! Which tokens get in.

use std::time::Duration;

use auth_service::Config;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared_testkit::{Running, TestWorld};
use shared_types::access::service;

use crate::rig::{Rig, text};

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn admin_token(rig: &Rig) -> String {
    let answer = rig.set_up(&rig.setup_secret()).await.expect_status(201);
    text(&answer.json(), "access_token")
}

async fn status_with(rig: &Rig, token: &str) -> u16 {
    let client = rig.app.anon.with_token(token);
    client.get("/api/v1/me").await.status
}

#[actix_web::test]
async fn an_access_token_says_what_other_services_need() {
    let rig = Rig::start().await;
    let token = admin_token(&rig).await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    assert_eq!(header["alg"], "ES256");
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(claims["iss"], "medianest");
    assert_eq!(claims["aud"], json!(service::ALL));
    assert_eq!(
        claims["exp"].as_i64(),
        claims["iat"].as_i64().map(|at| at + 600)
    );
    assert_eq!(claims["role"], "admin");
    assert_eq!(status_with(&rig, &token).await, 200);

    let keys = rig
        .app
        .anon
        .get("/.well-known/jwks.json")
        .await
        .expect_status(200);
    assert_eq!(keys.headers["cache-control"], "public, max-age=300");
    let key = &keys.json()["keys"][0];
    assert_eq!(key["kid"], header["kid"]);
    assert_eq!(key["alg"], "ES256");
    assert!(key.get("d").is_none());
}

#[actix_web::test]
async fn tok_01_unsigned_and_changed_tokens_are_refused() {
    let rig = Rig::start().await;
    let token = admin_token(&rig).await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let signature = token.rsplit('.').next().expect("a signature");
    for alg in ["none", "NONE", "HS256", "RS256", "ES384"] {
        let mut header = header.clone();
        header["alg"] = json!(alg);
        for signature in ["", signature] {
            let forged = format!("{}.{}.{signature}", encode(&header), encode(&claims));
            assert_eq!(status_with(&rig, &forged).await, 401, "{alg}");
        }
    }
    let mut raised = claims.clone();
    raised["exp"] = json!(9_999_999_999_i64);
    let forged = format!("{}.{}.{signature}", encode(&header), encode(&raised));
    assert_eq!(status_with(&rig, &forged).await, 401);
    for odd in ["", "x", "a.b.c", &"x".repeat(5000)] {
        assert_eq!(status_with(&rig, odd).await, 401);
    }
}

#[actix_web::test]
async fn tok_05_an_expired_token_is_refused_after_the_leeway() {
    let rig = Rig::start().await;
    let token = admin_token(&rig).await;
    rig.world.clock.advance(Duration::from_secs(599));
    assert_eq!(status_with(&rig, &token).await, 200);
    rig.world.clock.advance(Duration::from_secs(32));
    assert_eq!(status_with(&rig, &token).await, 401);
}

#[actix_web::test]
async fn tok_15_a_service_token_is_for_one_service_and_no_person() {
    let rig = Rig::start().await;
    let foreign = rig.service_token(service::GATEWAY, service::PLEX).await;
    let client = rig.app.anon.with_token(&foreign);
    assert_eq!(
        client.get("/internal/setup").await.problem_code(),
        "unauthenticated"
    );
    let own = rig.service_token(service::GATEWAY, service::AUTH).await;
    assert_eq!(part(&own, 0)["typ"], "mn-int+jwt");
    assert_eq!(status_with(&rig, &own).await, 401);
    let person = admin_token(&rig).await;
    let client = rig.app.anon.with_token(&person);
    assert_eq!(
        client.get("/internal/setup").await.problem_code(),
        "unauthenticated"
    );
    rig.world.clock.advance(Duration::from_secs(91));
    let client = rig.app.anon.with_token(&own);
    assert_eq!(
        client.get("/internal/setup").await.problem_code(),
        "unauthenticated"
    );
}

#[actix_web::test]
async fn the_signing_key_survives_a_restart() {
    let rig = Rig::start().await;
    let token = admin_token(&rig).await;
    let rig = rig.restart().await;
    assert_eq!(status_with(&rig, &token).await, 200);
}

#[actix_web::test]
async fn replicas_that_start_together_accept_each_others_tokens_and_sessions() {
    let world = TestWorld::start().await;
    let build = || world.serve(|parts| auth_service::build(Config::default(), parts));
    let (first, second) = futures_util::join!(build(), build());
    let keys = async |app: &Running| app.anon.get("/.well-known/jwks.json").await.json();
    assert_eq!(keys(&first).await, keys(&second).await);
    first.stop().await;

    let rig = Rig::start_in(world, Config::default()).await;
    let answer = rig
        .set_up(&rig.setup_secret())
        .await
        .expect_status(201)
        .json();
    let client = second.anon.with_token(text(&answer, "access_token"));
    let _me = client.get("/api/v1/me").await.expect_status(200);
    let body = json!({"refresh_token": text(&answer, "refresh_token")});
    let refreshed = second.anon.post_json("/api/v1/auth/refresh", &body).await;
    let _refreshed = refreshed.expect_status(200);
    assert_eq!(
        rig.refresh(&text(&answer, "refresh_token")).await.status,
        200,
        "forgiven once"
    );
    assert_eq!(
        rig.refresh(&text(&answer, "refresh_token")).await.status,
        401
    );
}
