//! The document says what the routes do.

use serde_json::Value;

#[test]
fn every_operation_is_documented_and_names_its_refusals() {
    let document = serde_json::to_value(plex_service::openapi()).expect("serializes");
    let paths = document["paths"].as_object().expect("paths");
    let operations: Vec<&Value> = paths
        .iter()
        .inspect(|(path, _)| assert!(path.starts_with("/api/v1/plex/"), "{path}"))
        .flat_map(|(_, methods)| methods.as_object().expect("methods").values())
        .collect();
    assert_eq!(operations.len(), 17);
    for operation in operations {
        let name = &operation["operationId"];
        assert!(operation["summary"].is_string(), "{name}");
        assert!(operation["responses"]["401"].is_object(), "{name}");
        assert!(operation["responses"]["403"].is_object(), "{name}");
    }
}
