//! Misbehavior on demand.

use std::time::{Duration, Instant};

use simulator::{Fault, FaultTarget};

use crate::world::{at_plex_tv, client, owner, settings, start};

const SERVER: FaultTarget = FaultTarget::Server(0);

#[actix_web::test]
async fn refusals_and_failures_are_told_and_end() {
    let simulator = start(settings(3)).await;
    let owner = owner(&simulator);

    simulator.set_fault(SERVER, Some(Fault::Unauthorized));
    assert_eq!(owner.status("/library/sections").await, 401);
    assert_eq!(owner.status("/identity").await, 200);
    simulator.set_fault(SERVER, Some(Fault::InternalError));
    assert_eq!(owner.status("/identity").await, 500);
    let at_home = at_plex_tv(&simulator, &simulator.owner_token());
    assert_eq!(
        at_home.status("/api/v2/user").await,
        200,
        "plex.tv is another target"
    );

    simulator.set_fault(SERVER, None);
    assert_eq!(owner.status("/library/sections").await, 200);
}

#[actix_web::test]
async fn a_slow_server_answers_late_and_a_hanging_one_never() {
    let simulator = start(settings(3)).await;
    let identity = format!("{}/identity", simulator.server_url(0));

    simulator.set_fault(SERVER, Some(Fault::Slow(Duration::from_millis(120))));
    let started = Instant::now();
    assert_eq!(client().get(&identity).send().await.unwrap().status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(120));

    simulator.set_fault(SERVER, Some(Fault::Hang));
    let limited = client().get(&identity).timeout(Duration::from_millis(200));
    assert!(limited.send().await.unwrap_err().is_timeout());
    simulator.stop().await;
}

#[actix_web::test]
async fn a_reset_connection_gives_no_answer() {
    let simulator = start(settings(3)).await;
    let identity = format!("{}/identity", simulator.server_url(0));
    let client = client();
    client
        .get(&identity)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();

    simulator.set_fault(SERVER, Some(Fault::Reset));

    let error = match client.get(&identity).send().await {
        Ok(response) => response.bytes().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(!error.is_timeout());
    simulator.set_fault(SERVER, None);
    assert_eq!(client.get(&identity).send().await.unwrap().status(), 200);
}

#[actix_web::test]
async fn faults_can_be_set_and_requests_read_from_outside() {
    let simulator = start(settings(3)).await;
    let outside = |path: &str| client().post(format!("{}{path}", simulator.plex_tv_url()));

    let set = outside("/simulator/faults").body(r#"{"server":0,"fault":"internal_error"}"#);
    let set = set
        .header("Content-Type", "application/json")
        .send()
        .await
        .unwrap();

    assert_eq!(set.status(), 204);
    assert_eq!(owner(&simulator).status("/library/sections?X=1").await, 500);
    assert_eq!(simulator.requests(), ["GET /library/sections"]);
}
