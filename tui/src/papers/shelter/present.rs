//! Who is in a shelter (避難者名簿), for a reception that goes on without power: by reading, with how complete it is. Whoever is under protection has no name on it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Relation;
use tachiai_schemas::roster::{ChainId, Hlc, Person, TerminalId};
use tachiai_schemas::shelter::{PersonView, TerminalView, Totals};
use tachiai_schemas::{Lang, Say};

use crate::papers::frame::chosen;
use crate::papers::{number, number_or_dash};
use crate::shelter::said;

/// Who is in a shelter.
///
/// There is no `Debug`: it names people.
#[derive(Clone, PartialEq, Eq)]
pub struct Present {
    /// The shelter.
    pub shelter: Text,
    /// Those who are in no way withheld, by their readings.
    pub people: Vec<PersonView>,
    /// Who counts.
    pub totals: Totals,
    /// The day, for ages.
    pub today: Day,
    /// How far the entries of the shelter's terminals are in it.
    pub sources: Vec<Source>,
}

/// How far the entries of a terminal are in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// It is the terminal that prints: all that was entered there.
    Own(TerminalId),
    /// It is another, which went on since.
    Other {
        /// Which.
        terminal: TerminalId,
        /// Its latest entry in the list.
        latest: Option<Hlc>,
        /// How many of its numbers before that have not come.
        missing: u64,
    },
}

impl Source {
    /// The terminals of a shelter, as the appliance knows them.
    #[must_use]
    pub fn of(terminals: &[TerminalView]) -> Vec<Self> {
        terminals.iter().map(|view| Self::Other { terminal: view.terminal.clone(), latest: view.latest, missing: view.missing }).collect()
    }

    fn said(&self, lang: Lang) -> String {
        match self {
            Self::Own(terminal) => format!("{terminal}: {}", lang.pick("この端末。入力した全部を含む", "this terminal, with all that was entered on it")),
            Self::Other { terminal, latest, missing } => {
                let until = match (latest, lang) {
                    (Some(latest), Lang::Ja) => format!("{}の登録まで", said::moment(lang, latest.millis())),
                    (Some(latest), Lang::En) => format!("up to its entry of {}", said::moment(lang, latest.millis())),
                    (None, _) => lang.pick("登録がまだ届いていない", "nothing of it has come yet").to_owned(),
                };
                match (missing, lang) {
                    (0, _) => format!("{terminal}: {until}"),
                    (missing, Lang::Ja) => format!("{terminal}: {until}（途中の{missing}件が未着）"),
                    (missing, Lang::En) => format!("{terminal}: {until} ({missing} before it have not come)"),
                }
            }
        }
    }
}

impl Present {
    /// Everything that the template prints, as texts.
    pub(super) fn sheet(&self, lang: Lang) -> Value {
        let Self { shelter, people, totals, today, sources } = self;
        let mut households: BTreeMap<ChainId, usize> = BTreeMap::new();
        for household in people.iter().filter_map(|view| view.counts.person.as_ref()?.household) {
            let next = households.len() + 1;
            households.entry(household.id).or_insert(next);
        }
        let named: Vec<(&PersonView, &Person)> = people.iter().filter_map(|view| Some((view, view.counts.person.as_ref()?))).collect();
        let rows: Vec<Value> = named.iter().map(|(view, person)| row(lang, view, person, *today, &households)).collect();
        json!({
            "shelter": chosen(lang, shelter),
            "rows": rows,
            "persons": number(totals.present),
            "withheld": number(totals.present.saturating_sub(named.len() as u64)),
            "is_withheld": totals.present > named.len() as u64,
            "heads": number_or_dash(totals.heads.map(u64::from)),
            "sources": sources.iter().map(|source| source.said(lang)).collect::<Vec<_>>(),
        })
    }
}

fn row(lang: Lang, view: &PersonView, person: &Person, today: Day, households: &BTreeMap<ChainId, usize>) -> Value {
    let household = person.household.and_then(|household| {
        let head = if household.relation == Relation::Head { lang.pick("主", "*") } else { "" };
        households.get(&household.id).map(|number| format!("{number}{head}"))
    });
    let mut cares: Vec<String> = person.needs.iter().map(|need| need.say(lang)).collect();
    if !person.allergies.is_empty() {
        cares.push(format!("{}: {}", lang.pick("除去", "without"), person.allergies.join(lang.pick("、", ", "))));
    }
    if view.conflict.is_some() {
        cares.push(lang.pick("（登録に食い違い）", "(entries contradict)").to_owned());
    }
    json!({
        "name": if person.name.is_empty() { lang.pick("（氏名なし）", "(no name)") } else { &person.name },
        "kana": person.kana,
        "birth": said::birth(lang, person.birth, today),
        "sex": person.sex.say(lang),
        "address": person.address,
        "household": household.unwrap_or_default(),
        "place": format!("{} {}", person.stay.say(lang), person.room).trim_end(),
        "cares": cares.join(lang.pick("・", ", ")),
        "entered": said::moment(lang, view.counts.time.millis()),
    })
}
