//! A contradiction between the records of somebody is settled by one more, and that is taken back by another: nothing is forgotten.

use tachiai_schemas::HashBytes;
use tachiai_schemas::roster::{Act, ChainId, EventId};
use tachiai_schemas::shelter::merged::{self, Protecting};
use tachiai_schemas::shelter::{PersonAct, PersonDone, PersonView, StepView};

use super::BASE;
use crate::client::Client;
use crate::failure::{Exit, Failure};

/// The note of a record that counts again.
const TAKEN_BACK: &str = "食い違いの解消を取り消し、その前に数えていた記録で数え直したもの（移動ではありません）";

/// A note with one more sentence.
fn noted(note: &str, said: &str) -> String {
    if note.is_empty() { said.to_owned() } else { format!("{note}／{said}") }
}

/// Writes a record of somebody.
///
/// # Errors
/// [`Failure`].
pub fn write(client: &Client, event: EventId, act: &PersonAct) -> Result<PersonDone, Failure> {
    client.post(&format!("{BASE}/events/{event}/people"), None, act)
}

/// The record that holds once more, with fields of the others, as they were named. Pure.
pub(super) fn settle(view: &PersonView, keep: &str, fields: &[(String, String)], reason: &str) -> Result<PersonAct, Failure> {
    let step = head(view, keep)?;
    let (fields, protecting) = protecting(fields)?;
    let chosen = fields.iter().map(|(field, entry)| Ok((field.clone(), head(view, entry)?.entry))).collect::<Result<Vec<_>, Failure>>()?;
    settlement(view, step.entry, &chosen, protecting, reason).ok_or_else(|| {
        let differ = view.differs.iter().map(|difference| difference.field.as_str()).collect::<Vec<_>>().join(", ");
        Failure::refused(
            format!("その記録の内容は開けないか、その項目は食い違っていません（食い違う項目: {differ}）。"),
            format!("what that record says cannot be opened, or the records do not differ in that field (they do in: {differ})."),
        )
    })
}

/// The record that holds, written once more with fields of the others after all that contradict each other; the reason stays in its note. `None` if it is none of
/// them, or cannot be opened, or the records do not differ in a field. Pure.
#[must_use]
pub fn settlement(view: &PersonView, keep: HashBytes, fields: &[(String, HashBytes)], protecting: Protecting, reason: &str) -> Option<PersonAct> {
    let step = view.heads.iter().find(|step| step.entry == keep)?;
    let mut person = merged::settled(&view.heads, keep, fields, protecting)?;
    person.note = noted(&person.note, &format!("食い違いの解消: {reason}"));
    let after: Vec<HashBytes> = view.heads.iter().map(|step| step.entry).collect();
    // An arrival that holds is not a second arrival.
    let act = if step.act == Act::Out { Act::Out } else { Act::Edit };
    Some(PersonAct { chain: Some(step.chain), after, shelter: step.shelter.clone(), act, time: None, person })
}

/// What counted before a contradiction was settled, as they were named, once more after the record that settled it. Pure.
pub(super) fn taken_back(view: &PersonView, settled: &str, back: &str) -> Result<PersonAct, Failure> {
    let settled = head(view, settled)?;
    if view.heads.len() > 1 {
        return Err(Failure::refused(
            "その後に食い違う記録がありました。取り消さずに、person settle で解消してください。",
            "a record that contradicts it came since. Settle that with `person settle` instead of taking this back.",
        ));
    }
    let mut named = view.history.iter().filter(|step| step.entry != settled.entry && step.entry.to_string().starts_with(back));
    let (Some(step), None) = (named.next(), named.next()) else {
        return Err(Failure::refused(
            "--back の記録が、この方の記録の中にないか、一つに決まりません。",
            "--back names none of this person's records, or several.",
        ));
    };
    unsettled(step, settled.chain, settled.entry).ok_or_else(|| Failure::refused("その記録の内容は開けません。", "what that record says cannot be opened."))
}

/// What counted before a contradiction was settled, to be entered once more after the record that settled it, with a note that nobody moved; nothing where it cannot be
/// opened. Pure.
#[must_use]
pub fn unsettled(before: &StepView, chain: ChainId, settled: HashBytes) -> Option<PersonAct> {
    let mut person = before.person.clone()?;
    person.note = noted(&person.note, TAKEN_BACK);
    let act = if before.act == Act::Out { Act::Out } else { Act::Moved };
    Some(PersonAct { chain: Some(chain), after: vec![settled], shelter: before.shelter.clone(), act, time: None, person })
}

/// A field, and the record in which it is right, as they are named together.
pub(super) fn field(text: &str) -> Result<(String, String), String> {
    let (field, entry) = text.split_once('=').ok_or_else(|| "write FIELD=ENTRY".to_owned())?;
    Ok((field.trim().to_owned(), entry.trim().to_owned()))
}

/// Fields, and the records in which they are right.
type Named<'a> = Vec<&'a (String, String)>;

/// The chosen fields without the protection, and what becomes of this.
fn protecting(fields: &[(String, String)]) -> Result<(Named<'_>, Protecting), Failure> {
    let (of_protection, fields): (Vec<_>, Vec<_>) = fields.iter().partition(|(field, _)| field == "protection");
    match of_protection.as_slice() {
        [] => Ok((fields, Protecting::Kept)),
        of if of.iter().all(|(_, value)| value == "open") => Ok((fields, Protecting::TakenAway)),
        _ => Err(Failure::new(
            Exit::Usage,
            "支援措置は、どれか一つの記録にあれば続きます。対象でないと確かめて解除するときだけ --field protection=open を付けてください。記録していません。",
            "a protection goes on if any of the records says so. Only to take it away, once it is made sure that there is none, add --field protection=open. Nothing was recorded.",
        )),
    }
}

/// The one of the latest records whose hash begins so.
fn head<'a>(view: &'a PersonView, entry: &str) -> Result<&'a StepView, Failure> {
    let mut named = view.heads.iter().filter(|step| step.entry.to_string().starts_with(entry));
    match (named.next(), named.next()) {
        (Some(step), None) => Ok(step),
        (None, _) | (_, Some(_)) => {
            Err(Failure::refused("その記録は、この方の最新の記録の一つではありません。", "that is not one of this person's latest records."))
        }
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::Person;

    use super::*;

    use crate::console::tests::samples::contradicted;

    #[test]
    fn a_settlement_keeps_its_reason_and_follows_all_that_contradict_each_other() {
        let view = contradicted();
        let [keep, other] = [0, 1].map(|at| view.heads[at].entry);
        let act = settle(&view, &keep.to_string(), &[], "電話で確認").unwrap();
        assert_eq!((act.after, act.shelter), (vec![keep, other], view.heads[0].shelter.clone()));
        assert_eq!(act.person.note, "食い違いの解消: 電話で確認");
    }

    #[test]
    fn a_settlement_is_taken_back_by_what_counted_before_and_only_while_it_is_the_latest_record() {
        let before = contradicted();
        let was = before.counts.clone();
        // The first one holds from now on.
        let settled = StepView { entry: tachiai_schemas::Bytes([9; 32]), ..before.heads[0].clone() };
        let history = [before.history.clone(), vec![settled.clone()]].concat();
        let after = PersonView { heads: vec![settled.clone()], counts: settled.clone(), conflict: None, differs: Vec::new(), history, ..before.clone() };
        let back = |view: &PersonView, entry: HashBytes| taken_back(view, &settled.entry.to_string(), &entry.to_string());
        let refused = |view: &PersonView, entry| back(view, entry).err().unwrap();
        let act = back(&after, was.entry).unwrap();
        assert!(
            (act.after, act.shelter, Some(Person { note: String::new(), ..act.person.clone() }))
                == (vec![settled.entry], was.shelter.clone(), was.person.clone())
        );
        assert_eq!(act.person.note, TAKEN_BACK, "whoever reads the history is not told of a move");
        assert_eq!(refused(&after, settled.entry).exit, Exit::Refused, "it is no record of before");
        let overtaken = PersonView { heads: vec![was.clone()], ..after.clone() };
        assert_eq!(refused(&overtaken, was.entry).exit, Exit::Refused);
        let contradicted = PersonView { heads: vec![settled.clone(), was.clone()], ..after };
        assert!(refused(&contradicted, was.entry).en.contains("contradicts"));
    }

    #[test]
    fn a_protection_is_taken_away_by_its_own_words_alone() {
        let of = |fields: &[&str]| fields.iter().map(|text| field(text).unwrap()).collect::<Vec<_>>();
        let (plain, open) = (of(&["phone=ab12"]), of(&["phone=ab12", "protection=open"]));
        assert_eq!(protecting(&plain).unwrap(), (vec![&plain[0]], Protecting::Kept));
        assert_eq!(protecting(&open).unwrap(), (vec![&open[0]], Protecting::TakenAway));
        // The record of a desk that did not know is no ground.
        assert_eq!(protecting(&of(&["protection=ab12"])).unwrap_err().exit, Exit::Usage);
    }
}
