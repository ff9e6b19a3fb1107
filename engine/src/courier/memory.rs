//! A courier for tests, and for programs that take messages over themselves.

use std::sync::{Mutex, PoisonError};

use super::{Courier, CourierError, Delivery};

/// Keeps every message in memory.
#[derive(Debug, Default)]
pub struct MemoryCourier {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    deliveries: Vec<Delivery>,
    refusals: usize,
}

impl MemoryCourier {
    /// A courier without messages.
    pub fn new() -> Self {
        Self::default()
    }

    /// The messages so far, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.with(|kept| kept.deliveries.clone())
    }

    /// The messages so far, which are then forgotten.
    pub fn take(&self) -> Vec<Delivery> {
        self.with(|kept| std::mem::take(&mut kept.deliveries))
    }

    /// Refuses the next `count` messages for the time being.
    pub fn refuse_next(&self, count: usize) {
        self.with(|kept| kept.refusals = count);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Courier for MemoryCourier {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        self.with(|kept| {
            if let Some(left) = kept.refusals.checked_sub(1) {
                kept.refusals = left;
                let reason = "told to refuse".to_owned();
                return Err(CourierError::Temporary {
                    courier: "memory",
                    reason,
                });
            }
            kept.deliveries.push(delivery.clone());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::lifecycle::model::Channel;

    #[test]
    fn messages_are_kept_in_order_and_refused_on_demand() {
        let courier = MemoryCourier::new();
        courier.refuse_next(1);
        assert!(courier.deliver(&sample("msg_0", Channel::Sms)).is_err());
        for id in ["msg_1", "msg_2"] {
            courier.deliver(&sample(id, Channel::Sms)).unwrap();
        }
        let ids: Vec<_> = courier
            .take()
            .into_iter()
            .map(|delivery| delivery.id)
            .collect();
        assert_eq!(ids, ["msg_1", "msg_2"]);
        assert!(courier.deliveries().is_empty());
    }
}
