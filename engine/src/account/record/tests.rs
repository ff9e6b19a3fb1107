//! Records: what opens them, and what does not.

use std::collections::BTreeMap;

use super::*;
use crate::account::{Actor, Command, InputText};
use crate::challenge::CodeKey;

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(CodeKey::from_bytes([7; 32]))
}

fn key(byte: u8) -> SealKey {
    SealKey::from_bytes([byte; 32])
}

fn record() -> Record {
    let phone = InputText::Plain("+6591234567".to_owned());
    Record {
        revision: Revision(7),
        at: Timestamp::from_ms(1),
        previous: Digest([1; 32]),
        bundle: Digest([2; 32]),
        seed: Digest([3; 32]),
        request: Request {
            account: id("1001"),
            actor: Actor::Owner,
            context: BTreeMap::new(),
            command: Command::Create {
                attributes: BTreeMap::from([("phone".to_owned(), phone)]),
                states: BTreeMap::new(),
            },
            drawn: None,
        },
        outcome: Outcome::Applied { moves: Vec::new() },
        gates: Vec::new(),
        events: vec![Event::CodeFailed],
        kept_under: None,
    }
}

fn read(stored: &StoredRecord, data: Option<&SealKey>) -> Result<Entry, JournalError> {
    let ring = ring();
    stored.read(&id("1001"), RecordKeys { data, ring: &ring })
}

#[test]
fn a_sealed_record_shows_its_envelope_and_opens_with_its_key_alone() {
    let stored = record()
        .seal(&id("1001"), None, RecordKey::Data(&key(1)))
        .unwrap();
    let contains = |text: &[u8]| stored.bytes.windows(text.len()).any(|it| it == text);
    assert!(!contains(b"91234567"), "what is personal is sealed");
    assert!(contains(b"create"), "what was asked is told");
    let entry = read(&stored, Some(&key(1))).unwrap();
    assert_eq!(entry.record, Some(record()));
    assert_eq!(entry.digest, stored.digest());
    let closed = read(&stored, None).unwrap();
    assert_eq!((closed.record, &closed.envelope), (None, &entry.envelope));
    assert_eq!(
        (closed.envelope.by.as_str(), closed.envelope.answer.name()),
        ("owner", "applied")
    );
    read(&stored, Some(&key(2))).unwrap_err();
    let ring = ring();
    let keys = RecordKeys {
        data: Some(&key(1)),
        ring: &ring,
    };
    stored.read(&id("1002"), keys).unwrap_err();
}

#[test]
fn a_record_under_the_ring_needs_no_data_key() {
    let stored = record()
        .seal(&id("1001"), None, RecordKey::Ring(&ring()))
        .unwrap();
    assert_eq!(read(&stored, None).unwrap().record, Some(record()));
    let other = KeyRing::new(CodeKey::from_bytes([8; 32]));
    let keys = RecordKeys {
        data: Some(&key(1)),
        ring: &other,
    };
    let refused = stored.read(&id("1001"), keys).unwrap_err();
    assert_eq!(refused, JournalError::NoSuchKey(ring().current().id()));
}

#[test]
fn every_turned_bit_and_every_cut_is_found() {
    for stored in [
        record()
            .seal(&id("1001"), None, RecordKey::Data(&key(1)))
            .unwrap(),
        record()
            .seal(&id("1001"), None, RecordKey::Ring(&ring()))
            .unwrap(),
    ] {
        let (revision, bytes) = (stored.revision, &stored.bytes);
        let refused = |bytes| read(&StoredRecord { revision, bytes }, Some(&key(1))).is_err();
        for bit in 0..bytes.len() * 8 {
            let mut turned = bytes.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(turned), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(refused(bytes[..length].to_vec()), "{length} bytes");
        }
        assert!(refused([bytes.as_slice(), b"0"].concat()));
    }
}

#[test]
fn records_of_the_first_version_are_read() {
    let record = record();
    let mut bytes = vec![CLEAR];
    // As it was then: without the field that has come since.
    let fields = (
        record.revision,
        record.at,
        record.previous,
        record.bundle,
        record.seed,
    );
    let rest = (
        &record.request,
        &record.outcome,
        &record.gates,
        &record.events,
    );
    let fields = (
        fields.0, fields.1, fields.2, fields.3, fields.4, rest.0, rest.1, rest.2, rest.3,
    );
    rmp_serde::encode::write(&mut bytes, &fields).unwrap();
    let stored = StoredRecord {
        revision: record.revision,
        bytes,
    };
    let entry = read(&stored, None).unwrap();
    assert_eq!((entry.is_clear, entry.record), (true, Some(record)));
}

#[test]
fn damage_is_told_without_what_it_is_in() {
    let rows: [&[u8]; 6] = [
        b"",
        b"\x01",
        b"\x02\x90",
        b"\x02\0\0\0\x02\x90",
        b"\x01\xdd\xff\xff\xff\xff",
        &[1; 40],
    ];
    for bytes in rows {
        let (revision, bytes) = (Revision(7), bytes.to_vec());
        let error = read(&StoredRecord { revision, bytes }, None).unwrap_err();
        let shown = error.to_string();
        assert!(matches!(error, JournalError::Unreadable(..)), "{shown}");
        assert!(
            shown.starts_with("journal record 7 cannot be read: it is "),
            "{shown}"
        );
    }
}
