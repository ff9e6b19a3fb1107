//! The JSON form of a delivery, in files and in webhooks.

use serde::Serialize;
use zeroize::Zeroizing;

use super::Delivery;
use crate::lifecycle::model::Channel;

#[derive(Serialize)]
struct Form<'a> {
    id: &'a str,
    account: &'a str,
    to: &'a str,
    by: Channel,
    message: &'a str,
    text: &'a str,
}

/// One JSON object on one line, without a line end.
pub(super) fn object(delivery: &Delivery) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    let form = Form {
        id: delivery.id.as_str(),
        account: delivery.account.as_str(),
        to: &delivery.to,
        by: delivery.by,
        message: delivery.message.as_str(),
        text: delivery.text.reveal(),
    };
    serde_json::to_vec(&form).map(Zeroizing::new)
}
