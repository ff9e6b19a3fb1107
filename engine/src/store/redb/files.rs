//! A store on files of the caller's: for tests that look at what a disk does to it.

use std::io::Result;

use ::redb::StorageBackend;

/// Files that a store is on.
#[derive(Debug)]
pub struct StoreFiles {
    /// The state.
    pub state: Box<dyn StorageBackend>,
    /// The log.
    pub log: Box<dyn StorageBackend>,
}

/// A file of the caller's, as redb takes it.
#[derive(Debug)]
pub(super) struct Given(pub(super) Box<dyn StorageBackend>);

impl StorageBackend for Given {
    fn len(&self) -> Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> Result<()> {
        self.0.close()
    }
}
