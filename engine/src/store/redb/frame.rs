//! Frames: what one round of commits writes, as bytes of the log.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | length of the rows |
//! | 4 | CRC-32 of everything that follows, and of the length |
//! | 8 | sequence number |
//! | 8 | the log's id |
//! | 8 | a sequence number below which every frame was durable when this one was written |
//! | | rows: table (1), length of the key (4), length of the value (4; `FFFFFFFF`: the row is removed), key, value |
//!
//! A frame whose checksum, sequence number or id does not fit was never written completely, or is
//! left over from an earlier lap: it is where the log ends.

use std::sync::Arc;

use super::layers::Row;
use super::table::Key;

/// Bytes before the rows.
pub(super) const HEAD: usize = 32;
/// Bytes of a row besides its value and its key; the table is the first byte of the latter.
const ROW_HEAD: usize = 8;
/// The length of a value that says that there is none.
const REMOVED: u32 = u32::MAX;

/// What a frame's head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Length of the rows, in bytes.
    pub(super) length: usize,
    checksum: u32,
    /// The frame's number; each is one more than the one before.
    pub(super) sequence: u64,
    /// The log it was written to.
    pub(super) log: u64,
    /// Every frame before this number was durable when this one was written.
    pub(super) synced: u64,
}

impl Head {
    pub(super) fn read(bytes: &[u8; HEAD]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (checksum, rest) = rest.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let (log, rest) = rest.split_first_chunk()?;
        let synced = rest.first_chunk()?;
        Some(Self {
            length: usize::try_from(u32::from_be_bytes(*length)).ok()?,
            checksum: u32::from_be_bytes(*checksum),
            sequence: u64::from_be_bytes(*sequence),
            log: u64::from_be_bytes(*log),
            synced: u64::from_be_bytes(*synced),
        })
    }

    /// Whether these are the rows that the frame was written with.
    pub(super) fn fits(&self, rows: &[u8]) -> bool {
        let length = u32::try_from(rows.len());
        let sum = |length| checksum(length, [self.sequence, self.log, self.synced], rows);
        rows.len() == self.length && length.is_ok_and(|length| self.checksum == sum(length))
    }
}

fn checksum(length: u32, numbers: [u64; 3], rows: &[u8]) -> u32 {
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&length.to_be_bytes());
    for number in numbers {
        checksum.update(&number.to_be_bytes());
    }
    checksum.update(rows);
    checksum.finalize()
}

/// A frame that is being written.
pub(super) struct Frame {
    bytes: Vec<u8>,
}

impl Frame {
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0; HEAD],
        }
    }

    /// Forgets the rows, and keeps the memory they took.
    pub(super) fn clear(&mut self) {
        self.bytes.truncate(HEAD);
    }

    /// Adds a row; `key` begins with its table. `None` where a key or value is longer than 4 GiB.
    pub(super) fn row(&mut self, key: &[u8], value: Option<&[u8]>) -> Option<()> {
        let (table, key) = key.split_first()?;
        let length = match value {
            Some(value) => u32::try_from(value.len())
                .ok()
                .filter(|len| *len < REMOVED)?,
            None => REMOVED,
        };
        self.bytes.push(*table);
        self.bytes
            .extend(u32::try_from(key.len()).ok()?.to_be_bytes());
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value.unwrap_or_default());
        Some(())
    }

    /// Bytes that a row takes.
    pub(super) fn length_of((key, value): &Row) -> usize {
        let value = value.as_ref().map_or(0, |value| value.len());
        ROW_HEAD.saturating_add(key.len()).saturating_add(value)
    }

    /// Length of the whole frame, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The frame's bytes, with its head. `None` where its rows are longer than 4 GiB.
    pub(super) fn seal(&mut self, sequence: u64, log: u64, synced: u64) -> Option<&[u8]> {
        let rows = self.bytes.get(HEAD..)?;
        let length = u32::try_from(rows.len()).ok()?;
        let numbers = [sequence, log, synced];
        let checksum = checksum(length, numbers, rows);
        let mut head = Vec::with_capacity(HEAD);
        head.extend(length.to_be_bytes());
        head.extend(checksum.to_be_bytes());
        head.extend(numbers.into_iter().flat_map(u64::to_be_bytes));
        self.bytes.get_mut(..HEAD)?.copy_from_slice(&head);
        Some(&self.bytes)
    }
}

/// The rows of a frame. `None` where they are not what [`Frame::row`] writes.
pub(super) fn rows(mut bytes: &[u8]) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    while let Some((table, rest)) = bytes.split_first() {
        let (key, rest) = rest.split_first_chunk()?;
        let (value, rest) = rest.split_first_chunk()?;
        let (key, value) = (u32::from_be_bytes(*key), u32::from_be_bytes(*value));
        let (key, rest) = rest.split_at_checked(usize::try_from(key).ok()?)?;
        let mut whole = Key::with_capacity(key.len() + 1);
        whole.push(*table);
        whole.extend_from_slice(key);
        let (value, rest) = match value {
            REMOVED => (None, rest),
            length => {
                let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                (Some(Arc::from(value)), rest)
            }
        };
        rows.push((whole, value));
        bytes = rest;
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Vec<u8> {
        let mut frame = Frame::new();
        frame.row(b"\x01account", Some(b"value")).unwrap();
        frame.row(b"\x04timer", Some(b"")).unwrap();
        frame.row(b"\x03attempt", None).unwrap();
        frame.seal(7, 42, 5).unwrap().to_vec()
    }

    fn read(bytes: &[u8]) -> Option<Vec<Row>> {
        let (head, body) = bytes.split_first_chunk()?;
        let head = Head::read(head)?;
        let fits = (head.sequence, head.log) == (7, 42) && head.fits(body);
        fits.then(|| rows(body)).flatten()
    }

    #[test]
    fn what_is_written_is_read() {
        let expected: Vec<Row> = vec![
            (
                Key::from(b"\x01account".as_slice()),
                Some(b"value"[..].into()),
            ),
            (Key::from(b"\x04timer".as_slice()), Some(b""[..].into())),
            (Key::from(b"\x03attempt".as_slice()), None),
        ];
        assert_eq!(read(&frame()), Some(expected));
    }

    #[test]
    fn a_changed_or_cut_frame_is_none() {
        let frame = frame();
        for place in 0..frame.len() {
            let mut changed = frame.clone();
            changed[place] ^= 0x10;
            assert_eq!(read(&changed), None, "{place}");
            assert_eq!(read(&frame[..place]), None, "{place}");
        }
    }

    #[test]
    fn rows_that_are_cut_are_none() {
        let frame = frame();
        let body = &frame[HEAD..];
        let whole = |length| rows(&body[..length]).is_some();
        let read = (0..=body.len()).filter(|length| whole(*length)).count();
        assert_eq!(read, 4, "at no row, and after each of three");
    }
}
