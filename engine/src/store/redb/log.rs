//! The log: a ring of frames in a file beside the state, synced before anybody is answered.
//!
//! | offset | what |
//! |---|---|
//! | 0 | `stateward log` and zeros, 16 bytes |
//! | 16 | version, 4 bytes |
//! | 20 | the log's id, 8 bytes: the state names it, so that files of two stores cannot be mixed |
//! | 28 | capacity in bytes, 8 bytes |
//! | 4096 | frames, one after the other; one that does not fit before the capacity begins here again |
//!
//! The state holds a [`Mark`]: the number and place of the first frame that it does not contain.
//! What was written before the mark is overwritten. The file is made longer in few steps, with zeros
//! that are really written: a sync of bytes that take the place of others is much cheaper than one
//! that has the file grow.

use std::io;

use ::redb::StorageBackend;

use super::error::input_output;
use super::frame::{self, Frame, HEAD, Head};
use super::layers::Row;
use crate::store::StoreError;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

const MAGIC: &[u8; 16] = b"stateward log\0\0\0";
const VERSION: u32 = 1;
/// Where the frames begin.
const START: u64 = 4_096;
/// What the file grows by at least.
const STEP: u64 = 64 << 10;
/// Frames begin at multiples of this, so that they can be looked for.
const ALIGN: u64 = 64;
/// What is read at a time when frames are looked for.
const SCANNED: u64 = 256 << 10;
/// The least capacity of a log that any round of commits fits into, whatever it writes.
pub(super) const CAPACITY_MIN: u64 = 16 << 20;
/// The least capacity of any log.
const ROOM_MIN: u64 = START + STEP;

/// A place in a log: of a frame, or of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The number of the frame.
    pub(super) sequence: u64,
    /// Where it is; if it is not there, it is at the start of the ring.
    pub(super) offset: u64,
}

impl Mark {
    /// Where a new log begins.
    pub(super) const BEGIN: Self = Self {
        sequence: 1,
        offset: START,
    };
}

/// A log that is written to.
pub(super) struct Log {
    file: Box<dyn StorageBackend>,
    id: u64,
    capacity: u64,
    /// How far the file was made.
    length: u64,
    /// The first frame that the state does not contain.
    tail: Mark,
    /// Where the next frame goes.
    head: Mark,
    /// Every frame before this number is durable.
    synced: u64,
    /// The frame that was written last: its memory is used again.
    frame: Frame,
}

/// Why a frame was not appended.
#[derive(Debug)]
pub(super) enum Append {
    /// There is no room before frames that the state does not contain yet.
    Full,
    /// The frame is longer than the log.
    TooLong,
    /// The disk failed.
    Failed(StoreError),
}

impl From<io::Error> for Append {
    fn from(error: io::Error) -> Self {
        Self::Failed(input_output(&error))
    }
}

impl Log {
    /// Makes a file an empty log.
    pub(super) fn create(file: Box<dyn StorageBackend>, id: u64, capacity: u64) -> Result<Self> {
        let capacity = capacity.max(ROOM_MIN);
        let mut head = MAGIC.to_vec();
        head.extend(VERSION.to_be_bytes());
        head.extend(id.to_be_bytes());
        head.extend(capacity.to_be_bytes());
        let written = (|| {
            file.set_len(0)?;
            file.set_len(START)?;
            file.write(0, &head)?;
            file.sync_data()
        })();
        written.map_err(|error| input_output(&error))?;
        Ok(Self {
            file,
            id,
            capacity,
            length: START,
            tail: Mark::BEGIN,
            head: Mark::BEGIN,
            synced: Mark::BEGIN.sequence,
            frame: Frame::new(),
        })
    }

    /// Opens a log, and reads the frames from a mark on. What they say is durable when this returns,
    /// whether it was before or not.
    pub(super) fn open(
        file: Box<dyn StorageBackend>,
        id: u64,
        from: Mark,
    ) -> Result<(Self, Vec<Row>)> {
        let length = file.len().map_err(|error| input_output(&error))?;
        let capacity = identify(file.as_ref(), length, id)?;
        let mut log = Self {
            file,
            id,
            capacity,
            length,
            tail: from,
            head: from,
            synced: from.sequence,
            frame: Frame::new(),
        };
        let mut rows = Vec::new();
        while let Some(frame) = log.next_frame()? {
            rows.extend(frame);
        }
        log.cut_off()?;
        if !rows.is_empty() {
            log.sync()?;
        }
        Ok((log, rows))
    }

    /// Where the log ends.
    pub(super) fn end(&self) -> Mark {
        self.head
    }

    /// Bytes that are worth feeding to the state at a time.
    pub(super) fn portion(&self) -> u64 {
        self.capacity / 4
    }

    /// The length of the longest frame that fits, in bytes.
    pub(super) fn room_for_all(&self) -> u64 {
        self.capacity - START
    }

    /// Bytes from the first frame that is needed to the last.
    pub(super) fn used(&self) -> u64 {
        match self.head.offset.checked_sub(self.tail.offset) {
            _ if self.is_empty() => 0,
            Some(used) => used,
            None => (self.capacity - self.tail.offset) + (self.head.offset - START),
        }
    }

    /// The log's id.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Writes rows as a frame. It is not durable before the file is synced.
    pub(super) fn append(&mut self, rows: &[Row]) -> Result<(), Append> {
        self.frame.clear();
        for (key, value) in rows {
            let row = self.frame.row(key, value.as_deref());
            row.ok_or(Append::TooLong)?;
        }
        let length = self.frame.length();
        if length > self.room_for_all() {
            return Err(Append::TooLong);
        }
        let offset = self.room(length).ok_or(Append::Full)?;
        self.lengthen(offset + length)?;
        let bytes = self.frame.seal(self.head.sequence, self.id, self.synced);
        self.file.write(offset, bytes.ok_or(Append::TooLong)?)?;
        self.move_on(offset, length);
        Ok(())
    }

    /// Makes everything that was appended durable.
    pub(super) fn sync(&mut self) -> Result {
        sync(self.file.as_ref())?;
        self.synced = self.head.sequence;
        Ok(())
    }

    /// Lets what was written before a mark be overwritten.
    pub(super) fn release(&mut self, until: Mark) {
        self.tail = until;
    }

    /// Whether a place is within the frames that are needed.
    fn needs(&self, offset: u64) -> bool {
        let (tail, head) = (self.tail.offset, self.head.offset);
        if self.is_empty() {
            false
        } else if tail < head {
            (tail..head).contains(&offset)
        } else {
            offset >= tail || offset < head
        }
    }

    fn is_empty(&self) -> bool {
        self.tail.sequence == self.head.sequence
    }

    /// Moves the head on behind a frame. If it is the first that is needed, the tail is where it begins:
    /// a mark may name another place for it than the start of the ring.
    fn move_on(&mut self, offset: u64, length: u64) {
        if self.is_empty() {
            self.tail.offset = offset;
        }
        self.head = Mark {
            sequence: self.head.sequence.saturating_add(1),
            offset: (offset + length).next_multiple_of(ALIGN),
        };
    }

    /// Where a frame of a length goes: behind the last, or at the start of the ring. The head never
    /// comes to be where the tail is, which would look empty.
    fn room(&self, length: u64) -> Option<u64> {
        let (head, tail) = (self.head.offset, self.tail.offset);
        if self.is_empty() {
            Some(START)
        } else if head < tail {
            (head + length < tail).then_some(head)
        } else if head + length <= self.capacity {
            Some(head)
        } else {
            (START + length < tail).then_some(START)
        }
    }

    /// Makes the file long enough, twice as long each time.
    fn lengthen(&mut self, needed: u64) -> Result<(), io::Error> {
        if needed <= self.length {
            return Ok(());
        }
        let longer = self.length.saturating_mul(2).max(needed + STEP);
        let longer = longer.min(self.capacity).max(needed);
        let zeros = vec![0; usize::try_from(STEP).unwrap_or(1)];
        self.file.set_len(longer)?;
        while self.length < longer {
            let step = STEP.min(longer - self.length);
            let step_bytes = usize::try_from(step).unwrap_or(1);
            self.file
                .write(self.length, zeros.get(..step_bytes).unwrap_or(&zeros))?;
            self.length += step;
        }
        Ok(())
    }

    /// Reads the frame at the head and moves on behind it; `None` where the log ends.
    fn next_frame(&mut self) -> Result<Option<Vec<Row>>> {
        for offset in [self.head.offset, START] {
            if let Some((rows, length)) = self.frame_at(offset)? {
                self.move_on(offset, length);
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    /// The frame at an offset, with its whole length, if it is the one that comes next.
    fn frame_at(&self, offset: u64) -> Result<Option<(Vec<Row>, u64)>> {
        let Some(head) = self.bytes(offset, HEAD)? else {
            return Ok(None);
        };
        let head = head.first_chunk().and_then(Head::read);
        let expected = (self.head.sequence, self.id);
        let Some(head) = head.filter(|head| (head.sequence, head.log) == expected) else {
            return Ok(None);
        };
        let Some(body) = self.bytes(offset + HEAD as u64, head.length)? else {
            return Ok(None);
        };
        if !head.fits(&body) {
            return Ok(None);
        }
        let length = (HEAD + head.length) as u64;
        match frame::rows(&body) {
            Some(rows) => Ok(Some((rows, length))),
            None => Err(StoreError::Damaged(
                "a frame of the log does not hold rows".to_owned(),
            )),
        }
    }

    /// Makes the end the end. A frame that comes after it says whether the one that is missing there was
    /// durable by then. If it was, it did not break off, but was changed later: that is damage. If not,
    /// two frames were written before a sync, as no writer does any more; the later one is wiped, since
    /// another frame in the missing one's place must not bring it back.
    fn cut_off(&self) -> Result {
        let mut wiped = false;
        let mut from = START;
        let end = self.length.min(self.capacity);
        // The same memory all along: new pages would cost more than what is read into them.
        let mut piece = vec![0; usize::try_from(SCANNED).unwrap_or_default()];
        while from < end {
            let to = (from + SCANNED).min(end);
            piece.truncate(usize::try_from(to - from).unwrap_or_default());
            let read = self.file.read(from, &mut piece);
            read.map_err(|error| input_output(&error))?;
            for (offset, frame) in (from..)
                .step_by(ALIGN as usize)
                .zip(piece.chunks(ALIGN as usize))
            {
                let head = frame.first_chunk().and_then(Head::read);
                let comes_later =
                    |head: &Head| head.log == self.id && head.sequence > self.head.sequence;
                let Some(head) = head.filter(comes_later).filter(|_| !self.needs(offset)) else {
                    continue;
                };
                let body = self.bytes(offset + HEAD as u64, head.length)?;
                // What is no whole frame does not come back: it may be the midst of another.
                if !body.is_some_and(|rows| head.fits(&rows)) {
                    continue;
                }
                if head.synced > self.head.sequence {
                    let what = "a frame of the log is damaged, and others come after it";
                    return Err(StoreError::Damaged(what.to_owned()));
                }
                let wipe = self.file.write(offset, &[0; HEAD]);
                wipe.map_err(|error| input_output(&error))?;
                wiped = true;
            }
            from = to;
        }
        if wiped {
            sync(self.file.as_ref())?;
        }
        Ok(())
    }

    /// Bytes of the file; `None` where it is not that long.
    fn bytes(&self, offset: u64, length: usize) -> Result<Option<Vec<u8>>> {
        let end = offset.saturating_add(length as u64);
        if end > self.length.min(self.capacity) {
            return Ok(None);
        }
        let mut bytes = vec![0; length];
        let read = self.file.read(offset, &mut bytes);
        read.map_err(|error| input_output(&error))?;
        Ok(Some(bytes))
    }
}

/// Makes what was written to a log durable.
fn sync(file: &dyn StorageBackend) -> Result {
    file.sync_data().map_err(|error| input_output(&error))
}

/// The capacity of a log, if it is the one that the state names.
fn identify(file: &dyn StorageBackend, length: u64, id: u64) -> Result<u64> {
    let damaged = |why: &str| StoreError::Damaged(format!("the log beside the state {why}"));
    let mut head = [0; 36];
    if length < START {
        return Err(damaged("is cut short"));
    }
    file.read(0, &mut head)
        .map_err(|error| input_output(&error))?;
    let parts = head.split_first_chunk::<16>().and_then(|(magic, rest)| {
        let (version, rest) = rest.split_first_chunk::<4>()?;
        let (found, rest) = rest.split_first_chunk::<8>()?;
        Some((magic, version, found, rest.first_chunk::<8>()?))
    });
    let Some((magic, version, found, capacity)) = parts else {
        return Err(damaged("is cut short"));
    };
    if magic != MAGIC || u32::from_be_bytes(*version) != VERSION {
        return Err(damaged("is none that is known here"));
    }
    if u64::from_be_bytes(*found) != id {
        return Err(damaged(
            "belongs to another store: the two files go together",
        ));
    }
    let capacity = u64::from_be_bytes(*capacity);
    if capacity < ROOM_MIN {
        return Err(damaged("has no room"));
    }
    Ok(capacity)
}

#[cfg(test)]
mod tests {
    use ::redb::backends::InMemoryBackend;

    use super::*;
    use crate::testing::Disk;

    const ID: u64 = 42;

    fn frame(number: u64, size: usize) -> [Row; 1] {
        let value = vec![u8::try_from(number % 251).unwrap(); size];
        let key = [&[1], number.to_be_bytes().as_slice()].concat();
        [(key.into(), Some(value.into()))]
    }

    fn synced(log: &mut Log) {
        log.sync().unwrap();
    }

    fn numbers(rows: &[Row]) -> Vec<u64> {
        let number = |(key, _): &Row| u64::from_be_bytes(key[1..].try_into().unwrap());
        rows.iter().map(number).collect()
    }

    fn opened(disk: &Disk, from: Mark) -> (Log, Vec<u64>) {
        let (log, rows) = Log::open(Box::new(disk.file("log")), ID, from).unwrap();
        (log, numbers(&rows))
    }

    #[test]
    fn what_is_appended_is_read_again() {
        let disk = Disk::new();
        let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
        for number in 0..10 {
            log.append(&frame(number, 1_000)).unwrap();
        }
        synced(&mut log);
        let (reopened, numbers) = opened(&disk, Mark::BEGIN);
        assert_eq!(numbers, (0..10).collect::<Vec<_>>());
        assert_eq!(reopened.end(), log.end());
        assert_eq!(reopened.used(), log.used());
    }

    #[test]
    fn the_ring_goes_round_and_never_over_what_is_needed() {
        let disk = Disk::new();
        let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
        let (mut marks, mut first, mut laps) = (Vec::new(), 0, 0);
        for number in 0..120 {
            let size = 140_000 + usize::try_from(number * 79_190 % 400_000).unwrap();
            marks.push(log.end());
            let before = log.end().offset;
            while let Err(refused) = log.append(&frame(number, size)) {
                assert!(matches!(refused, Append::Full), "{refused:?}");
                first += 3;
                log.release(marks[first]);
            }
            laps += usize::from(log.end().offset < before);
            synced(&mut log);
            let (_, found) = opened(&disk, marks[first]);
            let first = u64::try_from(first).unwrap();
            assert_eq!(found, (first..=number).collect::<Vec<_>>());
        }
        assert!(laps >= 2, "{laps} laps");
    }

    #[test]
    fn an_emptied_log_begins_at_its_start_again() {
        let disk = Disk::new();
        let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
        log.append(&frame(0, 100_000)).unwrap();
        let mark = log.end();
        log.release(mark);
        assert_eq!(log.used(), 0);
        log.append(&frame(1, 1_000)).unwrap();
        assert!(log.end().offset < mark.offset);
        synced(&mut log);
        assert_eq!(opened(&disk, mark).1, [1]);
    }

    #[test]
    fn a_crash_leaves_all_that_was_synced_and_nothing_broken() {
        for seed in 0..300 {
            let disk = Disk::new();
            let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
            for number in 0..6 {
                log.append(&frame(number, 3_000)).unwrap();
                synced(&mut log);
            }
            log.append(&frame(6, 5_000)).unwrap();
            let crashed = disk.after_power_loss(seed);
            let (mut log, found) = opened(&crashed, Mark::BEGIN);
            assert!(
                found.len() == 6 || found.len() == 7,
                "seed {seed}: {found:?}"
            );
            log.append(&frame(7, 100)).unwrap();
            let (_, after) = opened(&crashed, Mark::BEGIN);
            assert_eq!(after.last(), Some(&7));
            assert_eq!(after.len(), found.len() + 1);
        }
    }

    /// A frame that came after one that broke off must not come back when another takes that one's
    /// place and ends where it ended.
    #[test]
    fn what_came_after_the_end_stays_gone() {
        let disk = Disk::new();
        let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
        let place = log.end().offset;
        log.append(&frame(0, 1_000)).unwrap();
        log.append(&frame(1, 1_000)).unwrap();
        disk.file("log").write(place + 100, &[0xFF; 8]).unwrap();
        let (mut log, found) = opened(&disk, Mark::BEGIN);
        assert!(found.is_empty());
        log.append(&frame(2, 1_000)).unwrap();
        assert_eq!(opened(&disk, Mark::BEGIN).1, [2]);
    }

    /// Frames at the start of the ring lie over older ones, whose heads may show up in their midst.
    #[test]
    fn what_is_needed_is_not_taken_for_what_came_after_the_end() {
        for size in 1..200 {
            let disk = Disk::new();
            let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
            for number in 0..3 {
                log.append(&frame(number, 100)).unwrap();
            }
            synced(&mut log);
            let mark = log.end();
            log.release(mark);
            log.append(&frame(3, 100 + size)).unwrap();
            synced(&mut log);
            assert!(log.needs(START));
            for _ in 0..2 {
                let (log, found) = opened(&disk, mark);
                assert_eq!(found, [3], "size {size}");
                assert!(log.needs(START));
            }
        }
    }

    #[test]
    fn a_durable_frame_that_was_changed_is_damage() {
        let disk = Disk::new();
        let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
        let place = log.end().offset;
        log.append(&frame(0, 1_000)).unwrap();
        synced(&mut log);
        log.append(&frame(1, 1_000)).unwrap();
        disk.file("log").write(place + 100, &[0xFF; 8]).unwrap();
        let damaged = Log::open(Box::new(disk.file("log")), ID, Mark::BEGIN)
            .err()
            .unwrap();
        assert!(
            damaged
                .to_string()
                .contains("a frame of the log is damaged")
        );
    }

    #[test]
    fn what_was_found_is_durable_before_it_is_told() {
        let disk = Disk::new();
        let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
        log.append(&frame(0, 1_000)).unwrap();
        // The process dies, the machine does not: the bytes are there, and not synced.
        drop(log);
        assert_eq!(opened(&disk, Mark::BEGIN).1, [0]);
        for seed in 0..50 {
            assert_eq!(opened(&disk.after_power_loss(seed), Mark::BEGIN).1, [0]);
        }
    }

    #[test]
    fn a_foreign_log_is_refused() {
        let file = || Box::new(InMemoryBackend::new());
        let shown = |file: Box<dyn StorageBackend>| {
            Log::open(file, ID, Mark::BEGIN).err().unwrap().to_string()
        };
        assert!(shown(file()).ends_with("is cut short"));
        let zeros = file();
        zeros.set_len(START).unwrap();
        assert!(shown(zeros).ends_with("is none that is known here"));
        let disk = Disk::new();
        Log::create(Box::new(disk.file("log")), 7, CAPACITY_MIN).unwrap();
        let other = shown(Box::new(disk.file("log")));
        assert!(other.contains("belongs to another store"), "{other}");
    }

    #[test]
    fn a_frame_that_can_never_fit_is_told_from_one_that_must_wait() {
        let disk = Disk::new();
        let mut log = Log::create(Box::new(disk.file("log")), ID, CAPACITY_MIN).unwrap();
        let size = usize::try_from(CAPACITY_MIN).unwrap();
        assert!(matches!(log.append(&frame(0, size)), Err(Append::TooLong)));
        log.append(&frame(0, size / 2)).unwrap();
        assert!(matches!(log.append(&frame(1, size / 2)), Err(Append::Full)));
    }
}
