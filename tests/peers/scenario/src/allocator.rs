//! An allocator that counts while it is told to: what one decision allocates, and what a loaded
//! policy set keeps. While engines are timed it only passes calls on.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// To be declared as the global allocator of a program.
pub struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);

/// What happened while a piece of work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Calls that allocate or reallocate.
    pub calls: u64,
    /// Bytes that were asked for.
    pub bytes: u64,
    /// Bytes that were asked for and not given back.
    pub kept: i64,
}

/// Counts what a piece of work allocates. The program must do nothing else meanwhile.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Counted) {
    CALLS.store(0, Relaxed);
    BYTES.store(0, Relaxed);
    LIVE.store(0, Relaxed);
    ON.store(true, Relaxed);
    let done = work();
    ON.store(false, Relaxed);
    let counted = Counted {
        calls: CALLS.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        kept: LIVE.load(Relaxed),
    };
    (done, counted)
}

fn note(asked: usize, given_back: usize) {
    if ON.load(Relaxed) {
        if asked > 0 {
            CALLS.fetch_add(1, Relaxed);
            BYTES.fetch_add(asked as u64, Relaxed);
        }
        LIVE.fetch_add(asked as i64 - given_back as i64, Relaxed);
    }
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(old, layout) }
    }
}
