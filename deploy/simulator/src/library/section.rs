//! One library of a server ("section" in Plex's API) and its scan state.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use crate::{catalog::Kind, clock, hash, settings};

/// What a library is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Movies,
    Shows,
    Videos,
}

impl Content {
    /// The item types it has; the first is its own.
    pub(crate) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Movies | Self::Videos => &[Kind::Movie],
            Self::Shows => &[Kind::Show, Kind::Season, Kind::Episode],
        }
    }
}

/// A library.
#[derive(Debug)]
pub(crate) struct Section {
    /// Not contiguous, as on real servers.
    pub(crate) key: u32,
    pub(crate) content: Content,
    pub(crate) uuid: String,
    /// Where its files are, as the server sees it.
    pub(crate) location: String,
    scans: AtomicUsize,
    scanned_at: AtomicI64,
    content_changes: AtomicI64,
}

impl Section {
    pub(crate) fn new(seed: u64, content: Content, location: String) -> Self {
        let key = match content {
            Content::Movies => 1,
            Content::Shows => 2,
            Content::Videos => 5,
        };
        Self {
            key,
            content,
            uuid: hash::uuid(hash::mix(seed, 60, u64::from(key))),
            location,
            scans: AtomicUsize::new(0),
            scanned_at: AtomicI64::new(clock::now()),
            content_changes: AtomicI64::new(1000),
        }
    }

    pub(crate) fn title(&self) -> &'static str {
        match self.content {
            Content::Movies => settings::MOVIES,
            Content::Shows => settings::SHOWS,
            Content::Videos => settings::HOME_VIDEOS,
        }
    }

    /// `movie` or `show`.
    pub(crate) fn kind(&self) -> Kind {
        self.content.kinds()[0]
    }

    pub(crate) fn is_refreshing(&self) -> bool {
        self.scans.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn scanned_at(&self) -> i64 {
        self.scanned_at.load(Ordering::SeqCst)
    }

    pub(crate) fn content_changed_at(&self) -> i64 {
        self.content_changes.load(Ordering::SeqCst)
    }

    pub(crate) fn scan_started(&self) {
        self.scans.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn scan_ended(&self) {
        self.scanned_at.store(clock::now(), Ordering::SeqCst);
        self.scans.fetch_sub(1, Ordering::SeqCst);
    }

    pub(crate) fn content_changed(&self) {
        self.content_changes.fetch_add(1, Ordering::SeqCst);
    }
}
