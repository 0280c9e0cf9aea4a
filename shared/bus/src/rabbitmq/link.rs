//! One connection to the broker that is made again whenever it breaks, for as long as it takes.
//!
//! Ours and not lapin's `enable_auto_recover`: that one reports an outage only when it is over,
//! gives up for good after a number of tries, and stops at the first channel it cannot restore (an
//! exclusive queue that the broker has not yet let go). Here callers see the break at once and set
//! up their channel again on the next connection.

use std::{sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt};
use lapin::{Connection, ConnectionProperties, Event, uri::AMQPUri};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

const FIRST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// TCP, TLS and the AMQP handshake together.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How often the state is looked at, should an event about it be missed.
const CHECK_EVERY: Duration = Duration::from_secs(1);

#[derive(Clone)]
enum State {
    Down(String),
    Up(Arc<Connection>),
}

/// Owns the task that keeps the connection; dropping the link closes it.
pub(crate) struct Link {
    address: String,
    state: watch::Receiver<State>,
    _keeper: JoinSet<()>,
}

impl Link {
    /// Starts connecting in the background. `purpose` is shown in RabbitMQ's management UI.
    pub(crate) fn start(purpose: &'static str, uri: AMQPUri) -> Self {
        let address = address(&uri);
        let (sender, state) = watch::channel(State::Down("connecting".to_owned()));
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(purpose, uri, sender));
        Self {
            address,
            state,
            _keeper: keeper,
        }
    }

    /// Where the broker is, without credentials.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The connection if there is one right now.
    pub(crate) fn current(&self) -> Option<Arc<Connection>> {
        match &*self.state.borrow() {
            State::Up(connection) if connection.status().connected() => {
                Some(Arc::clone(connection))
            }
            _ => None,
        }
    }

    /// Why there is no connection.
    pub(crate) fn fault(&self) -> String {
        match &*self.state.borrow() {
            State::Down(fault) => fault.clone(),
            State::Up(_) => "the connection broke".to_owned(),
        }
    }

    /// Waits for a connection.
    pub(crate) async fn connection(&self) -> Arc<Connection> {
        let mut state = self.state.clone();
        loop {
            if let Some(connection) = self.current() {
                return connection;
            }
            // A short sleep as well: `Up` may hold a connection whose end is not yet noticed. The
            // keeper never ends while the link lives, so a closed channel is not to be expected.
            tokio::select! {
                Ok(()) = state.changed() => {}
                () = sleep(FIRST_DELAY) => {}
            }
        }
    }
}

fn address(uri: &AMQPUri) -> String {
    let authority = &uri.authority;
    format!("{}:{}/{}", authority.host, authority.port, uri.vhost)
}

async fn keep(purpose: &'static str, uri: AMQPUri, state: watch::Sender<State>) {
    let address = address(&uri);
    let mut delay = FIRST_DELAY;
    loop {
        match connect(purpose, uri.clone()).await {
            Ok(connection) => {
                delay = FIRST_DELAY;
                tracing::info!("connected to RabbitMQ at {address} to {purpose}");
                let fault = serve(connection, &state).await;
                tracing::warn!("lost RabbitMQ at {address} ({purpose}): {fault}");
                state.send_replace(State::Down(fault));
            }
            Err(fault) => {
                tracing::debug!("RabbitMQ at {address} cannot be reached: {fault}");
                state.send_replace(State::Down(fault));
            }
        }
        sleep(delay).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
}

async fn connect(purpose: &str, uri: AMQPUri) -> Result<Connection, String> {
    let properties =
        ConnectionProperties::default().with_connection_name(format!("medianest {purpose}").into());
    match timeout(CONNECT_LIMIT, Connection::connect_uri(uri, properties)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_elapsed) => Err("the handshake timed out".to_owned()),
    }
}

/// Offers the connection until it breaks, and says why it did.
async fn serve(connection: Connection, state: &watch::Sender<State>) -> String {
    let mut events = connection.events_listener();
    let connection = Arc::new(connection);
    state.send_replace(State::Up(Arc::clone(&connection)));
    loop {
        let fault = next_fault(&mut events).await;
        if fault.is_some() || !connection.status().connected() {
            return fault.unwrap_or_else(|| "the connection was closed".to_owned());
        }
    }
}

/// An error that was reported, or nothing after a while.
async fn next_fault(events: &mut (impl Stream<Item = Event> + Unpin)) -> Option<String> {
    tokio::select! {
        Some(event) = events.next() => match event {
            Event::Error(error) => Some(error.to_string()),
            Event::ConnectionBlocked(reason) => {
                tracing::warn!("RabbitMQ holds publishers back: {reason}");
                None
            }
            _ => None,
        },
        () = sleep(CHECK_EVERY) => None,
    }
}
