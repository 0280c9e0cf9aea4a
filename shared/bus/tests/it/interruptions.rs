//! Connections that break or fall silent, by way of a TCP proxy in front of the broker.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use lapin::uri::AMQPUri;
use shared_bus::BusOptions;
use shared_types::bus::{Bus, BusError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

use crate::rig::{Consuming, Rabbit, Recorder, event, eventually, next_subjects, relay};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    Pass,
    Hang,
    Refuse,
}

/// Passes connections on, lets them hang, or cuts and refuses them.
struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mode = watch::Sender::new(Mode::Pass);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, mode.clone()));
        Self {
            address,
            mode,
            _tasks: tasks,
        }
    }

    fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn accept(listener: TcpListener, target: String, mode: watch::Sender<Mode>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (target, mode) = (target.clone(), mode.subscribe());
        connections.spawn(pass(client, target, mode));
    }
}

async fn pass(client: TcpStream, target: String, mut mode: watch::Receiver<Mode>) {
    if *mode.borrow() == Mode::Refuse {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = TcpStream::connect(target).await.unwrap().into_split();
    tokio::select! {
        () = copy(from_client, to_server, mode.clone()) => {}
        () = copy(from_server, to_client, mode.clone()) => {}
        _ = mode.wait_for(|mode| *mode == Mode::Refuse) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        if mode.wait_for(|mode| *mode == Mode::Pass).await.is_err()
            || to.write_all(&buffer[..count]).await.is_err()
        {
            return;
        }
    }
}

/// The bus of `rabbit`, reached through a proxy.
async fn behind_proxy(rabbit: &Rabbit) -> (Arc<dyn Bus>, Proxy) {
    let uri: AMQPUri = rabbit.url.parse().unwrap();
    let (user, broker) = (uri.authority.userinfo, uri.authority.host);
    let proxy = Proxy::start(format!("{broker}:{}", uri.authority.port)).await;
    let url = format!(
        "amqp://{}:{}@{}/{}",
        user.username,
        user.password,
        proxy.address,
        uri.vhost.replace('/', "%2f")
    );
    let options = BusOptions {
        prefix: rabbit.prefix.clone(),
    };
    let bus = shared_bus::connect(&url, options).await.unwrap();
    (bus, proxy)
}

#[tokio::test]
async fn consumers_and_taps_go_on_after_the_connection_broke() {
    Rabbit::with(|rabbit| async move {
        let (bus, proxy) = behind_proxy(&rabbit).await;
        let recorder = Recorder::content();
        let consuming = Consuming::start(&bus, "one", &["user.#"], &recorder).await;
        let mut tap = bus.tap(&["user.#"]).await.unwrap();
        relay(&*bus, &event("user.created.v1", "before"))
            .await
            .unwrap();
        assert_eq!(next_subjects(&mut tap, 1).await, ["before"]);

        proxy.set(Mode::Refuse);
        eventually("the bus to notice", || !bus.is_healthy()).await;
        let started = Instant::now();
        let error = bus
            .publish(&event("user.created.v1", "lost"))
            .await
            .unwrap_err();
        assert!(matches!(error, BusError::Unavailable(_)), "{error}");
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "{:?}",
            started.elapsed()
        );
        rabbit
            .bus
            .publish(&event("user.created.v1", "meanwhile"))
            .await
            .unwrap();

        proxy.set(Mode::Pass);
        eventually("the bus to recover", || bus.is_healthy()).await;
        eventually("what came meanwhile", || {
            recorder.subjects().contains(&"meanwhile".to_owned())
        })
        .await;
        let told = async {
            loop {
                bus.broadcast(&event("user.updated.v1", "after")).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            subjects = next_subjects(&mut tap, 1) => assert_eq!(subjects, ["after"]),
            () = told => {}
        }
        relay(&*bus, &event("user.created.v1", "end"))
            .await
            .unwrap();
        eventually("the last event", || {
            recorder.subjects().contains(&"end".to_owned())
        })
        .await;
        consuming.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_broker_that_falls_silent_is_unavailable_within_seconds() {
    Rabbit::with(|rabbit| async move {
        let (bus, proxy) = behind_proxy(&rabbit).await;
        bus.publish(&event("user.created.v1", "before"))
            .await
            .unwrap();

        proxy.set(Mode::Hang);
        let started = Instant::now();
        let error = bus
            .publish(&event("user.created.v1", "hung"))
            .await
            .unwrap_err();

        assert!(
            error.to_string().contains("did not confirm within 5 s"),
            "{error}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(8),
            "{:?}",
            started.elapsed()
        );
        proxy.set(Mode::Pass);
        relay(&*bus, &event("user.created.v1", "after"))
            .await
            .unwrap();
    })
    .await;
}
