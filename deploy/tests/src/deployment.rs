//! A whole MediaNest in one of its two shapes.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use shared_testkit::{eventually_within, setting};
use tempfile::TempDir;

use crate::Process;

const SERVICES: [&str; 5] = [
    "auth-service",
    "plex-service",
    "download-service",
    "webhook-service",
    "gateway",
];
/// All five together must be ready by then, on a busy machine and with unoptimized binaries.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How MediaNest runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One process, SQLite, in-process bus.
    Embedded,
    /// Five processes, PostgreSQL, RabbitMQ, Redis.
    Scaled,
}

/// A running MediaNest with its own data.
#[derive(Debug)]
pub struct Deployment {
    /// Its shape.
    pub shape: Shape,
    /// The public address.
    pub url: String,
    dir: TempDir,
    host: String,
    settings: BTreeMap<String, String>,
    processes: Vec<(String, Process)>,
    database: Option<String>,
}

impl Deployment {
    /// Starts the shape with these settings (`plex.plex_tv_url` = …) over its defaults and waits until it is ready.
    pub async fn start(shape: Shape, settings: &[(&str, String)]) -> Self {
        let mut deployment = Self::prepare(shape, settings);
        deployment.run();
        deployment.wait_until_ready().await;
        deployment
    }

    /// The same, without starting anything yet.
    pub fn prepare(shape: Shape, settings: &[(&str, String)]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let unique = shared_runtime::random_token(6);
        let host = loopback_host(&unique);
        let url = format!("http://{host}5:8484");
        let mut all = BTreeMap::new();
        let mut set = |key: &str, value: String| all.insert(variable(key), value);
        set("data.dir", dir.path().join("data").display().to_string());
        set("server.bind", format!("{host}5:8484"));
        set("server.metrics_bind", String::new());
        set("security.public_url", url.clone());
        set("security.cookie_mode", "lan".to_owned());
        set("log.level", "info,lapin=error".to_owned());
        set("download.ytdlp", ytdlp().display().to_string());
        let database = (shape == Shape::Scaled).then(|| scale(&unique, &host, &mut set));
        for (key, value) in settings {
            set(key, value.clone());
        }
        Self {
            shape,
            url,
            dir,
            host,
            settings: all,
            processes: Vec::new(),
            database,
        }
    }

    /// Starts every process.
    pub fn run(&mut self) {
        match self.shape {
            Shape::Embedded => self.start_process("medianest", &["serve"], 5),
            Shape::Scaled => {
                for (index, service) in SERVICES.iter().enumerate() {
                    self.start_process(service, &[], index + 1);
                }
            }
        }
    }

    /// Starts one more replica of every service of the scaled shape, on addresses of their own; gives the address of
    /// the second gateway.
    pub async fn add_replicas(&mut self) -> String {
        let first = self.host.clone();
        self.host = format!("{first}1");
        for (index, service) in SERVICES.iter().enumerate() {
            self.start_process(service, &[], index + 1);
        }
        let second = std::mem::replace(&mut self.host, first);
        let url = format!("http://{second}5:8484");
        let doors = (1..=5).map(|number| format!("http://{second}{number}:8484/readyz"));
        self.wait_for(doors.collect()).await;
        url
    }

    fn start_process(&mut self, name: &str, arguments: &[&str], number: usize) {
        let mut variables = self.settings.clone();
        variables.insert(
            variable("server.bind"),
            format!("{}{number}:8484", self.host),
        );
        let log = self
            .dir
            .path()
            .join(format!("{name}-{}.log", self.processes.len()));
        let process = Process::start(&binary(name), arguments, &variables, &log);
        self.processes.push((name.to_owned(), process));
    }

    /// Waits until the gateway and everything behind it answers.
    pub async fn wait_until_ready(&mut self) {
        let mut doors = vec![
            format!("{}/readyz", self.url),
            format!("{}/api/v1/system/status", self.url),
        ];
        if self.shape == Shape::Scaled {
            doors.extend((1..=4).map(|number| format!("http://{}{number}:8484/readyz", self.host)));
        }
        self.wait_for(doors).await;
    }

    async fn wait_for(&mut self, doors: Vec<String>) {
        let anyone = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a plain client");
        for door in doors {
            eventually_within(START_LIMIT, &format!("{door} answers"), || {
                self.assert_running();
                let request = anyone.get(&door);
                async move {
                    request
                        .send()
                        .await
                        .is_ok_and(|reply| reply.status().is_success())
                }
            })
            .await;
        }
    }

    fn assert_running(&mut self) {
        for (name, process) in &mut self.processes {
            if let Some(code) = process.ended() {
                panic!("{name} ended with {code}:\n{}", process.log());
            }
        }
    }

    /// SIGKILL to everything, or to one process.
    pub fn kill(&mut self, only: Option<&str>) {
        for (name, process) in &mut self.processes {
            if only.is_none_or(|only| only == name) {
                process.kill();
            }
        }
    }

    /// Starts everything again on the same data and waits until it is ready.
    pub async fn restart(&mut self) {
        self.kill(None);
        self.processes.clear();
        self.run();
        self.wait_until_ready().await;
    }

    /// The data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The one-time setup secret, as the operator reads it.
    pub fn setup_secret(&self) -> String {
        let path = self.data_dir().join("setup-secret");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
        text.trim().to_owned()
    }

    /// Everything that all processes have logged.
    pub fn logs(&self) -> String {
        let mut all = String::new();
        for (name, process) in &self.processes {
            let _written = write!(
                all,
                "== {name}
{}",
                process.log()
            );
        }
        all
    }

    /// Process id of the first process (the only one in the embedded shape).
    pub fn process_id(&self) -> u32 {
        self.processes
            .first()
            .map(|(_, process)| process.id())
            .expect("it runs")
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let logs = self.logs();
            let from = logs.len().saturating_sub(20_000);
            eprintln!("{}", logs.get(from..).unwrap_or(&logs));
        }
        self.kill(None);
        if let Some(name) = &self.database {
            execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Settings of the scaled shape; gives the name of the fresh database.
fn scale(unique: &str, host: &str, set: &mut impl FnMut(&str, String) -> Option<String>) -> String {
    let name = format!("mn_e2e_{unique}");
    execute(&format!("CREATE DATABASE {name}"));
    let postgres = required("MEDIANEST_TEST_POSTGRES_URL");
    let (server, _database) = postgres
        .rsplit_once('/')
        .expect("a URL with a database name");
    set("database.url", format!("{server}/{name}"));
    set("bus.url", required("MEDIANEST_TEST_AMQP_URL"));
    set("bus.prefix", format!("e2e.{unique}."));
    set("cache.url", required("MEDIANEST_TEST_REDIS_URL"));
    set("cache.prefix", format!("e2e:{unique}:"));
    set("internal.secret", shared_runtime::random_token(32));
    set("security.encryption_key", shared_runtime::random_token(32));
    for (number, service) in ["auth", "plex", "download", "webhook"].iter().enumerate() {
        set(
            &format!("services.{service}_url"),
            format!("http://{host}{}:8484", number + 1),
        );
    }
    name
}

/// `plex.plex_tv_url` as an environment variable.
fn variable(key: &str) -> String {
    format!("MEDIANEST_{}", key.replace('.', "__").to_uppercase())
}

/// An address range of this deployment alone: all of 127.0.0.0/8 is loopback, so ports never collide.
fn loopback_host(unique: &str) -> String {
    let byte = |from: usize| u8::from_str_radix(&unique[from..from + 2], 16).unwrap_or(1) % 250 + 2;
    format!("127.{}.{}.1", byte(0), byte(2))
}

fn required(name: &str) -> String {
    setting(name).unwrap_or_else(|| {
        panic!("{name} is not set: run `deploy/tests/run e2e`, which starts the servers")
    })
}

fn execute(sql: &str) {
    let url = required("MEDIANEST_TEST_POSTGRES_URL");
    let mut connection = PgConnection::establish(&url).expect("the test PostgreSQL answers");
    connection
        .batch_execute(sql)
        .expect("a test database statement");
}

fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("deploy/tests is two levels down")
}

fn binary(name: &str) -> PathBuf {
    let dir = setting("MEDIANEST_TEST_BIN_DIR")
        .map_or_else(|| workspace_root().join("target/debug"), PathBuf::from);
    let path = dir.join(name);
    assert!(
        path.exists(),
        "{} is not built: cargo build --workspace --bins",
        path.display()
    );
    path
}

fn ytdlp() -> PathBuf {
    let usual = || workspace_root().join(".medianest/venv/bin/yt-dlp");
    let path = setting("MEDIANEST_TEST_YTDLP").map_or_else(usual, PathBuf::from);
    assert!(
        path.exists(),
        "{} is not there: run `deploy/run/tools`",
        path.display()
    );
    path
}
