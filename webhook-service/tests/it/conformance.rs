//! Recorded bodies and abuse cases, read from the folder that `MEDIANEST_FIXTURES` names.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared_testkit::setting;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Inbox, Source};

fn fixtures() -> Option<PathBuf> {
    let dir = setting("MEDIANEST_FIXTURES").map(|dir| PathBuf::from(dir).join("webhooks"));
    if dir.is_none() {
        println!("skipped: MEDIANEST_FIXTURES is not set");
    }
    dir
}

fn manifest(path: &std::path::Path, key: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    manifest[key].as_array().unwrap().clone()
}

/// Headers of a recording that may be sent along: ours say who we are.
fn sendable(headers: &Value) -> Vec<(String, String)> {
    let headers = headers.as_object().unwrap().iter();
    headers
        .filter(|(name, _)| {
            !matches!(
                name.as_str(),
                "authorization" | "accept-encoding" | "x-medianest-token"
            )
        })
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_body_gives_the_expected_event_and_fields() {
    let Some(dir) = fixtures() else { return };
    let inbox = Inbox::start().await;
    let mut faults = Vec::new();
    for fixture in manifest(&dir.join("manifest.json"), "fixtures") {
        let kind = fixture["source"].as_str().unwrap();
        if kind == "stripe" {
            continue;
        }
        let file = fixture["file"].as_str().unwrap();
        let source = match (kind, fixture["secret"].as_str()) {
            ("github", Some(secret)) => json!({"kind": kind, "name": file, "secret": secret}),
            ("plex" | "prowlarr", _) => json!({"kind": kind, "name": file}),
            _ => json!({"kind": kind, "name": file, "auth_mode": "header"}),
        };
        let source = inbox.source(source).await;
        let headers = sendable(&fixture["headers"]);
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let body = fs::read(dir.join(file)).unwrap();
        let receipt = inbox.send_with(&source, &headers, body).await;
        let expect = &fixture["expect"];
        if expect["status"]
            .as_u64()
            .is_some_and(|status| status != 202)
        {
            assert_eq!(expect["status"], receipt.status, "{file}");
            continue;
        }
        let delivery = inbox.processed(&receipt).await;
        faults.extend(differences(file, expect, &delivery));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    inbox.app.stop().await;
}

/// Every expectation that the delivery does not meet.
fn differences(file: &str, expect: &Value, delivery: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, wanted) in expect.as_object().unwrap() {
        let found = found(key, delivery);
        let is_met = match (wanted, &found) {
            (Value::Object(wanted), Value::Object(found)) => wanted
                .iter()
                .all(|(key, value)| found.get(key) == Some(value)),
            (Value::String(wanted), Value::String(found)) if key == "reason" => {
                found.starts_with(wanted.as_str())
            }
            // One recording names the event without its action (`repo.pull_request`); ours says `repo.pull_request.opened`.
            (Value::String(wanted), Value::String(found)) if wanted.starts_with("repo.") => {
                found == wanted || found.starts_with(&format!("{wanted}."))
            }
            (wanted, found) => wanted == found,
        };
        if !is_met {
            faults.push(format!("{file}: {key} is {found}, not {wanted}"));
        }
    }
    faults
}

/// Where the manifest's keys are in ours.
fn found(key: &str, delivery: &Value) -> Value {
    let events = delivery["events"].as_array().unwrap();
    let event = events.first().cloned().unwrap_or_default();
    let data = &event["data"];
    let path: &[&str] = match key {
        "status" => return json!(202),
        "state" => return delivery["state"].clone(),
        "reason" => return delivery["error"].clone(),
        "event_type" => return delivery["event_type"].clone(),
        "delivery_id" => return delivery["headers"][header_of_id(delivery)].clone(),
        "type" => return event["type"].clone(),
        "degraded" => return event["degraded"].clone(),
        "fanout" => return json!(events.len()),
        "tracks" => return json!(data["download"]["files"].as_array().map(Vec::len)),
        "actor" => &["user", "name"],
        "server" => &["server", "id"],
        "user_flag" => &["hook", "user"],
        "owner_flag" => &["hook", "owner"],
        "rating_key" => &["ids", "plex"],
        "tmdb" => &["ids", "tmdb"],
        "request_id" => &["request", "id"],
        "auto" => &["request", "auto"],
        "seasons" => &["request", "seasons"],
        "issue_id" => &["issue", "id"],
        "batch" => &["download", "batch"],
        "upgrade" => &["download", "upgrade"],
        "service" => &["service", "name"],
        "monitor_id" => &["service", "id"],
        "code" => &["health", "check"],
        other => return data[other].clone(),
    };
    path.iter()
        .fold(data.clone(), |value, key| value[*key].clone())
}

fn header_of_id(delivery: &Value) -> &'static str {
    match delivery["kind"].as_str() {
        Some("gitea") => "x-gitea-delivery",
        _ => "x-github-delivery",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_abuse_case_has_the_required_outcome() {
    let Some(dir) = fixtures() else { return };
    let inbox = Inbox::start().await;
    let dir = dir.join("abuse");
    let mut faults = Vec::new();
    for (number, case) in manifest(&dir.join("manifest.json"), "cases")
        .iter()
        .enumerate()
    {
        let file = case["file"].as_str().unwrap();
        let kind = match file {
            _ if file.starts_with("mp-") => "plex",
            _ => "sonarr",
        };
        let wish = json!({"kind": kind, "name": format!("{number}"), "auth_mode": "url_secret"});
        let source = inbox.source(wish).await;
        let started = Instant::now();
        let fault = if case["content_type"] == "raw/http" {
            raw(&inbox, &dir, case).await
        } else {
            ordinary(&inbox, &source, &dir, case).await
        };
        let limit = Duration::from_secs(case["expect"]["within_s"].as_u64().unwrap_or(5));
        if started.elapsed() > limit {
            faults.push(format!("{file}: took {:?}", started.elapsed()));
        }
        faults.extend(fault.map(|fault| format!("{file}: {fault}")));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(inbox.app.supervisor.failed_tasks().is_empty());
    inbox.app.stop().await;
}

async fn ordinary(
    inbox: &Inbox,
    source: &Source,
    dir: &std::path::Path,
    case: &Value,
) -> Option<String> {
    let body = fs::read(dir.join(case["file"].as_str().unwrap())).unwrap();
    let mut headers = sendable(&case["headers"]);
    let content_type = case["content_type"].as_str().unwrap().to_owned();
    headers.push(("content-type".to_owned(), content_type));
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let answer = inbox.send_with(source, &headers, body.clone()).await;
    let expect = &case["expect"];
    if is_expected(&expect["status"], answer.status) {
        return None;
    }
    if answer.status != 202 {
        return Some(format!("answered {}", answer.status));
    }
    let delivery = inbox.processed(&answer).await;
    let kept = if let Some(text) = delivery["body_text"].as_str() {
        text.as_bytes().to_vec()
    } else {
        STANDARD
            .decode(delivery["body_base64"].as_str().unwrap())
            .unwrap()
    };
    assert_eq!(kept, body, "the raw bytes are kept");
    let may_die = expect["or"].as_str().is_some_and(|or| or.contains("dead"));
    let is_dead = delivery["state"] == "dead";
    let is_fine = if is_dead {
        may_die
    } else {
        expect["accept"] == true
    };
    (!is_fine).then(|| format!("ended {} ({})", delivery["state"], delivery["error"]))
}

fn is_expected(expected: &Value, status: u16) -> bool {
    match expected {
        Value::Array(statuses) => statuses.iter().any(|expected| *expected == status),
        expected => *expected == status,
    }
}

/// Sends bytes that no HTTP client would send, to a source that expects a signature.
async fn raw(inbox: &Inbox, dir: &std::path::Path, case: &Value) -> Option<String> {
    let file = case["file"].as_str().unwrap();
    let source = inbox.source(json!({"kind": "github", "name": file})).await;
    let host = inbox.app.url.trim_start_matches("http://");
    let text = fs::read_to_string(dir.join(file)).unwrap();
    let text = text.replace("{PATH}", &source.path).replace("{HOST}", host);
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    let limit = Duration::from_secs(15);
    let read = tokio::time::timeout(limit, async {
        while !answer.windows(4).any(|end| end == b"\r\n\r\n")
            || answer.starts_with(b"HTTP/1.1 100")
        {
            let count = stream.read(&mut chunk).await.unwrap_or(0);
            if count == 0 {
                break;
            }
            answer.extend_from_slice(&chunk[..count]);
            if answer.starts_with(b"HTTP/1.1 100") {
                let end = answer
                    .windows(4)
                    .position(|end| end == b"\r\n\r\n")
                    .map_or(0, |at| at + 4);
                answer.drain(..end);
            }
        }
    });
    if read.await.is_err() {
        return Some("no answer".to_owned());
    }
    let line = String::from_utf8_lossy(&answer);
    let status: u16 = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    (!is_expected(&case["expect"]["status"], status)).then(|| format!("answered {status}: {line}"))
}
