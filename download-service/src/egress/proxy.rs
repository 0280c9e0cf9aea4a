//! One connection of the guard: `CONNECT` tunnels, and plain requests with an absolute address, one per connection.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tracing::debug;
use url::Url;

use super::{
    Meter, Shared,
    dial::{DialError, dial},
    head::{Head, invalid},
};

const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves one client connection to its end.
pub(super) async fn serve(mut client: TcpStream, shared: &Shared) {
    if let Err(err) = exchange(&mut client, shared).await {
        debug!("A connection through the egress guard broke: {err}");
    }
}

async fn exchange(client: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    let head = timeout(HEAD_TIMEOUT, Head::read(client)).await??;
    let Some(head) = head else { return Ok(()) };
    let credential = head
        .header("proxy-authorization")
        .and_then(|value| value.strip_prefix("Basic "));
    let Some(meter) = credential.and_then(|credential| shared.meter(credential.trim())) else {
        return answer(client, "407 Proxy Authentication Required").await;
    };
    let mut parts = head.first_line.split(' ');
    let (Some(method), Some(target), Some(_version)) = (parts.next(), parts.next(), parts.next())
    else {
        return answer(client, "400 Bad Request").await;
    };
    if method == "CONNECT" {
        tunnel(client, shared, &meter, target, &head.rest).await
    } else {
        plain(client, shared, &meter, method, target, &head).await
    }
}

async fn answer(client: &mut TcpStream, status: &str) -> io::Result<()> {
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n");
    let challenge = if status.starts_with("407") {
        "Proxy-Authenticate: Basic realm=\"downloads\"\r\n"
    } else {
        ""
    };
    client
        .write_all(format!("{text}{challenge}\r\n").as_bytes())
        .await
}

/// Dials, or answers the client with the reason.
async fn open(
    client: &mut TcpStream,
    shared: &Shared,
    meter: &Meter,
    host: &str,
    port: u16,
) -> io::Result<Option<TcpStream>> {
    match dial(&shared.policy, host, port).await {
        Ok(server) => Ok(Some(server)),
        Err(DialError::Refused(target)) => {
            metrics::counter!("medianest_download_egress_refusals_total").increment(1);
            meter.add_refusal(target);
            answer(client, "403 Forbidden").await?;
            Ok(None)
        }
        Err(DialError::Unresolved) => {
            meter.add_unresolved(host);
            answer(client, "502 Bad Gateway").await?;
            Ok(None)
        }
        Err(DialError::Failed(err)) => {
            debug!("The egress guard could not reach {host}:{port}: {err}");
            answer(client, "502 Bad Gateway").await?;
            Ok(None)
        }
    }
}

async fn tunnel(
    client: &mut TcpStream,
    shared: &Shared,
    meter: &Meter,
    target: &str,
    early: &[u8],
) -> io::Result<()> {
    let parsed = target
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let Some((host, port)) = parsed else {
        return answer(client, "400 Bad Request").await;
    };
    let Some(mut server) = open(client, shared, meter, host, port).await? else {
        return Ok(());
    };
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await?;
    server.write_all(early).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let up = async {
        tokio::io::copy(&mut from_client, &mut to_server).await?;
        to_server.shutdown().await
    };
    let down = async {
        copy_metered(&mut from_server, &mut to_client, meter).await?;
        to_client.shutdown().await
    };
    tokio::try_join!(up, down).map(|_both| ())
}

async fn plain(
    client: &mut TcpStream,
    shared: &Shared,
    meter: &Meter,
    method: &str,
    target: &str,
    head: &Head,
) -> io::Result<()> {
    let url = Url::parse(target).ok().filter(|url| url.scheme() == "http");
    let Some((url, host)) = url.as_ref().and_then(|url| Some((url, url.host_str()?))) else {
        return answer(client, "400 Bad Request").await;
    };
    let port = url.port_or_known_default().unwrap_or(80);
    let Some(mut server) = open(client, shared, meter, host, port).await? else {
        return Ok(());
    };
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    server
        .write_all(&head.forward(&format!("{method} {path} HTTP/1.1")))
        .await?;
    server.write_all(&head.rest).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    // The rest of the request's body; when the client closes, the exchange is over whatever the server still sends.
    let up = async {
        tokio::io::copy(&mut from_client, &mut to_server)
            .await
            .map(|_count| ())
    };
    let down = async {
        let answer = Head::read(&mut from_server).await?;
        let answer = answer.ok_or_else(|| invalid("the server closed without an answer"))?;
        meter.add_received(answer.rest.len());
        // `Connection: close` towards the client: the next request, perhaps to another host, is vetted on its own.
        to_client
            .write_all(&answer.forward(&answer.first_line))
            .await?;
        to_client.write_all(&answer.rest).await?;
        copy_metered(&mut from_server, &mut to_client, meter).await?;
        to_client.shutdown().await
    };
    tokio::select! {
        sent = up => sent,
        received = down => received,
    }
}

async fn copy_metered(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    meter: &Meter,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        meter.add_received(count);
        to.write_all(&buffer[..count]).await?;
    }
}
