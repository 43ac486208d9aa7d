//! `reception roll-call`: who is here and who of them answered, and who of the list of residents is registered, by district. Whoever looks is noted before anybody is
//! shown. Who answered is kept nowhere, as on the screen: whoever calls says it.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::{Value, json};
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::shelter::{PersonView, Resident};

use super::args::by_handle;
use crate::card::printable;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::shelter::desk::Here;
use crate::shelter::record::How;
use crate::shelter::said;
use crate::shelter::state::Reception;

/// Who answered.
#[derive(Args, Debug)]
pub struct RollCall {
    /// Somebody who is here and answered, by the handle or its first letters; may be repeated
    #[arg(long, value_name = "HANDLE")]
    answered: Vec<String>,
}

impl RollCall {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`]: what was looked at could not be noted (2), or a handle is of nobody (1).
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let called = self.answered.iter().map(|text| by_handle(reception, text)).collect::<Result<BTreeSet<ChainId>, _>>()?;
        let mut present = reception.present();
        present.sort_by_key(|view| view.counts.person.as_ref().map(|person| person.district.clone()).unwrap_or_default());
        let residents = reception.residents().map_or(0, |residents| residents.all().len());
        reception.looked(How::List, present.iter().map(|view| view.counts.chain).collect(), residents)?;
        let reception = &*reception;
        let expected = reception.expected();
        // Handles that are known to be of one person answer for each other.
        let has_answered = |view: &PersonView| view.handles.iter().any(|handle| called.contains(handle));
        if global.json {
            let here: Vec<Value> = present.iter().map(|view| here(view, has_answered(view))).collect();
            let one = |(resident, here): &(&Resident, Here)| {
                let Resident { number, name, kana, district, address, support, .. } = *resident;
                json!({ "number": number, "name": name, "kana": kana, "district": district, "address": address, "support": support.is_some(), "here": said::here_code(*here) })
            };
            outln!("{}", json!({ "shelter": reception.shelter(), "present": here, "expected": expected.iter().map(one).collect::<Vec<_>>() }));
            return Ok(Exit::Done);
        }
        let (lang, today) = (global.lang(), reception.today());
        outln!("{}  {}/{}", lang.pick("在所者", "here"), present.iter().filter(|view| has_answered(view)).count(), present.len());
        for view in &present {
            let mark = if has_answered(view) { "✓" } else { "・" };
            let (handle, person) = (view.counts.chain.to_string(), view.counts.person.as_ref());
            let name = person.map_or_else(|| lang.pick("（開けません）", "(not to be opened)").to_owned(), |person| said::name(lang, person));
            let room = person.map(|person| printable(&person.room)).unwrap_or_default();
            outln!("  {mark} {}  {name}  {room}", handle.get(..4).unwrap_or(&handle));
        }
        for district in expected.chunk_by(|(one, _), (other, _)| one.district == other.district) {
            let came = district.iter().filter(|(_, here)| here.is_somewhere()).count();
            let name = district.first().map(|(resident, _)| printable(&resident.district)).unwrap_or_default();
            outln!("{name}  {came}/{}", district.len());
            for (resident, here) in district {
                outln!("  {} {}", if here.is_somewhere() { "✓" } else { "・" }, said::resident(lang, resident, today));
            }
        }
        if expected.is_empty() {
            outln!(
                "{}",
                lang.pick(
                    "住民の一覧がありません。tachiai reception sync --pack で受け取ります。",
                    "There is no list of residents: `tachiai reception sync --pack` fetches it."
                )
            );
        }
        Ok(Exit::Done)
    }
}

/// Somebody who is here, for a program.
fn here(view: &PersonView, has_answered: bool) -> Value {
    let person = view.counts.person.as_ref();
    json!({
        "handle": view.counts.chain, "name": person.map(|person| &person.name), "district": person.map(|person| &person.district),
        "room": person.map(|person| &person.room), "needs": person.map(|person| &person.needs), "answered": has_answered,
    })
}
