//! Published vectors of the schemes, and that nothing else passes.

use actix_web::http::header::{HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.parse().unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    map
}

fn evidence<'a>(headers: &'a HeaderMap, body: &'a [u8], now: i64) -> Evidence<'a> {
    Evidence {
        url_secret: None,
        headers,
        body,
        now,
    }
}

/// The example of GitHub's documentation.
const GITHUB: (&str, &str) = (
    "x-hub-signature-256",
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
);

fn github(pairs: &[(&str, &str)], body: &[u8]) -> Result<(), Refusal> {
    let map = headers(pairs);
    let keys = [Credential::Hmac(b"It's a Secret to Everybody".to_vec())];
    check(AuthMode::Github, None, &keys, &evidence(&map, body, 0))
}

#[test]
fn a_github_signature_passes_once_and_never_twice() {
    assert_eq!(github(&[GITHUB], b"Hello, World!"), Ok(()));
    assert_eq!(github(&[GITHUB], b"Hello, World?"), Err(Refusal::Wrong));
    assert_eq!(
        github(&[GITHUB, GITHUB], b"Hello, World!"),
        Err(Refusal::Malformed)
    );
    assert_eq!(github(&[], b"Hello, World!"), Err(Refusal::Missing));
}

/// The example of the Standard Webhooks libraries.
const SENT: i64 = 1_614_265_330;

fn standard(now: i64, id: &str) -> Result<(), Refusal> {
    let map = headers(&[
        ("webhook-id", id),
        ("webhook-timestamp", "1614265330"),
        (
            "webhook-signature",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ]);
    let keys = [standard_credential("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()];
    let body = br#"{"test": 2432232314}"#;
    check(AuthMode::Standard, None, &keys, &evidence(&map, body, now))
}

#[test]
fn a_standard_signature_is_good_for_five_minutes() {
    let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    assert_eq!(standard(SENT, id), Ok(()));
    assert_eq!(standard(SENT + 300, id), Ok(()));
    assert_eq!(standard(SENT + 301, id), Err(Refusal::Stale));
    assert_eq!(standard(SENT - 301, id), Err(Refusal::Stale));
    assert_eq!(standard(SENT, "msg_other"), Err(Refusal::Wrong));
    assert_eq!(standard(SENT, "a.b"), Err(Refusal::Malformed));
}

#[test]
fn both_live_secrets_of_a_rotation_pass() {
    let keys = ["old-secret", "new-secret"].map(|token| Credential::Token(token_hash(token)));
    for (presented, expected) in [
        ("old-secret", Ok(())),
        ("Bearer new-secret", Ok(())),
        ("bearer  new-secret", Ok(())),
        ("other", Err(Refusal::Wrong)),
        ("", Err(Refusal::Missing)),
    ] {
        let map = headers(&[("authorization", presented)]);
        let result = check(AuthMode::Bearer, None, &keys, &evidence(&map, b"", 0));
        assert_eq!(result, expected, "{presented}");
    }
}

/// The vectors in the folder that `MEDIANEST_FIXTURES` names, as far as we have their scheme.
#[test]
fn every_published_vector_is_decided_as_it_says() {
    let Some(dir) = shared_testkit::setting("MEDIANEST_FIXTURES") else {
        println!("skipped: MEDIANEST_FIXTURES is not set");
        return;
    };
    let text = std::fs::read_to_string(format!("{dir}/webhooks/signatures/vectors.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut count = 0;
    for vector in all["vectors"].as_array().unwrap() {
        let Some(outcome) = decide(vector) else {
            continue;
        };
        count += 1;
        assert_eq!(
            outcome.is_ok(),
            vector["valid"],
            "{}: {outcome:?}",
            vector["name"]
        );
    }
    assert!(count >= 25, "only {count} vectors");
}

/// `None`: a scheme that we do not have.
fn decide(vector: &Value) -> Option<Result<(), Refusal>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let secrets = vector["secrets"].as_array();
    let secrets = || secrets.unwrap().iter().map(text);
    let (mode, credentials): (_, Vec<_>) = match vector["scheme"].as_str().unwrap() {
        "standard-webhooks" => {
            let keys = secrets().map(|secret| standard_credential(&secret).unwrap());
            (AuthMode::Standard, keys.collect())
        }
        "github" => {
            let keys = secrets().map(|secret| Credential::Hmac(secret.into_bytes()));
            (AuthMode::Github, keys.collect())
        }
        "bearer" => {
            let token = token_hash(&text(&vector["token"]));
            (AuthMode::Bearer, vec![Credential::Token(token)])
        }
        _ => return None,
    };
    let pairs = vector["headers"].as_object().unwrap().iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| (&**name, value.as_str().unwrap()))
        .collect();
    let map = headers(&pairs);
    let body = vector["body"].as_str().unwrap_or_default().as_bytes();
    let now = vector["now"].as_i64().unwrap_or_default();
    Some(check(mode, None, &credentials, &evidence(&map, body, now)))
}

proptest! {
    #[test]
    fn no_made_up_signature_passes(value in "[ -~]{0,120}", body in any::<Vec<u8>>()) {
        prop_assert!(github(&[("x-hub-signature-256", &value)], &body).is_err());
        let map = headers(&[("webhook-id", "a"), ("webhook-timestamp", "1"), ("webhook-signature", &value)]);
        let keys = [Credential::Hmac(vec![7; 32])];
        prop_assert!(check(AuthMode::Standard, None, &keys, &evidence(&map, &body, 1)).is_err());
    }
}
