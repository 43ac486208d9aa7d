//! Measurements: how long the arithmetic, the count and the whole appliance take on this machine.
//!
//! Whatever is measured is made beforehand. Times are of the machine, so only ratios within one run are compared with
//! goals.
//!
//! | file | holds |
//! |---|---|
//! | `report.rs` | [`Report`]: one JSON object a line |
//! | `election.rs` | keys and ballots without an appliance |
//! | `ballots.rs` | proving and verifying ballots |
//! | `count.rs` | decryption shares and the tally |
//! | `roll.rs` | reading, checking and comparing rolls |
//! | `casting.rs` | an appliance under 64 connections, and its record |
//! | `desk.rs` | a polling desk at an appliance with a large roll |
//! | `shelter.rs` | hand-ins, arrivals, proofs and searches at the shelters |
//! | `statements.rs` | statements and disclosures from a roster, made and checked on one core |
//! | `sharing.rs` | statements, disclosures and questionnaires at that appliance |
//! | `terminal.rs` | a terminal in a full shelter, from the card to the person shown |
//! | `console.rs` | a console: from a key to its frame with many rows, and from the connection to the first frame |
//! | `records.rs` | records of many ballots in front of the verifier |
//! | `eligibility.rs` | the audit of the evidence behind that record |

mod ballots;
mod casting;
mod console;
mod count;
mod desk;
mod election;
mod eligibility;
mod records;
mod report;
mod roll;
mod sharing;
mod shelter;
mod statements;
mod terminal;

pub use ballots::measure_ballots;
pub use casting::{Load, measure_appliance};
pub use console::measure_console;
pub use count::measure_count;
pub use desk::measure_desk;
pub use records::measure_records;
pub use report::{Report, Unit};
pub use roll::measure_roll;
pub use shelter::measure_shelter;
pub use statements::measure_statements;
