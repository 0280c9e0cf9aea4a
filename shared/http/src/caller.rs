//! Who is calling, as an argument of a handler: it cannot run without a valid token.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web::Data};
use futures_util::{FutureExt, future::LocalBoxFuture};
use shared_types::{
    access::{Claims, Role, Scope},
    ids::{SessionId, UserId},
    problem::Code,
};

use crate::{Problem, TokenError, Verifier};

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The person.
    pub user_id: UserId,
    /// The session or API key that was used.
    pub session_id: SessionId,
    /// The role when the token was issued.
    pub role: Role,
    /// Name on screens.
    pub name: String,
    /// `web`, `script` or `api-key`.
    pub client_id: String,
    scope: String,
}

impl Caller {
    /// The caller that verified claims stand for.
    pub fn from_claims(claims: Claims) -> Self {
        Self {
            user_id: claims.sub,
            session_id: claims.sid,
            role: claims.role,
            name: claims.name,
            client_id: claims.client_id,
            scope: claims.scope,
        }
    }

    /// Whether the token carries the scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scope.split(' ').any(|name| name == scope.as_str())
    }

    /// 403 unless the token carries the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.has(scope) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden).detail(format!("This needs the permission `{scope}`.")))
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let credential = credential(request);
        async move {
            let (verifier, token) = credential?;
            let claims = verifier
                .person(&token)
                .await
                .map_err(|err| token_problem(&err))?;
            Ok(Self::from_claims(claims))
        }
        .boxed_local()
    }
}

/// Another service, on an `/internal` route.
#[derive(Debug, Clone)]
pub struct ServiceCaller {
    /// Its name, as in `shared_types::access::service`.
    pub service: String,
}

impl ServiceCaller {
    /// 403 unless the caller is one of `services`.
    pub fn require(&self, services: &[&str]) -> Result<(), Problem> {
        if services.contains(&self.service.as_str()) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden))
    }
}

impl FromRequest for ServiceCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let credential = credential(request);
        async move {
            let (verifier, token) = credential?;
            let claims = verifier
                .service(&token)
                .await
                .map_err(|err| token_problem(&err))?;
            Ok(Self {
                service: claims.sub,
            })
        }
        .boxed_local()
    }
}

fn credential(request: &HttpRequest) -> Result<(Data<Verifier>, String), Problem> {
    let verifier = request
        .app_data::<Data<Verifier>>()
        .cloned()
        .ok_or_else(|| Problem::internal("the service has no token verifier"))?;
    let mut values = request.headers().get_all(AUTHORIZATION);
    let token = match (
        values.next().and_then(|value| value.to_str().ok()),
        values.next(),
    ) {
        (Some(value), None) => bearer(value),
        _ => None,
    };
    let token = token.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    Ok((verifier, token.to_owned()))
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn token_problem(err: &TokenError) -> Problem {
    match err {
        TokenError::Unverifiable => Problem::new(Code::Unavailable)
            .detail("Sign-in cannot be checked right now.")
            .retry_after(2),
        TokenError::Expired => {
            Problem::new(Code::Unauthenticated).detail("The access token has expired.")
        }
        TokenError::Invalid | TokenError::WrongAudience => {
            Problem::new(Code::Unauthenticated).detail("The access token is not valid.")
        }
    }
}
