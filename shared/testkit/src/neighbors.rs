//! A stand-in for the other services: signing keys and service tokens like auth-service, and answers that a test sets.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use serde::Serialize;
use serde_json::{Value, json};
use shared_types::{
    access::{
        ACCESS_TOKEN_TYPE, Claims, ISSUER, Role, SERVICE_TOKEN_TYPE, Scope, ServiceClaims, service,
    },
    ids::{SessionId, UserId},
};

use crate::TestClock;

/// The internal secret of every test world.
pub const INTERNAL_SECRET: &str = "test-internal-secret-0123456789abcdef";

/// Ways in which a token can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// `alg: none` and no signature.
    NoAlgorithm,
    /// Expired an hour ago.
    Expired,
    /// For a service that does not exist.
    WrongAudience,
    /// A service token where a person's is expected.
    WrongKind,
    /// Signed with a key that the issuer does not publish.
    ForeignKey,
}

/// The running stand-in.
#[derive(Debug)]
pub struct Neighbors {
    url: String,
    key: SigningKey,
    answers: Answers,
    seen: Seen,
}

type Answers = Arc<Mutex<HashMap<String, (u16, Value)>>>;
type Seen = Arc<Mutex<Vec<SeenRequest>>>;

/// A request that reached the stand-in.
#[derive(Debug, Clone)]
pub struct SeenRequest {
    /// Method.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl SeenRequest {
    /// The values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let values = self.headers.iter().filter(|(header, _)| header == name);
        values.map(|(_, value)| value.as_str()).collect()
    }
}

#[derive(Debug)]
struct SigningKey {
    pair: EcdsaKeyPair,
    kid: String,
}

impl Neighbors {
    /// Starts it on a free port, on the current async runtime.
    pub fn start() -> Self {
        let key = SigningKey::generate("test-key");
        let answers = Answers::default();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let jwks = json!({"keys": [key.jwk()]});
        lock(&answers).insert("/.well-known/jwks.json".to_owned(), (200, jwks));
        let neighbors = Self {
            url,
            key,
            answers,
            seen: Seen::default(),
        };
        let tokens: HashMap<String, String> = service::ALL
            .iter()
            .flat_map(|from| service::ALL.iter().map(move |to| (*from, *to)))
            .map(|(from, to)| (format!("{from}>{to}"), neighbors.service_token(from, to)))
            .collect();
        let (answers, tokens) = (Arc::clone(&neighbors.answers), web::Data::new(tokens));
        let seen = Arc::clone(&neighbors.seen);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(Arc::clone(&answers)))
                .app_data(web::Data::new(Arc::clone(&seen)))
                .app_data(tokens.clone())
                .route("/internal/tokens", web::post().to(issue))
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listens")
        .run();
        drop(tokio::spawn(server));
        neighbors
    }

    /// Base address: use it for every other service's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on a request for `path` (without query) gets this answer.
    pub fn answer(&self, path: &str, status: u16, body: Value) {
        lock(&self.answers).insert(path.to_owned(), (status, body));
    }

    /// Every request so far that was not about tokens.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// An access token of a person.
    pub fn person_token(&self, user: UserId, role: Role) -> String {
        self.key.sign(ACCESS_TOKEN_TYPE, &claims(user, role))
    }

    /// A token of service `from` for service `to`, valid for an hour.
    pub fn service_token(&self, from: &str, to: &str) -> String {
        self.key.sign(SERVICE_TOKEN_TYPE, &service_claims(from, to))
    }

    /// A token of an administrator that must be refused.
    pub fn forged_token(&self, forgery: Forgery) -> String {
        let user = UserId::generate(&TestClock::new());
        let mut claims = claims(user, Role::Admin);
        match forgery {
            Forgery::NoAlgorithm => {
                let header =
                    encode(&json!({"alg": "none", "typ": ACCESS_TOKEN_TYPE, "kid": self.key.kid}));
                return format!("{header}.{}.", encode(&claims));
            }
            Forgery::Expired => claims.exp = Utc::now().timestamp() - 3600,
            Forgery::WrongAudience => claims.aud = vec!["elsewhere".to_owned()],
            Forgery::WrongKind => return self.key.sign(SERVICE_TOKEN_TYPE, &claims),
            Forgery::ForeignKey => {
                return SigningKey::generate(&self.key.kid).sign(ACCESS_TOKEN_TYPE, &claims);
            }
        }
        self.key.sign(ACCESS_TOKEN_TYPE, &claims)
    }
}

impl SigningKey {
    fn generate(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self {
            pair,
            kid: kid.to_owned(),
        }
    }

    /// The public half (RFC 7518 §6.2).
    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
        })
    }

    fn sign(&self, kind: &str, claims: &impl Serialize) -> String {
        let header = encode(&json!({"alg": "ES256", "typ": kind, "kid": self.kid}));
        let text = format!("{header}.{}", encode(claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), text.as_bytes())
            .expect("signs");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn encode(value: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).expect("serializes"))
}

fn claims(user: UserId, role: Role) -> Claims {
    let now = Utc::now().timestamp();
    let scopes: Vec<_> = role
        .scopes()
        .iter()
        .map(|scope: &Scope| scope.as_str())
        .collect();
    Claims {
        iss: ISSUER.to_owned(),
        aud: service::ALL.map(str::to_owned).to_vec(),
        sub: user,
        client_id: "script".to_owned(),
        sid: SessionId::generate(&TestClock::new()),
        jti: shared_http::new_request_id(),
        scope: scopes.join(" "),
        role,
        name: "Somebody".to_owned(),
        iat: now,
        nbf: now,
        exp: now + 3600,
    }
}

fn service_claims(from: &str, to: &str) -> ServiceClaims {
    let now = Utc::now().timestamp();
    ServiceClaims {
        iss: ISSUER.to_owned(),
        aud: vec![to.to_owned()],
        sub: from.to_owned(),
        jti: shared_http::new_request_id(),
        iat: now,
        nbf: now,
        exp: now + 3600,
    }
}

fn lock(answers: &Answers) -> std::sync::MutexGuard<'_, HashMap<String, (u16, Value)>> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn issue(
    request: HttpRequest,
    body: web::Json<shared_types::internal::CreateServiceToken>,
    tokens: web::Data<HashMap<String, String>>,
) -> HttpResponse {
    let given = request
        .headers()
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    if given != Some(&format!("Bearer {INTERNAL_SECRET}")) {
        return HttpResponse::Unauthorized().finish();
    }
    match tokens.get(&format!("{}>{}", body.service, body.audience)) {
        Some(token) => HttpResponse::Ok().json(json!({"access_token": token, "expires_in": 3600})),
        None => HttpResponse::UnprocessableEntity().finish(),
    }
}

async fn answer(
    request: HttpRequest,
    body: web::Bytes,
    answers: web::Data<Answers>,
    seen: web::Data<Seen>,
) -> HttpResponse {
    let headers = request.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(SeenRequest {
            method: request.method().to_string(),
            path: path.to_owned(),
            headers: headers.collect(),
            body: body.to_vec(),
        });
    match lock(&answers).get(request.path()) {
        Some((status, body)) => {
            let status = actix_web::http::StatusCode::from_u16(*status).expect("a status");
            HttpResponse::build(status).json(body)
        }
        None => HttpResponse::NotFound().finish(),
    }
}
