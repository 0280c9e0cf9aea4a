//! What is stored is of no use to a thief.

use serde_json::json;
use shared_testkit::setting;

use crate::rig::{PASSWORD, Rig, cookie_value, holds, stored_bytes, text};

#[actix_web::test]
async fn aud_04_no_secret_is_in_the_database() {
    if setting("MEDIANEST_TEST_SHAPE").is_some_and(|shape| shape == "scaled") {
        return; // The files of SQLite are what is read here.
    }
    let rig = Rig::start().await;
    let setup = rig.setup_secret();
    let admin = rig.admin().await;
    let cookie = cookie_value(&rig.login_cookie("root").await, "mn_session");
    let refreshed = rig.refresh(&admin.refresh_token).await.json();
    let body = json!({"name": "script", "scopes": ["downloads"]});
    let key = admin
        .client
        .post_json("/api/v1/me/api-keys", &body)
        .await
        .json();
    let key = text(&key, "key");
    let secret = key.split('_').nth(2).expect("a secret").to_owned();
    let canaries = [
        setup,
        PASSWORD.to_owned(),
        cookie,
        admin.refresh_token.clone(),
        text(&refreshed, "refresh_token"),
        text(&refreshed, "access_token"),
        secret,
    ];
    let Rig { world, app, .. } = rig;
    app.stop().await;
    let stored = stored_bytes(world.dir());
    assert!(holds(&stored, b"$argon2id$"), "the password hash is stored");
    for canary in &canaries {
        assert!(
            !holds(&stored, canary.as_bytes()),
            "a secret is in the database"
        );
    }
    // PKCS#8 of a P-256 key: the version, and the algorithm identifier of elliptic curves.
    let private = b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
    assert!(!holds(&stored, private));
}
