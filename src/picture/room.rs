//! Room for decoded pixels: whoever decodes takes as much as the picture will need, and waits where there is less.
//!
//! Nothing that holds room waits for a thread of the pool, so that waiting here cannot last for ever.

use std::sync::{Condvar, Mutex};

pub struct Room {
    size: u64,
    free: Mutex<u64>,
    freed: Condvar,
}

/// Given back when it is dropped.
pub struct Held<'r> {
    room: &'r Room,
    bytes: u64,
}

impl Room {
    pub fn new(size: u64) -> Room {
        Room { size, free: Mutex::new(size), freed: Condvar::new() }
    }

    /// What needs more than all the room gets all of it.
    pub fn take(&self, bytes: u64) -> Held<'_> {
        let bytes = bytes.min(self.size);
        if let Ok(free) = self.free.lock()
            && let Ok(mut free) = self.freed.wait_while(free, |free| *free < bytes)
        {
            *free -= bytes;
        }
        Held { room: self, bytes }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Ok(mut free) = self.room.free.lock() {
            *free += self.bytes;
        }
        self.room.freed.notify_all();
    }
}
