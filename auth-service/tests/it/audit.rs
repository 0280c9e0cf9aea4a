//! The audit log.

use diesel::{RunQueryDsl, sql_query};
use serde_json::json;
use shared_db::{AnyConn, Db, DbOptions, Error, on_db};

use crate::rig::{Rig, text};

#[actix_web::test]
async fn aud_01_what_happened_is_in_the_audit_log_in_order() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let _wrong = rig
        .login("bob", "wrong horse battery")
        .await
        .expect_status(401);
    let path = format!("/api/v1/users/{}", bob.id);
    let _changed = admin
        .client
        .patch_json(&path, &json!({"suspended": true}))
        .await;

    let page = admin
        .client
        .get("/api/v1/audit")
        .await
        .expect_status(200)
        .json();

    let entries = page["items"].as_array().expect("a list");
    let mut events: Vec<_> = entries.iter().map(|entry| text(entry, "event")).collect();
    events.reverse();
    assert_eq!(
        events,
        [
            "sys_setup_completed",
            "authn_login_success",
            "user_created",
            "authn_login_success",
            "authn_login_fail",
            "authz_change",
            "session_revoked",
        ]
    );
    let failed = &entries[2];
    assert_eq!(failed["subject_id"], json!(bob.id));
    assert_eq!(failed["outcome"], "failure");
    assert!(failed["request_id"].is_string());
}

#[actix_web::test]
async fn aud_03_entries_can_neither_be_changed_nor_removed() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let options = DbOptions {
        url: rig.world.common.database_url(auth_service::NAME),
        schema: "auth".to_owned(),
        max_connections: 1,
    };
    let db = Db::open(options, &auth_service::MIGRATIONS)
        .await
        .expect("opens");
    for statement in ["UPDATE audit SET outcome = 'failure'", "DELETE FROM audit"] {
        let run = move |conn: &mut AnyConn| {
            on_db!(conn, c => sql_query(statement).execute(c))?;
            Ok::<_, Error>(())
        };
        assert!(db.run(run).await.is_err(), "{statement}");
    }
    let page = admin.client.get("/api/v1/audit?limit=1").await.json();
    assert_eq!(page["items"][0]["event"], "authn_login_success");
    let cursor = text(&page, "next_cursor");
    let path = format!("/api/v1/audit?limit=1&cursor={cursor}");
    let page = admin.client.get(&path).await.expect_status(200).json();
    assert_eq!(page["items"][0]["event"], "sys_setup_completed");
    let odd = admin.client.get("/api/v1/audit?cursor=x").await;
    assert_eq!(odd.problem_code(), "invalid-cursor");
}
