//! What was measured: one JSON object a line, on standard output.

use std::io::Write;
use std::time::{Duration, Instant};

/// In what something was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Per second.
    PerSecond,
    /// Bytes.
    Bytes,
    /// Megabytes of 1,000,000 bytes.
    Megabytes,
    /// A plain number.
    Ratio,
}

impl Unit {
    fn symbol(self) -> &'static str {
        match self {
            Unit::Microseconds => "us",
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
            Unit::PerSecond => "1/s",
            Unit::Bytes => "B",
            Unit::Megabytes => "MB",
            Unit::Ratio => "1",
        }
    }
}

#[derive(serde::Serialize)]
struct Line<'a> {
    name: &'a str,
    value: f64,
    unit: &'a str,
}

/// Where measurements go.
#[derive(Debug, Default)]
pub struct Report;

impl Report {
    /// Writes one value.
    pub fn value(&mut self, name: &str, value: f64, unit: Unit) {
        // Four digits that count are more than two runs agree in.
        let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
        let line = Line { name, value: rounded, unit: unit.symbol() };
        if let Ok(line) = serde_json::to_string(&line) {
            // A closed pipe ends the reader's interest, not the measurement.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }

    /// Writes a time.
    pub fn time(&mut self, name: &str, time: Duration, unit: Unit) {
        let seconds = time.as_secs_f64();
        let value = match unit {
            Unit::Microseconds => seconds * 1e6,
            Unit::Milliseconds => seconds * 1e3,
            _ => seconds,
        };
        self.value(name, value, unit);
    }
}

/// The median time of some work, done `rounds` times.
pub(super) fn median<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..rounds.max(1))
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The value below which `share` percent of the sorted values lie.
pub(super) fn percentile(sorted: &[Duration], share: usize) -> Duration {
    let index = (sorted.len() * share).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(50));
        assert_eq!(percentile(&times, 99), Duration::from_millis(99));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
