//! Times at which connections want to be looked at: one wheel for all of them instead of a timer each.
//!
//! Never exact: a time is kept to about two ticks, and a time beyond the wheel comes round early.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::listener::{Call, Listener};
use super::{Hub, Inner};

const TICK: Duration = Duration::from_millis(100);
/// So many ticks ahead; who waits longer is called at the end of them and asks again.
const SLOTS: usize = 512;

#[derive(Debug)]
pub(super) struct Wheel(Mutex<Slots>);

#[derive(Debug)]
struct Slots {
    now: usize,
    due: Vec<Vec<Arc<Listener>>>,
}

impl Default for Wheel {
    fn default() -> Self {
        Self(Mutex::new(Slots { now: 0, due: vec![Vec::new(); SLOTS] }))
    }
}

impl Wheel {
    /// Calls the listener when this time has passed.
    pub(super) fn call(&self, listener: &Arc<Listener>, after: Duration) {
        let ticks = after.as_millis().div_ceil(TICK.as_millis());
        // The tick under way has begun already.
        let ticks = usize::try_from(ticks).unwrap_or(SLOTS).saturating_add(1).min(SLOTS - 1);
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (slots.now + ticks) % SLOTS;
        slots.due[at].push(Arc::clone(listener));
    }

    fn turn(&self) {
        let due = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            slots.now = (slots.now + 1) % SLOTS;
            let now = slots.now;
            std::mem::take(&mut slots.due[now])
        };
        for listener in due {
            listener.call(Call::TIME);
        }
    }
}

/// Turns the wheel as long as there is a hub. After a delay it catches up.
pub(super) async fn run(hub: Weak<Inner>) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        let Some(inner) = hub.upgrade() else { return };
        Hub(inner).0.wheel.turn();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::hub::Identity;
    use crate::primitives::ids::{AccountId, AccountSessionId};

    fn listener() -> Arc<Listener> {
        let (session, account) = (AccountSessionId::new(), AccountId::new());
        Arc::new(Listener::new(Identity::Account { session, account, generation: 1 }))
    }

    /// After how many ticks it is called.
    fn ticks_until_called(after: Duration) -> usize {
        let (wheel, listener) = (Wheel::default(), listener());
        wheel.call(&listener, after);
        let called = (1..2 * SLOTS).find(|_| {
            wheel.turn();
            listener.take_calls().any()
        });
        called.expect("it is called")
    }

    #[test]
    fn nobody_is_called_before_their_time_nor_much_later() {
        assert_eq!(ticks_until_called(Duration::ZERO), 1);
        assert_eq!(ticks_until_called(TICK), 2);
        assert_eq!(ticks_until_called(TICK * 7 / 2), 5);
        assert_eq!(ticks_until_called(TICK * 300), 301);
    }

    #[test]
    fn whoever_waits_longer_than_the_wheel_is_called_at_its_end() {
        assert_eq!(ticks_until_called(TICK * 10_000), SLOTS - 1);
    }
}
