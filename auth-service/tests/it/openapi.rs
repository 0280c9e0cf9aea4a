//! The document says what the service does.

use reqwest::Method;
use serde_json::{Value, json};

use crate::rig::Rig;

/// Operations that need no token.
const OPEN: [&str; 6] = [
    "list_keys",
    "complete_setup",
    "login",
    "refresh_tokens",
    "create_plex_pin",
    "complete_plex_pin",
];

/// Method, path and id of every operation.
fn operations() -> Vec<(Method, String, String)> {
    let document = serde_json::to_value(auth_service::openapi()).expect("a document");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            assert!(operation["summary"].is_string(), "{id} has no summary");
            let method = method.to_uppercase().parse().expect("a method");
            let path = path.replace("{id}", "01900000-0000-7000-8000-000000000000");
            operations.push((method, path, id));
        }
    }
    operations
}

#[actix_web::test]
async fn az_01_every_documented_operation_exists_and_is_closed_unless_it_must_be_open() {
    let rig = Rig::start().await;
    let anon = &rig.app.anon;
    let operations = operations();
    assert_eq!(operations.len(), 22);
    for (method, path, id) in operations {
        let answer = anon
            .send(anon.request(method, &path).json(&json!({})))
            .await;
        if OPEN.contains(&id.as_str()) {
            assert_ne!(answer.status, 404, "{id}");
            assert!(answer.status != 401, "{id}");
        } else {
            assert_eq!(answer.problem_code(), "unauthenticated", "{id}");
        }
    }
}

#[test]
fn secrets_are_never_part_of_a_listed_resource() {
    let document = serde_json::to_value(auth_service::openapi()).expect("a document");
    for name in [
        "User",
        "Me",
        "ManagedUser",
        "Session",
        "ApiKey",
        "AuditEntry",
    ] {
        let schema = document["components"]["schemas"][name].to_string();
        assert_ne!(schema, Value::Null.to_string(), "{name} is documented");
        for secret in ["password_hash", "secret", "secret_hash", "key", "token"] {
            let property = format!("\"{secret}\":");
            assert!(!schema.contains(&property), "{name} has {secret}");
        }
    }
}
