//! Starting, steering and stopping a simulated world.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use actix_web::{
    App, HttpServer,
    dev::{Server as HttpTask, ServerHandle},
    middleware,
    web::{Data, PayloadConfig, ServiceConfig},
};
use anyhow::{Context, anyhow};
use tokio::task::JoinHandle;

use crate::{
    catalog::ItemId,
    fault::{self, Fault, FaultTarget},
    plextv, pms,
    settings::Settings,
    webhook,
    world::World,
};

/// Where to listen. Port 0 lets the system choose.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Address of plex.tv.
    pub plex_tv: SocketAddr,
    /// Address of the first server; further ones follow on the next ports.
    pub first_server: SocketAddr,
}

impl Default for Listen {
    fn default() -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            plex_tv: any_port,
            first_server: any_port,
        }
    }
}

/// A running plex.tv with its Plex Media Servers.
#[derive(Debug)]
pub struct Simulator {
    world: Data<World>,
    tasks: Vec<(ServerHandle, JoinHandle<std::io::Result<()>>)>,
}

impl Simulator {
    /// Starts everything on loopback ports chosen by the system.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        Self::start_on(settings, Listen::default()).await
    }

    /// Starts everything on given addresses.
    pub async fn start_on(settings: Settings, listen: Listen) -> anyhow::Result<Self> {
        let building = tokio::task::spawn_blocking(|| World::new(settings));
        let world = Data::new(building.await.context("could not read the videos folder")?);
        let mut simulator = Self {
            world: Data::clone(&world),
            tasks: Vec::new(),
        };
        for server in &world.servers {
            let address = address_of(listen.first_server, server.index)?;
            let url = simulator.serve(address, FaultTarget::Server(server.index), pms::routes)?;
            server.url.set(url).expect("set once, here");
        }
        let url = simulator.serve(listen.plex_tv, FaultTarget::PlexTv, plextv::routes)?;
        world.plex_tv_url.set(url).expect("set once, here");
        Ok(simulator)
    }

    /// What stands for `https://plex.tv`.
    pub fn plex_tv_url(&self) -> String {
        self.world.plex_tv_url()
    }

    /// Address of a server.
    pub fn server_url(&self, index: usize) -> String {
        self.world.servers[index].url()
    }

    /// Identity of a server.
    pub fn machine_identifier(&self, index: usize) -> String {
        self.world.servers[index].machine_identifier.clone()
    }

    /// Account token of the owner, valid on plex.tv and on his servers.
    pub fn owner_token(&self) -> String {
        self.world
            .owner()
            .map(|owner| owner.token.clone())
            .unwrap_or_default()
    }

    /// Account token of anybody; empty for an unknown name.
    pub fn account_token(&self, username: &str) -> String {
        self.world
            .account(username)
            .map(|account| account.token.clone())
            .unwrap_or_default()
    }

    /// The person approved the PIN in the browser. False when there is no such PIN or account.
    pub fn claim_pin(&self, code: &str, username: &str) -> bool {
        let account = self.world.account(username);
        account.is_some_and(|account| self.world.pins.claim(code, account.index))
    }

    /// Makes plex.tv or a server misbehave, or behave again.
    pub fn set_fault(&self, target: FaultTarget, fault: Option<Fault>) {
        self.world.set_fault(target, fault);
    }

    /// Registers a web hook of the owner's account.
    pub fn add_webhook(&self, url: String) {
        self.world
            .webhooks
            .lock()
            .expect("no panic while locked")
            .push(url);
    }

    /// Sends an event about an item to all web hooks; an empty key sends one without an item.
    pub async fn send_webhook(
        &self,
        server: usize,
        event: &str,
        rating_key: &str,
    ) -> anyhow::Result<Vec<u16>> {
        let server = self.world.servers.get(server).context("no such server")?;
        let item = match rating_key {
            "" => None,
            key => Some(existing(server, key).ok_or_else(|| anyhow!("no item {key}"))?),
        };
        webhook::send(&self.world, server, event, item).await
    }

    /// The last requests (20,000 at most) of plex.tv and all servers as `GET /identity`, without
    /// their queries.
    pub fn requests(&self) -> Vec<String> {
        self.world.requests()
    }

    /// The owner withdraws what is shared with this friend.
    pub fn revoke_access(&self, username: &str) {
        if let Some(account) = self.world.account(username) {
            account.set_revoked(true);
        }
    }

    /// Ends all connections and listeners.
    pub async fn stop(mut self) {
        for (handle, task) in std::mem::take(&mut self.tasks) {
            handle.stop(false).await;
            if let Err(error) = task.await {
                tracing::debug!(%error, "a listener did not end by itself");
            }
        }
    }

    fn serve(
        &mut self,
        address: SocketAddr,
        target: FaultTarget,
        routes: fn(&mut ServiceConfig),
    ) -> anyhow::Result<String> {
        let listener =
            TcpListener::bind(address).with_context(|| format!("could not listen on {address}"))?;
        let port = listener.local_addr()?.port();
        let task = http_task(listener, target, Data::clone(&self.world), routes)?;
        let handle = task.handle();
        self.tasks.push((handle, spawn(task)));
        let host = match address.ip() {
            ip if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            ip => ip,
        };
        Ok(format!("http://{}", SocketAddr::new(host, port)))
    }
}

/// The item with this key, when the server has it.
pub(crate) fn existing(server: &crate::world::Server, rating_key: &str) -> Option<ItemId> {
    let id = ItemId::from_rating_key(rating_key.parse().ok()?)?;
    server.library.exists(id).then_some(id)
}

fn address_of(first: SocketAddr, index: usize) -> anyhow::Result<SocketAddr> {
    let mut address = first;
    if first.port() != 0 {
        let port = u16::try_from(index)
            .ok()
            .and_then(|index| first.port().checked_add(index));
        address.set_port(port.context("too many servers")?);
    }
    Ok(address)
}

fn http_task(
    listener: TcpListener,
    target: FaultTarget,
    world: Data<World>,
    routes: fn(&mut ServiceConfig),
) -> std::io::Result<HttpTask> {
    let application = move || {
        App::new()
            .app_data(Data::clone(&world))
            .app_data(Data::new(target))
            .app_data(PayloadConfig::new(1 << 20))
            .wrap(middleware::from_fn(fault::apply))
            .configure(routes)
    };
    let server = HttpServer::new(application)
        .workers(2)
        .keep_alive(std::time::Duration::from_secs(20))
        .shutdown_timeout(1)
        .disable_signals()
        .on_connect(fault::remember_connection)
        .listen(listener)?;
    Ok(server.run())
}

#[expect(
    clippy::disallowed_methods,
    reason = "owned by the simulator, which stops and awaits it"
)]
fn spawn(task: HttpTask) -> JoinHandle<std::io::Result<()>> {
    tokio::spawn(task)
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for (handle, _) in &self.tasks {
            // The command is sent at once; nobody is left to wait for its end.
            drop(handle.stop(false));
        }
    }
}
