//! From a host name to a connection, with every address on the way checked.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::Url;

use super::{Policy, head::Head, is_global, is_metadata, own_network};

const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum DialError {
    /// The policy forbids it; the text is for the job's owner.
    Refused(String),
    /// The name does not exist, or names cannot be looked up right now.
    Unresolved,
    /// It does not answer.
    Failed(io::Error),
}

impl From<io::Error> for DialError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// Connects to a host, directly or through the upstream proxy.
pub(super) async fn dial(policy: &Policy, host: &str, port: u16) -> Result<TcpStream, DialError> {
    match &policy.upstream {
        None => connect(&vetted(policy, host, port).await?).await,
        Some(proxy) => {
            // The proxy resolves names where it stands; a name that is private here is refused all the same.
            match vetted(policy, host, port).await {
                Ok(_) | Err(DialError::Failed(_) | DialError::Unresolved) => {
                    through(proxy, host, port).await
                }
                Err(refused) => Err(refused),
            }
        }
    }
}

/// The addresses of a host, if all of them may be reached.
async fn vetted(policy: &Policy, host: &str, port: u16) -> Result<Vec<SocketAddr>, DialError> {
    let addresses = resolve(host, port).await?;
    let is_listed = policy.allow.has_name(host, port);
    let forbidden = addresses.iter().find(|address| {
        let may_pass = is_global(address.ip()) || is_listed || policy.allow.has_address(**address);
        is_metadata(address.ip()) || !may_pass
    });
    if forbidden.is_some() {
        return Err(DialError::Refused(format!("{host}:{port}")));
    }
    for address in &addresses {
        let may_pass = is_listed || policy.allow.has_address(*address);
        if !may_pass && own_network::contains(*address).await {
            return Err(DialError::Refused(format!("{host}:{port}")));
        }
    }
    Ok(addresses)
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, DialError> {
    let bare = host.trim_matches(['[', ']']);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let Ok(Ok(found)) = timeout(RESOLVE_TIMEOUT, lookup_host((bare, port))).await else {
        return Err(DialError::Unresolved);
    };
    let addresses: Vec<_> = found.collect();
    if addresses.is_empty() {
        return Err(DialError::Unresolved);
    }
    Ok(addresses)
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, DialError> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(err)) => last = err,
            Err(elapsed) => last = elapsed.into(),
        }
    }
    Err(last.into())
}

/// A tunnel through the upstream proxy.
async fn through(proxy: &Url, host: &str, port: u16) -> Result<TcpStream, DialError> {
    let name = proxy.host_str().unwrap_or_default();
    let addresses = resolve(name, proxy.port_or_known_default().unwrap_or(80)).await?;
    let mut stream = connect(&addresses).await?;
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if !proxy.username().is_empty() {
        let pair = format!(
            "{}:{}",
            proxy.username(),
            proxy.password().unwrap_or_default()
        );
        request.extend([
            "Proxy-Authorization: Basic ",
            &STANDARD.encode(pair),
            "\r\n",
        ]);
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let answer = timeout(CONNECT_TIMEOUT, Head::read(&mut stream)).await;
    let answer = answer.map_err(io::Error::from)??;
    let is_open = answer.is_some_and(|head| {
        head.rest.is_empty() && head.first_line.split(' ').nth(1) == Some("200")
    });
    if is_open {
        return Ok(stream);
    }
    Err(io::Error::other("the upstream proxy refused the connection").into())
}
