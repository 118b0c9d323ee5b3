//! What the load has heard since the last strike, and when.
//!
//! Never allocates or locks for an ordinary delivery: it must not be what the measuring waits for.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use rollcall::primitives::time::Clock;
use tokio::sync::Notify;

use super::frame::{self, Frame};

/// How an answer to a subscription begins, whatever its operation.
const NEXT: &[u8] = br#""type":"next""#;
/// Where that stands, behind an operation's short id.
const NEXT_WITHIN: usize = 40;

pub struct Tally {
    started: Instant,
    deliveries: AtomicU64,
    wanted_deliveries: AtomicU64,
    closings: AtomicU64,
    wanted_closings: AtomicU64,
    /// Nanoseconds since `started`; 0 is never.
    first_at: AtomicU64,
    last_at: AtomicU64,
    closed_at: AtomicU64,
    bytes: AtomicU64,
    keeps: AtomicBool,
    kept: Mutex<Option<Kept>>,
    reached: Notify,
}

/// A delivery as it came, and when, by the clock on the wall.
#[derive(Clone)]
pub struct Kept {
    pub text: String,
    pub arrived_at: i64,
}

/// The tally of one strike, in nanoseconds since the process began.
#[derive(Clone, Copy)]
pub struct Counted {
    pub first_at: u64,
    pub last_at: u64,
    pub closed_at: u64,
    pub deliveries: u64,
    pub bytes: u64,
}

impl Tally {
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            deliveries: AtomicU64::default(),
            wanted_deliveries: AtomicU64::default(),
            closings: AtomicU64::default(),
            wanted_closings: AtomicU64::default(),
            first_at: AtomicU64::default(),
            last_at: AtomicU64::default(),
            closed_at: AtomicU64::default(),
            bytes: AtomicU64::default(),
            keeps: AtomicBool::default(),
            kept: Mutex::default(),
            reached: Notify::new(),
        }
    }

    pub fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).expect("a process lives less than centuries")
    }

    /// Begins anew: so many deliveries and closings are to come.
    pub fn expect(&self, deliveries: u64, closings: u64, keep: bool) {
        for count in
            [&self.deliveries, &self.closings, &self.first_at, &self.last_at, &self.closed_at, &self.bytes]
        {
            count.store(0, Relaxed);
        }
        self.wanted_deliveries.store(deliveries, Relaxed);
        self.wanted_closings.store(closings, Relaxed);
        self.keeps.store(keep, Relaxed);
        *self.kept.lock().expect("nobody panics with it") = None;
    }

    /// Waits for all that was expected.
    pub async fn reached(&self) {
        loop {
            let told = self.reached.notified();
            if self.is_reached() {
                return;
            }
            told.await;
        }
    }

    fn is_reached(&self) -> bool {
        self.deliveries.load(Relaxed) >= self.wanted_deliveries.load(Relaxed)
            && self.closings.load(Relaxed) >= self.wanted_closings.load(Relaxed)
    }

    pub fn counted(&self) -> Counted {
        Counted {
            first_at: self.first_at.load(Relaxed),
            last_at: self.last_at.load(Relaxed),
            closed_at: self.closed_at.load(Relaxed),
            deliveries: self.deliveries.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
        }
    }

    pub fn kept(&self) -> Option<Kept> {
        self.kept.lock().expect("nobody panics with it").clone()
    }

    /// Counts what came in one reading, and says what is to be answered. The second is how much of it were whole frames.
    pub fn take(&self, mut bytes: &[u8]) -> (Option<Vec<u8>>, usize) {
        let (mut deliveries, mut taken, mut answer) = (0, 0, None);
        while let Some((heard, length)) = frame::read(bytes) {
            match heard.opcode {
                frame::TEXT if is_next(heard.payload) => {
                    deliveries += 1;
                    self.keep(heard);
                }
                frame::PING => answer = Some(frame::from_client(frame::PONG, heard.payload)),
                frame::CLOSE => self.close(),
                _ => {}
            }
            taken += length;
            bytes = &bytes[length..];
        }
        if deliveries > 0 {
            self.deliver(deliveries, taken as u64);
        }
        (answer, taken)
    }

    fn deliver(&self, count: u64, bytes: u64) {
        let before = self.deliveries.fetch_add(count, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
        if before == 0 {
            self.first_at.store(self.now(), Relaxed);
        }
        if before + count >= self.wanted_deliveries.load(Relaxed) {
            self.last_at.store(self.now(), Relaxed);
            self.reached.notify_waiters();
        }
    }

    fn close(&self) {
        self.closings.fetch_add(1, Relaxed);
        self.closed_at.store(self.now(), Relaxed);
        self.reached.notify_waiters();
    }

    fn keep(&self, heard: Frame<'_>) {
        if self.keeps.load(Relaxed) {
            let text = String::from_utf8_lossy(heard.payload).into_owned();
            let kept = Kept { text, arrived_at: Clock::system().now().as_micros() };
            *self.kept.lock().expect("nobody panics with it") = Some(kept);
        }
    }
}

fn is_next(payload: &[u8]) -> bool {
    payload[..payload.len().min(NEXT_WITHIN)].windows(NEXT.len()).any(|part| part == NEXT)
}
