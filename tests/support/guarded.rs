//! A server process that cannot outlive the test process: not after a panic, not after `kill -9`.
//!
//! A shell between the two waits on a pipe from this process and kills the server when the pipe
//! closes. The module knows no particular server, and never leaves a process or a folder behind.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const START_SECONDS_MAX: u64 = 60;

/// A running server and its folder; both are gone when this is dropped.
pub struct Guarded {
    shell: Child,
    pid_file: PathBuf,
}

/// What to run, in which folder, and how to end it.
pub struct Launch<'a> {
    pub folder: &'a Folder,
    /// The signal that ends it at once; nothing of it is needed any more.
    pub signal: &'a str,
    pub command: Vec<String>,
}

impl Guarded {
    /// Starts it and waits for nothing.
    pub fn spawn(launch: Launch<'_>) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", include_str!("guarded.sh"), "guarded"]);
        shell.arg(&launch.folder.path).arg(launch.signal).args(launch.command);
        // A group of its own: Ctrl-C in a terminal ends the tests, and through the pipe the server.
        shell.current_dir("/").process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        if let Some(user) = launch.folder.user {
            shell.uid(user.uid).gid(user.gid);
        }
        let pid_file = launch.folder.path.join("pid");
        Self { shell: shell.spawn().expect("a POSIX shell starts"), pid_file }
    }

    /// Starts it and waits until `ready`; its last words if it went by itself before that.
    pub fn start(launch: Launch<'_>, ready: impl Fn() -> bool) -> Result<Self, String> {
        let mut guarded = Self::spawn(launch);
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while !ready() {
            if !guarded.is_running() {
                return Err(guarded.last_words());
            }
            assert!(Instant::now() < deadline, "a server did not come up within {START_SECONDS_MAX} s");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(guarded)
    }

    /// Has it not gone yet, by itself or by a signal?
    pub fn is_running(&mut self) -> bool {
        self.shell.try_wait().expect("its state is known").is_none()
    }

    /// Sends the server a signal: `STOP`, `CONT`, `KILL`. One that has gone takes it in silence.
    pub fn signal(&self, name: &str) {
        let Ok(pid) = fs::read_to_string(&self.pid_file) else { return };
        let mut kill = Command::new("kill");
        kill.args(["-s", name, pid.trim()]).stderr(Stdio::null());
        kill.status().expect("`kill` runs");
    }

    fn last_words(&mut self) -> String {
        let mut words = String::new();
        if let Some(stderr) = &mut self.shell.stderr {
            stderr.read_to_string(&mut words).expect("the log is text");
        }
        words
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().expect("the shell ends after its server");
    }
}

/// Who runs a server that refuses to run as root.
#[derive(Clone, Copy)]
pub struct User {
    uid: u32,
    gid: u32,
}

/// A temporary folder that the shell removes with the server in it.
pub struct Folder {
    pub path: PathBuf,
    pub user: Option<User>,
}

impl Folder {
    /// A new folder; when the tests run as root, it belongs to the first of `accounts` that exists.
    pub fn new(accounts: &[&str]) -> Self {
        let path =
            tempfile::Builder::new().prefix("rollcall-test-").tempdir().expect("a temporary folder").keep();
        let is_root = fs::metadata(&path).expect("it was just made").uid() == 0;
        let user = is_root.then(|| accounts.iter().find_map(|name| user(name))).flatten();
        if let Some(user) = user {
            chown(&path, Some(user.uid), Some(user.gid)).expect("root gives folders away");
        }
        Self { path, user }
    }
}

fn user(name: &str) -> Option<User> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> =
        accounts.lines().map(|line| line.split(':').collect()).find(|f: &Vec<&str>| f[0] == name)?;
    Some(User { uid: fields.get(2)?.parse().ok()?, gid: fields.get(3)?.parse().ok()? })
}

/// A port of 127.0.0.1 that nobody listens on and that this process has not handed out before.
///
/// It lies below the ports that systems give to outgoing connections: a client that keeps trying
/// to reach a stopped server on one of those may end up connected to itself.
pub fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 10_000;
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() * 61 % u32::from(COUNT)).expect("below COUNT");
    loop {
        let port = FIRST + (start + TAKEN.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The first folder of PATH, then of `places`, that holds all of `programs`.
pub fn folder_with(programs: &[&str], places: Vec<PathBuf>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let holds_all = |folder: &Path| programs.iter().all(|program| folder.join(program).is_file());
    std::env::split_paths(&path)
        // A link in PATH stands for the folder that it leads to, where the other programs are.
        .filter_map(|folder| folder.join(programs[0]).canonicalize().ok()?.parent().map(Path::to_owned))
        .chain(places)
        .find(|folder| holds_all(folder))
}
