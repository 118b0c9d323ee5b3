//! Which process runs on which core: what is measured has one for itself, everything else shares the other.
//!
//! Never insists: without the program `taskset`, or on one core, the system decides, and the report says so.

use std::process::Command;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Core {
    /// The server that is measured, and its limit.
    Measured,
    /// The load, the database, Redis, and other servers.
    Rest,
}

/// The words in front of a command that put it onto its core.
pub fn prefix(core: Core) -> Vec<String> {
    if !is_pinned() {
        return Vec::new();
    }
    let number = match core {
        Core::Measured => "0",
        Core::Rest => "1",
    };
    ["taskset", "-c", number].map(str::to_owned).to_vec()
}

/// A command on its core.
pub fn command(core: Core, program: &str) -> Command {
    let mut words = prefix(core);
    words.push(program.to_owned());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// Moves this process, and with it all that it starts from now on.
pub fn move_aside() {
    if is_pinned() {
        let process = std::process::id().to_string();
        let moved = Command::new("taskset").args(["-a", "-p", "-c", "1", &process]).output();
        assert!(moved.is_ok_and(|moved| moved.status.success()), "the process may move itself");
    }
}

pub fn is_pinned() -> bool {
    static PINNED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *PINNED.get_or_init(|| {
        let there = Command::new("taskset").args(["-c", "0,1", "true"]).output();
        there.is_ok_and(|there| there.status.success())
    })
}
