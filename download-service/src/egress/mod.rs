//! The egress guard: a forward proxy on loopback that all traffic of yt-dlp goes through. It resolves a name once, refuses
//! every address that is not global, dials the vetted address, counts each job's bytes, and remembers what it refused.

mod address;
mod allow;
mod dial;
mod head;
mod own_network;
mod proxy;

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::STANDARD};
use shared_runtime::Supervisor;
use tokio::net::TcpListener;
use tracing::warn;
use url::Url;

use crate::ytdlp::Failure;

pub(crate) use address::{is_global, is_metadata};
pub(crate) use allow::AllowList;

/// Refusals that are kept per job; more of the same say nothing new.
const MAX_REFUSALS: usize = 20;

/// What the guard lets through and how it gets out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    /// Hosts in private networks that may be reached.
    pub(crate) allow: AllowList,
    /// Proxy that everything goes through, when there is one.
    pub(crate) upstream: Option<Url>,
}

/// The running guard.
#[derive(Debug)]
pub(crate) struct Guard {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    policy: Policy,
    jobs: Mutex<HashMap<String, Arc<Meter>>>,
}

/// What one job has done.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    received_bytes: AtomicI64,
    refusals: Mutex<Vec<String>>,
    unresolved: Mutex<Option<String>>,
}

impl Meter {
    /// Bytes that came in for the job.
    pub(crate) fn received_bytes(&self) -> i64 {
        self.received_bytes.load(Ordering::Relaxed)
    }

    /// The first host that was refused, in words.
    fn refusal(&self) -> Option<String> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.first().cloned()
    }

    /// The first name that could not be resolved.
    fn unresolved(&self) -> Option<String> {
        self.unresolved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Why a job that got no file could not, as far as the guard knows.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let refused = self
            .refusal()
            .map(|target| Failure::of("blocked_address").with_detail(target));
        refused.or_else(|| Some(Failure::of("unknown_host").with_detail(self.unresolved()?)))
    }

    fn add_unresolved(&self, host: &str) {
        let mut unresolved = self
            .unresolved
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        unresolved.get_or_insert_with(|| host.to_owned());
    }

    fn add_received(&self, bytes: usize) {
        self.received_bytes
            .fetch_add(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    fn add_refusal(&self, text: String) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.len() < MAX_REFUSALS {
            refusals.push(text);
        }
    }
}

/// A job's way out; dropping it closes the way.
#[derive(Debug)]
pub(crate) struct Pass {
    shared: Arc<Shared>,
    credential: String,
    /// The value for `--proxy`.
    pub(crate) proxy_url: String,
    /// What the job has done.
    pub(crate) meter: Arc<Meter>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.shared.jobs().remove(&self.credential);
    }
}

impl Shared {
    fn jobs(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Meter>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn meter(&self, credential: &str) -> Option<Arc<Meter>> {
        self.jobs().get(credential).cloned()
    }
}

impl Guard {
    /// Listens on a free loopback port until the supervisor stops.
    pub(crate) async fn start(policy: Policy, supervisor: &Supervisor) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            policy,
            jobs: Mutex::default(),
        });
        let (accepting, owner) = (Arc::clone(&shared), supervisor.clone());
        supervisor.spawn("egress guard", async move {
            accept(listener, accepting, owner).await;
        });
        Ok(Self { address, shared })
    }

    /// Opens the way out for one job.
    pub(crate) fn pass(&self, job: &str) -> Pass {
        let secret = shared_runtime::random_token(16);
        let credential = STANDARD.encode(format!("{job}:{secret}"));
        let meter = Arc::<Meter>::default();
        self.shared
            .jobs()
            .insert(credential.clone(), Arc::clone(&meter));
        Pass {
            shared: Arc::clone(&self.shared),
            proxy_url: format!("http://{job}:{secret}@{}", self.address),
            credential,
            meter,
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, owner: Supervisor) {
    let stop = owner.stop_token();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((client, _peer)) => {
                let (shared, stop) = (Arc::clone(&shared), stop.clone());
                owner.spawn("egress connection", async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = proxy::serve(client, &shared) => {}
                    }
                });
            }
            Err(err) => {
                warn!("The egress guard could not accept a connection: {err}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;

    /// A server that greets whoever connects.
    async fn greeter(owner: &Supervisor) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        owner.spawn("greeter", async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(b"hello").await.expect("sent");
            }
        });
        address
    }

    async fn ask(guard: &Guard, credential: &str, target: SocketAddr) -> String {
        let mut stream = TcpStream::connect(guard.address).await.expect("connected");
        let request =
            format!("CONNECT {target} HTTP/1.1\r\nProxy-Authorization: Basic {credential}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        let read =
            tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await;
        read.expect("in time").expect("text");
        answer
    }

    #[tokio::test]
    async fn tunnels_need_a_pass_and_an_address_that_may_be_reached() {
        let owner = Supervisor::new();
        let (listed, private) = (greeter(&owner).await, greeter(&owner).await);
        let allow = AllowList::parse(&[listed.to_string()]).expect("valid");
        let policy = Policy {
            allow,
            upstream: None,
        };
        let guard = Guard::start(policy, &owner).await.expect("started");
        let pass = guard.pass("job");

        assert!(
            ask(&guard, "bm9ib2R5OngK", listed)
                .await
                .starts_with("HTTP/1.1 407")
        );
        assert!(
            ask(&guard, &pass.credential, private)
                .await
                .starts_with("HTTP/1.1 403")
        );
        assert!(
            pass.meter
                .refusal()
                .is_some_and(|target| target == private.to_string())
        );
        let through = ask(&guard, &pass.credential, listed).await;
        assert!(
            through.starts_with("HTTP/1.1 200") && through.ends_with("hello"),
            "{through}"
        );
        assert_eq!(pass.meter.received_bytes(), 5);

        let credential = pass.credential.clone();
        drop(pass);
        assert!(
            ask(&guard, &credential, listed)
                .await
                .starts_with("HTTP/1.1 407")
        );
    }

    #[tokio::test]
    async fn an_upstream_proxy_does_not_open_private_addresses() {
        let owner = Supervisor::new();
        let private = greeter(&owner).await;
        let upstream = Some("http://127.0.0.1:1".parse().expect("an address"));
        let policy = Policy {
            allow: AllowList::default(),
            upstream,
        };
        let guard = Guard::start(policy, &owner).await.expect("started");
        let pass = guard.pass("job");
        assert!(
            ask(&guard, &pass.credential, private)
                .await
                .starts_with("HTTP/1.1 403")
        );
    }
}
