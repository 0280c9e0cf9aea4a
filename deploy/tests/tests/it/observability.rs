//! One request can be followed through every process: by its trace over HTTP and the bus, and in the metrics.

use std::time::Duration;

use e2e::{House, Shape};
use serde_json::json;
use shared_testkit::{Client, Neighbors, eventually, eventually_within};

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_crosses_the_gateway_a_service_the_bus_and_its_consumer() {
    let collector = Neighbors::start();
    collector.answer("/v1/traces", 200, json!({}));
    let settings = [("telemetry.otlp_endpoint", collector.url().to_owned())];
    let house = House::start_with(Shape::Scaled, &settings).await;
    let admin = house.claim().await;
    let events = house.events(&admin).await;
    let body = json!({"username": "carol", "password": "a bright window at noon"});
    admin
        .client
        .post_json("/api/v1/users", &body)
        .await
        .expect_status(201);
    eventually("the admin hears of the new person", || async {
        !events.of("medianest.user.created.v1").is_empty()
    })
    .await;
    let created = events.of("medianest.user.created.v1").remove(0);
    let traceparent = created["traceparent"]
        .as_str()
        .expect("a trace context")
        .to_owned();
    let trace_id = hex::decode(traceparent.split('-').nth(1).expect("a trace id")).expect("hex");
    let limit = Duration::from_secs(30);
    eventually_within(limit, "three processes report the same trace", || async {
        let exports = collector.requests();
        ["gateway", "auth-service", "webhook-service"]
            .iter()
            .all(|service| {
                let name = format!("medianest-{service}");
                exports.iter().any(|export| {
                    has(&export.body, name.as_bytes()) && has(&export.body, &trace_id)
                })
            })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_their_own_listener_and_count_by_route_template() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let settings = [("server.metrics_bind", address.clone())];
    let house = House::start_with(Shape::Embedded, &settings).await;
    assert_eq!(house.anon().get("/api/v1/me").await.status, 401);
    assert_eq!(house.anon().get("/metrics").await.status, 404);
    let metrics = Client::new(&format!("http://{address}"), None)
        .get("/metrics")
        .await
        .expect_status(200)
        .text();
    for name in [
        "medianest_http_request_seconds",
        "medianest_limit_decisions_total",
        "medianest_outbox_pending",
    ] {
        assert!(metrics.contains(name), "no {name}");
    }
}

fn has(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
