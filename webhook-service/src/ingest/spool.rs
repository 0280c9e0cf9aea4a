//! Deliveries on disk while the database is away: one append-only file of frames, each with its length and checksum, synced
//! before the sender is answered. What a crash left half written was never answered and is cut off at the next start.
//!
//! A frame: length of what follows the checksum (u32), CRC-32 of it (u32), length of the head (u32), head as JSON, body.
//! All numbers are little-endian.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{sync::Notify, task::spawn_blocking};
use tracing::warn;

use crate::deliveries::NewDelivery;

const FRAME_HEAD: usize = 8;
/// More replicas than this do not share a folder.
const MAX_FILES: u32 = 1000;
/// Nothing that was accepted is larger.
const MAX_FRAME: u32 = 64 * 1024 * 1024;

/// The file. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    inner: Arc<Mutex<Inner>>,
    filled: Arc<Notify>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    file: File,
    /// Up to here it is in the database.
    drained: u64,
    /// Up to here it is whole and synced.
    end: u64,
    limit: u64,
}

impl Spool {
    /// Opens or makes a file of this process alone below `dir`: replicas may share the folder.
    pub(crate) fn open(dir: &Path, limit: u64) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let (path, file) = claim_file(dir)?;
        File::open(dir)?.sync_all()?;
        let mut inner = Inner {
            path,
            file,
            drained: 0,
            end: 0,
            limit,
        };
        inner.recover()?;
        let spool = Self {
            inner: Arc::new(Mutex::new(inner)),
            filled: Arc::default(),
        };
        spool.filled.notify_one();
        Ok(spool)
    }

    /// Whether everything is in the database.
    pub(crate) fn is_empty(&self) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.drained == inner.end
    }

    /// Returns when there is something to drain.
    pub(super) async fn filled(&self) {
        while self.is_empty() {
            self.filled.notified().await;
        }
    }

    /// Makes deliveries durable: all of them or none.
    pub(super) async fn append(&self, batch: Arc<[NewDelivery]>) -> io::Result<()> {
        self.blocking(move |inner| inner.append(&batch)).await?;
        self.filled.notify_one();
        Ok(())
    }

    /// The oldest deliveries that are not drained, and where they end.
    pub(super) async fn peek(&self, limit: usize) -> io::Result<(Vec<NewDelivery>, u64)> {
        self.blocking(move |inner| inner.peek(limit)).await
    }

    /// Forgets what lies before `end`.
    pub(super) async fn advance(&self, end: u64) -> io::Result<()> {
        self.blocking(move |inner| inner.advance(end)).await
    }

    /// Keeps a delivery that no database takes in a file beside the spool, for whoever repairs it.
    pub(super) async fn set_aside(&self, delivery: NewDelivery) -> io::Result<()> {
        self.blocking(move |inner| inner.keep("refused", &frame(&delivery)?))
            .await
    }

    async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Inner) -> io::Result<R> + Send + 'static,
    ) -> io::Result<R> {
        let inner = Arc::clone(&self.inner);
        let task = spawn_blocking(move || {
            let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut inner)
        });
        task.await.map_err(io::Error::other)?
    }
}

/// A spool file that no other process holds: one with something left in it before an empty or new one.
fn claim_file(dir: &Path) -> io::Result<(PathBuf, File)> {
    let mut empty = None;
    for number in 0..MAX_FILES {
        let path = dir.join(format!("webhook-spool-{number}.bin"));
        let is_new = !path.exists();
        let file = private()
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(err)) => return Err(err),
            Ok(()) if file.metadata()?.len() > 0 => return Ok((path, file)),
            Ok(()) => {
                empty.get_or_insert((path, file));
            }
        }
        if is_new {
            break;
        }
    }
    empty.ok_or_else(|| io::Error::other("every spool file is held by another process"))
}

impl Inner {
    /// Finds the end of what is whole and sets the rest aside.
    fn recover(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        while let Some((_payload, next)) = self.read_frame(self.end, length)? {
            self.end = next;
        }
        self.cut(length)
    }

    fn append(&mut self, batch: &[NewDelivery]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for delivery in batch {
            bytes.extend(frame(delivery)?);
        }
        let end = self.end + bytes.len() as u64;
        if end > self.limit {
            let message = format!("the spool is full ({} bytes)", self.limit);
            return Err(io::Error::new(io::ErrorKind::StorageFull, message));
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        let written = self
            .file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_data());
        if let Err(err) = written {
            self.file.set_len(self.end)?;
            return Err(err);
        }
        self.end = end;
        self.measure();
        Ok(())
    }

    fn peek(&mut self, limit: usize) -> io::Result<(Vec<NewDelivery>, u64)> {
        let (mut found, mut at) = (Vec::new(), self.drained);
        while found.len() < limit && at < self.end {
            let read = self.read_frame(at, self.end)?;
            let Some((delivery, next)) = read.and_then(|(payload, next)| {
                let delivery = decode(&payload).ok()?;
                Some((delivery, next))
            }) else {
                let length = self.end;
                self.end = at;
                self.cut(length)?;
                break;
            };
            found.push(delivery);
            at = next;
        }
        Ok((found, at))
    }

    fn advance(&mut self, end: u64) -> io::Result<()> {
        self.drained = end;
        if self.drained == self.end {
            self.file.set_len(0)?;
            self.file.sync_data()?;
            (self.drained, self.end) = (0, 0);
        }
        self.measure();
        Ok(())
    }

    /// The payload at `at` and where the next frame begins; `None` when there is no whole frame.
    fn read_frame(&mut self, at: u64, length: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        let mut head = [0; FRAME_HEAD];
        if length < at + FRAME_HEAD as u64 {
            return Ok(None);
        }
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut head)?;
        let [size, checksum] = [&head[..4], &head[4..]].map(|half| {
            u32::from_le_bytes(half.try_into().expect("half of eight bytes is four bytes"))
        });
        let next = at + FRAME_HEAD as u64 + u64::from(size);
        if size > MAX_FRAME || next > length {
            return Ok(None);
        }
        let mut payload = vec![0; size as usize];
        self.file.read_exact(&mut payload)?;
        Ok((crc32fast::hash(&payload) == checksum).then_some((payload, next)))
    }

    /// Cuts the file at its end and keeps what was behind it.
    fn cut(&mut self, length: u64) -> io::Result<()> {
        if length > self.end {
            let surplus = length - self.end;
            warn!("{surplus} bytes at the end of the spool are no whole deliveries: set aside");
            let mut bytes = Vec::new();
            self.file.seek(SeekFrom::Start(self.end))?;
            (&mut self.file).take(surplus).read_to_end(&mut bytes)?;
            self.keep("damaged", &bytes)?;
            self.file.set_len(self.end)?;
            self.file.sync_data()?;
        }
        self.measure();
        Ok(())
    }

    fn keep(&self, what: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = private()
            .append(true)
            .open(self.path.with_extension(what))?;
        file.write_all(bytes)?;
        file.sync_data()
    }

    fn measure(&self) {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        metrics::gauge!("medianest_webhook_spool_bytes").set((self.end - self.drained) as f64);
    }
}

/// Bodies may hold what only the operator may see.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

fn frame(delivery: &NewDelivery) -> io::Result<Vec<u8>> {
    let head = serde_json::to_vec(delivery)?;
    let too_large = |_size| io::Error::other("a delivery is too large for the spool");
    let head_size = u32::try_from(head.len()).map_err(too_large)?;
    let size = u32::try_from(4 + head.len() + delivery.body.len()).map_err(too_large)?;
    let mut payload = Vec::with_capacity(size as usize);
    payload.extend(head_size.to_le_bytes());
    payload.extend(head);
    payload.extend(&delivery.body);
    let mut frame = Vec::with_capacity(FRAME_HEAD + payload.len());
    frame.extend(size.to_le_bytes());
    frame.extend(crc32fast::hash(&payload).to_le_bytes());
    frame.extend(payload);
    Ok(frame)
}

fn decode(payload: &[u8]) -> io::Result<NewDelivery> {
    let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (size, rest) = payload.split_first_chunk::<4>().ok_or_else(short)?;
    let size = u32::from_le_bytes(*size) as usize;
    let (head, body) = rest.split_at_checked(size).ok_or_else(short)?;
    let mut delivery: NewDelivery = serde_json::from_slice(head)?;
    delivery.body = body.to_vec();
    Ok(delivery)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::Map;
    use shared_types::ids::{DeliveryId, SourceId};

    use super::*;
    use crate::kind::Kind;

    fn delivery(body: &[u8]) -> NewDelivery {
        let clock = shared_runtime::SystemClock;
        NewDelivery {
            id: DeliveryId::generate(&clock),
            source_id: SourceId::generate(&clock),
            source_name: "Sonarr".to_owned(),
            kind: Kind::Sonarr,
            received_at: DateTime::UNIX_EPOCH,
            event_type: None,
            verdict: "fine".to_owned(),
            method: "POST".to_owned(),
            content_type: None,
            headers: Map::new(),
            address: None,
            traceparent: None,
            is_test: false,
            dedupe: None,
            replay_of: None,
            requested_by: None,
            body: body.to_vec(),
        }
    }

    #[tokio::test]
    async fn what_was_appended_comes_back_in_order_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let written = [delivery(b"one\0\xff"), delivery(b""), delivery(b"three")];
        let spool = Spool::open(dir.path(), 1 << 20).unwrap();
        spool.append(Arc::new(written.clone())).await.unwrap();
        drop(spool);

        let spool = Spool::open(dir.path(), 1 << 20).unwrap();
        let (first, end) = spool.peek(2).await.unwrap();
        assert_eq!(first, written[..2]);
        spool.advance(end).await.unwrap();
        let (rest, end) = spool.peek(9).await.unwrap();
        assert_eq!(rest, written[2..]);
        spool.advance(end).await.unwrap();
        assert!(spool.is_empty());
        assert_eq!(
            fs::metadata(dir.path().join("webhook-spool-0.bin"))
                .unwrap()
                .len(),
            0
        );
    }

    #[tokio::test]
    async fn a_torn_or_changed_frame_is_set_aside_and_the_whole_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let written = delivery(b"whole");
        let spool = Spool::open(dir.path(), 1 << 20).unwrap();
        spool.append(Arc::new([written.clone()])).await.unwrap();
        spool.append(Arc::new([delivery(b"torn")])).await.unwrap();
        drop(spool);
        let path = dir.path().join("webhook-spool-0.bin");
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes.extend(b"half a frame");
        fs::write(&path, bytes).unwrap();

        let spool = Spool::open(dir.path(), 1 << 20).unwrap();
        assert_eq!(spool.peek(9).await.unwrap().0, [written]);
        assert!(dir.path().join("webhook-spool-0.damaged").exists());
    }

    #[tokio::test]
    async fn replicas_that_share_a_folder_do_not_share_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let first = Spool::open(dir.path(), 1 << 20).unwrap();
        let second = Spool::open(dir.path(), 1 << 20).unwrap();
        let (one, two) = (delivery(b"one"), delivery(b"two"));
        first.append(Arc::new([one.clone()])).await.unwrap();
        second.append(Arc::new([two.clone()])).await.unwrap();
        assert_eq!(first.peek(9).await.unwrap().0, [one]);
        assert_eq!(second.peek(9).await.unwrap().0, [two]);
        drop((first, second));

        let alone = Spool::open(dir.path(), 1 << 20).unwrap();
        assert!(!alone.is_empty(), "what a replica left is taken up again");
    }

    #[tokio::test]
    async fn a_full_spool_refuses_and_keeps_what_it_has() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path(), 2000).unwrap();
        spool.append(Arc::new([delivery(b"small")])).await.unwrap();
        let err = spool
            .append(Arc::new([delivery(&[7; 2000])]))
            .await
            .unwrap_err();
        assert_eq!(err.kind(), io::ErrorKind::StorageFull);
        assert_eq!(spool.peek(9).await.unwrap().0.len(), 1);
    }
}
