//! Which URLs are understood, and what a broker that is away means at start.

use shared_bus::BusOptions;
use tokio::net::TcpListener;

#[tokio::test]
async fn an_unknown_scheme_is_refused_without_repeating_the_url() {
    for (url, expected) in [
        (
            "kafka://me:hunter2@broker",
            "unknown scheme `kafka` in the bus URL",
        ),
        ("me:hunter2@broker", "the bus URL has no known scheme"),
        ("", "the bus URL has no known scheme"),
    ] {
        let error = shared_bus::connect(url, BusOptions::default())
            .await
            .unwrap_err();

        let text = error.to_string();
        assert!(text.contains(expected), "{text}");
        assert!(
            text.contains("use `local:` or `amqp://user:password@host:port/vhost`"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[tokio::test]
async fn a_broken_amqp_url_is_refused_without_repeating_it() {
    let url = "amqp://me:hunter2@host:port";

    let error = shared_bus::connect(url, BusOptions::default())
        .await
        .unwrap_err();

    assert!(
        error.to_string().contains("the bus URL is not valid"),
        "{error}"
    );
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_stays_away_is_an_error_after_half_a_minute() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let started = tokio::time::Instant::now();

    let url = format!("amqp://me:hunter2@{address}");
    let error = shared_bus::connect(&url, BusOptions::default())
        .await
        .unwrap_err();

    let text = error.to_string();
    assert!(text.contains(&format!("RabbitMQ at {address}")), "{text}");
    assert!(text.contains("could not be reached for 30 s"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(started.elapsed().as_secs(), 30);
}
