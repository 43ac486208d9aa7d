//! What keeps PINs, passwords and keys in memory and nowhere else: no core dump, no other process that reads it, no swap.

use std::fs;
use std::sync::{Once, OnceLock};

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{CapabilitySet, capabilities};
use tachiai_schemas::Lang;

static LANG: OnceLock<Lang> = OnceLock::new();

/// For the beginning of the program: it leaves no core dump, and no process of the same user can look into it.
pub fn begin(lang: Lang) {
    // A system that refuses has less to offer, and the person can do nothing about it.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = LANG.set(lang);
}

/// For the moment before the first secret is read: from now on no page of this process goes to swap, as far as the system
/// allows. If it does not, and there is swap, the person is told once.
pub fn keep_from_swap() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if !lock() && has_swap() {
            let lang = LANG.get().copied().unwrap_or(Lang::En);
            let (head, text) = match lang {
                Lang::Ja => {
                    ("注意", "このパソコンでは、入力した暗証番号がスワップ領域に書き出されるおそれがあります（メモリーを固定できません。ulimit -l を確かめてください）。")
                }
                Lang::En => ("note", "this machine might write a typed PIN to its swap space (memory cannot be locked; see `ulimit -l`)."),
            };
            eprintln!("{head}: {text}");
        }
    });
}

fn lock() -> bool {
    let limit = getrlimit(Resource::Memlock);
    // What may be raised without leave is raised.
    let _ = setrlimit(Resource::Memlock, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let unlimited = limit.maximum.is_none() || capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::IPC_LOCK));
    // Under a limit, locking what comes later would make allocations fail in the middle of a vote.
    let later = if unlimited { MlockAllFlags::FUTURE } else { MlockAllFlags::empty() };
    // Pages are locked when they are first touched, so that memory which is only reserved costs nothing.
    mlockall(MlockAllFlags::CURRENT | later | MlockAllFlags::ONFAULT).is_ok() && unlimited
}

/// Whether there is swap that outlives the power: compressed memory (zram) does not.
fn has_swap() -> bool {
    fs::read_to_string("/proc/swaps").is_ok_and(|text| swaps(&text))
}

fn swaps(text: &str) -> bool {
    text.lines().skip(1).filter_map(|line| line.split_whitespace().next()).any(|name| !name.starts_with("/dev/zram"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_swap_that_outlives_the_power_counts() {
        let head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        assert!(!swaps(head));
        assert!(!swaps(&format!("{head}/dev/zram0 partition 100 0 100\n")));
        assert!(swaps(&format!("{head}/dev/zram0 partition 100 0 100\n/dev/dm-1 partition 1 0 -2\n")));
    }
}
