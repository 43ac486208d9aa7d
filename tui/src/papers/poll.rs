//! The poll record (投票録): what happened in one place on one day, signed by its manager and witnesses (公職選挙法第54条).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tachiai_schemas::election::Text;
use tachiai_schemas::{HashBytes, Lang, Timestamp};

use super::early::Papers;
use super::era::{self, Day};
use super::frame::{Frame, chosen};
use super::{PaperError, number, within};

/// A poll record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollRecord {
    /// What stands on every page.
    pub frame: Frame,
    /// What kind of place.
    pub kind: PlaceKind,
    /// The name of the place.
    pub place: Text,
    /// Where it is (所在地), if it is to be printed.
    pub address: Option<Text>,
    /// The polling districts whose electors vote here; none for a place that is open to all.
    pub districts: Vec<Text>,
    /// The day.
    pub day: Day,
    /// When it was opened (投票所を開いた時刻). A record has no other hours than those that were announced, and its paper says so.
    pub opened: Timestamp,
    /// When it was closed (投票所を閉じた時刻); likewise.
    pub closed: Timestamp,
    /// The manager (投票管理者).
    pub manager: Officer,
    /// Who stands in for the manager (職務代理者).
    pub deputy: Option<Officer>,
    /// The witnesses (投票立会人); the Act wants two to five (第38条), which is not checked here: a record says what was.
    pub witnesses: Vec<Officer>,
    /// What became of the ballot papers.
    pub papers: Papers,
    /// Votes of particular kinds.
    pub kinds: Kinds,
    /// What else happened, in the order of time.
    pub events: Vec<PollEvent>,
    /// Where the entries of this day stand on the board; given where the paper is filled from a record.
    pub leaves: Option<Leaves>,
    /// The keys that signed this place's entries on the board, as people compare them.
    pub keys: Vec<KeyMark>,
}

/// What kind of place a poll record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// 投票所: a polling place on the day of the poll.
    Polling,
    /// 期日前投票所: an early-voting place.
    Early,
    /// 不在者投票: the desk that sends papers and takes them back (公職選挙法第49条).
    Absentee,
}

/// Where the entries of a day stand on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaves {
    /// The number (受付番号) of the first hand-out.
    pub first: u64,
    /// That of the last.
    pub last: u64,
    /// That of the day-close.
    pub closed: u64,
    /// When the day-close was recorded.
    pub closed_at: Timestamp,
    /// The digest of the day's entries, which the officers signed.
    pub digest: HashBytes,
}

/// A person in office, with the time of coming and of leaving where it was not that of the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// The name.
    pub name: String,
    /// Since when.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// Votes of particular kinds; each is among the papers handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    /// 代理投票: written by a helper (公職選挙法第48条).
    pub proxy: u64,
    /// 点字投票: in braille (公職選挙法第47条).
    pub braille: u64,
    /// 仮投票: provisional, for the count to accept or not (公職選挙法第50条).
    pub provisional: u64,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollEvent {
    /// When.
    pub at: Timestamp,
    /// What kind of thing.
    pub kind: EventKind,
    /// What happened and why, in the manager's words or those of the board's entry.
    pub text: Text,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// 代理投票.
    Proxy,
    /// 点字投票.
    Braille,
    /// 仮投票.
    Provisional,
    /// 投票の拒否: a vote was refused.
    Refused,
    /// 取消し: an entry made by mistake was undone.
    Undone,
    /// 名簿の変更: somebody was added to the roll, struck, or restored.
    Roll,
    /// 交代: a manager or witness came or left.
    Change,
    /// 通信の中断, and other trouble with devices.
    Trouble,
    /// その他.
    Other,
}

impl EventKind {
    const fn written(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Proxy => ("代理投票", "vote by a helper"),
            Self::Braille => ("点字投票", "vote in braille"),
            Self::Provisional => ("仮投票", "provisional vote"),
            Self::Refused => ("投票の拒否", "vote refused"),
            Self::Undone => ("取消し", "undone"),
            Self::Roll => ("名簿の変更", "change of the roll"),
            Self::Change => ("交代", "change of officers"),
            Self::Trouble => ("機器・通信", "devices, links"),
            Self::Other => ("その他", "other"),
        };
        lang.pick(ja, en)
    }
}

/// A key that signed, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyMark {
    /// Whose: a person or a device.
    pub holder: Text,
    /// The fingerprint, as people compare it.
    pub fingerprint: String,
}

impl Officer {
    fn sheet(&self, lang: Lang) -> Value {
        let Self { name, from, until } = self;
        let hour = |at: Timestamp| era::hour_written(at, lang);
        let hours = match (*from, *until, lang) {
            (None, None, _) => String::new(),
            (Some(from), None, Lang::Ja) => format!("{}から", hour(from)),
            (None, Some(until), Lang::Ja) => format!("{}まで", hour(until)),
            (Some(from), None, Lang::En) => format!("from {}", hour(from)),
            (None, Some(until), Lang::En) => format!("until {}", hour(until)),
            (Some(from), Some(until), _) => format!("{}–{}", hour(from), hour(until)),
        };
        json!({ "name": name, "hours": hours })
    }
}

impl PollRecord {
    pub(super) fn body(&self, lang: Lang) -> Result<Value, PaperError> {
        let Self { frame: _, kind, place, address, districts, day, opened, closed, manager, deputy, witnesses, papers, kinds, events, leaves, keys } = self;
        papers.check()?;
        let Kinds { proxy, braille, provisional } = *kinds;
        for one in [proxy, braille, provisional] {
            within(("代理・点字・仮投票の数と交付数", "votes of a particular kind and papers handed out"), one.into(), papers.handed_out.into())?;
        }
        if opened > closed {
            return Err(PaperError::Contradiction {
                what_ja: "開所と閉所の時刻".to_owned(),
                what_en: "the times of opening and closing".to_owned(),
                left: era::written(*opened, lang),
                right: era::written(*closed, lang),
            });
        }
        let (kind_name, manager_name, witness_name) = match kind {
            PlaceKind::Polling => (lang.pick("投票所", "polling place"), lang.pick("投票管理者", "Poll manager"), lang.pick("投票立会人", "Witness")),
            PlaceKind::Early => (
                lang.pick("期日前投票所", "early-voting place"),
                lang.pick("期日前投票所の投票管理者", "Manager of the early-voting place"),
                lang.pick("期日前投票所の投票立会人", "Witness of the early-voting place"),
            ),
            PlaceKind::Absentee => (
                lang.pick("不在者投票事務", "absentee desk"),
                lang.pick("不在者投票の管理者", "Manager of absentee voting"),
                lang.pick("不在者投票の立会人", "Witness of absentee voting"),
            ),
        };
        let event =
            |PollEvent { at, kind, text }: &PollEvent| json!({ "at": era::hour_written(*at, lang), "kind": kind.written(lang), "text": chosen(lang, text) });
        Ok(json!({
            "kind": kind_name,
            "manager_name": manager_name,
            "witness_name": witness_name,
            "place": chosen(lang, place),
            "address": address.as_ref().map(|address| chosen(lang, address)),
            "districts": districts.iter().map(|district| chosen(lang, district)).collect::<Vec<_>>(),
            "day": day.written(lang),
            "opened": era::written(*opened, lang),
            "closed": era::written(*closed, lang),
            "manager": manager.sheet(lang),
            "deputy": deputy.as_ref().map(|deputy| deputy.sheet(lang)),
            "witnesses": witnesses.iter().map(|witness| witness.sheet(lang)).collect::<Vec<_>>(),
            "papers": papers.sheet(lang),
            "voted": number(papers.voters()),
            "proxy": number(proxy),
            "braille": number(braille),
            "provisional": number(provisional),
            "events": events.iter().map(event).collect::<Vec<_>>(),
            "leaves": leaves.map(|Leaves { first, last, closed, closed_at, digest }| json!({
                "first": number(first),
                "last": number(last),
                "closed": number(closed),
                "closed_at": era::written(closed_at, lang),
                "digest": digest.hash().to_string(),
            })),
            "keys": keys.iter().map(|KeyMark { holder, fingerprint }| json!({ "holder": chosen(lang, holder), "fingerprint": fingerprint })).collect::<Vec<_>>(),
        }))
    }
}
