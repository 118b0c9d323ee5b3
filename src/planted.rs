//! Bugs that the fault harness has to find: proof that its checker sees what it is there to see (docs/faults.md).
//!
//! Never active in a product: the feature `planted-bugs` does not build without debug assertions, and each bug asks for
//! its name in `ROLLCALL_PLANTED_BUG` besides. Without the feature nothing of them is compiled in.

#[cfg(all(feature = "planted-bugs", not(debug_assertions)))]
compile_error!("planted bugs are for the fault harness alone: build without the feature `planted-bugs`");

/// A mistake that somebody could make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bug {
    /// A "yes" is remembered for a second.
    AllowCache,
    /// A check joins a statement that was already sent.
    JoinInFlight,
    /// A connection is checked first and registered later.
    CheckThenAttach,
    /// The stream's lock and the reading of the session are one statement, with one snapshot from before the wait.
    LockAndReadAtOnce,
    /// A subscription that comes back begins at the head, not after its cursor.
    ResubscribeAtHead,
    /// Numbers come from a database sequence, before the commit and without the stream's lock.
    NumbersFromSequence,
    /// A database that was set back is taken for the history that is known.
    RewindUnseen,
}

impl Bug {
    pub const ALL: [Self; 7] = [
        Self::AllowCache,
        Self::JoinInFlight,
        Self::CheckThenAttach,
        Self::LockAndReadAtOnce,
        Self::ResubscribeAtHead,
        Self::NumbersFromSequence,
        Self::RewindUnseen,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AllowCache => "allow-cache",
            Self::JoinInFlight => "join-in-flight",
            Self::CheckThenAttach => "check-then-attach",
            Self::LockAndReadAtOnce => "lock-and-read-at-once",
            Self::ResubscribeAtHead => "resubscribe-at-head",
            Self::NumbersFromSequence => "numbers-from-sequence",
            Self::RewindUnseen => "rewind-unseen",
        }
    }
}

/// Is this bug to be had?
#[cfg(not(feature = "planted-bugs"))]
pub const fn is(_: Bug) -> bool {
    false
}

/// Is this bug to be had?
#[cfg(feature = "planted-bugs")]
pub fn is(bug: Bug) -> bool {
    static ACTIVE: std::sync::OnceLock<Option<Bug>> = std::sync::OnceLock::new();
    *ACTIVE.get_or_init(named) == Some(bug)
}

#[cfg(feature = "planted-bugs")]
#[expect(
    clippy::disallowed_methods,
    reason = "no setting: it is not there in any build but the harness' own"
)]
fn named() -> Option<Bug> {
    let name = std::env::var("ROLLCALL_PLANTED_BUG").ok()?;
    Bug::ALL.into_iter().find(|bug| bug.name() == name)
}
