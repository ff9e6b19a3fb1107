//! Bytes as lower-case hexadecimal text.

use std::fmt::Write;

/// The bytes, two digits each.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The `N` bytes that `text` spells, if it spells exactly so many.
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = of_pair(pair)?;
    }
    Some(bytes)
}

/// The bytes that `text` spells, however many.
pub fn decode_all(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits
        .len()
        .is_multiple_of(2)
        .then(|| digits.chunks_exact(2));
    pairs?.map(of_pair).collect()
}

fn of_pair(pair: &[u8]) -> Option<u8> {
    let mut digits = pair.iter();
    digits.try_fold(0, |high, digit| Some(high << 4 | value(*digit)?))
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// For `#[serde(with = "hex::array")]`: an array of bytes as text.
pub mod array {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de};

    /// Writes the bytes as text.
    pub fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::encode(bytes))
    }

    /// Reads exactly `N` bytes.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        super::decode(&text)
            .ok_or_else(|| de::Error::custom(format!("expected {} hexadecimal digits", N * 2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip_and_nothing_else_decodes() {
        assert_eq!(encode(&[0x00, 0x9f, 0xff]), "009fff");
        assert_eq!(decode("009fff"), Some([0x00, 0x9f, 0xff]));
        for bad in ["", "009ff", "009fff00", "009fFF", "009fg0", "00 9ff"] {
            assert_eq!(decode::<3>(bad), None, "{bad}");
        }
    }
}
