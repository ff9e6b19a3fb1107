//! A courier per channel.

use std::collections::BTreeMap;
use std::fmt;

use super::{Courier, CourierError, Delivery};
use crate::lifecycle::model::Channel;

/// Hands each message to the courier of its channel.
#[derive(Default)]
pub struct RoutingCourier {
    routes: BTreeMap<Channel, Box<dyn Courier>>,
}

impl RoutingCourier {
    /// A courier that delivers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, delivering one channel's messages by a courier.
    #[must_use]
    pub fn with(mut self, by: Channel, courier: impl Courier + 'static) -> Self {
        self.routes.insert(by, Box::new(courier));
        self
    }
}

impl fmt::Debug for RoutingCourier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels: Vec<_> = self.routes.keys().collect();
        f.debug_struct("RoutingCourier")
            .field("channels", &channels)
            .finish_non_exhaustive()
    }
}

impl Courier for RoutingCourier {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        let by = delivery.by;
        let courier = self.routes.get(&by).ok_or(CourierError::NoRoute { by })?;
        courier.deliver(delivery)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{MemoryCourier, sample};
    use super::*;

    #[test]
    fn each_channel_has_its_courier() {
        let texts = Arc::new(MemoryCourier::new());
        let courier = RoutingCourier::new().with(Channel::Sms, Arc::clone(&texts));
        courier.deliver(&sample("msg_1", Channel::Sms)).unwrap();
        assert_eq!(texts.deliveries().len(), 1);
        let error = courier
            .deliver(&sample("msg_2", Channel::Email))
            .unwrap_err();
        assert_eq!(error, CourierError::NoRoute { by: Channel::Email });
        assert_eq!(error.to_string(), "no courier delivers by email");
    }
}
