//! What the disk takes: bytes appended to a file, synced once for all who come together.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Condvar, Mutex};

/// Where the file begins again: as a log does, it is written over rather than made longer for ever.
const LENGTH: u64 = 16 << 20;

/// What the file is made of before it is written over.
static PIECE: [u8; 64 << 10] = [0; 64 << 10];

/// A file that callers append to.
pub struct Raw {
    file: File,
    bytes: Vec<u8>,
    state: Mutex<State>,
    synced: Condvar,
}

#[derive(Default)]
struct State {
    /// Callers that wait for the next sync.
    waiting: u64,
    /// The number of the round that they will be in.
    round: u64,
    /// The round that was synced last.
    done: u64,
    led: bool,
    offset: u64,
}

impl Raw {
    pub fn create(path: &Path, bytes: usize) -> Self {
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path);
        let file = file.expect("a file");
        // In pieces as the log's: where a file was written in larger ones, the kernel keeps larger
        // ones, and syncs more than was appended.
        for place in (0..LENGTH).step_by(PIECE.len()) {
            file.write_all_at(&PIECE, place).expect("room");
        }
        file.sync_all().expect("a sync");
        Self {
            file,
            bytes: vec![0x5A; bytes],
            state: Mutex::new(State {
                round: 1,
                ..State::default()
            }),
            synced: Condvar::new(),
        }
    }

    /// Appends the bytes of one transition, and returns when they are durable.
    pub fn append(&self) {
        let mut state = self.state.lock().expect("a lock");
        state.waiting += 1;
        let mine = state.round;
        while state.done < mine {
            if state.led {
                state = self.synced.wait(state).expect("a lock");
                continue;
            }
            state.led = true;
            let (round, callers) = (state.round, state.waiting);
            state.round += 1;
            state.waiting = 0;
            let bytes = self.bytes.repeat(callers as usize);
            let mut offset = state.offset;
            if offset + bytes.len() as u64 > LENGTH {
                offset = 0;
            }
            state.offset = offset + bytes.len() as u64;
            drop(state);
            self.file.write_all_at(&bytes, offset).expect("room");
            self.file.sync_data().expect("a sync");
            state = self.state.lock().expect("a lock");
            state.done = round;
            state.led = false;
            self.synced.notify_all();
        }
    }
}
