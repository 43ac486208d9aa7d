//! Statements, disclosures and own entries of a roster.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Serialize;
use tachiai_crypto::roster::Flag;
use tachiai_schemas::roster::disclosure::{Basis, Ground, Selection, Withheld};
use tachiai_schemas::roster::own::OwnEntry;
use tachiai_schemas::roster::{Declared, ShelterId};
use tachiai_schemas::sharing::preview::{FieldShown, PersonShown};
use tachiai_schemas::sharing::words::{field_name, person_lines, value_text};
use tachiai_schemas::{Lang, Say};
use tachiai_verify::roster::Ended;
use tachiai_verify::roster::disclosure::{DisclosureVerdict, Held};
use tachiai_verify::roster::own::OwnVerdict;
use tachiai_verify::roster::statement::{StatementVerdict, ToldScope};
use tachiai_verify::{Failure, Incomplete};

use super::report::{Report, json};
use super::{Common, Outcome, read};

fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let file = File::open(path).map_err(|error| Incomplete::Unreadable { path: path.display().to_string(), error })?;
    Ok(BufReader::with_capacity(1 << 20, file))
}

/// Checks a statement, and that it follows an earlier one.
pub(super) fn statement(path: &Path, since: Option<&Path>, common: &Common) -> Result<Outcome, Failure> {
    let mut earlier = since.map(open).transpose()?;
    let shown = since.map(|path| path.display().to_string()).unwrap_or_default();
    let since = earlier.as_mut().map(|file| (file as &mut dyn BufRead, shown.as_str()));
    let verdict = tachiai_verify::roster::statement::verify(open(path)?, &path.display().to_string(), since, common.expect.as_ref())?;
    let report = common.report();
    Ok(Outcome { text: if report.json { json(&verdict) } else { report.statement(&verdict) }, code: 0 })
}

/// Whether the people of a disclosure are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Everybody,
    Nobody,
}

/// A disclosure with its people, for a program.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(flatten)]
    verdict: &'a DisclosureVerdict,
    given: &'a [PersonShown],
}

/// Checks a disclosure; nobody in one that does not hold is shown.
pub(super) fn disclosure(path: &Path, naming: Naming, common: &Common) -> Result<Outcome, Failure> {
    let held = tachiai_verify::roster::disclosure::verify(open(path)?, &path.display().to_string(), common.expect.as_ref())?;
    let report = common.report();
    let text = match (report.json, naming) {
        (true, Naming::Everybody) => json(&Named { verdict: &held.verdict, given: &held.people }),
        (true, Naming::Nobody) => json(&held.verdict),
        (false, _) => report.disclosure(&held.verdict) + &report.people(&held, naming),
    };
    Ok(Outcome { text, code: 0 })
}

/// Checks an own entry and shows it.
pub(super) fn own(path: &Path, common: &Common) -> Result<Outcome, Failure> {
    let file: OwnEntry = read(path, "an own entry")?;
    let verdict = tachiai_verify::roster::own::verify(&file, common.expect.as_ref())?;
    let report = common.report();
    Ok(Outcome { text: if report.json { json(&verdict) } else { report.own(&verdict) }, code: 0 })
}

impl Report {
    fn head(self, declared: &Declared, fingerprint: &str, compared: bool) -> String {
        let title = self.text(&declared.title);
        let whose = match (self.lang, compared) {
            (Lang::Ja, true) => "指紋は公告のものと一致しました",
            (Lang::Ja, false) => "指紋を公告と見比べてください（--expect で照合できます）",
            (Lang::En, true) => "the fingerprint is that of the notice",
            (Lang::En, false) => "compare the fingerprint with the notice (--expect does)",
        };
        match self.lang {
            Lang::Ja => format!("{title}\n  災害・行事の指紋 {fingerprint}（{whose}）\n"),
            Lang::En => format!("{title}\n  fingerprint of the event {fingerprint} ({whose})\n"),
        }
    }

    /// The close of the event, and how much of the roster follows it: there the appliance's word alone counts.
    fn ended(self, ended: Option<Ended>) -> String {
        let Some(Ended { at, after }) = ended else { return String::new() };
        let at = at.timestamp().in_japan(self.lang);
        match (self.lang, after) {
            (Lang::Ja, 0) => format!("  {at} 終了、その後の項目はありません\n"),
            (Lang::Ja, _) => {
                format!("  {at} 終了、その後の項目 {after} 件（遅れて届き、2人の承認で装置が書いたもの。その内容と承認は装置だけの署名によります）\n")
            }
            (Lang::En, 0) => format!("  closed {at}; no entries follow\n"),
            (Lang::En, _) => format!(
                "  closed {at}; {after} entries follow (what came late, written by the appliance for two officials: for that its signature alone is the word)\n"
            ),
        }
    }

    fn statement(self, verdict: &StatementVerdict) -> String {
        let mut out = self.head(&verdict.declared, &verdict.fingerprint, verdict.compared);
        let StatementVerdict { number, size, made, registered, since, .. } = verdict;
        let made = made.timestamp().in_japan(self.lang);
        let _ = match self.lang {
            Lang::Ja => writeln!(out, "  第{number}号の集計、{made} 作成、名簿の項目 {size} 件まで（登録は葉 {registered}）"),
            Lang::En => writeln!(out, "  statement {number}, made {made}, about {size} entries (registered at leaf {registered})"),
        };
        out += &self.ended(verdict.ended);
        for scope in &verdict.scopes {
            self.scope(&mut out, scope);
        }
        if let Some(since) = since {
            let _ = match self.lang {
                Lang::Ja => writeln!(out, "  第{since}号の集計も、同じ名簿の登録された集計です"),
                Lang::En => writeln!(out, "  statement {since} is of the same roster, and registered before"),
            };
        }
        let least = verdict.declared.min_group;
        out += &match self.lang {
            Lang::Ja => format!(
                "判定: 正しい集計です。公表された人数は、名簿の最新の在所者ちょうどの和です。内訳は{least}人未満のものと、そこから分かるものを公表しません（--）。書かれていない区分は0人です。\n\
                 分からないこと: 受付で登録された区分が事実かどうか。本人は控えで確かめられます。"
            ),
            Lang::En => format!(
                "Verdict: holds. The totals are the sums over exactly those who count. Parts of fewer than {least} people, and what would follow from others, are not told (--); parts that are not listed are 0.\n\
                 Not shown: whether what the reception entered is true; an evacuee can check the own entry."
            ),
        };
        out
    }

    fn scope(self, out: &mut String, scope: &ToldScope) {
        let whole = self.lang.pick("全体", "all shelters");
        let name = match (&scope.shelter, &scope.name) {
            (None, _) => whole.to_owned(),
            (Some(_), Some(name)) => self.text(name).to_owned(),
            (Some(id), None) => id.to_string(),
        };
        let _ = match self.lang {
            Lang::Ja => writeln!(out, "  {name}: {} 人", scope.persons),
            Lang::En => writeln!(out, "  {name}: {} people", scope.persons),
        };
        let told = |index: usize| scope.totals.iter().find(|(of, _)| *of == index).and_then(|(_, total)| *total);
        let groups: [&mut dyn Iterator<Item = Flag>; 2] =
            [&mut Flag::all().filter(|flag| matches!(flag, Flag::Age(_) | Flag::Stay(_))), &mut Flag::all().filter(|flag| matches!(flag, Flag::Need(_)))];
        for flags in groups {
            let cells: Vec<String> = flags
                .filter(|flag| told(flag.index()) != Some(0))
                .map(|flag| format!("{} {}", flag.say(self.lang), told(flag.index()).map_or_else(|| "--".to_owned(), |total| total.to_string())))
                .collect();
            if !cells.is_empty() {
                let _ = writeln!(out, "    {}", cells.join(self.lang.pick("、", ", ")));
            }
        }
        if let Some(cap) = scope.cap {
            let _ = match self.lang {
                Lang::Ja => writeln!(out, "    建物内は {} 人以下です（人数を明かさない証明）", cap.at_most),
                Lang::En => writeln!(out, "    at most {} are in the building (proved without the number)", cap.at_most),
            };
        }
    }

    fn disclosure(self, verdict: &DisclosureVerdict) -> String {
        let mut out = self.head(&verdict.declared, &verdict.fingerprint, verdict.compared);
        let DisclosureVerdict { terms, people, others, complete, flapping, ended, .. } = verdict;
        let made = terms.made.timestamp().in_japan(self.lang);
        let (basis, asked) = (basis(terms.basis, self.lang), selection(&terms.of, self.lang));
        let _ = match self.lang {
            Lang::Ja => writeln!(
                out,
                "  提供先 {}、目的「{}」、根拠 {basis}\n  求められた人: {asked}、{made} 作成、名簿の項目 {} 件まで\n  提供 {people} 人、ほかの在所者 {others} 人",
                terms.agency, terms.purpose, terms.size
            ),
            Lang::En => writeln!(
                out,
                "  to {}, for \"{}\", on the basis of {basis}\n  asked for: {asked}; made {made}, about {} entries\n  {people} people disclosed, {others} others count there",
                terms.agency, terms.purpose, terms.size
            ),
        };
        for Withheld { ground, persons } in &terms.withheld {
            let ground = self::ground(*ground, self.lang);
            let _ = match self.lang {
                Lang::Ja => writeln!(out, "  提供されない人: {persons} 人（{ground}）"),
                Lang::En => writeln!(out, "  withheld: {persons} ({ground})"),
            };
        }
        out += &self.ended(*ended);
        if !flapping.is_empty() {
            let _ = match self.lang {
                Lang::Ja => writeln!(out, "  注意: 前後1時間に退所した人、または出入りした人が {} 人います", flapping.len()),
                Lang::En => writeln!(out, "  note: {} people left, or went out and in, within an hour of it", flapping.len()),
            };
        }
        out += match (self.lang, complete) {
            (Lang::Ja, true) => "判定: 正しい提供です。求められた人は、提供されない人として明記された人を除き、全員含まれています。",
            (Lang::Ja, false) => "判定: 正しい提供です。各人の事項は受付で署名されたとおりです。ほかの人については何も示しません。",
            (Lang::En, true) => "Verdict: holds. All who were asked for are there, but those stated as withheld.",
            (Lang::En, false) => "Verdict: holds. What it says of each person is what was signed at the reception. It says nothing of others.",
        };
        out
    }

    /// Whom a disclosure is about, with every field; or how to see it.
    fn people(self, Held { people, shelters, .. }: &Held, naming: Naming) -> String {
        let l = self.lang;
        match naming {
            _ if people.is_empty() => String::new(),
            Naming::Nobody => l
                .pick(
                    "\n提供された方と、その項目は、--people を付けると表示します。",
                    "\nWhom it is about, with every field that is given, is shown with --people.",
                )
                .to_owned(),
            Naming::Everybody => {
                let called = |shelter: &ShelterId| shelters.get(shelter).map_or_else(|| shelter.to_string(), |name| self.text(name).to_owned());
                let lines = (1..).zip(people).flat_map(|(number, person)| person_lines(l, number, person, &called));
                let head = l.pick("提供された方（受付で登録されたとおり）", "People who are given, as the reception entered them");
                lines.fold(format!("\n{head}:"), |all, line| format!("{all}\n{line}"))
            }
        }
    }

    fn own(self, verdict: &OwnVerdict) -> String {
        let mut out = self.head(&verdict.declared, &verdict.fingerprint, verdict.compared);
        let OwnVerdict { leaf, size, time, shelter, act, terminal, fields, .. } = verdict;
        let time = time.timestamp().in_japan(self.lang);
        let act = act.say(self.lang);
        let _ = match self.lang {
            Lang::Ja => writeln!(out, "  {time} {act}、避難所 {shelter}、端末 {terminal}（葉 {leaf}、全 {size} 件）"),
            Lang::En => writeln!(out, "  {time} {act}, shelter {shelter}, terminal {terminal} (leaf {leaf} of {size})"),
        };
        for (name, value) in fields {
            let value = value_text(self.lang, &FieldShown { name: name.clone(), value: value.clone() });
            let _ = writeln!(out, "    {}: {value}", field_name(self.lang, name));
        }
        out += self.lang.pick("判定: この控えは署名された名簿の項目のとおりです。", "Verdict: holds. This is what stands in the signed roster.");
        out
    }
}

fn basis(basis: Basis, lang: Lang) -> &'static str {
    match basis {
        Basis::Consent => lang.pick("本人の同意", "consent"),
        Basis::ActionSupport => lang.pick("災害対策基本法49条の11第3項", "the Disaster Act, art. 49-11 (3)"),
        Basis::AffectedLedger => lang.pick("災害対策基本法90条の4", "the Disaster Act, art. 90-4"),
        Basis::VitalEmergency => lang.pick("生命・身体の保護のための緊急の必要", "danger to life or body"),
    }
}

fn ground(ground: Ground, lang: Lang) -> &'static str {
    match ground {
        Ground::Protected => lang.pick("支援措置", "under protection"),
        Ground::NoConsent => lang.pick("同意なし", "no consent"),
        Ground::NotCovered => lang.pick("根拠の対象外", "not covered by the basis"),
        Ground::Conflict => lang.pick("登録が矛盾", "entries in conflict"),
    }
}

fn selection(of: &Selection, lang: Lang) -> String {
    match of {
        Selection::Need { need } => need.say(lang),
        Selection::Everybody {} => lang.pick("在所者全員", "everybody").to_owned(),
        Selection::Persons {} => lang.pick("特定の人", "certain persons").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tachiai_schemas::roster::Hlc;

    #[test]
    fn the_close_is_told_with_how_many_entries_follow_it() {
        let report = |lang| Report { lang, json: false };
        let at = Hlc::at_millis(1_788_265_800_000);
        for (after, ja, en) in [(0, "その後の項目はありません", "no entries follow"), (3, "その後の項目 3 件", "3 entries follow")] {
            let ended = Some(Ended { at, after });
            assert!(report(Lang::Ja).ended(ended).contains(ja) && report(Lang::En).ended(ended).contains(en), "{after}");
            assert!(report(Lang::En).ended(ended).contains(&at.timestamp().in_japan(Lang::En)));
        }
        assert_eq!(report(Lang::En).ended(None), "");
    }
}
