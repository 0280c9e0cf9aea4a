//! The way in: check, store, answer, and nothing else before the answer.

mod key;
mod redact;
mod rejects;
mod spool;
mod writer;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use shared_http::Problem;
use shared_types::{
    Clock,
    ids::{DeliveryId, SourceId},
    problem::Code,
};

pub(crate) use rejects::Rejects;
pub(crate) use spool::Spool;
pub(crate) use writer::{Storage, Writer};

use crate::{
    catalog::{Catalog, Source},
    config::Config,
    content::{self, Format},
    deliveries::{NewDelivery, Stored},
    kind::{AuthMode, Kind},
    verify::{self, Credential, Evidence, Refusal},
};

/// A request, with everything read that is looked at.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) source: String,
    pub(crate) url_secret: Option<String>,
    pub(crate) method: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: bytes::Bytes,
    pub(crate) address: Option<String>,
}

/// The door.
#[derive(Debug)]
pub(crate) struct Ingest {
    catalog: Arc<Catalog>,
    clock: Arc<dyn Clock>,
    writer: Writer,
    rejects: Rejects,
    rates: DefaultKeyedRateLimiter<SourceId>,
    limits: Limits,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    body: usize,
    plex_body: usize,
    body_timeout: Duration,
}

impl Ingest {
    pub(crate) fn new(
        config: &Config,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
        writer: Writer,
        rejects: Rejects,
    ) -> Self {
        let per_second = NonZeroU32::new(config.rate_per_second).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(config.rate_burst).unwrap_or(NonZeroU32::MIN);
        Self {
            catalog,
            clock,
            writer,
            rejects,
            rates: RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst)),
            limits: Limits {
                body: config.max_body_bytes,
                plex_body: config.max_plex_body_bytes,
                body_timeout: Duration::from_secs(config.body_timeout_seconds),
            },
        }
    }

    /// The most that is read before it is known who sends: the same for every address, known or not.
    pub(crate) fn max_body(&self) -> usize {
        self.limits.body.max(self.limits.plex_body)
    }

    /// How long a sender may take with its body.
    pub(crate) fn body_timeout(&self) -> Duration {
        self.limits.body_timeout
    }

    /// Takes a delivery in. When this returns `Ok`, the delivery survives whatever happens next.
    pub(crate) async fn receive(&self, request: Request) -> Result<(DeliveryId, Stored), Problem> {
        let source = match self.identify(&request).await {
            Ok(source) => source,
            Err(refusal) => {
                let known = request.source.parse().ok();
                let known = known.and_then(|id| self.catalog.find(id));
                let reason = match &known {
                    Some(_) => refusal.to_string(),
                    None => "there is no such source".to_owned(),
                };
                let id = known.map(|source| source.id);
                return Err(self.refuse(
                    &request,
                    id,
                    reason,
                    Problem::new(Code::InvalidSignature),
                ));
            }
        };
        if let Err((reason, problem)) = self.admit(&source, &request) {
            return Err(self.refuse(&request, Some(source.id), reason, problem));
        }
        let delivery = self.delivery(&source, request);
        let id = delivery.id;
        let stored = self.writer.store(delivery).await.map_err(Problem::from)?;
        metrics::counter!("medianest_webhook_deliveries_total", "kind" => source.kind.as_str())
            .increment(1);
        Ok((id, stored))
    }

    /// Notes a request that was refused before its body was read.
    pub(crate) fn refuse_unread(
        &self,
        source: &str,
        address: Option<String>,
        problem: Problem,
    ) -> Problem {
        let known = source.parse().ok().and_then(|id| self.catalog.find(id));
        let reason = problem.to_string();
        let status = problem.code().status();
        self.rejects
            .note(known.map(|source| source.id), reason, status, address);
        problem
    }

    fn refuse(
        &self,
        request: &Request,
        source: Option<SourceId>,
        reason: String,
        problem: Problem,
    ) -> Problem {
        let status = problem.code().status();
        self.rejects
            .note(source, reason, status, request.address.clone());
        problem
    }

    /// The source, if the request proves to be its own.
    async fn identify(&self, request: &Request) -> Result<Arc<Source>, Refusal> {
        let first = self.verify(request);
        if first.is_ok() || !self.catalog.reload_for_doubt().await {
            return first;
        }
        self.verify(request)
    }

    fn verify(&self, request: &Request) -> Result<Arc<Source>, Refusal> {
        let evidence = Evidence {
            url_secret: request.url_secret.as_deref(),
            headers: &request.headers,
            body: &request.body,
            now: self.clock.now().timestamp(),
        };
        let source = request.source.parse().ok();
        let Some(source) = source.and_then(|id| self.catalog.find(id)) else {
            decoy(&evidence);
            return Err(Refusal::Wrong);
        };
        let (mode, header) = (source.mode, source.header_name.as_ref());
        let outcome = verify::check(mode, header, &source.credentials, &evidence);
        if outcome.is_err() && !mode.signs() {
            decoy(&evidence);
        }
        outcome.map(|()| source)
    }

    /// What may still be refused when the sender is known: never because of what it says.
    fn admit(&self, source: &Source, request: &Request) -> Result<(), (String, Problem)> {
        let refused = |code: Code, detail: &str| {
            let problem = Problem::new(code).detail(detail);
            (detail.to_owned(), problem)
        };
        if !source.is_enabled {
            return Err(refused(Code::Gone, "This source is turned off."));
        }
        if self.rates.check_key(&source.id).is_err() {
            let (reason, problem) = refused(Code::RateLimited, "This source sends too fast.");
            return Err((reason, problem.retry_after(1)));
        }
        if request.body.len() > self.cap(source.kind) {
            return Err(refused(
                Code::TooLarge,
                "The body is larger than this source may send.",
            ));
        }
        if !has_plain_encoding(&request.headers) {
            let detail = "Send the body without compression.";
            return Err(refused(Code::UnsupportedMediaType, detail));
        }
        let content_type = text(&request.headers, CONTENT_TYPE.as_str());
        match content::format_of(content_type.as_deref()) {
            None => Err(refused(
                Code::UnsupportedMediaType,
                "Send JSON, a form, or multipart/form-data.",
            )),
            Some(Format::Multipart) => {
                let parts = content::parts(content_type.as_deref(), &request.body);
                parts.map(drop).map_err(|err| {
                    let detail = format!("The multipart body is broken: {err}.");
                    refused(Code::Malformed, &detail)
                })
            }
            Some(_) => Ok(()),
        }
    }

    fn cap(&self, kind: Kind) -> usize {
        match kind {
            Kind::Plex => self.limits.plex_body,
            _ => self.limits.body,
        }
    }

    fn delivery(&self, source: &Source, request: Request) -> NewDelivery {
        let content_type = text(&request.headers, CONTENT_TYPE.as_str());
        let dedupe = key::of(
            source.kind,
            &request.headers,
            content_type.as_deref(),
            &request.body,
        );
        NewDelivery {
            id: DeliveryId::generate(&*self.clock),
            source_id: source.id,
            source_name: source.name.clone(),
            kind: source.kind,
            received_at: self.clock.now(),
            event_type: key::event_header(source.kind, &request.headers),
            verdict: source.mode.verdict().to_owned(),
            method: request.method,
            content_type,
            headers: redact::headers(&request.headers, source.header_name.as_ref()),
            address: request.address,
            traceparent: text(&request.headers, "traceparent"),
            is_test: false,
            dedupe,
            replay_of: None,
            requested_by: None,
            body: request.body.into(),
        }
    }
}

/// As much work as checking a signature, so that the time of the answer tells nothing.
fn decoy(evidence: &Evidence<'_>) {
    let keys = [Credential::Hmac(vec![0; 32])];
    let _refused = verify::check(AuthMode::Github, None, &keys, evidence);
    let _hash = verify::sha256(evidence.body);
}

/// No media tool compresses, and a small compressed body can be a huge one.
fn has_plain_encoding(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONTENT_ENCODING)
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// A header as text that any column can keep.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(redact::legible(value.as_bytes()))
}
