//! A made-up disk: it fails when told to, and forgets what was not synced when it crashes.

use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

use ::redb::StorageBackend;

/// A disk. Backends are handles of it, so that it can be looked at after a store let go of it.
#[derive(Debug, Clone, Default)]
pub(in crate::store::redb) struct Disk(Arc<Mutex<Platters>>);

#[derive(Debug, Default)]
struct Platters {
    /// What a crash leaves for certain.
    durable: Vec<u8>,
    /// What was done since the last sync, in order: a length, or bytes at an offset.
    pending: Vec<Pending>,
    /// What is read back.
    seen: Vec<u8>,
    /// Changing operations until everything fails.
    left: Option<u32>,
    /// Whether the disk cannot grow.
    full: bool,
}

#[derive(Debug, Clone)]
enum Pending {
    Length(usize),
    Bytes(usize, Vec<u8>),
}

impl Pending {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Bytes(offset, data) => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(data);
            }
        }
    }
}

impl Disk {
    pub(in crate::store::redb) fn backend(&self) -> impl StorageBackend + use<> {
        Backend(self.clone())
    }

    /// Lets so many changing operations succeed, and none after them.
    pub(in crate::store::redb) fn fail_after(&self, operations: u32) {
        self.platters().left = Some(operations);
    }

    /// Lets the disk grow no further.
    pub(in crate::store::redb) fn fill_up(&self) {
        self.platters().full = true;
    }

    /// The disk after a power loss: of what was not synced, `seed` chooses what is there, and where
    /// a write breaks off.
    pub(in crate::store::redb) fn after_crash(&self, seed: u64) -> Self {
        let platters = self.platters();
        let mut chance = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            chance
        };
        let mut bytes = platters.durable.clone();
        for pending in &platters.pending {
            match (pending, next() % 3) {
                (Pending::Length(_), _) | (_, 0) => pending.apply(&mut bytes),
                (Pending::Bytes(offset, data), 1) => {
                    let sectors = data.len() / 512;
                    let kept = 512 * (usize::try_from(next() % 64).unwrap() % (sectors + 1));
                    Pending::Bytes(*offset, data[..kept].to_vec()).apply(&mut bytes);
                }
                _ => {}
            }
        }
        let after = Platters {
            durable: bytes.clone(),
            seen: bytes,
            ..Platters::default()
        };
        Self(Arc::new(Mutex::new(after)))
    }

    fn platters(&self) -> MutexGuard<'_, Platters> {
        self.0.lock().unwrap()
    }

    fn change(&self, pending: Pending) -> Result<()> {
        let mut platters = self.platters();
        platters.spend()?;
        pending.apply(&mut platters.seen);
        platters.pending.push(pending);
        Ok(())
    }
}

impl Platters {
    fn spend(&mut self) -> Result<()> {
        match &mut self.left {
            Some(0) => Err(Error::other("the disk is gone")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
struct Backend(Disk);

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

impl StorageBackend for Backend {
    fn len(&self) -> Result<u64> {
        Ok(u64::try_from(self.0.platters().seen.len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let platters = self.0.platters();
        let bytes = platters.seen.get(size(offset)..size(offset) + out.len());
        out.copy_from_slice(bytes.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let grows = size(len) > self.0.platters().seen.len();
        if grows && self.0.platters().full {
            return Err(ErrorKind::StorageFull.into());
        }
        self.0.change(Pending::Length(size(len)))
    }

    fn sync_data(&self) -> Result<()> {
        let mut platters = self.0.platters();
        platters.spend()?;
        platters.pending.clear();
        platters.durable = platters.seen.clone();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.0.change(Pending::Bytes(size(offset), data.to_vec()))
    }
}
