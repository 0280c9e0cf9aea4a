//! Who may do what, for every operation of the OpenAPI document: a new operation fails here until it has a row.

use std::collections::{BTreeMap, BTreeSet};

use e2e::{House, Person, Shape};
use reqwest::Method;
use serde_json::{Value, json};
use shared_testkit::{Client, TestResponse};

use crate::repository;

/// Nobody needs to be signed in: the operation itself is the door, or checks its own secret.
const PUBLIC: [&str; 8] = [
    "complete_plex_pin",
    "complete_setup",
    "create_plex_pin",
    "get_system_status",
    "list_keys",
    "login",
    "receive_delivery",
    "refresh_tokens",
];

/// A member may: it is about their own, or about what Plex shows them.
const MEMBERS: [&str; 34] = [
    "cancel_download",
    "change_password",
    "create_api_key",
    "create_download",
    "delete_api_key",
    "delete_download",
    "delete_session",
    "find_download",
    "find_download_log",
    "list_api_keys",
    "list_collections",
    "list_download_items",
    "list_download_presets",
    "list_download_usage",
    "list_downloads",
    "list_item_children",
    "list_libraries",
    "list_library_items",
    "list_my_limits",
    "list_notifications",
    "list_recently_added",
    "list_sessions",
    "pause_download",
    "preview_download",
    "read_all_notifications",
    "read_notification",
    "resume_download",
    "retry_download",
    "search_items",
    "show_collection",
    "show_image",
    "show_item",
    "show_me",
    "update_me",
];

/// A member may, and has no session afterwards.
const SIGN_OUTS: [&str; 2] = ["logout", "logout_all"];

/// A member may, but the answer is a stream without an end.
const STREAMS: [&str; 1] = ["stream_events"];

/// Only an administrator may. With the body that the operation needs to be asked at all.
fn admins() -> BTreeMap<&'static str, Value> {
    let mut rows = BTreeMap::from(
        [
            "delete_server",
            "delete_source",
            "find_delivery",
            "find_download_system",
            "find_source",
            "list_audit_entries",
            "list_deliveries",
            "list_rejects",
            "list_servers",
            "list_services",
            "list_source_kinds",
            "list_sources",
            "list_users",
            "list_webhook_events",
            "replay_delivery",
            "revoke_user_sessions",
            "rotate_source",
            "show_sync",
            "show_user",
            "start_sync",
            "test_server",
            "test_source",
        ]
        .map(|operation| (operation, Value::Null)),
    );
    rows.extend([
        (
            "create_collection",
            json!({"title": "Ours", "library_id": NO_ID, "item_ids": [NO_ID]}),
        ),
        (
            "create_server",
            json!({"url": "http://127.0.0.1:1", "token": "none"}),
        ),
        (
            "create_source",
            json!({"kind": "github", "name": "A repository"}),
        ),
        (
            "create_user",
            json!({"username": "mallory", "password": "a quiet harbor at dawn", "role": "admin"}),
        ),
        ("replay_deliveries", json!({"dry_run": true})),
        ("update_server", json!({"name": "Mine"})),
        ("update_source", json!({"name": "Mine"})),
        ("update_user", json!({"role": "admin"})),
    ]);
    rows
}

/// Well formed, and of nothing.
const NO_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// One operation of the document.
#[derive(Debug)]
struct Operation {
    id: String,
    method: Method,
    path: String,
    tags: usize,
    statuses: BTreeSet<String>,
}

impl Operation {
    /// The path with something well formed in every place.
    fn concrete_path(&self) -> String {
        let fill = |segment: &str| match segment {
            "{kind}" => "poster".to_owned(),
            _ if segment.starts_with('{') => NO_ID.to_owned(),
            _ => segment.to_owned(),
        };
        let filled: Vec<_> = self.path.split('/').map(fill).collect();
        filled.join("/")
    }

    async fn ask(&self, client: &Client, body: &Value) -> TestResponse {
        let mut request = client.request(self.method.clone(), &self.concrete_path());
        if !body.is_null() {
            request = request.json(body);
        }
        client.send(request).await
    }

    fn is_any_of(&self, ids: &[&str]) -> bool {
        ids.contains(&self.id.as_str())
    }
}

fn operations() -> Vec<Operation> {
    let text = repository::text("gateway/openapi.json").expect("the document is text");
    let document: Value = serde_json::from_str(&text).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            let method: Method = method.to_uppercase().parse().expect("a method");
            operations.push(self::operation(path, method, operation));
        }
    }
    operations
}

fn operation(path: &str, method: Method, operation: &Value) -> Operation {
    let responses = operation["responses"].as_object().expect("responses");
    let id = operation["operationId"].as_str();
    Operation {
        id: id
            .unwrap_or_else(|| panic!("{method} {path} has no operationId"))
            .to_owned(),
        tags: operation["tags"].as_array().map_or(0, Vec::len),
        statuses: responses.keys().cloned().collect(),
        path: path.to_owned(),
        method,
    }
}

#[test]
fn every_operation_has_exactly_one_row() {
    let admins = admins();
    let mut rows: Vec<&str> = admins.keys().copied().collect();
    rows.extend(
        PUBLIC
            .iter()
            .chain(&MEMBERS)
            .chain(&SIGN_OUTS)
            .chain(&STREAMS),
    );
    rows.sort_unstable();
    let mut operations = operations();
    operations.sort_by(|a, b| a.id.cmp(&b.id));
    let known: Vec<&str> = operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    assert_eq!(known, rows, "left: openapi.json, right: the rows here");
}

#[test]
fn every_operation_is_documented_with_a_tag_and_its_refusals() {
    for operation in operations() {
        assert!(operation.tags > 0, "{} has no tag", operation.id);
        let needs_sign_in = !operation.is_any_of(&PUBLIC);
        assert!(
            !needs_sign_in || operation.statuses.contains("401"),
            "{} does not list 401: {:?}",
            operation.id,
            operation.statuses
        );
        assert!(
            !admins().contains_key(operation.id.as_str()) || operation.statuses.contains("403"),
            "{} does not list 403: {:?}",
            operation.id,
            operation.statuses
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_open_to_whom_it_is_for_and_to_nobody_else() {
    let house = House::start(Shape::Embedded).await;
    let admin = house.claim().await;
    let member = a_member(&house, &admin, "mia").await;
    let admins = admins();
    for operation in operations() {
        nobody_is_let_in(&house, &operation).await;
        if let Some(body) = admins.get(operation.id.as_str()) {
            a_member_is_refused(&member, &operation, body).await;
        } else if operation.is_any_of(&MEMBERS) {
            a_member_is_let_in(&member, &operation).await;
        } else if operation.is_any_of(&SIGN_OUTS) {
            let leaver = a_member(&house, &admin, &operation.id).await;
            a_member_is_let_in(&leaver, &operation).await;
        }
    }
    // What a member was refused has changed nothing.
    let users = admin.client.get("/api/v1/users").await.expect_status(200);
    assert!(!users.text().contains("mallory"));
}

async fn a_member(house: &House, admin: &Person, username: &str) -> Client {
    let account = json!({"username": username, "password": "seven lamps along the quay"});
    let created = admin.client.post_json("/api/v1/users", &account).await;
    created.expect_status(201);
    let login = house.anon().post_json("/api/v1/auth/login", &account).await;
    let body = login.expect_status(200).json();
    let token = body["access_token"].as_str().expect("a token");
    house.anon().with_token(token)
}

/// 403, or 404 where even the existence is not told.
async fn a_member_is_refused(member: &Client, operation: &Operation, body: &Value) {
    let answer = operation.ask(member, body).await;
    assert!(
        [403, 404].contains(&answer.status),
        "{} answers a member {}: {}",
        operation.id,
        answer.status,
        answer.text()
    );
}

/// There is nothing of that id and no body, so the answer is often a refusal, but not for who asks.
async fn a_member_is_let_in(member: &Client, operation: &Operation) {
    let answer = operation.ask(member, &Value::Null).await;
    assert!(
        ![401, 403].contains(&answer.status) && answer.status < 500,
        "{} answers a member {}: {}",
        operation.id,
        answer.status,
        answer.text()
    );
}

/// 401 to whoever shows nothing, except at the doors.
async fn nobody_is_let_in(house: &House, operation: &Operation) {
    let answer = operation.ask(&house.anon(), &Value::Null).await;
    if operation.is_any_of(&PUBLIC) {
        // A sender that cannot prove itself is 401 too, but nobody asks it to sign in.
        let asked = answer.status == 401 && answer.problem_code() == "unauthenticated";
        assert!(!asked, "{}: {}", operation.id, answer.text());
    } else {
        assert_eq!(answer.status, 401, "{}: {}", operation.id, answer.text());
        assert_eq!(answer.problem_code(), "unauthenticated", "{}", operation.id);
    }
}
