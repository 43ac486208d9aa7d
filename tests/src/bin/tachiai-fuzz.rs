//! Shows spoilt bytes to every reader of foreign bytes, for some time, on every processor.

use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use tachiai_tests::demo::target;
use tachiai_tests::fuzz::{Finding, Spoiler, Target, Verdict, collect, corpora, targets, try_one};
use tachiai_tests::trouble::Trouble;

/// Shows spoilt bytes to every reader of foreign bytes.
#[derive(Parser)]
#[command(name = "tachiai-fuzz", version)]
struct Arguments {
    /// For how long in all
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// The seed; the same one spoils the same way [default: the time]
    #[arg(long)]
    seed: Option<u64>,
    /// Only these readers
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Instead: make the corpora anew from the folder of a demonstration (`make demo N=40`)
    #[arg(long, value_name = "DIR")]
    collect: Option<PathBuf>,
}

/// Inputs that a thread shows to a reader before it goes on to the next.
const TURN: u64 = 64;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be done about a closed terminal.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    match perform(arguments) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(finding)) => {
            let path = keep(&finding);
            eprintln!("tachiai-fuzz: {finding}; the input is in {}", path.display());
            ExitCode::from(1)
        }
        Err(trouble) => {
            eprintln!("tachiai-fuzz: {trouble}");
            ExitCode::from(2)
        }
    }
}

fn perform(Arguments { seconds, seed, only, collect: demo }: Arguments) -> Result<Option<Finding>, Trouble> {
    if let Some(demo) = demo {
        collect(&demo, &corpora())?;
        return Ok(None);
    }
    // A panic is a finding and is told as one.
    std::panic::set_hook(Box::new(|_| {}));
    let targets: Vec<Target> = targets()?.into_iter().filter(|target| only.is_empty() || only.iter().any(|name| name == target.name)).collect();
    let seed = seed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()));
    let counts: Vec<[AtomicU64; 2]> = targets.iter().map(|_| [AtomicU64::new(0), AtomicU64::new(0)]).collect();
    let (finding, found) = (Mutex::new(None), AtomicBool::new(false));
    let end = Instant::now() + Duration::from_secs(seconds);
    let run = |thread: u64| {
        let mut spoiler = Spoiler::new(seed.wrapping_mul(1009).wrapping_add(thread));
        for (target, [shown, accepted]) in targets.iter().zip(&counts).cycle() {
            if Instant::now() > end || found.load(Ordering::Relaxed) {
                return;
            }
            for _ in 0..TURN {
                match try_one(target, &spoiler.spoil(&target.corpus)) {
                    Ok(Verdict::Accepted) => drop(accepted.fetch_add(1, Ordering::Relaxed)),
                    Ok(Verdict::Refused) => {}
                    Err(fault) => {
                        found.store(true, Ordering::Relaxed);
                        finding.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
                        return;
                    }
                }
            }
            shown.fetch_add(TURN, Ordering::Relaxed);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    thread::scope(|scope| {
        for number in 0..threads {
            let run = &run;
            scope.spawn(move || run(number));
        }
    });
    println!("seed {seed}\n{:22} {:>10} {:>10}", "reader", "inputs", "accepted");
    for (target, [shown, accepted]) in targets.iter().zip(&counts) {
        println!("{:22} {:>10} {:>10}", target.name, shown.load(Ordering::Relaxed), accepted.load(Ordering::Relaxed));
    }
    Ok(finding.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Keeps the input for whoever repairs the reader.
fn keep(finding: &Finding) -> PathBuf {
    let folder = target().join("fuzz");
    let path = folder.join(format!("{}.input", finding.target));
    if let Err(error) = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, &finding.input)) {
        eprintln!("tachiai-fuzz: {}: {error}", path.display());
    }
    path
}
