//! `reception roll-call`: who of the list of residents is registered, by district. Whoever looks is noted before anybody is shown.

use serde_json::json;
use tachiai_schemas::shelter::Resident;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::shelter::desk::Here;
use crate::shelter::record::How;
use crate::shelter::said;
use crate::shelter::state::Reception;

/// Lists who is expected.
///
/// # Errors
/// [`Failure`]: what was looked at could not be noted (2).
pub fn run(global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
    let residents = reception.residents().map_or(0, |residents| residents.all().len());
    reception.looked(How::List, Vec::new(), residents)?;
    let reception = &*reception;
    let expected = reception.expected();
    if global.json {
        let one = |(resident, here): &(&Resident, Here)| {
            let Resident { number, name, kana, district, address, support, .. } = *resident;
            json!({ "number": number, "name": name, "kana": kana, "district": district, "address": address, "support": support.is_some(), "here": said::here_code(*here) })
        };
        outln!("{}", json!({ "shelter": reception.shelter(), "expected": expected.iter().map(one).collect::<Vec<_>>() }));
        return Ok(Exit::Done);
    }
    let (lang, today) = (global.lang(), reception.today());
    for district in expected.chunk_by(|(one, _), (other, _)| one.district == other.district) {
        let came = district.iter().filter(|(_, here)| here.is_somewhere()).count();
        let name = district.first().map(|(resident, _)| crate::card::printable(&resident.district)).unwrap_or_default();
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
