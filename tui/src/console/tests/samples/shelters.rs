//! What headquarters may be answered.

use serde_json::json;
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::hand_in::{Aside, Copied, SetAside};
use tachiai_schemas::roster::report::{HowCounted, ReportContent};
use tachiai_schemas::roster::{Act, ChainId, Hlc, TerminalStatus};
use tachiai_schemas::shelter::case::{AsideContent, AsideEntry, AsideOpened, AsideSaid, AsideStanding, Outstanding, Silence, TerminalOut};
use tachiai_schemas::shelter::import::{ImportAnswer, ImportChange, ImportDifference, ImportField, ImportFirst, ImportKind, ImportMode, Standing};
use tachiai_schemas::shelter::overview::{Missing, MissingOfDistrict, MissingPerson, QuestionnaireOf};
use tachiai_schemas::shelter::questionnaire::{Answer as Answered, Answers, Definition, Filled, FilledBy, Kept, YesNo};
use tachiai_schemas::shelter::table::ImportReport;
use tachiai_schemas::shelter::{Alike, AsideView, Duplicates, StatementMade, Support, TerminalAsking, TerminalRequest, TerminalView, Way};
use tachiai_schemas::{Bytes, HashBytes};

use super::{at, closed, contradicted, event_id};
use crate::commands::shelter::import::Source;
use crate::console::work::shelters::{Answer, Question};

/// An answer to any of them.
pub fn answer(question: &Question) -> Answer {
    match question {
        Question::Facilities => Answer::Facilities(Box::new(standing())),
        Question::Import(source, _) => Answer::Import(Box::new(import(*source))),
        Question::Request(_) => Answer::Request(Box::new(request("temple-1", "temple", 9))),
        Question::Outstanding(_) => Answer::Outstanding(Box::new(outstanding())),
        Question::Duplicates(_) => Answer::Duplicates(vec![Duplicates { alike: Alike::NameAndBirth, people: vec![contradicted(), contradicted()], more: 0 }]),
        Question::Asides(_) => Answer::Asides(asides()),
        Question::Aside(..) => Answer::Aside(Box::new(aside())),
        Question::Missing(_) => Answer::Missing(Box::new(missing())),
        Question::Events => Answer::Events(vec![closed(), super::headquarters().events.unwrap_or_default().swap_remove(0).summary]),
        Question::Questionnaire(_, chain) => Answer::Questionnaire(Box::new(answers(*chain))),
        Question::Statements(_) => Answer::Statements(vec![statement(0, "2026-11-25T12:00:00Z", 320), statement(1, "2026-11-25T21:00:00Z", 1_204)]),
    }
}

/// What somebody with a fever answered, with the questions.
fn answers(chain: ChainId) -> (QuestionnaireOf, Option<Definition>) {
    let definition = Definition::from_toml(include_str!("../../../../../tests/data/shelter/questionnaire.toml")).unwrap();
    let answers = [
        ("temperature", Answered::Number("37.8".to_owned())),
        ("symptoms", Answered::Chosen(vec!["cough".parse().unwrap(), "rash".parse().unwrap()])),
        ("medicine-names", Answered::Text("アムロジピン 5mg".to_owned())),
        ("pregnancy", Answered::YesNo(YesNo::No)),
        ("care", Answered::Chosen(vec!["some".parse().unwrap()])),
    ];
    let answers = answers.into_iter().map(|(id, answer)| (id.to_owned(), answer)).collect();
    let answers = Answers { questionnaire: definition.id.clone(), version: definition.version, answers };
    let (triage, because) = definition.judge(&answers).unwrap();
    let filled = Filled { salt: Bytes([5; 32]), at: at("2026-11-25T12:10:00Z"), by: FilledBy::Desk, answers, triage, because };
    let kept = Kept { hash: filled.hash().unwrap(), at: filled.at, triage };
    (QuestionnaireOf { chain, filled, kept }, Some(definition))
}

fn outstanding() -> Outstanding {
    let terminal = TerminalOut {
        terminal: "gym-2".parse().unwrap(),
        shelter: "gym".parse().unwrap(),
        missing: 3,
        latest: None,
        silence: Silence::Silent,
        copied: Copied::No,
    };
    Outstanding { terminals: vec![terminal], asides: 1, conflicts: 2, present: 214, shelters: vec!["gym".parse().unwrap()] }
}

/// The file of the hand-in that can be opened.
pub fn aside_file() -> HashBytes {
    Bytes([9; 32])
}

fn asides() -> Vec<AsideView> {
    let done = AsideView { file: Bytes([8; 32]), at: at("2026-11-25T20:10:00Z"), terminal: "school-1".parse().unwrap(), open: 0, ..aside().view };
    vec![done, aside().view]
}

/// A hand-in of a lost terminal: somebody, a headcount that is decided, answers, and what nobody can read.
pub fn aside() -> AsideOpened {
    let person = contradicted().counts.person.unwrap();
    let heads = ReportContent::Headcount { persons: 30, how: HowCounted::About };
    let said = [
        (AsideSaid::Person { chain: ChainId([1; 16]), shelter: "gym".parse().unwrap(), act: Act::In, person: Box::new(person) }, AsideStanding::Open {}),
        (AsideSaid::Report { shelter: "gym".parse().unwrap(), content: heads.clone() }, AsideStanding::Dropped {}),
        (AsideSaid::Report { shelter: "gym".parse().unwrap(), content: heads }, AsideStanding::Open {}),
        (AsideSaid::Answers { chain: ChainId([2; 16]) }, AsideStanding::Open {}),
        (AsideSaid::Nothing {}, AsideStanding::Known {}),
    ];
    let entry = |(index, (said, standing)): (u32, (AsideSaid, AsideStanding))| {
        let (reason, detail) = if index == 4 { (Aside::Rule, "行番号 4") } else { (Aside::Revoked, "") };
        let time = Some(Hlc::at(at("2026-11-26T02:00:00Z").plus(i64::from(index) * 60)));
        let aside = SetAside { index, reason, detail: detail.to_owned() };
        AsideEntry { content: AsideContent { aside, source: Bytes([index as u8; 32]), time, entered: time, said }, standing }
    };
    let entries: Vec<AsideEntry> = (0..).zip(said).map(entry).collect();
    let view = AsideView {
        file: aside_file(),
        at: at("2026-11-26T03:20:00Z"),
        by: "受付 二郎".to_owned(),
        way: Way::Stick,
        terminal: "gym-2".parse().unwrap(),
        aside: entries.iter().map(|entry| entry.content.aside.clone()).collect(),
        open: 3,
    };
    AsideOpened { view, entries }
}

fn standing() -> Standing {
    let place = |id: &str, name: &str, kana: &str, district: &str, capacity: Option<u32>| {
        json!({
            "id": id, "name": name, "kana": kana, "address": format!("養父市{district}1-1"), "district": district, "position": null,
            "capacity": capacity.map(|inside| json!({ "inside": inside })), "hazards": [], "uses": [],
        })
    };
    let facilities = [
        place("e2822200152111", "八鹿小学校", "ヨウカショウガッコウ", "八鹿", Some(420)),
        place("e2822200152112", "養父市立とても長い名前の交流センター兼公民館", "コウリュウセンター", "養父", Some(60)),
        place("e2822200152113", "大屋市民センター", "オオヤシミンセンター", "大屋", None),
    ];
    serde_json::from_value(json!({ "facilities": facilities, "imports": [] })).unwrap()
}

fn missing() -> Missing {
    let person = |name: &str, birth: &str, reason: &str, protection| {
        let is_open = protection == Protection::Open;
        MissingPerson {
            number: "10021".to_owned(),
            name: if is_open { name.to_owned() } else { String::new() },
            kana: String::new(),
            birth: is_open.then(|| Day::read(birth).unwrap()),
            address: if is_open { "養父市大屋町加保7".to_owned() } else { String::new() },
            support: Support { needs: Vec::new(), reason: reason.to_owned(), phone: "079-000-0000".to_owned(), helper: "加保自治会".to_owned() },
            protection,
        }
    };
    let of = |district: &str, listed, missing| MissingOfDistrict { district: district.to_owned(), listed, arrived: 5, missing };
    Missing {
        districts: vec![
            of("八鹿", 5, Vec::new()),
            of("大屋", 7, vec![person("西垣 次郎", "1941-05-03", "歩行困難", Protection::Open), person("", "", "人工呼吸器", Protection::Protected)]),
        ],
        unopened: 1,
    }
}

pub fn statement(number: u64, time: &str, size: u64) -> StatementMade {
    StatementMade { event: event_id(), number, size, leaf: size, at: Hlc::at(at(time)), statement: Bytes([7; 32]), scopes: Vec::new() }
}

/// What a file would change: of a register that is not whole where it is one of residents, and with a bad row in a support list.
pub fn import(source: Source) -> ImportAnswer {
    let many = |from: u32, n: u32| (from..from + n).map(|number| number.to_string()).collect::<Vec<_>>();
    let first = |added: Vec<String>, changed, removed| ImportFirst { added, changed, removed };
    let change = |of: &str, (ja, en), [before, after]: [&str; 2]| {
        let same = |text: &str| Text { ja: text.to_owned(), en: text.to_owned() };
        ImportChange { of: of.to_owned(), fields: vec![ImportField { field: super::text(ja, en), before: same(before), after: same(after) }] }
    };
    let (difference, rows, errors) = match source.kind {
        ImportKind::Facilities => {
            let names = ["e2822200152111 八鹿小学校", "e2822200152112 養父市立とても長い名前の交流センター兼公民館"];
            let changed = vec![change("e2822200152113 大屋市民センター", ("収容人数", "takes"), ["250", "300"])];
            let first = first(names.map(str::to_owned).into(), changed, Vec::new());
            (ImportDifference { added: 2, changed: 1, removed: 0, same: 50, first }, 53, Vec::new())
        }
        ImportKind::Residents => {
            let first = first(
                many(90_001, 2),
                many(20_001, 3).iter().map(|number| change(number, ("住所", "address"), ["養父市八鹿町八鹿1", "養父市大屋町大屋市場2"])).collect(),
                many(10_001, 100),
            );
            (ImportDifference { added: 2, changed: 3, removed: 18_000, same: 2_000, first }, 2_005, Vec::new())
        }
        ImportKind::SupportList => {
            let problem = json!({ "line": 14, "column": "生年月日", "ja": "「昭和70年」という日はありません。", "en": "there is no year Showa 70." });
            (ImportDifference { added: 3, ..ImportDifference::default() }, 4, vec![serde_json::from_value(problem).unwrap()])
        }
    };
    let taken = rows - errors.len() as u64;
    let report = ImportReport { encoding: "utf-8".to_owned(), rows, taken, errors, warnings: Vec::new(), more: 0 };
    ImportAnswer { kind: source.kind, mode: ImportMode::Show, report, file: Bytes([3; 32]), replaces: None, difference, strangers: 0, occupancy: Vec::new() }
}

/// What a terminal asks to be admitted by.
pub fn request(name: &str, shelter: &str, key: u8) -> TerminalRequest {
    TerminalRequest {
        terminal: name.parse().unwrap(),
        key: Bytes([key; 32]),
        recipient: "age1".to_owned(),
        shelter: shelter.parse().unwrap(),
        event: event_id(),
    }
}

pub fn asking() -> Vec<TerminalAsking> {
    vec![TerminalAsking { request: request("school-2", "school", 3), by: "reception-2".to_owned(), since: at("2026-11-26T03:39:00Z") }]
}

pub fn terminals() -> Vec<TerminalView> {
    let of = |name: &str, shelter: &str, status, missing, copied| TerminalView {
        terminal: name.parse().unwrap(),
        shelter: shelter.parse().unwrap(),
        status,
        entries: 312,
        missing,
        latest: Some(Hlc::at(at("2026-11-26T03:30:00Z"))),
        copied,
    };
    vec![
        of("gym-1", "gym", TerminalStatus::Admitted, 0, Copied::No),
        of("gym-2", "gym", TerminalStatus::Admitted, 4, Copied::No),
        of("hall-1", "hall", TerminalStatus::Admitted, 0, Copied::Twice),
        of("school-1", "school", TerminalStatus::Revoked, 0, Copied::No),
    ]
}
