//! The running service and people who use it.

use std::{fs, io, path::Path};

use auth_service::Config;
use reqwest::Method;
use serde_json::{Value, json};
use shared_testkit::{Client, INTERNAL_SECRET, Running, TestResponse, TestWorld};
use shared_types::access::service;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// The service in its world.
pub(crate) struct Rig {
    pub(crate) world: TestWorld,
    pub(crate) app: Running,
    config: Config,
}

/// Somebody who signed in with tokens.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) client: Client,
    pub(crate) refresh_token: String,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        Self::start_in(TestWorld::start().await, config).await
    }

    pub(crate) async fn start_in(world: TestWorld, config: Config) -> Self {
        let settings = config.clone();
        let app = world
            .serve(|parts| auth_service::build(settings, parts))
            .await;
        Self { world, app, config }
    }

    /// The same service on the same data, started again.
    pub(crate) async fn restart(self) -> Self {
        let Self { world, app, config } = self;
        app.stop().await;
        Self::start_in(world, config).await
    }

    /// What the operator finds in the data directory.
    pub(crate) fn setup_secret(&self) -> String {
        let path = self.world.dir().join("setup-secret");
        let text = fs::read_to_string(path).expect("the file is there");
        text.trim().to_owned()
    }

    pub(crate) async fn set_up(&self, secret: &str) -> TestResponse {
        let body = json!({"setup_secret": secret, "username": "Root", "password": PASSWORD});
        self.app.anon.post_json("/api/v1/auth/setup", &body).await
    }

    /// The administrator, made with the setup secret.
    pub(crate) async fn admin(&self) -> Person {
        let answer = self.set_up(&self.setup_secret()).await.expect_status(201);
        self.person(&answer.json())
    }

    /// A member, made by the administrator, who signs in.
    pub(crate) async fn member(&self, admin: &Person, username: &str) -> Person {
        let body = json!({"username": username, "password": PASSWORD});
        let made = admin.client.post_json("/api/v1/users", &body).await;
        let _made = made.expect_status(201);
        self.person(
            &self
                .login(username, PASSWORD)
                .await
                .expect_status(200)
                .json(),
        )
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> TestResponse {
        let body = json!({"username": username, "password": password});
        self.app.anon.post_json("/api/v1/auth/login", &body).await
    }

    /// Signs in as a browser does and gives the answer with its cookies.
    pub(crate) async fn login_cookie(&self, username: &str) -> TestResponse {
        let body = json!({"username": username, "password": PASSWORD, "mode": "cookie"});
        let answer = self.app.anon.post_json("/api/v1/auth/login", &body).await;
        answer.expect_status(200)
    }

    pub(crate) async fn refresh(&self, token: &str) -> TestResponse {
        let body = json!({"refresh_token": token});
        self.app.anon.post_json("/api/v1/auth/refresh", &body).await
    }

    /// Another service, with a token from this one.
    pub(crate) async fn service(&self, name: &str) -> Client {
        let token = self.service_token(name, service::AUTH).await;
        self.app.anon.with_token(token)
    }

    pub(crate) async fn service_token(&self, name: &str, audience: &str) -> String {
        let caller = self.app.anon.with_token(INTERNAL_SECRET);
        let body = json!({"service": name, "audience": audience});
        let answer = caller.post_json("/internal/tokens", &body).await;
        text(&answer.expect_status(200).json(), "access_token")
    }

    /// Exchanges a session cookie as the gateway does.
    pub(crate) async fn exchange(&self, cookie: &str) -> TestResponse {
        let gateway = self.service(service::GATEWAY).await;
        let body = json!({"session": cookie});
        gateway
            .post_json("/internal/sessions/exchange", &body)
            .await
    }

    pub(crate) fn person(&self, session: &Value) -> Person {
        Person {
            id: text(&session["user"], "id"),
            client: self.app.anon.with_token(text(session, "access_token")),
            refresh_token: text(session, "refresh_token"),
        }
    }

    /// Sends a POST with cookies.
    pub(crate) async fn post_with_cookie(
        &self,
        path: &str,
        cookie: &str,
        body: &Value,
    ) -> TestResponse {
        let anon = &self.app.anon;
        let request = anon.request(Method::POST, path).header("cookie", cookie);
        anon.send(request.json(body)).await
    }
}

pub(crate) fn text(value: &Value, key: &str) -> String {
    let text = value[key].as_str();
    assert!(text.is_some(), "no text `{key}` in {value}");
    text.unwrap_or_default().to_owned()
}

/// The whole `Set-Cookie` of a cookie.
pub(crate) fn set_cookie(answer: &TestResponse, name: &str) -> String {
    let start = format!("{name}=");
    let cookies = answer.headers.get_all("set-cookie").iter();
    let mut texts = cookies.map(|value| value.to_str().expect("text"));
    let found = texts.find(|text| text.starts_with(&start));
    found.expect("the cookie is set").to_owned()
}

/// The value of a cookie that was set.
pub(crate) fn cookie_value(answer: &TestResponse, name: &str) -> String {
    let cookie = set_cookie(answer, name);
    let pair = cookie.split(';').next().unwrap_or_default();
    pair[name.len() + 1..].to_owned()
}

/// All that is stored below the data directory. SQLite removes its journals while it closes: then everything is read again.
pub(crate) fn stored_bytes(dir: &Path) -> Vec<u8> {
    loop {
        let files = fs::read_dir(dir).expect("the data directory");
        let read: io::Result<Vec<Vec<u8>>> = files.map(|file| fs::read(file?.path())).collect();
        match read {
            Ok(contents) => return contents.concat(),
            Err(err) => assert_eq!(err.kind(), io::ErrorKind::NotFound, "{err}"),
        }
    }
}

/// Whether `bytes` hold `part`.
pub(crate) fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
