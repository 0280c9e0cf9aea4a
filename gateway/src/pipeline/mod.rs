//! What happens to every request, in this order:
//!
//! 1. [`path`] — refuse ambiguous paths, so that routing here and in the services cannot disagree.
//! 2. [`route`] — one table decides service, credentials, limit class and body size; what it does not name is refused.
//! 3. [`address`] — whose request it is on the wire, before any limit counts it.
//! 4. credentials — who it is; a bad credential is refused even where none is needed.
//! 5. [`origin`] — a write with a cookie must come from our own page.
//! 6. limits — per person, or per address for everybody else.
//! 7. the handler: [`forward`] to a service, or one of the gateway's own routes.
//! 8. [`answer`] — security headers and limit headers on every answer.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod forward;
pub(crate) mod origin;
pub(crate) mod path;
pub(crate) mod route;

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};
use shared_http::Problem;
use shared_types::problem::Code;

use self::route::{Needs, Route};
use crate::{
    app::AppState,
    credentials::{Identity, Shown},
    limits::{Class, Verdict},
};

/// What the pipeline found out about a request.
#[derive(Debug, Clone)]
pub(crate) struct Passed {
    pub(crate) route: &'static Route,
    pub(crate) address: std::net::IpAddr,
    pub(crate) identity: Option<Identity>,
    pub(crate) shown: Shown,
}

/// The middleware around everything but health.
pub(crate) async fn run<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = request.app_data::<Data<AppState>>().cloned() else {
        return Err(Problem::internal("the gateway has no state").into());
    };
    let mut verdict = None;
    let mut response = match admit(&state, &request, &mut verdict).await {
        Ok(passed) => {
            request.extensions_mut().insert(passed);
            next.call(request).await?.map_into_boxed_body()
        }
        Err(problem) => request.into_response(problem.error_response()),
    };
    answer::complete(response.headers_mut(), state.answer, verdict.as_ref());
    Ok(response)
}

async fn admit(
    state: &AppState,
    request: &ServiceRequest,
    verdict: &mut Option<Verdict>,
) -> Result<Passed, Problem> {
    path::check(request.uri())?;
    let route = route::find(request.path()).ok_or_else(|| Problem::new(Code::NotFound))?;
    check_method(request.method())?;
    let peer = request.peer_addr().map(|peer| peer.ip());
    let address = address::client_address(peer, request.headers(), &state.trusted_proxies);
    let shown = match route.needs {
        Needs::OwnCheck => Shown::Nothing,
        Needs::Nobody | Needs::Person => state.credentials.read(request.headers()),
    };
    if state.credentials.needs_exchange(&shown) {
        let asking = state
            .limits
            .spend(Class::Exchange, &address::limit_key(address));
        refuse_over_limit(asking.retry_after)?;
    }
    let identity = identify(state, route, &shown).await;
    if let Ok(Some(identity)) = &identity {
        if identity.is_cookie && !request.method().is_safe() {
            origin::check(request.headers(), &state.origin)?;
        }
    } else if matches!(shown, Shown::Cookie(_)) && !request.method().is_safe() {
        origin::check(request.headers(), &state.origin)?;
    }
    let spent = spend(
        state,
        route,
        identity.as_ref().ok().and_then(Option::as_ref),
        address,
    );
    let refused = spent.retry_after;
    *verdict = Some(spent);
    refuse_over_limit(refused)?;
    let identity = identity?;
    if route.needs == Needs::Person && identity.is_none() {
        return Err(Problem::new(Code::Unauthenticated));
    }
    Ok(Passed {
        route,
        address,
        identity,
        shown,
    })
}

fn refuse_over_limit(retry_after: Option<u64>) -> Result<(), Problem> {
    let Some(seconds) = retry_after else {
        return Ok(());
    };
    Err(Problem::new(Code::RateLimited)
        .detail(format!("Try again in {seconds} s."))
        .retry_after(seconds))
}

/// A stale cookie does not stand in the way of a public route: the sign-in page must work with it.
async fn identify(
    state: &AppState,
    route: &Route,
    shown: &Shown,
) -> Result<Option<Identity>, Problem> {
    let resolved = state.credentials.resolve(shown).await;
    match (resolved, shown, route.needs) {
        (Err(_), Shown::Cookie(_), Needs::Nobody) => Ok(None),
        (resolved, _, _) => resolved,
    }
}

fn spend(
    state: &AppState,
    route: &Route,
    identity: Option<&Identity>,
    address: std::net::IpAddr,
) -> Verdict {
    let class = match (route.class, identity) {
        (Class::User, None) => Class::Anonymous,
        (class, _) => class,
    };
    let key = match (class, identity) {
        (Class::User | Class::Image, Some(identity)) => identity.caller.user_id.to_string(),
        _ => address::limit_key(address),
    };
    state.limits.spend(class, &key)
}

fn check_method(method: &Method) -> Result<(), Problem> {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if KNOWN.contains(method) {
        Ok(())
    } else {
        Err(Problem::new(Code::MethodNotAllowed))
    }
}
