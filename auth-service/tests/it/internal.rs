//! What the services ask each other.

use serde_json::json;
use shared_testkit::INTERNAL_SECRET;
use shared_types::access::service;

use crate::rig::Rig;

#[actix_web::test]
async fn service_tokens_need_the_internal_secret_and_a_known_service() {
    let rig = Rig::start().await;
    let ask = async |secret: &str, audience: &str| {
        let body = json!({"service": "gateway", "audience": audience});
        let client = rig.app.anon.with_token(secret);
        client.post_json("/internal/tokens", &body).await
    };
    assert_eq!(
        ask("wrong", service::AUTH).await.problem_code(),
        "unauthenticated"
    );
    assert_eq!(
        ask("", service::AUTH).await.problem_code(),
        "unauthenticated"
    );
    assert_eq!(
        ask(INTERNAL_SECRET, "elsewhere").await.problem_code(),
        "invalid"
    );
    let answer = ask(INTERNAL_SECRET, service::AUTH).await.expect_status(200);
    assert_eq!(answer.json()["expires_in"], 60);
}

#[actix_web::test]
async fn az_05_internal_routes_are_closed_to_everybody_but_the_service_they_are_for() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let plex = rig.service(service::PLEX).await;
    let gateway = rig.service(service::GATEWAY).await;
    let access = format!("/internal/users/{}/plex-access", admin.id);
    for path in ["/internal/setup", &access] {
        assert_eq!(
            rig.app.anon.get(path).await.problem_code(),
            "unauthenticated"
        );
        assert_eq!(
            admin.client.get(path).await.problem_code(),
            "unauthenticated"
        );
    }
    assert_eq!(
        plex.get("/internal/setup").await.problem_code(),
        "forbidden"
    );
    assert_eq!(gateway.get(&access).await.problem_code(), "forbidden");
    let body = json!({"session": "x"});
    let refused = plex.post_json("/internal/sessions/exchange", &body).await;
    assert_eq!(refused.problem_code(), "forbidden");

    let nobody = plex.get(&access).await.expect_status(200).json();
    assert_eq!(
        nobody,
        json!({"plex_user_id": null, "servers": [], "fresh": true})
    );
    let unknown = "/internal/users/01900000-0000-7000-8000-000000000000/plex-access";
    assert_eq!(plex.get(unknown).await.problem_code(), "not-found");
}
