//! The limit: the bytes of a change appended to a file and synced, in groups, and nothing else.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::group::Group;
use crate::peer::{Caller, FIRST, Peer, Shape, Site};

/// Long enough that nobody overwrites what the disk has not seen yet.
const RECYCLED: u64 = 64 << 20;

/// What the recycled file is written in at first, as our log is. The kernel keeps a file in pieces of
/// the size that it was written in, and syncs whole ones.
static PIECE: [u8; 64 << 10] = [0; 64 << 10];

struct Raw {
    appended: Group<Vec<u8>>,
    changes: AtomicU64,
    shape: Shape,
}

/// A file that is there already, and written over and over: syncing it changes no metadata.
pub fn open_recycled(site: &Site) -> Box<dyn Peer> {
    let mut file = file(site);
    for _ in 0..RECYCLED / PIECE.len() as u64 {
        file.write_all(&PIECE).expect("room on the disk");
    }
    file.sync_all().expect("a disk");
    open(site, file, RECYCLED)
}

/// A file that grows with every group.
pub fn open_growing(site: &Site) -> Box<dyn Peer> {
    open(site, file(site), u64::MAX)
}

fn file(site: &Site) -> File {
    std::fs::create_dir_all(&site.folder).expect("a folder");
    let path = site.folder.join("raw");
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(true).write(true);
    options.open(path).expect("a file")
}

fn open(site: &Site, file: File, length: u64) -> Box<dyn Peer> {
    let mut place = 0;
    let append = move |jobs: &[Vec<u8>]| {
        let bytes = jobs.concat();
        if place + bytes.len() as u64 > length {
            place = 0;
        }
        file.write_all_at(&bytes, place).expect("room on the disk");
        file.sync_data().expect("a disk");
        place += bytes.len() as u64;
        vec![true; jobs.len()]
    };
    Box::new(Raw {
        appended: Group::new(Box::new(append)),
        changes: AtomicU64::new(0),
        shape: site.shape,
    })
}

impl Peer for Raw {
    fn caller(&self) -> Caller<'_> {
        Box::new(|account| {
            let revision = self.changes.fetch_add(1, Relaxed);
            let mut bytes = self.shape.row(FIRST + account, revision);
            bytes.extend(self.shape.entry(FIRST + account, revision));
            self.appended.run(bytes);
        })
    }

    fn changes(&self) -> Option<u64> {
        Some(self.changes.load(Relaxed))
    }

    fn close(self: Box<Self>) {}
}
