//! A courier for development: messages are printed.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::{Courier, CourierError, Delivery, channel_name};

/// Writes every message to a stream as one line: `sms to +6591234567: Your code is 424242.`
///
/// Codes appear in clear: for development, never for production.
pub struct ConsoleCourier<W> {
    stream: Mutex<W>,
}

impl<W: Write + Send> ConsoleCourier<W> {
    /// A courier that writes to a stream.
    pub fn new(stream: W) -> Self {
        Self {
            stream: Mutex::new(stream),
        }
    }

    /// The stream, with everything that was written.
    pub fn into_inner(self) -> W {
        self.stream
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W> fmt::Debug for ConsoleCourier<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsoleCourier")
    }
}

impl<W: Write + Send> Courier for ConsoleCourier<W> {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        let (by, to) = (channel_name(delivery.by), &delivery.to);
        let text = printable(delivery.text.reveal());
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(stream, "{by} to {}: {text}", printable(to))
            .and_then(|()| stream.flush())
            .map_err(|error| CourierError::Temporary {
                courier: "console",
                reason: error.kind().to_string(),
            })
    }
}

/// A text whose control characters cannot reach the terminal.
fn printable(text: &str) -> String {
    let harmless = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{SecretText, sample};
    use super::*;
    use crate::lifecycle::model::Channel;

    #[test]
    fn a_message_is_a_line_and_cannot_steer_the_terminal() {
        let courier = ConsoleCourier::new(Vec::new());
        courier.deliver(&sample("msg_1", Channel::Sms)).unwrap();
        let mut hostile = sample("msg_2", Channel::Email);
        hostile.text = SecretText::new("one\ntwo \u{1b}[2J");
        courier.deliver(&hostile).unwrap();
        assert_eq!(
            String::from_utf8(courier.into_inner()).unwrap(),
            "sms to +6591234567: Your code is 424242.\nemail to ops@example.com: one two  [2J\n"
        );
    }
}
