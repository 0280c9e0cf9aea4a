//! Posters and their transcoding.

use crate::world::{owner, settings, start};

#[actix_web::test]
async fn posters_are_pictures_of_the_size_asked_for() {
    let simulator = start(settings(60)).await;
    let owner = owner(&simulator);
    let movie = owner.container("/library/metadata/1000001").await["Metadata"][0].take();

    let poster = owner.get(movie["thumb"].as_str().unwrap()).await;
    assert_eq!(poster.headers()["content-type"], "image/jpeg");
    let poster = poster.bytes().await.unwrap();
    assert_eq!(size(&poster), (400, 600));

    let url = movie["thumb"].as_str().unwrap().replace('/', "%2F");
    let small = format!("/photo/:/transcode?url={url}&width=200&height=400&minSize=0");
    let small = owner.get(&small).await.bytes().await.unwrap();
    assert_eq!(size(&small), (200, 300));
}

#[actix_web::test]
async fn pictures_that_do_not_exist_are_not_found() {
    let simulator = start(settings(60)).await;
    let owner = owner(&simulator);

    assert_eq!(
        owner.status("/library/metadata/1000001/thumb/-1").await,
        404
    );
    assert_eq!(owner.status("/library/metadata/1000049/thumb/1").await, 404);
    let foreign = "/photo/:/transcode?url=https%3A%2F%2Fexample.com%2Fx.jpg&width=9&height=9";
    assert_eq!(owner.status(foreign).await, 404);
    let no_height = "/photo/:/transcode?url=%2Flibrary%2Fmetadata%2F1000001%2Fthumb%2F1&width=9";
    assert_eq!(owner.status(no_height).await, 400);
}

/// Width and height in the frame header of a JPEG.
fn size(jpeg: &[u8]) -> (u16, u16) {
    let frame = jpeg
        .windows(2)
        .position(|marker| marker == [0xFF, 0xC0])
        .expect("a frame");
    let number = |at: usize| u16::from_be_bytes([jpeg[frame + at], jpeg[frame + at + 1]]);
    (number(7), number(5))
}
