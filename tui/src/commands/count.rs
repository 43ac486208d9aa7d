//! The count at the console.
//!
//! | file | holds |
//! |---|---|
//! | `papers.rs` | `paper-count …`: two officials count apart, the officers sign |
//! | `keys.rs` | the keys of the officers who sign a count or a lot |
//! | `out.rs` | `candidate-out` |
//! | `lot.rs` | `lot`, `lot-drop` |
//! | `outcome.rs` | `result` |

use tachiai_schemas::election::{Contest, Manifest};

use crate::failure::{Exit, Failure};

mod keys;
mod lot;
mod out;
mod outcome;
mod papers;

pub use keys::{only_once, signed_text, signing_text};
pub use lot::{DrawnLot, LotDropped, drop_of, drop_text, dropped_text, hand_in_lot, lot_text, lots, tie};
pub use out::{Out, out_line, out_of, out_text, print_recorded, reason_text, recorded_text};
pub use outcome::{outcome_of, outcome_text, result};
pub use papers::{PaperCountCommand, agreed, count_text, counts, enter_of, hand_in, outs, signed, thousandths, view_text};

fn usage(ja: impl Into<String>, en: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, ja, en)
}

/// A contest of the manifest by its identifier.
///
/// # Errors
/// [`Failure`] (64) that names those there are.
pub fn contest_of<'a>(manifest: &'a Manifest, id: &str) -> Result<(u16, &'a Contest), Failure> {
    (0..=u16::MAX).zip(&manifest.contests).find(|(_, contest)| contest.id == id).ok_or_else(|| {
        let all = manifest.contests.iter().map(|contest| contest.id.as_str()).collect::<Vec<_>>().join(", ");
        usage(format!("「{id}」という投票はありません。次のいずれかです: {all}"), format!("there is no contest \"{id}\"; there are: {all}"))
    })
}

fn option_of(contest: &Contest, id: &str) -> Result<u16, Failure> {
    (0..=u16::MAX).zip(&contest.options).find(|(_, option)| option.id == id).map(|(place, _)| place).ok_or_else(|| {
        let all = contest.options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>().join(", ");
        usage(format!("「{id}」という候補者はいません。次のいずれかです: {all}"), format!("there is no candidate \"{id}\"; there are: {all}"))
    })
}
