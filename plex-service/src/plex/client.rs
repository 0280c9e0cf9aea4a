//! The client of one server.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use shared_http::{Outbound, OutboundOptions, Reply};
use shared_runtime::Secret;
use tokio::sync::Semaphore;
use url::{Host, Url, form_urlencoded};

use super::{
    ClientIdentity, Error, PAGE_SIZE,
    wire::{self, Container, Directory, Metadata},
};

/// Bursts of requests end in 503.
const MAX_CONCURRENT: usize = 4;
const ATTEMPTS: u32 = 3;
const LIST_TIMEOUT: Duration = Duration::from_secs(30);
const PICTURE_TIMEOUT: Duration = Duration::from_secs(10);
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
/// Somebody waits, and the mirror has most of it.
const LIVE_TIMEOUT: Duration = Duration::from_secs(3);
/// Ids travel in the query string: more than this many risk 414.
const IDS_PER_REQUEST: usize = 100;

/// Talks to one server.
#[derive(Debug)]
pub(crate) struct PlexClient {
    outbound: Outbound,
    identity: ClientIdentity,
    token: Secret,
    turns: Semaphore,
}

/// Who a server is.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) machine_identifier: String,
    pub(crate) version: Option<String>,
}

/// A library section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) key: String,
    pub(crate) uuid: String,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) agent: String,
    pub(crate) locations: Vec<String>,
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    /// What came: the next page begins so much further on.
    pub(crate) items: Vec<Metadata>,
    /// Elements of all pages.
    pub(crate) total: i64,
}

impl PlexClient {
    pub(super) fn new(identity: &ClientIdentity, name: &str, url: &str, token: Secret) -> Self {
        let mut options = OutboundOptions::foreign(&format!("plex: {name}"), url);
        options.timeout = LIST_TIMEOUT;
        options.accepts_any_certificate = is_https_address(url);
        Self {
            outbound: Outbound::new(options),
            identity: identity.clone(),
            token,
            turns: Semaphore::new(MAX_CONCURRENT),
        }
    }

    /// Who answers there. Needs no token.
    pub(crate) async fn identity(&self) -> Result<Identity, Error> {
        let headers = self.identity.anonymous();
        let call = Call::get("/identity").timeout(PROBE_TIMEOUT);
        let container = wire::decode(&self.once(&call, headers).await?.body)?;
        let machine_identifier = container.machine_identifier.ok_or_else(|| {
            Error::NotPlex(serde::de::Error::custom("there is no machineIdentifier"))
        })?;
        Ok(Identity {
            machine_identifier,
            version: container.version,
        })
    }

    /// The server's own name.
    pub(crate) async fn friendly_name(&self) -> Result<Option<String>, Error> {
        let call = Call::get("/").timeout(PROBE_TIMEOUT);
        let reply = self.once(&call, self.headers()).await?;
        Ok(wire::decode(&reply.body)?.friendly_name)
    }

    /// The sections that the server's own token sees: for an owner, all.
    pub(crate) async fn sections(&self) -> Result<Vec<Section>, Error> {
        self.sections_as(&self.token).await
    }

    /// The sections that somebody's token sees.
    pub(crate) async fn sections_as(&self, token: &Secret) -> Result<Vec<Section>, Error> {
        let call = Call::get("/library/sections").timeout(PROBE_TIMEOUT);
        let reply = self.once(&call, self.identity.with_token(token)).await?;
        let directory = wire::decode(&reply.body)?.directory;
        Ok(directory.into_iter().filter_map(section).collect())
    }

    /// One page of a list. `path` may hold a query without paging.
    pub(crate) async fn page(&self, path: &str, start: i64) -> Result<Page, Error> {
        self.page_of(path, start, PAGE_SIZE).await
    }

    /// How many elements a list has.
    pub(crate) async fn count(&self, path: &str) -> Result<i64, Error> {
        Ok(self.page_of(path, 0, 0).await?.total)
    }

    async fn page_of(&self, path: &str, start: i64, size: i64) -> Result<Page, Error> {
        let mut headers = self.headers();
        insert_number(&mut headers, "x-plex-container-start", start);
        insert_number(&mut headers, "x-plex-container-size", size);
        let reply = self.with_retries(&Call::get(path), headers).await?;
        let header_total = number_header(&reply, "x-plex-container-total-size");
        let mut container = wire::decode(&reply.body)?;
        let received = i64::try_from(container.metadata.len()).unwrap_or(i64::MAX);
        let total = container
            .total_size
            .or(header_total)
            .unwrap_or(container.size.unwrap_or(0).max(start + received));
        hand_down(&mut container);
        Ok(Page {
            items: container.metadata,
            total,
        })
    }

    /// Everything the server knows of an item.
    pub(crate) async fn metadata(&self, rating_key: &str) -> Result<Metadata, Error> {
        let path = format!(
            "/library/metadata/{}?checkFiles=0&skipRefresh=1",
            encode(rating_key)
        );
        let call = Call::get(&path).timeout(LIVE_TIMEOUT);
        let mut container = wire::decode(&self.once(&call, self.headers()).await?.body)?;
        hand_down(&mut container);
        container.metadata.pop().ok_or(Error::NotFound)
    }

    /// Asks for a scan of one folder. The answer comes at once; the scan runs later.
    pub(crate) async fn scan(&self, section: &str, folder: &str) -> Result<(), Error> {
        let path = format!(
            "/library/sections/{}/refresh?path={}",
            encode(section),
            encode(folder)
        );
        self.once(&Call::get(&path), self.headers()).await.map(drop)
    }

    /// Makes an empty collection.
    pub(crate) async fn create_collection(
        &self,
        section: &str,
        title: &str,
        kind_number: u8,
    ) -> Result<Metadata, Error> {
        let path = format!(
            "/library/collections?type={kind_number}&title={}&smart=0&sectionId={}",
            encode(title),
            encode(section)
        );
        let call = Call::with_method(Method::POST, &path);
        let mut container = wire::decode(&self.once(&call, self.headers()).await?.body)?;
        container.metadata.pop().ok_or(Error::NotFound)
    }

    /// Adds items to a collection; adding twice changes nothing.
    pub(crate) async fn add_to_collection(
        &self,
        machine_identifier: &str,
        collection: &str,
        rating_keys: &[String],
    ) -> Result<(), Error> {
        for keys in rating_keys.chunks(IDS_PER_REQUEST) {
            let uri = format!(
                "server://{machine_identifier}/com.plexapp.plugins.library/library/metadata/{}",
                keys.join(",")
            );
            let path = format!(
                "/library/collections/{}/items?uri={}",
                encode(collection),
                encode(&uri)
            );
            let call = Call::with_method(Method::PUT, &path);
            self.once(&call, self.headers()).await?;
        }
        Ok(())
    }

    /// Sets the summary of a collection and keeps agents from changing it.
    pub(crate) async fn set_collection_summary(
        &self,
        section: &str,
        collection: &str,
        summary: &str,
    ) -> Result<(), Error> {
        let path = format!(
            "/library/sections/{}/all?type=18&id={}&summary.value={}&summary.locked=1",
            encode(section),
            encode(collection),
            encode(summary)
        );
        let call = Call::with_method(Method::PUT, &path);
        self.once(&call, self.headers()).await.map(drop)
    }

    /// A picture of the server, resized by it.
    pub(crate) async fn picture(
        &self,
        path: &str,
        width: u32,
        height: u32,
    ) -> Result<Bytes, Error> {
        let path = format!(
            "/photo/:/transcode?url={}&width={width}&height={height}&minSize=1&upscale=1",
            encode(path)
        );
        let call = Call::get(&path).timeout(PICTURE_TIMEOUT);
        Ok(self.with_retries(&call, self.headers()).await?.body)
    }

    fn headers(&self) -> HeaderMap {
        self.identity.with_token(&self.token)
    }

    /// Repeats a GET that failed for a passing reason, after a short and slightly random pause.
    async fn with_retries(&self, call: &Call, headers: HeaderMap) -> Result<Reply, Error> {
        let mut attempt = 1;
        loop {
            let err = match self.once(call, headers.clone()).await {
                Ok(reply) => return Ok(reply),
                Err(err) => err,
            };
            let is_passing = matches!(err, Error::Unreachable(_) | Error::Failing(429 | 502..=504));
            if !is_passing || attempt == ATTEMPTS {
                return Err(err);
            }
            let jitter = Duration::from_millis(u64::from(rand::random::<u8>()));
            tokio::time::sleep(Duration::from_millis(200) * attempt + jitter).await;
            attempt += 1;
        }
    }

    async fn once(&self, call: &Call, headers: HeaderMap) -> Result<Reply, Error> {
        let _turn = self
            .turns
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let reply = self
            .outbound
            .request(call.method.clone(), &call.path)
            .headers(headers)
            .timeout(call.timeout)
            .send()
            .await
            .map_err(Error::Unreachable)?;
        match Error::of_status(reply.status.as_u16()) {
            None => Ok(reply),
            Some(err) => Err(err),
        }
    }
}

/// One request.
#[derive(Debug)]
struct Call {
    method: Method,
    path: String,
    timeout: Duration,
}

impl Call {
    fn get(path: &str) -> Self {
        Self::with_method(Method::GET, path)
    }

    fn with_method(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            timeout: LIST_TIMEOUT,
        }
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// Percent-encodes a query value. Plex does not read `+` as a space everywhere.
pub(crate) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// The certificate of a server addressed by IP is made out to a `plex.direct` name.
fn is_https_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        let is_address = match url.host() {
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            Some(Host::Domain(name)) => name.parse::<IpAddr>().is_ok(),
            None => false,
        };
        url.scheme() == "https" && is_address
    })
}

fn insert_number(headers: &mut HeaderMap, name: &'static str, number: i64) {
    headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
}

fn number_header(reply: &Reply, name: &str) -> Option<i64> {
    reply.headers.get(name)?.to_str().ok()?.parse().ok()
}

/// Gives the children what stands once on the container because it is the same for all.
fn hand_down(container: &mut Container) {
    for item in &mut container.metadata {
        for (own, common) in [
            (&mut item.library_section_id, &container.library_section_id),
            (&mut item.parent_title, &container.parent_title),
            (&mut item.grandparent_title, &container.grandparent_title),
        ] {
            if own.is_none() {
                own.clone_from(common);
            }
        }
    }
}

/// A section that has what it needs; others are left out.
fn section(directory: Directory) -> Option<Section> {
    Some(Section {
        key: directory.key?,
        uuid: directory.uuid.unwrap_or_default(),
        kind: directory.kind?,
        title: directory.title.unwrap_or_default(),
        agent: directory.agent.unwrap_or_default(),
        locations: directory
            .location
            .into_iter()
            .filter_map(|location| location.path)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_are_percent_encoded_without_plus() {
        assert_eq!(encode("a b+c/ü&"), "a%20b%2Bc%2F%C3%BC%26");
    }

    #[test]
    fn shared_attributes_reach_the_children() {
        let body = br#"{"MediaContainer":{"librarySectionID":3,"parentTitle":"Season 1",
            "Metadata":[{"ratingKey":"1"},{"ratingKey":"2","librarySectionID":"4"}]}}"#;
        let mut container = wire::decode(body).expect("decodes");
        hand_down(&mut container);
        let sections: Vec<_> = container
            .metadata
            .iter()
            .map(|item| item.library_section_id.as_deref())
            .collect();
        assert_eq!(sections, [Some("3"), Some("4")]);
        assert_eq!(
            container.metadata[0].parent_title.as_deref(),
            Some("Season 1")
        );
    }
}
