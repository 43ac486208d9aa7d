//! The turnout report (投票速報): how many of how many electors have voted by an hour, by district and by the way they voted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::Text;
use tachiai_schemas::{Lang, Timestamp};

use super::exact::Rounding;
use super::frame::{Frame, chosen};
use super::{PaperError, added, era, number, number_or_dash, percent_or_dash, same, within};

/// Whether more can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// 中間: more follows.
    Interim,
    /// 確定: nothing follows.
    Final,
}

impl Stage {
    pub(super) const fn written(self, lang: Lang) -> &'static str {
        match self {
            Self::Interim => lang.pick("中間", "interim"),
            Self::Final => lang.pick("確定", "final"),
        }
    }
}

/// A turnout report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turnout {
    /// What stands on every page.
    pub frame: Frame,
    /// The hour of which it tells.
    pub as_of: Timestamp,
    /// Whether more can follow.
    pub stage: Stage,
    /// Each polling district, in the order of the manifest.
    pub districts: Vec<DistrictTurnout>,
    /// How many had voted in all districts by earlier hours, ascending; left empty where only one hour is reported.
    pub hours: Vec<HourTurnout>,
}

/// One polling district (投票区).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistrictTurnout {
    /// Its name.
    pub name: Text,
    /// The electors on its roll (当日有権者数), without those who were struck.
    pub electors: People,
    /// Those who have voted and were struck from the roll afterwards; they are among the votes, and not among the electors.
    pub struck_voters: u64,
    /// Those of them who have voted, by the way they did.
    pub votes: Channels,
    /// Those who have voted by sex, where it is known; the sum is that of `votes`.
    pub voters: Option<Sexes>,
}

/// People, by sex where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum People {
    /// Men and women.
    BySex(Sexes),
    /// Only how many: a public record does not say more.
    Total(u64),
}

/// People of both sexes as the roll has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sexes {
    /// 男.
    pub men: u64,
    /// 女.
    pub women: u64,
}

/// Votes by the way they were given. One elector is counted once: in the way whose vote counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// オンライン: online, with a card.
    pub online: u64,
    /// 期日前: in an early-voting place (公職選挙法第48条の2).
    pub early: u64,
    /// 当日: in a polling place on the day.
    pub day: u64,
    /// 不在者: absentee (公職選挙法第49条).
    pub absentee: u64,
}

/// How many had voted by an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HourTurnout {
    /// The hour.
    pub at: Timestamp,
    /// Votes of all districts and ways.
    pub votes: u64,
}

impl People {
    fn total(self) -> Result<u64, PaperError> {
        match self {
            Self::BySex(sexes) => sexes.total(),
            Self::Total(total) => Ok(total),
        }
    }

    const fn by_sex(self) -> Option<Sexes> {
        match self {
            Self::BySex(sexes) => Some(sexes),
            Self::Total(_) => None,
        }
    }
}

impl Sexes {
    fn total(self) -> Result<u64, PaperError> {
        added([self.men, self.women])
    }
}

impl Channels {
    /// Votes in every way.
    fn total(self) -> Result<u64, PaperError> {
        let Self { online, early, day, absentee } = self;
        added([online, early, day, absentee])
    }
}

/// A line of the table: one district, or all.
struct Line<'a> {
    name: &'a str,
    electors: u64,
    struck_voters: u64,
    electors_by_sex: Option<Sexes>,
    votes: Channels,
    voters: Option<Sexes>,
}

impl Line<'_> {
    fn sheet(&self) -> Result<Value, PaperError> {
        let Self { name, electors, struck_voters: _, electors_by_sex, votes, voters } = self;
        let Channels { online, early, day, absentee } = *votes;
        let all = votes.total()?;
        let of = |part: u64, whole: u64| percent_or_dash(part.into(), whole.into(), Rounding::HalfUp);
        let by_sex = |of_sex: fn(Sexes) -> u64| match (voters, electors_by_sex) {
            (Some(voters), Some(electors)) => of(of_sex(*voters), of_sex(*electors)),
            _ => "—".to_owned(),
        };
        Ok(json!({
            "name": name,
            "men": number_or_dash(electors_by_sex.map(|sexes| sexes.men)),
            "women": number_or_dash(electors_by_sex.map(|sexes| sexes.women)),
            "electors": number(*electors),
            "online": number(online),
            "early": number(early),
            "day": number(day),
            "absentee": number(absentee),
            "votes": number(all),
            "voted_men": number_or_dash(voters.map(|sexes| sexes.men)),
            "voted_women": number_or_dash(voters.map(|sexes| sexes.women)),
            "turnout": of(all, *electors),
            "turnout_men": by_sex(|sexes| sexes.men),
            "turnout_women": by_sex(|sexes| sexes.women),
        }))
    }
}

impl Turnout {
    pub(super) fn body(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { frame: _, as_of, stage, districts, hours } = self;
        let mut lines = Vec::with_capacity(districts.len());
        for DistrictTurnout { name, electors, struck_voters, votes, voters } in districts {
            let all = votes.total()?;
            let who = chosen(lang, name);
            within(("投票者数と有権者数", "votes and electors"), all.into(), added([electors.total()?, *struck_voters])?.into())?;
            within(("投票後に抹消された者と投票者数", "voters who were struck and votes"), (*struck_voters).into(), all.into())?;
            if let Some(voters) = voters {
                same(("男女別の投票者数の計と投票者数", "voters by sex and voters"), voters.total()?.into(), all.into())?;
                if let Some(electors) = electors.by_sex() {
                    within(("男の投票者数と有権者数", "men who voted and men"), voters.men.into(), electors.men.into())?;
                    within(("女の投票者数と有権者数", "women who voted and women"), voters.women.into(), electors.women.into())?;
                }
            }
            lines.push(Line {
                name: who,
                electors: electors.total()?,
                struck_voters: *struck_voters,
                electors_by_sex: electors.by_sex(),
                votes: *votes,
                voters: *voters,
            });
        }
        let all = Line {
            name: lang.pick("計", "Total"),
            electors: added(lines.iter().map(|line| line.electors))?,
            struck_voters: added(lines.iter().map(|line| line.struck_voters))?,
            electors_by_sex: sexes_of(lines.iter().map(|line| line.electors_by_sex))?,
            votes: Channels {
                online: added(lines.iter().map(|line| line.votes.online))?,
                early: added(lines.iter().map(|line| line.votes.early))?,
                day: added(lines.iter().map(|line| line.votes.day))?,
                absentee: added(lines.iter().map(|line| line.votes.absentee))?,
            },
            voters: sexes_of(lines.iter().map(|line| line.voters))?,
        };
        let votes = all.votes.total()?;
        let mut before = 0;
        for HourTurnout { at: _, votes: by_then } in hours {
            within(("前の時刻の投票者数と後の時刻の投票者数", "votes of an hour and of a later one"), before.into(), (*by_then).into())?;
            within(("途中の時刻の投票者数と現在の投票者数", "votes of an hour and of now"), (*by_then).into(), votes.into())?;
            before = *by_then;
        }
        let hour = |hour: &HourTurnout| {
            json!({
                "at": era::written(hour.at, lang),
                "votes": number(hour.votes),
                "turnout": percent_or_dash(hour.votes.into(), all.electors.into(), Rounding::HalfUp),
            })
        };
        Ok(json!({
            "as_of": era::written(*as_of, lang),
            "stage": stage.written(lang),
            "by_sex": all.electors_by_sex.is_some(),
            "voters_by_sex": all.voters.is_some(),
            "districts": lines.iter().map(Line::sheet).collect::<Result<Vec<_>, _>>()?,
            "total": all.sheet()?,
            "abstained": number((all.electors + all.struck_voters).saturating_sub(votes)),
            "struck_voters": (all.struck_voters > 0).then(|| number(all.struck_voters)),
            "final": *stage == Stage::Final,
            "hours": hours.iter().map(hour).collect::<Vec<_>>(),
        }))
    }
}

/// The sum by sex, where every district knows it and there is one.
fn sexes_of(districts: impl Iterator<Item = Option<Sexes>> + Clone) -> Result<Option<Sexes>, PaperError> {
    let Some(known) = districts.collect::<Option<Vec<_>>>().filter(|known| !known.is_empty()) else { return Ok(None) };
    Ok(Some(Sexes { men: added(known.iter().map(|sexes| sexes.men))?, women: added(known.iter().map(|sexes| sexes.women))? }))
}
