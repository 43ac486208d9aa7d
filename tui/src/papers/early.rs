//! The daily report of early voting (期日前投票日報): what became of the ballot papers of every place, day by day.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::Text;
use tachiai_schemas::{Lang, Timestamp};

use super::era::{self, Day};
use super::frame::{Frame, chosen};
use super::{PaperError, added, number, same, within};

/// A daily report of early voting (公職選挙法第48条の2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyVoting {
    /// What stands on every page.
    pub frame: Frame,
    /// The day that is reported; the days of a place up to it are the ground of its cumulative figures.
    pub day: Day,
    /// Each place, with its days so far.
    pub places: Vec<EarlyPlace>,
}

/// One early-voting place (期日前投票所).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyPlace {
    /// Its name.
    pub name: Text,
    /// Its days, ascending, none after the day of the report. A place that was closed on the day has none for it.
    pub days: Vec<EarlyDay>,
}

/// One day of one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyDay {
    /// The day.
    pub day: Day,
    /// When the place was opened.
    pub opened: Timestamp,
    /// When it was closed; not yet, where nothing is given.
    pub closed: Option<Timestamp>,
    /// The papers.
    pub papers: Papers,
    /// The managers (期日前投票管理者), one after the other where they changed.
    pub managers: Vec<String>,
    /// The witnesses (期日前投票立会人).
    pub witnesses: Vec<String>,
}

/// What became of the ballot papers that were handed out to electors.
///
/// An elector gets the papers of several contests at once, and can take home the one and put the other into the box; so electors are counted here, and papers by contest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// 交付: how often papers were handed out.
    pub handed_out: u64,
    /// 返還: how often all of them were given back, so that the elector has not voted.
    pub returned: u64,
    /// カードあり: hand-outs to electors who were identified by their card. With the next it is the sum of those handed out.
    pub with_card: u64,
    /// カードなし: hand-outs to electors without a card.
    pub without_card: u64,
    /// オンライン取消: hand-outs to electors whose vote given online no longer counts because of this one.
    pub replaced_online: u64,
    /// The papers of each contest.
    pub contests: Vec<ContestPapers>,
}

/// The papers of one contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestPapers {
    /// The contest's title.
    pub title: Text,
    /// 交付: handed out. It is the sum of the three that follow.
    pub handed_out: u64,
    /// 投函: put into the box.
    pub in_box: u64,
    /// 持帰り: neither in the box nor given back.
    pub taken_home: u64,
    /// 返還: given back.
    pub returned: u64,
}

impl ContestPapers {
    fn sheet(&self, lang: Lang) -> Value {
        let Self { title, handed_out, in_box, taken_home, returned } = self;
        json!({
            "title": chosen(lang, title),
            "handed_out": number(*handed_out),
            "in_box": number(*in_box),
            "taken_home": number(*taken_home),
            "returned": number(*returned),
        })
    }

    fn plus(&self, other: &Self) -> Result<Self, PaperError> {
        Ok(Self {
            title: self.title.clone(),
            handed_out: added([self.handed_out, other.handed_out])?,
            in_box: added([self.in_box, other.in_box])?,
            taken_home: added([self.taken_home, other.taken_home])?,
            returned: added([self.returned, other.returned])?,
        })
    }
}

impl Papers {
    /// The sums hold: every paper handed out is somewhere, and every elector was identified in one way.
    pub(super) fn check(&self) -> Result<(), PaperError> {
        let Self { handed_out, returned, with_card, without_card, replaced_online, contests } = self;
        let (handed_out, returned) = (*handed_out, *returned);
        let identified = added([*with_card, *without_card])?;
        same(("カードあり・なしの計と交付数", "electors with and without card, and papers handed out"), identified.into(), handed_out.into())?;
        within(("オンライン取消の数と交付数", "online votes replaced and papers handed out"), (*replaced_online).into(), handed_out.into())?;
        within(("返還の数と交付数", "hand-outs given back and all of them"), returned.into(), handed_out.into())?;
        for ContestPapers { title: _, handed_out: of_contest, in_box, taken_home, returned: back } in contests {
            let somewhere = added([*in_box, *taken_home, *back])?;
            same(
                ("投函・持帰り・返還の計と交付数", "papers in the box, taken home and returned, and papers handed out"),
                somewhere.into(),
                (*of_contest).into(),
            )?;
            within(("選挙別の交付数と交付数", "papers of a contest and all hand-outs"), (*of_contest).into(), handed_out.into())?;
            within(("選挙別の返還と返還の数", "papers of a contest given back and all given back"), (*back).into(), returned.into())?;
        }
        Ok(())
    }

    /// Electors who have voted: whose papers did not come back.
    pub(super) const fn voters(&self) -> u64 {
        self.handed_out.saturating_sub(self.returned)
    }

    /// The sum of several days.
    ///
    /// # Errors
    /// [`PaperError::TooLarge`].
    pub fn sum<'a>(mut days: impl Iterator<Item = &'a Self>) -> Result<Self, PaperError> {
        days.try_fold(Self::default(), |sum, day| sum.plus(day))
    }

    fn plus(mut self, Self { handed_out, returned, with_card, without_card, replaced_online, contests }: &Self) -> Result<Self, PaperError> {
        self.handed_out = added([self.handed_out, *handed_out])?;
        self.returned = added([self.returned, *returned])?;
        self.with_card = added([self.with_card, *with_card])?;
        self.without_card = added([self.without_card, *without_card])?;
        self.replaced_online = added([self.replaced_online, *replaced_online])?;
        for papers in contests {
            match self.contests.iter_mut().find(|known| known.title == papers.title) {
                Some(known) => *known = known.plus(papers)?,
                None => self.contests.push(papers.clone()),
            }
        }
        Ok(self)
    }

    pub(super) fn sheet(&self, lang: Lang) -> Value {
        let Self { handed_out, returned, with_card, without_card, replaced_online, contests } = self;
        json!({
            "handed_out": number(*handed_out),
            "returned": number(*returned),
            "voters": number(self.voters()),
            "with_card": number(*with_card),
            "without_card": number(*without_card),
            "replaced_online": number(*replaced_online),
            "contests": contests.iter().map(|papers| papers.sheet(lang)).collect::<Vec<_>>(),
        })
    }
}

impl EarlyVoting {
    pub(super) fn body(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { frame: _, day, places } = self;
        let (mut rows, mut histories) = (Vec::new(), Vec::new());
        let (mut today, mut so_far) = (Vec::new(), Vec::new());
        for EarlyPlace { name, days } in places {
            let name = chosen(lang, name);
            let mut before: Option<Day> = None;
            for EarlyDay { day: one, papers, .. } in days {
                papers.check()?;
                if before.is_some_and(|before| before >= *one) || one > day {
                    return Err(PaperError::Contradiction {
                        what_ja: format!("{name} の日付の順"),
                        what_en: format!("the order of days of {name}"),
                        left: before.unwrap_or(*day).to_string(),
                        right: one.to_string(),
                    });
                }
                before = Some(*one);
            }
            let cumulative = Papers::sum(days.iter().map(|day| &day.papers))?;
            let last = days.last().filter(|last| last.day == *day);
            let of_day = last.map(|last| last.papers.clone()).unwrap_or_default();
            today.push(of_day);
            so_far.push(cumulative.clone());
            rows.push(json!({
                "name": name,
                "today": last.map(|last| last.papers.sheet(lang)),
                "cumulative": cumulative.sheet(lang),
                "hours": last.map(|last| {
                    let closed = last.closed.map_or_else(|| lang.pick("（開所中）", "(open)").to_owned(), |closed| era::hour_written(closed, lang));
                    format!("{} – {closed}", era::hour_written(last.opened, lang))
                }),
                "managers": last.map(|last| last.managers.clone()).unwrap_or_default(),
                "witnesses": last.map(|last| last.witnesses.clone()).unwrap_or_default(),
            }));
            let mut sum = 0;
            let mut history = Vec::with_capacity(days.len());
            for EarlyDay { day, papers, .. } in days {
                sum = added([sum, papers.voters()])?;
                history.push(json!({ "day": day.written(lang), "papers": papers.sheet(lang), "cumulative": number(sum) }));
            }
            if !history.is_empty() {
                histories.push(json!({ "name": name, "days": history }));
            }
        }
        Ok(json!({
            "day": day.written(lang),
            "places": rows,
            "today": Papers::sum(today.iter())?.sheet(lang),
            "cumulative": Papers::sum(so_far.iter())?.sheet(lang),
            "histories": histories,
        }))
    }
}
