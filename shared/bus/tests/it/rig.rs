//! What the tests are written with: events, consumers that record, and a broker of one's own.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{BasicGetOptions, ExchangeDeleteOptions, QueueDeleteOptions},
};
use serde_json::json;
use shared_bus::BusOptions;
use shared_types::{
    Clock,
    bus::{Bus, BusError, Handler, Outcome},
    event::Event,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug)]
struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }
}

/// An event with the routing key `key`.
pub(crate) fn event(key: &str, subject: &str) -> Event {
    let kind = format!("medianest.{key}");
    Event::of_kind(
        &Epoch,
        "test",
        &kind,
        subject.to_owned(),
        &json!({ "of": subject }),
    )
}

/// Does what the outbox relay does: publishes until it is safe.
pub(crate) async fn relay(bus: &dyn Bus, event: &Event) -> Result<(), BusError> {
    let limit = Instant::now() + LIMIT;
    loop {
        match bus.publish(event).await {
            Err(BusError::Unavailable(reason)) => {
                assert!(Instant::now() < limit, "never published: {reason}");
                sleep(Duration::from_millis(5)).await;
            }
            result => return result,
        }
    }
}

/// Waits for a condition, not for a time.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let limit = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < limit, "not in time: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// The subjects of the next events.
pub(crate) async fn next_subjects(
    tap: &mut BoxStream<'static, Event>,
    count: usize,
) -> Vec<String> {
    let subjects = tap.take(count).map(|event| event.subject).collect();
    timeout(LIMIT, subjects).await.expect("the tap is silent")
}

type Reaction = Box<dyn Fn(&Event, usize) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// A handler that records what it sees. The reaction is told how often it saw the event before.
pub(crate) struct Recorder {
    name: String,
    seen: Mutex<Vec<Event>>,
    reaction: Reaction,
    probes: Mutex<usize>,
}

impl Recorder {
    pub(crate) fn new(
        reaction: impl Fn(&Event, usize) -> Outcome + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::slow(move |event, earlier| {
            let outcome = reaction(event, earlier);
            async move { outcome }.boxed()
        })
    }

    pub(crate) fn slow(
        reaction: impl Fn(&Event, usize) -> BoxFuture<'static, Outcome> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: unique(),
            seen: Mutex::default(),
            reaction: Box::new(reaction),
            probes: Mutex::default(),
        })
    }

    pub(crate) fn content() -> Arc<Self> {
        Self::new(|_, _| Outcome::Done)
    }

    pub(crate) fn seen(&self) -> Vec<Event> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn subjects(&self) -> Vec<String> {
        self.seen().into_iter().map(|event| event.subject).collect()
    }
}

#[async_trait]
impl Handler for Recorder {
    async fn handle(&self, event: &Event) -> Outcome {
        if event.routing_key().starts_with("probe.") {
            *self.probes.lock().unwrap() += 1;
            return Outcome::Done;
        }
        let earlier = {
            let mut seen = self.seen.lock().unwrap();
            let earlier = seen.iter().filter(|other| other.id == event.id).count();
            seen.push(event.clone());
            earlier
        };
        (self.reaction)(event, earlier).await
    }
}

/// A running call of `consume`.
pub(crate) struct Consuming {
    pub(crate) stop: CancellationToken,
    task: JoinSet<()>,
}

impl Consuming {
    /// Starts to consume and waits until events arrive.
    pub(crate) async fn start(
        bus: &Arc<dyn Bus>,
        consumer: &str,
        topics: &[&str],
        recorder: &Arc<Recorder>,
    ) -> Self {
        let probe = format!("probe.{}", recorder.name);
        let stop = CancellationToken::new();
        let mut task = JoinSet::new();
        task.spawn({
            let (bus, stop) = (Arc::clone(bus), stop.clone());
            let consumer = consumer.to_owned();
            let mut topics: Vec<String> = topics.iter().map(|&topic| topic.to_owned()).collect();
            topics.push(probe.clone());
            let handler = Arc::clone(recorder);
            async move {
                let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
                bus.consume(&consumer, &topics, handler, stop)
                    .await
                    .unwrap();
            }
        });
        let limit = Instant::now() + LIMIT;
        while *recorder.probes.lock().unwrap() == 0 {
            assert!(Instant::now() < limit, "{consumer} never started");
            drop(bus.publish(&event(&probe, &unique())).await);
            sleep(Duration::from_millis(10)).await;
        }
        Self { stop, task }
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        timeout(LIMIT, self.task.join_next())
            .await
            .expect("consume did not end")
            .expect("it was running")
            .expect("consume panicked");
    }
}

pub(crate) async fn memory() -> Arc<dyn Bus> {
    shared_bus::connect("local:", BusOptions::default())
        .await
        .unwrap()
}

/// A corner of a real broker that nobody else uses.
pub(crate) struct Rabbit {
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) url: String,
    pub(crate) prefix: String,
    admin: Connection,
}

impl Rabbit {
    /// Runs a test against the broker, if one was named, and cleans up whatever happens.
    pub(crate) async fn with<F>(test: impl FnOnce(Arc<Self>) -> F)
    where
        F: Future<Output = ()>,
    {
        let Some(url) = url() else {
            return;
        };
        let prefix = format!("test.{}.", unique());
        let options = BusOptions {
            prefix: prefix.clone(),
        };
        let rabbit = Arc::new(Self {
            bus: shared_bus::connect(&url, options).await.unwrap(),
            admin: Connection::connect(&url, ConnectionProperties::default())
                .await
                .unwrap(),
            url,
            prefix,
        });
        let result = AssertUnwindSafe(test(Arc::clone(&rabbit)))
            .catch_unwind()
            .await;
        rabbit.clean_up().await;
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    }

    /// What is in a queue, without taking it out: subject and routing key.
    pub(crate) async fn contents(&self, queue: &str) -> Vec<(String, String)> {
        let channel = self.admin.create_channel().await.unwrap();
        let queue = format!("{}{queue}", self.prefix);
        let mut found = Vec::new();
        let options = BasicGetOptions::default();
        while let Some(message) = channel
            .basic_get(queue.as_str().into(), options)
            .await
            .unwrap()
        {
            let event: Event = serde_json::from_slice(&message.data).unwrap();
            found.push((event.subject, message.delivery.routing_key.to_string()));
        }
        channel
            .close(200, "put everything back".into())
            .await
            .unwrap();
        found
    }

    pub(crate) async fn eventually_contains(&self, queue: &str, subject: &str) {
        let limit = Instant::now() + LIMIT;
        loop {
            let contents = self.contents(queue).await;
            if contents.iter().any(|(found, _)| found == subject) {
                return;
            }
            assert!(
                Instant::now() < limit,
                "{subject} is not in {queue}: {contents:?}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn admin_channel(&self) -> Channel {
        self.admin.create_channel().await.unwrap()
    }

    async fn clean_up(&self) {
        let channel = self.admin.create_channel().await.unwrap();
        for queue in ["one", "two", "dead", "unrouted"] {
            let queue = format!("{}{queue}", self.prefix);
            let options = QueueDeleteOptions::default();
            channel.queue_delete(queue.into(), options).await.unwrap();
        }
        for exchange in ["events", "live", "dead", "unrouted"] {
            let exchange = format!("{}{exchange}", self.prefix);
            let options = ExchangeDeleteOptions::default();
            channel
                .exchange_delete(exchange.into(), options)
                .await
                .unwrap();
        }
    }
}

/// Where the broker is, or nothing and a word about it.
pub(crate) fn url() -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told where the server is"
    )]
    let url = std::env::var("MEDIANEST_TEST_AMQP_URL").ok();
    if url.is_none() {
        eprintln!("skipped: MEDIANEST_TEST_AMQP_URL is not set");
    }
    url
}

pub(crate) fn unique() -> String {
    static COUNTER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let nanos = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let count = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{nanos:x}-{}-{count}", std::process::id())
}
