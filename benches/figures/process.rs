//! What the system says of a process: memory and CPU. Linux alone tells it this way.

use std::fs;

/// KiB that are in memory.
pub fn resident_kib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives, on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}

/// Seconds of CPU that all its threads have used.
pub fn cpu(process: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the process lives, on Linux");
    let nanoseconds = |thread: std::io::Result<fs::DirEntry>| {
        let path = thread.ok()?.path().join("schedstat");
        fs::read_to_string(path).ok()?.split(' ').next()?.parse::<f64>().ok()
    };
    threads.filter_map(nanoseconds).sum::<f64>() / 1e9
}
