//! A reception terminal (避難所受付): it registers who comes and goes, with a link or without one for days, and hands in what it wrote.
//!
//! **Invariant:** nothing is said to be done before it is durable in the terminal's own folder. No command needs the appliance but those that hand in and fetch.
//!
//! | file | is |
//! |---|---|
//! | [`key`] | the terminal's keys, under the passphrase of the shift |
//! | [`store`] | the folder's journal: framed, sealed, chained, synced |
//! | [`record`] | what stands in it |
//! | [`clock`] | the time here, as the appliance's clock would show it |
//! | [`state`] | all that the terminal knows, folded from its journal |
//! | [`desk`] | the acts of the reception |
//! | [`elsewhere`] | who has a record at another shelter, and who of a household is here |
//! | [`report`] | what the shelter reports of itself |
//! | [`place`] | what its event and shelter are called, until it is admitted |
//! | [`input`] | persons as they are typed or read by a script |
//! | [`card`] | persons as their cards tell them |
//! | [`line`] | what is asked of the appliance |
//! | [`sync`] | handing in and learning news, over the network |
//! | [`redate`] | re-dating of what a wrong clock dated |
//! | [`stick`] | the same by a stick |
//! | [`undo`] | what takes back what was entered |
//! | [`said`] | persons and entries in words |

pub mod card;
pub mod clock;
pub mod desk;
pub mod elsewhere;
pub mod input;
pub mod key;
pub mod line;
pub mod place;
pub mod record;
pub mod redate;
pub mod refused;
pub mod report;
pub mod said;
pub mod state;
pub mod stick;
pub mod store;
pub mod sync;
pub mod undo;

#[cfg(test)]
pub(crate) mod tests;
