//! The note from `append` to the end of its unit of work: same thread, so no locking and nothing to pass along.

use std::cell::Cell;

thread_local! {
    static APPENDED: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn set() {
    APPENDED.set(true);
}

pub(crate) fn clear() {
    APPENDED.set(false);
}

pub(crate) fn is_set() -> bool {
    APPENDED.get()
}
