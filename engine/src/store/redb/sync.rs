//! What the group commit is built on. Tests put a model of threads in its place, which tries their
//! schedules out.

pub(super) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
