//! Keys of more than one part, whose order as bytes is the order of what they mean.

use crate::account::{ClaimKey, QuotaKey, Timer};
use crate::store::{DenialRing, Due, StoreError};
use crate::time::Timestamp;

use super::row;

/// Ends a text that something follows. It sorts before every character of an id or a name, so that
/// an id comes before the ones that it begins.
pub(super) const END: u8 = 0;

/// `number`, of a record.
pub(super) fn record(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// Reads the number at a key's end, as [`record`] and [`denial`] write it.
pub(super) fn read_number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*key.last_chunk()?))
}

/// `id`; nothing for the strangers' ring, which so comes first.
pub(super) fn ring(ring: &DenialRing) -> &[u8] {
    match ring {
        DenialRing::Strangers => &[],
        DenialRing::Account(id) => id.as_str().as_bytes(),
    }
}

/// Reads what [`ring`] wrote.
pub(super) fn read_ring(key: &[u8]) -> Option<DenialRing> {
    if key.is_empty() {
        return Some(DenialRing::Strangers);
    }
    let id = str::from_utf8(key).ok()?.parse().ok()?;
    Some(DenialRing::Account(id))
}

/// `id 00 number`.
pub(super) fn denial(of: &DenialRing, number: u64) -> Vec<u8> {
    let mut key = ring(of).to_vec();
    key.push(END);
    key.extend(number.to_be_bytes());
    key
}

/// `attribute 00 value`.
pub(super) fn claim(key: &ClaimKey) -> Result<Vec<u8>, StoreError> {
    let mut bytes = text(key.attribute.as_str());
    row::append(&mut bytes, &key.value)?;
    Ok(bytes)
}

/// Reads what [`claim`] wrote.
pub(super) fn read_claim(key: &[u8]) -> Option<ClaimKey> {
    let end = key.iter().position(|byte| *byte == END)?;
    let (attribute, value) = (key.get(..end)?, key.get(end + 1..)?);
    Some(ClaimKey {
        attribute: str::from_utf8(attribute).ok()?.parse().ok()?,
        value: read_whole(value)?,
    })
}

fn read_whole<T: serde::de::DeserializeOwned>(mut bytes: &[u8]) -> Option<T> {
    let value = rmp_serde::from_read(&mut bytes).ok()?;
    bytes.is_empty().then_some(value)
}

/// `quota 00 key`.
pub(super) fn shared(key: &QuotaKey) -> Vec<u8> {
    let mut bytes = text(key.quota.as_str());
    bytes.extend(key.key.as_bytes());
    bytes
}

/// Reads what [`shared`] wrote.
pub(super) fn read_shared(key: &[u8]) -> Option<QuotaKey> {
    let end = key.iter().position(|byte| *byte == END)?;
    let (quota, key) = (key.get(..end)?, key.get(end + 1..)?);
    Some(QuotaKey {
        quota: str::from_utf8(quota).ok()?.parse().ok()?,
        key: str::from_utf8(key).ok()?.to_owned(),
        own: false,
    })
}

/// `instant id 00 kind name`.
pub(super) fn timer(due: &Due) -> Vec<u8> {
    let (kind, name) = match &due.timer {
        Timer::After(transition) => (0, transition.to_string()),
        Timer::Lapse(attempt) => (1, attempt.to_string()),
        Timer::Overdue(transition) => (2, transition.to_string()),
    };
    let mut key = instant(due.at).to_vec();
    key.extend(text(due.account.as_str()));
    key.push(kind);
    key.extend(name.as_bytes());
    key
}

/// Reads what [`timer`] wrote.
pub(super) fn read_timer(key: &[u8]) -> Option<Due> {
    let (at, rest) = key.split_first_chunk()?;
    let end = rest.iter().position(|byte| *byte == END)?;
    let (account, rest) = (rest.get(..end)?, rest.get(end + 1..)?);
    let (kind, name) = rest.split_first()?;
    let name = str::from_utf8(name).ok()?;
    let timer = match kind {
        0 => Timer::After(name.parse().ok()?),
        1 => Timer::Lapse(name.parse().ok()?),
        2 => Timer::Overdue(name.parse().ok()?),
        _ => return None,
    };
    Some(Due {
        at: read_instant(*at),
        account: str::from_utf8(account).ok()?.parse().ok()?,
        timer,
    })
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 16);
    bytes.extend(text.as_bytes());
    bytes.push(END);
    bytes
}

/// Instants before 1970 come first, too: the sign bit is flipped.
pub(super) fn instant(at: Timestamp) -> [u8; 8] {
    (at.as_ms() ^ i64::MIN).to_be_bytes()
}

fn read_instant(bytes: [u8; 8]) -> Timestamp {
    Timestamp::from_ms(i64::from_be_bytes(bytes) ^ i64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: i64, account: &str, timer: Timer) -> Due {
        Due {
            at: Timestamp::from_ms(at),
            account: account.parse().unwrap(),
            timer,
        }
    }

    #[test]
    fn timer_keys_sort_as_timers_and_read_back() {
        let after = |name: &str| Timer::After(name.parse().unwrap());
        let overdue = |name: &str| Timer::Overdue(name.parse().unwrap());
        let lapse = Timer::Lapse("att_1".parse().unwrap());
        let mut timers = vec![
            due(i64::MIN, "b", after("a.b")),
            due(-1, "b", after("a.b")),
            due(0, "a", after("a.b")),
            due(0, "a", after("a.b_c")),
            due(0, "a", after("a1.b")),
            due(0, "a", after("a_b.c")),
            due(0, "a", lapse.clone()),
            due(0, "a", overdue("a.b")),
            due(0, "a-b", after("a.b")),
            due(0, "ab", lapse),
            due(i64::MAX, "a", overdue("a.b")),
        ];
        timers.sort();
        let keys: Vec<_> = timers.iter().map(timer).collect();
        assert!(keys.is_sorted());
        let read: Vec<_> = keys.iter().filter_map(|key| read_timer(key)).collect();
        assert_eq!(read, timers);
    }

    #[test]
    fn a_damaged_timer_key_is_no_timer() {
        let key = timer(&due(0, "a", Timer::Lapse("att_1".parse().unwrap())));
        for length in 0..key.len() - 1 {
            assert_eq!(read_timer(&key[..length]), None, "{length}");
        }
        for place in 0..key.len() {
            let mut key = key.clone();
            key[place] = 0xFF;
            read_timer(&key);
        }
    }
}
