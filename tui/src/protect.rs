//! What keeps PINs, passwords and keys in memory and nowhere else: no core dump, no other process that reads it, no swap.
//!
//! Where the system lets nobody lock a whole process, as on a usual desktop (`ulimit -l` 8192), the heap and the stack as they are before the
//! first secret are locked, and the pages of each secret that is kept. What the reader's service and its driver do with a PIN is theirs.

use std::sync::{Once, OnceLock};
use std::{fs, mem, ptr};

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{CapabilitySet, capabilities};
use tachiai_schemas::Lang;

static LANG: OnceLock<Lang> = OnceLock::new();

/// Tells somebody something, in Japanese and English.
type Tell = Box<dyn Fn([&'static str; 2]) + Send + Sync>;

static TELLS: OnceLock<Tell> = OnceLock::new();

/// Has what a person must know told in another way than on the standard error: a program that draws on the whole terminal tells it itself.
pub fn tell_by(tell: impl Fn([&'static str; 2]) + Send + Sync + 'static) {
    let _ = TELLS.set(Box::new(tell));
}

/// For the beginning of the program: it leaves no core dump, and no process of the same user can look into it.
pub fn begin(lang: Lang) {
    // A system that refuses has less to offer, and the person can do nothing about it.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = LANG.set(lang);
}

/// How far the system lets this process keep its memory from swap.
enum Kept {
    /// Every page, now and later.
    All,
    /// Those that were asked for.
    Some,
}

static KEPT: OnceLock<Kept> = OnceLock::new();

/// For the moment before the first secret is read: from now on no page of this process goes to swap, or at least none of its heap and stack as they are.
pub fn keep_from_swap() {
    KEPT.get_or_init(|| {
        if lock() {
            return Kept::All;
        }
        lock_heap_and_stack();
        Kept::Some
    });
}

/// Keeps a secret from swap that lies where it will stay. If that is not possible, and there is swap, the person is told once. Nothing is done before
/// [`keep_from_swap`]: programs that are no console have made-up secrets.
pub fn keep(secret: &[u8]) {
    if let (Some(Kept::Some), false) = (KEPT.get(), secret.is_empty()) {
        match region::lock(secret.as_ptr(), secret.len()) {
            // Other secrets may lie on the same page, so that it stays locked to the end.
            Ok(guard) => mem::forget(guard),
            Err(_) => warn(),
        }
    }
}

fn warn() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if has_swap() {
            let lang = LANG.get().copied().unwrap_or(Lang::En);
            let said = [
                "このパソコンでは、入力した暗証番号がスワップ領域に書き出されるおそれがあります（メモリーを固定できません。ulimit -l を確かめてください）。",
                "this machine might write a typed PIN to its swap space (memory cannot be locked; see `ulimit -l`).",
            ];
            match TELLS.get() {
                Some(tell) => tell(said),
                None => eprintln!("{}: {}", lang.pick("注意", "note"), lang.pick(said[0], said[1])),
            }
        }
    });
}

/// Locks what the next allocations will most likely be made of, and what is copied on the way to them.
fn lock_heap_and_stack() {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for (start, length) in maps.lines().filter_map(heap_or_stack) {
        // Each secret is locked by itself, and that is when it is told if nothing can be.
        let _ = region::lock(ptr::without_provenance::<u8>(start), length).map(mem::forget);
    }
}

/// The beginning and length of a mapping (a line of `/proc/self/maps`) that is the heap or the main stack.
fn heap_or_stack(line: &str) -> Option<(usize, usize)> {
    let (range, rest) = line.split_once(' ')?;
    if !matches!(rest.split_whitespace().last(), Some("[heap]" | "[stack]")) {
        return None;
    }
    let (start, end) = range.split_once('-')?;
    let number = |text| usize::from_str_radix(text, 16).ok();
    let start = number(start)?;
    Some((start, number(end)?.checked_sub(start)?))
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
    fn heap_and_stack_are_found_among_the_mappings() {
        assert_eq!(heap_or_stack("55d0c0a00000-55d0c0a21000 rw-p 00000000 00:00 0                          [heap]"), Some((0x55d0_c0a0_0000, 0x2_1000)));
        assert_eq!(heap_or_stack("7ffd0000-7ffd1000 rw-p 00000000 00:00 0    [stack]"), Some((0x7ffd_0000, 0x1000)));
        for other in ["", "7f00-7f10 r-xp 00000000 08:01 42 /usr/lib/libc.so.6", "7f00-7f10 rw-p 00000000 00:00 0 ", "x-y rw-p 0 0 0 [heap]"] {
            assert_eq!(heap_or_stack(other), None, "{other}");
        }
    }

    #[test]
    fn only_swap_that_outlives_the_power_counts() {
        let head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        assert!(!swaps(head));
        assert!(!swaps(&format!("{head}/dev/zram0 partition 100 0 100\n")));
        assert!(swaps(&format!("{head}/dev/zram0 partition 100 0 100\n/dev/dm-1 partition 1 0 -2\n")));
    }
}
