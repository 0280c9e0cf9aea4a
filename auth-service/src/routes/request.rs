//! What handlers read from a request besides its body: where it comes from and its cookies.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderName, USER_AGENT},
};
use shared_http::current_request_id;

use crate::origin::{Origin, clean_agent};

/// Set by the gateway, which drops what clients send: exactly one address.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl FromRequest for Origin {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(origin_of(request)))
    }
}

fn origin_of(request: &HttpRequest) -> Origin {
    let header = |name| {
        let value = request.headers().get(name)?;
        value.to_str().ok()
    };
    let forwarded = header(FORWARDED_FOR).and_then(|text| text.trim().parse::<IpAddr>().ok());
    Origin {
        address: forwarded.or_else(|| request.peer_addr().map(|peer| peer.ip())),
        user_agent: header(USER_AGENT).and_then(clean_agent),
        request_id: current_request_id(),
    }
}
