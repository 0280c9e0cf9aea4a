//! Sign in with Plex, against a plex.tv that behaves like the real one.

use std::{cell::RefCell, time::Duration};

use auth_service::Config;
use reqwest::Method;
use serde_json::{Value, json};
use shared_testkit::{Client, TestResponse, eventually, setting};
use shared_types::access::service;
use simulator::{Fault, FaultTarget, Settings, Simulator};

use crate::rig::{Rig, cookie_value, holds, set_cookie, stored_bytes, text};

const PINS: &str = "/api/v1/auth/plex/pins";

/// The service, a plex.tv and its one server, which plex-service knows.
struct House {
    rig: Rig,
    plex: Simulator,
}

/// A sign-in that has begun.
struct Begun {
    path: String,
    code: String,
    browser: String,
    answer: Value,
}

impl House {
    async fn start() -> Self {
        let plex = Simulator::start(Settings::default())
            .await
            .expect("a simulator");
        let config = Config {
            plex_tv_url: plex.plex_tv_url(),
            ..Config::default()
        };
        let house = Self {
            rig: Rig::start_with(config).await,
            plex,
        };
        house.plex_service_knows(json!([{
            "id": "01900000-0000-7000-8000-000000000001",
            "machine_identifier": house.plex.machine_identifier(0),
            "name": "Living Room",
        }]));
        house
    }

    fn plex_service_knows(&self, servers: Value) {
        self.rig
            .world
            .neighbors
            .answer("/internal/servers", 200, servers);
    }

    async fn begin(&self) -> Begun {
        let answer = self.rig.app.anon.post_json(PINS, &json!({})).await;
        let answer = answer.expect_status(201);
        let browser = cookie_value(&answer, "mn_prelogin");
        let body = answer.json();
        Begun {
            path: format!("{PINS}/{}/complete", text(&body, "id")),
            code: text(&body, "code"),
            browser,
            answer: body,
        }
    }

    /// Asks once.
    async fn complete(&self, begun: &Begun) -> TestResponse {
        self.rig.app.anon.post_json(&begun.path, &json!({})).await
    }

    /// Asks until there is an answer other than "pending": plex.tv is asked once a second at most.
    async fn finish(&self, begun: &Begun) -> TestResponse {
        let last = RefCell::new(None);
        eventually("the sign-in is decided", || async {
            let answer = self.complete(begun).await;
            let is_decided = answer.status != 202;
            last.replace(Some(answer));
            is_decided
        })
        .await;
        last.into_inner().expect("an answer")
    }

    async fn sign_in(&self, username: &str) -> TestResponse {
        let begun = self.begin().await;
        assert!(self.plex.claim_pin(&begun.code, username));
        self.finish(&begun).await
    }

    async fn access(&self, user: &str) -> Value {
        let plex = self.rig.service(service::PLEX).await;
        let path = format!("/internal/users/{user}/plex-access");
        plex.get(&path).await.expect_status(200).json()
    }

    fn plex_tv_has(&self, fault: Option<Fault>) {
        self.plex.set_fault(FaultTarget::PlexTv, fault);
    }
}

#[actix_web::test]
async fn aut_08_a_friend_of_the_server_becomes_a_member() {
    let house = House::start().await;
    let begun = house.begin().await;
    let url = text(&begun.answer, "auth_url");
    assert!(
        url.starts_with("https://app.plex.tv/auth#?clientID="),
        "{url}"
    );
    assert!(url.contains(&format!("&code={}", begun.code)), "{url}");
    let pending = house.complete(&begun).await.expect_status(202);
    assert_eq!(pending.json(), json!({"status": "pending"}));

    assert!(house.plex.claim_pin(&begun.code, "alice"));
    let answer = house.finish(&begun).await.expect_status(200).json();

    assert_eq!(answer["user"]["username"], "alice");
    assert_eq!(answer["user"]["role"], "member");
    let alice = house.rig.person(&answer);
    let me = alice
        .client
        .get("/api/v1/me")
        .await
        .expect_status(200)
        .json();
    assert_eq!(me["plex"], json!({"linked": true, "username": "alice"}));
    assert_eq!(me["has_password"], false);
    assert_eq!(me["email"], json!(null));
    let once = house.complete(&begun).await;
    assert_eq!(once.problem_code(), "pin_expired", "an approval is used up");

    let again = house.sign_in("alice").await.expect_status(200).json();
    assert_eq!(again["user"]["id"], json!(alice.id));
    eventually("everybody is told once", || async {
        house.rig.world.events_of("user.created.v1").len() == 1
    })
    .await;
}

#[actix_web::test]
async fn aut_08_a_stranger_is_refused_and_leaves_no_account() {
    let house = House::start().await;
    let admin = house.rig.admin().await;
    let refused = house.sign_in("stranger").await.expect_status(403);
    assert_eq!(refused.problem_code(), "no_server_access");
    house.plex_service_knows(json!([]));
    let refused = house.sign_in("alice").await;
    assert_eq!(refused.problem_code(), "no_server_access");
    let users = admin.client.get("/api/v1/users").await.json();
    assert_eq!(users["items"].as_array().expect("a list").len(), 1);
    let audit = admin
        .client
        .get("/api/v1/audit?event=authn_login_fail")
        .await
        .json();
    assert_eq!(audit["items"][0]["method"], "plex");
}

#[actix_web::test]
async fn a_name_that_is_taken_gets_a_number_and_no_account_is_taken_over() {
    let house = House::start().await;
    let admin = house.rig.admin().await;
    let local = house.rig.member(&admin, "Alice").await;
    let answer = house.sign_in("alice").await.expect_status(200).json();
    assert_eq!(answer["user"]["username"], "alice-2");
    assert_ne!(answer["user"]["id"], json!(local.id));
}

#[actix_web::test]
async fn a_sign_in_that_takes_too_long_has_expired() {
    let house = House::start().await;
    let begun = house.begin().await;
    house.rig.world.clock.advance(Duration::from_secs(601));
    assert!(house.plex.claim_pin(&begun.code, "alice"));
    assert_eq!(house.complete(&begun).await.problem_code(), "pin_expired");
    let unknown = format!("{PINS}/01900000-0000-7000-8000-000000000000/complete");
    let answer = house.rig.app.anon.post_json(&unknown, &json!({})).await;
    assert_eq!(answer.problem_code(), "pin_expired");
}

#[actix_web::test]
async fn when_plex_tv_is_down_nothing_is_granted_or_lost() {
    let house = House::start().await;
    let begun = house.begin().await;
    assert!(house.plex.claim_pin(&begun.code, "alice"));
    house.plex_tv_has(Some(Fault::InternalError));
    let down = house
        .rig
        .app
        .anon
        .post_json(PINS, &json!({}))
        .await
        .expect_status(502);
    assert_eq!(down.problem_code(), "upstream-failed");
    assert!(text(&down.json(), "detail").contains("plex.tv"));
    let _down = house.finish(&begun).await.expect_status(502);
    house.plex_tv_has(None);
    let _in = house.finish(&begun).await.expect_status(200);
}

#[actix_web::test]
async fn when_plex_service_is_down_the_sign_in_can_be_finished_later() {
    let house = House::start().await;
    house
        .rig
        .world
        .neighbors
        .answer("/internal/servers", 500, json!({}));
    let begun = house.begin().await;
    assert!(house.plex.claim_pin(&begun.code, "bob"));
    let down = house.finish(&begun).await;
    assert_eq!(down.problem_code(), "unavailable");
    let server = json!([{"id": "01900000-0000-7000-8000-000000000001",
        "machine_identifier": house.plex.machine_identifier(0), "name": "Living Room"}]);
    house.plex_service_knows(server);
    let _in = house.finish(&begun).await.expect_status(200);
}

#[actix_web::test]
async fn ses_10_only_the_browser_that_began_gets_the_cookie() {
    let house = House::start().await;
    let begun = house.begin().await;
    let victim = house.begin().await;
    assert!(house.plex.claim_pin(&begun.code, "alice"));
    let body = json!({"mode": "cookie"});
    let anon = &house.rig.app.anon;
    let refused = anon.post_json(&begun.path, &body).await;
    assert_eq!(refused.problem_code(), "forbidden");
    let cookie = format!("mn_prelogin={}", victim.browser);
    let refused = house
        .rig
        .post_with_cookie(&begun.path, &cookie, &body)
        .await;
    assert_eq!(refused.problem_code(), "forbidden");

    let cookie = format!("mn_prelogin={}", begun.browser);
    let answer = house
        .rig
        .post_with_cookie(&begun.path, &cookie, &body)
        .await;

    let answer = answer.expect_status(200);
    assert!(set_cookie(&answer, "mn_prelogin").contains("Max-Age=0"));
    let session = cookie_value(&answer, "mn_session");
    let _exchanged = house.rig.exchange(&session).await.expect_status(200);
}

#[actix_web::test]
async fn a_sign_in_survives_a_restart_because_plex_tv_sees_the_same_installation() {
    let mut house = House::start().await;
    let begun = house.begin().await;
    house.rig = house.rig.restart().await;
    assert!(house.plex.claim_pin(&begun.code, "alice"));
    let _in = house.finish(&begun).await.expect_status(200);
}

#[actix_web::test]
async fn suspended_people_do_not_come_back_through_plex() {
    let house = House::start().await;
    let admin = house.rig.admin().await;
    let user = house.sign_in("alice").await.expect_status(200).json();
    let path = format!("/api/v1/users/{}", text(&user["user"], "id"));
    let change = json!({"suspended": true});
    let _out = admin
        .client
        .patch_json(&path, &change)
        .await
        .expect_status(200);
    assert_eq!(house.sign_in("alice").await.problem_code(), "forbidden");
}

#[actix_web::test]
async fn plex_access_is_fresh_cached_and_last_known_in_turn() {
    let house = House::start().await;
    let user = house.sign_in("alice").await.expect_status(200).json();
    let id = text(&user["user"], "id");
    let first = house.access(&id).await;
    assert_eq!(first["fresh"], true);
    let server = &first["servers"][0];
    assert_eq!(
        server["machine_identifier"],
        json!(house.plex.machine_identifier(0))
    );
    let sections = Client::new(&house.plex.server_url(0), None);
    let request = sections
        .request(Method::GET, "/library/sections")
        .header("x-plex-token", text(server, "access_token"));
    assert_eq!(
        sections.send(request).await.status,
        200,
        "the token opens the server"
    );

    let eleven_minutes = Duration::from_mins(11);
    for fault in [Fault::InternalError, Fault::Reset] {
        house.plex_tv_has(Some(fault));
        assert_eq!(house.access(&id).await["fresh"], true, "from the cache");
        house.rig.world.clock.advance(eleven_minutes);
        let stale = house.access(&id).await;
        assert_eq!(stale["fresh"], false);
        assert_eq!(stale["servers"], first["servers"]);
        house.plex_tv_has(None);
        assert_eq!(house.access(&id).await["fresh"], true, "asked again");
    }

    house.rig.world.clock.advance(eleven_minutes);
    house.plex.revoke_access("alice");
    let empty = house.access(&id).await;
    assert_eq!(
        empty["servers"], first["servers"],
        "an empty answer takes nothing away"
    );
    assert_eq!(empty["fresh"], false);
}

#[actix_web::test]
async fn a_token_that_plex_tv_refuses_is_not_used_again_until_the_next_sign_in() {
    let house = House::start().await;
    let user = house.sign_in("alice").await.expect_status(200).json();
    let id = text(&user["user"], "id");
    house.rig.world.clock.advance(Duration::from_mins(11));
    house.plex_tv_has(Some(Fault::Unauthorized));
    assert_eq!(house.access(&id).await["fresh"], false);
    house.plex_tv_has(None);
    let before = house.plex.requests().len();
    assert_eq!(house.access(&id).await["fresh"], false);
    assert_eq!(house.plex.requests().len(), before, "plex.tv is left alone");
    let _again = house.sign_in("alice").await.expect_status(200);
    assert_eq!(house.access(&id).await["fresh"], true);
}

#[actix_web::test]
async fn cfg_03_plex_tokens_are_stored_sealed() {
    if setting("MEDIANEST_TEST_SHAPE").is_some_and(|shape| shape == "scaled") {
        return; // The files of SQLite are what is read here.
    }
    let house = House::start().await;
    let user = house.sign_in("alice").await.expect_status(200).json();
    let access = house.access(&text(&user["user"], "id")).await;
    let canaries = [
        house.plex.account_token("alice"),
        text(&access["servers"][0], "access_token"),
        "alice@example.com".to_owned(),
    ];
    let Rig { world, app, .. } = house.rig;
    app.stop().await;
    let stored = stored_bytes(world.dir());
    assert!(holds(&stored, b"alice"), "the account is stored");
    for canary in &canaries {
        assert!(
            !holds(&stored, canary.as_bytes()),
            "a secret is in the database"
        );
    }
}
