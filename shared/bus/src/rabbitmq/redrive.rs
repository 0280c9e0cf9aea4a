//! Offers unrouted events again when a consumer starts: those published before its queue existed
//! now find it, the others end up behind it in the same place.

use lapin::{
    Connection,
    options::{BasicAckOptions, BasicGetOptions},
};
use tokio_util::sync::CancellationToken;

use crate::rabbitmq::{consumer::Plan, publisher::Publisher, topology::UNROUTED_LENGTH};

/// Looks at every unrouted event once. A failure leaves the rest for the next consumer that starts.
pub(crate) async fn run(
    plan: &Plan,
    connection: &Connection,
    publisher: &Publisher,
    stop: &CancellationToken,
) {
    match stop
        .run_until_cancelled(offer_all(plan, connection, publisher))
        .await
    {
        Some(Ok(0)) | None => {}
        Some(Ok(count)) => tracing::info!("{count} unrouted events were offered again"),
        Some(Err(error)) => tracing::warn!("unrouted events were not offered again: {error}"),
    }
}

async fn offer_all(
    plan: &Plan,
    connection: &Connection,
    publisher: &Publisher,
) -> Result<u32, String> {
    let text = |error: lapin::Error| error.to_string();
    let channel = connection.create_channel().await.map_err(text)?;
    let unrouted = &plan.names.unrouted;
    let mut left = UNROUTED_LENGTH;
    let mut offered = 0;
    while left > 0 {
        let options = BasicGetOptions::default();
        let Some(message) = channel
            .basic_get(unrouted.clone(), options)
            .await
            .map_err(text)?
        else {
            break;
        };
        // What is published again joins the end of the queue: the first look counts.
        left = left.min(message.message_count + 1) - 1;
        let message = message.delivery;
        publisher
            .publish_raw(
                message.routing_key.as_str(),
                message.properties.clone(),
                &message.data,
            )
            .await?;
        message
            .ack(BasicAckOptions::default())
            .await
            .map_err(text)?;
        offered += 1;
    }
    Ok(offered)
}
