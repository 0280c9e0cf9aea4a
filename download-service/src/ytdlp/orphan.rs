//! Processes that a crash of ours left behind, found by number and start time, which together are unique since boot.

use std::{fs, io, path::Path};

use rustix::process::{Pid, Signal, kill_process_group};

/// Start time of a process in clock ticks since boot; `None` when it is not there (or the system has no `/proc`).
pub(crate) fn start_time(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // proc(5): the second field is the name in parentheses and may hold anything; start time is field 22.
    let after_name = &stat[stat.rfind(')')? + 2..];
    after_name.split(' ').nth(19)?.parse().ok()
}

/// Who we are, for the record of an attempt: machine, process and start time.
pub(crate) fn own_identity() -> String {
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    format!("{}:{pid}:{}", host(), start_time(pid).unwrap_or_default())
}

/// Whether the worker with this identity may still be at work. On another machine it may be; its lease tells.
pub(crate) fn may_be_alive(identity: &str) -> bool {
    let mut parts = identity.rsplitn(3, ':');
    let (Some(start), Some(pid), Some(machine)) = (parts.next(), parts.next(), parts.next()) else {
        return true;
    };
    if machine != host() || !Path::new("/proc/self/stat").exists() {
        return true;
    }
    pid.parse()
        .ok()
        .and_then(start_time)
        .map(|start| start.to_string())
        .as_deref()
        == Some(start)
}

/// Whether the worker with this identity runs, or ran, on this machine.
pub(crate) fn is_local(identity: &str) -> bool {
    identity.rsplitn(3, ':').nth(2) == Some(&host())
}

/// Ends the process group of a recorded process, if it is still the one that was recorded.
pub(crate) fn end_group(pid: i32, start: u64) -> io::Result<bool> {
    if start_time(pid) != Some(start) {
        return Ok(false);
    }
    let Some(group) = Pid::from_raw(pid) else {
        return Ok(false);
    };
    kill_process_group(group, Signal::KILL)?;
    Ok(true)
}

/// Name of this machine or container.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().replace(':', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_alive_and_somebody_with_another_start_time_is_not() {
        let own = own_identity();
        assert!(may_be_alive(&own) && is_local(&own), "{own}");
        let (rest, _start) = own.rsplit_once(':').expect("three parts");
        assert!(!may_be_alive(&format!("{rest}:1")));
        assert!(may_be_alive("elsewhere:1:1") && !is_local("elsewhere:1:1"));
    }
}
