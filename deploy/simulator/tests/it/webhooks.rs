//! Web hooks as Plex sends them.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, rt,
    web::{self, Bytes, Data},
};
use serde_json::Value;

use crate::world::{at_plex_tv, client, eventually, owner, settings, start};

/// What arrived: content type and body.
#[derive(Clone, Default)]
pub(crate) struct Inbox(Arc<Mutex<Vec<Delivery>>>);

type Delivery = (String, Vec<u8>);

impl Inbox {
    /// Listens and gives the address to register.
    pub(crate) fn open(&self) -> String {
        let inbox = Data::new(self.clone());
        let application = move || {
            App::new()
                .app_data(Data::clone(&inbox))
                .default_service(web::to(receive))
        };
        let server = HttpServer::new(application).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).expect("a free port");
        let address = server.addrs()[0];
        rt::spawn(server.run());
        format!("http://{address}/hooks/secret")
    }

    pub(crate) fn all(&self) -> Vec<Delivery> {
        self.0.lock().expect("no panic while locked").clone()
    }

    /// The payload part of the n-th delivery.
    pub(crate) fn payload(&self, index: usize) -> Value {
        let body = String::from_utf8_lossy(&self.all()[index].1).into_owned();
        let part = body
            .split("name=\"payload\"")
            .nth(1)
            .expect("a payload part");
        let json = part
            .split("\r\n\r\n")
            .nth(1)
            .expect("a body")
            .split("\r\n--")
            .next()
            .expect("its end");
        serde_json::from_str(json).expect("JSON")
    }
}

async fn receive(inbox: Data<Inbox>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let content_type = request
        .headers()
        .get("content-type")
        .expect("a content type");
    let content_type = content_type.to_str().expect("ASCII").to_owned();
    inbox
        .0
        .lock()
        .expect("no panic while locked")
        .push((content_type, body.to_vec()));
    HttpResponse::Accepted().finish()
}

#[actix_web::test]
async fn a_new_movie_is_told_in_multipart_with_a_picture_and_no_signature() {
    let simulator = start(settings(3)).await;
    let inbox = Inbox::default();
    simulator.add_webhook(inbox.open());

    let statuses = simulator
        .send_webhook(0, "library.new", "1000003")
        .await
        .unwrap();

    assert_eq!(statuses, [202]);
    let (content_type, body) = inbox.all().remove(0);
    assert!(content_type.starts_with("multipart/form-data; boundary="));
    let text = String::from_utf8_lossy(&body);
    assert!(
        text.contains("name=\"payload\"\r\nContent-Type: application/json\r\n"),
        "{text}"
    );
    assert!(text.contains("name=\"thumb\"; filename=\"thumb.jpg\"\r\nContent-Type: image/jpeg"));
    let payload = inbox.payload(0);
    assert_eq!(payload["event"], "library.new");
    assert_eq!(payload["Server"]["uuid"], simulator.machine_identifier(0));
    assert_eq!(payload["Metadata"]["originalTitle"], "千と千尋の神隠し");
    assert!(payload.get("Player").is_none());
}

#[actix_web::test]
async fn playing_starts_a_session_and_stopping_ends_it() {
    let simulator = start(settings(3)).await;
    let owner = owner(&simulator);

    simulator
        .send_webhook(0, "media.play", "1000001")
        .await
        .unwrap();
    simulator
        .send_webhook(0, "media.pause", "1000001")
        .await
        .unwrap();
    let sessions = owner.container("/status/sessions").await;
    assert_eq!(sessions["Metadata"][0]["Player"]["state"], "paused");
    assert_eq!(sessions["Metadata"][0]["librarySectionID"], "1");

    simulator
        .send_webhook(0, "media.stop", "1000001")
        .await
        .unwrap();
    assert_eq!(owner.container("/status/sessions").await["size"], 0);
    assert!(simulator.send_webhook(0, "media.play", "77").await.is_err());
}

#[actix_web::test]
async fn hooks_are_registered_at_plex_tv_and_a_scan_calls_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(3);
    settings.servers[0].videos_dir = Some(folder.path().to_owned());
    let simulator = start(settings).await;
    let inbox = Inbox::default();
    let register = client()
        .post(format!("{}/api/v2/user/webhooks", simulator.plex_tv_url()))
        .header("X-Plex-Client-Identifier", "test-client")
        .header("X-Plex-Token", simulator.owner_token())
        .form(&[("urls[]", inbox.open())]);
    assert_eq!(register.send().await.unwrap().status(), 201);
    let at_home = at_plex_tv(&simulator, &simulator.owner_token());
    let listed = at_home.json("/api/v2/user/webhooks").await;
    assert_eq!(listed.as_array().unwrap().len(), 1);

    fs::write(folder.path().join("New One.mp4"), "video").unwrap();
    owner(&simulator).get("/library/sections/5/refresh").await;

    eventually("the hook is called", async || inbox.all().len() == 1).await;
    assert_eq!(inbox.payload(0)["Metadata"]["title"], "New One");
}
