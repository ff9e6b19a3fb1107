//! A courier that keeps what it was given, for tests and for programs that deliver by themselves.

use std::sync::{Mutex, PoisonError};

use super::{Courier, CourierError, Delivery};

/// Keeps deliveries until they are taken.
#[derive(Debug, Default)]
pub struct MemoryCourier(Mutex<Vec<Delivery>>);

impl MemoryCourier {
    /// Everything delivered since the last time, in order.
    pub fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Courier for MemoryCourier {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(delivery.clone());
        Ok(())
    }
}
