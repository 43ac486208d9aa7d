//! What a polling desk asks the appliance, and what it is told: who stands before it, whether and how that person voted, and the hand-out to sign (PROTOCOL §16).
//!
//! None of this is public. Sources: Public Offices Election Act (公職選挙法) articles 9 (age), 43 (struck from the roll), 44 (identification at the desk), 48-2 (early
//! voting), 49 (absentee voting); its Enforcement Order (施行令) articles 50 to 63 (request, sending and reception of absentee papers).

use serde::{Deserialize, Serialize};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::labels;

use crate::election::Text;
use crate::evidence::NameReason;
use crate::identity::{CardStatement, Nonce};
use crate::paper::{DayClose, Identified, Manner, PaperIssue, PlaceKind, Session};
use crate::roll::Protection;
use crate::{Blob, Bytes, ElectionId, HashBytes, Lang, LeafIndex, Say, Slot, Timestamp};

pub mod envelope;

/// Who is looked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LookFor {
    /// The holder of a card, by its certificate for user authentication (DER).
    Card(Blob),
    /// Whoever fits all that is given.
    Search(Search),
}

/// A search of the roll at a desk: exact, for the one person who stands there. At least a number, a name or a name in kana is given.
///
/// It is another than [`RollSearch`] of the commission, which finds parts of names in the whole roll, before the opening and with those who may not vote. A desk
/// finds electors alone, and nobody by a part of the name, so that it cannot leaf through the roll. Who is under protection (支援措置) is never among them: see
/// [`AttendedSearch`].
///
/// [`RollSearch`]: crate::roll::case::RollSearch
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Search {
    /// The resident system's number of the person (宛名番号).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The whole name; spaces do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The beginning of the name in kana; spaces do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<String>,
    /// The birth date, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<String>,
}

/// A search that two officials agree on, by which also somebody under protection (支援措置) is found. The matter names its commitment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttendedSearch {
    /// Random, so that nobody finds the person by trying.
    pub salt: Bytes<32>,
    /// Whom they look for: a number, or the whole name with the birth date.
    pub search: Search,
}

impl AttendedSearch {
    /// What the matter carries of this: `H("attended-search"; JSON of this)`. The salt is part of it.
    #[must_use]
    pub fn commitment(&self) -> Hash32 {
        #[expect(clippy::expect_used, reason = "a struct of texts always has a JSON form")]
        let json = serde_json::to_vec(self).expect("JSON");
        tagged(labels::hash::ATTENDED_SEARCH, &[&json])
    }
}

/// What the agreement of a second official to such a search brought about: the desk looks by the same command as before, within the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookApproved {
    /// The election.
    pub election: ElectionId,
}

/// The answer to a desk that looks for somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Looked {
    /// The appliance's time.
    pub now: Timestamp,
    /// For the card's statement.
    pub nonce: Nonce,
    /// Who was found, at most [`MOST_FOUND`].
    pub found: Vec<DeskElector>,
    /// How many more fit.
    pub more: u64,
}

/// How many electors a search gives.
pub const MOST_FOUND: usize = 20;

/// An elector, as a desk sees them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskElector {
    /// The slot.
    pub slot: Slot,
    /// The slot's commitment, which the card's statement names.
    pub slot_commitment: HashBytes,
    /// The resident system's number.
    pub number: String,
    /// The name.
    pub name: String,
    /// The name in kana, or empty.
    pub kana: String,
    /// The birth date.
    pub birth: String,
    /// `1`, `2` or `3`.
    pub sex: String,
    /// The address.
    pub address: String,
    /// The polling district.
    pub district: Text,
    /// Why this elector may not vote here now; empty for who may.
    pub bars: Vec<Bar>,
    /// Each contest in which the elector votes, and what stands for them in it.
    pub contests: Vec<DeskContest>,
    /// The papers that the elector holds.
    pub paper: Option<HeldPaper>,
    /// Absentee voting, once it was requested.
    pub absentee: Option<AbsenteeStands>,
    /// The declaration for early voting (期日前投票宣誓書), if one was filed online.
    pub declaration: Option<DeskDeclaration>,
}

/// A declaration for early voting as the desk shows it (Enforcement Order article 49-8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskDeclaration {
    /// The reason, in both languages (article 48-2 (1)).
    pub reason: Text,
    /// When it was filed.
    pub filed: Timestamp,
}

/// A contest, as a desk sees it for one elector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskContest {
    /// The index in the manifest.
    pub index: u16,
    /// The identifier.
    pub id: String,
    /// The title.
    pub title: Text,
    /// What stands.
    pub state: VoteState,
}

/// Papers that an elector holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldPaper {
    /// The leaf of the hand-out.
    pub leaf: LeafIndex,
    /// When the board took it.
    pub at: Timestamp,
    /// The index of the place.
    pub place: u16,
    /// The index of its session.
    pub session: u16,
    /// The name of the place.
    pub place_name: Text,
    /// How they are marked.
    pub manner: Manner,
    /// How the elector was identified.
    pub identified: Identified,
}

/// What stands for one elector in one contest, over all channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VoteState {
    /// Has not voted.
    NotYet,
    /// Voted online; the ballot counts as things stand.
    Online {
        /// The ballot's leaf.
        leaf: LeafIndex,
        /// When the board took it.
        at: Timestamp,
    },
    /// Was handed a paper.
    Paper {
        /// The hand-out's leaf.
        leaf: LeafIndex,
        /// Where.
        channel: PlaceKind,
        /// How it is marked.
        manner: Manner,
    },
    /// Holds papers of other contests, and left this one out: votes in it no more.
    LeftOut {
        /// The hand-out's leaf.
        leaf: LeafIndex,
    },
    /// Asked for absentee papers (請求).
    Requested {
        /// When.
        at: Timestamp,
    },
    /// Absentee papers were sent (交付).
    Sent {
        /// The hand-out's leaf.
        leaf: LeafIndex,
    },
    /// Absentee papers came back (受理 or 不受理).
    Received {
        /// The hand-out's leaf.
        leaf: LeafIndex,
        /// When.
        at: Timestamp,
        /// Whether they go into the box.
        reception: Reception,
    },
    /// Was struck from the roll before voting.
    Struck {
        /// The leaf that says so.
        leaf: LeafIndex,
    },
}

impl Say for VoteState {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NotYet, Lang::Ja) => "未投票".to_owned(),
            (Self::NotYet, Lang::En) => "not yet voted".to_owned(),
            (Self::Online { leaf, at }, Lang::Ja) => format!("オンライン投票済み（受付番号 {leaf}、{}）", at.in_japan(lang)),
            (Self::Online { leaf, at }, Lang::En) => format!("voted online (leaf {leaf}, {})", at.in_japan(lang)),
            (Self::Paper { leaf, channel, manner }, Lang::Ja) => {
                format!("投票用紙交付済み（{}・{}、受付番号 {leaf}）", channel_name(*channel, lang), manner_name(*manner, lang))
            }
            (Self::Paper { leaf, channel, manner }, Lang::En) => {
                format!("holds a paper ({}, {}, leaf {leaf})", channel_name(*channel, lang), manner_name(*manner, lang))
            }
            (Self::LeftOut { leaf }, Lang::Ja) => format!("この選挙の用紙は受け取らず（受付番号 {leaf}）"),
            (Self::LeftOut { leaf }, Lang::En) => format!("took no paper of this contest (leaf {leaf})"),
            (Self::Requested { at }, Lang::Ja) => format!("不在者投票を請求済み（{}）", at.in_japan(lang)),
            (Self::Requested { at }, Lang::En) => format!("asked for absentee papers ({})", at.in_japan(lang)),
            (Self::Sent { leaf }, Lang::Ja) => format!("不在者投票用紙を交付済み（受付番号 {leaf}）"),
            (Self::Sent { leaf }, Lang::En) => format!("absentee papers were sent (leaf {leaf})"),
            (Self::Received { leaf, at, reception }, Lang::Ja) => {
                let word = if *reception == Reception::Accepted { "受理" } else { "不受理" };
                format!("不在者投票を{word}（{}、受付番号 {leaf}）", at.in_japan(lang))
            }
            (Self::Received { leaf, at, reception }, Lang::En) => {
                let word = if *reception == Reception::Accepted { "accepted" } else { "rejected" };
                format!("absentee papers came back and were {word} ({}, leaf {leaf})", at.in_japan(lang))
            }
            (Self::Struck { leaf }, Lang::Ja) => format!("名簿から抹消（受付番号 {leaf}）"),
            (Self::Struck { leaf }, Lang::En) => format!("struck from the roll (leaf {leaf})"),
        }
    }
}

/// A kind of place, in words.
#[must_use]
pub fn channel_name(channel: PlaceKind, lang: Lang) -> &'static str {
    match channel {
        PlaceKind::Early => lang.pick("期日前投票", "early voting"),
        PlaceKind::Day => lang.pick("当日投票", "on the day"),
        PlaceKind::Absentee => lang.pick("不在者投票", "absentee voting"),
    }
}

/// A manner of marking, in words.
#[must_use]
pub fn manner_name(manner: Manner, lang: Lang) -> &'static str {
    match manner {
        Manner::Own => lang.pick("自書", "by own hand"),
        Manner::Proxy => lang.pick("代理投票", "by proxy"),
        Manner::Braille => lang.pick("点字投票", "in braille"),
        Manner::Provisional => lang.pick("仮投票", "provisionally"),
    }
}

/// Why an elector may not vote at this place now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "bar", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Bar {
    /// Struck from the roll.
    Struck {
        /// The leaf that says so.
        leaf: LeafIndex,
    },
    /// Papers were handed out already.
    HoldsPaper {
        /// The leaf that says so.
        leaf: LeafIndex,
    },
    /// Not 18 yet today: votes by absentee voting, or on the day (Act articles 9, 48-2 and 49).
    NotYetEighteen,
    /// Not qualified on the day of the poll, as the roll says.
    NotQualified {
        /// Why.
        why: Text,
    },
}

impl Say for Bar {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Struck { leaf }, Lang::Ja) => format!("名簿から抹消されています（受付番号 {leaf}、公職選挙法43条）"),
            (Self::Struck { leaf }, Lang::En) => format!("struck from the roll (leaf {leaf}; Act article 43)"),
            (Self::HoldsPaper { leaf }, Lang::Ja) => format!("投票用紙がすでに交付されています（受付番号 {leaf}、同法36条）"),
            (Self::HoldsPaper { leaf }, Lang::En) => format!("papers were handed out already (leaf {leaf}; Act article 36)"),
            (Self::NotYetEighteen, Lang::Ja) => "今日の時点で18歳になっていません。選挙期日前は不在者投票になります（同法9条・49条）".to_owned(),
            (Self::NotYetEighteen, Lang::En) => "not 18 today; before the day of the poll this elector votes as an absentee (Act articles 9 and 49)".to_owned(),
            (Self::NotQualified { why }, lang) => lang.pick(&why.ja, &why.en).to_owned(),
        }
    }
}

/// Asks for a hand-out to be prepared.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prepare {
    /// The papers.
    pub papers: Papers,
    /// How the elector was identified.
    pub by: PreparedBy,
}

/// Papers for one elector, before their hand-out has evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Papers {
    /// The index of the place.
    pub place: u16,
    /// The index of its session.
    pub session: u16,
    /// To whom.
    pub slot: Slot,
    /// Of which contests, ascending.
    pub contests: Vec<u16>,
    /// How they are marked.
    pub manner: Manner,
}

impl Papers {
    /// The papers of a hand-out.
    #[must_use]
    pub fn of(issue: &PaperIssue) -> Self {
        let PaperIssue { opened: _, place, session, slot, contests, manner, identified: _, issued_at: _, evidence: _ } = issue;
        Self { place: *place, session: *session, slot: *slot, contests: contests.clone(), manner: *manner }
    }
}

/// How an elector was identified.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PreparedBy {
    /// By the card's signature with purpose `paper-issue`.
    Card(Box<CardStatement>),
    /// By name, for this reason, with a second official.
    Name(NameReason),
}

/// A hand-out that was prepared: its evidence is kept, and the desk signs it within the hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prepared {
    /// What the desk signs; `issued_at` is the appliance's time, and the desk may put its own there.
    pub issue: PaperIssue,
}

/// Whom a hand-out by name is about, as the second official sees it. The matter names the slot and its commitment, which this opens; but of one who is under
/// protection (支援措置) address and district are not shown to that official either, and nothing is left to open it with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaperPerson {
    /// Opens the slot's commitment.
    pub salt: Bytes<32>,
    /// The resident system's number.
    pub number: String,
    /// The name.
    pub name: String,
    /// The birth date.
    pub birth: String,
    /// `1`, `2` or `3`.
    pub sex: String,
    /// The address.
    pub address: String,
    /// The district's ID.
    pub district: String,
    /// The name of the place.
    pub place: Text,
    /// Whether address and district are kept from view.
    #[serde(default, skip_serializing_if = "Protection::is_open")]
    pub protection: Protection,
}

/// What a day of a place stands at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayView {
    /// The name of the place.
    pub name: Text,
    /// Its kind.
    pub kind: PlaceKind,
    /// The hours.
    pub hours: Session,
    /// Hand-outs, undone or not.
    pub handouts: u32,
    /// Electors with a paper, by manner.
    pub manners: Vec<(Manner, u32)>,
    /// The leaf of the day-close, once it is there.
    pub closed: Option<LeafIndex>,
    /// The envelopes that were set aside: they are in none of these figures.
    #[serde(default)]
    pub aside: Vec<String>,
    /// The day-close that the board would take if everything that did not come back were in the box; for an absentee desk with what came back and was
    /// accepted in the box, and the rest out.
    pub draft: DayClose,
}

/// How somebody votes as an absentee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AbsenteeKind {
    /// At another municipality (滞在地; Act article 49 (1), Order article 50).
    Away,
    /// In a hospital or home that was named for it (指定施設; Order article 50 (4)).
    Institution,
    /// By mail, with a certificate (郵便等投票; Act article 49 (2)).
    Mail,
    /// At the own municipality, not yet 18 (Order article 50).
    NotYetEighteen,
}

impl AbsenteeKind {
    /// Every kind with the word that commands use.
    pub const ALL: &[(Self, &'static str)] =
        &[(Self::Away, "away"), (Self::Institution, "institution"), (Self::Mail, "mail"), (Self::NotYetEighteen, "not-yet-eighteen")];
}

/// A request for absentee papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbsenteeRequest {
    /// Whose.
    pub slot: Slot,
    /// How they vote.
    pub kind: AbsenteeKind,
}

/// Whether absentee papers that came back go into the box (受理, 不受理; Order article 63).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reception {
    /// Accepted.
    Accepted,
    /// Rejected: not in order, or too late.
    Rejected,
}

/// Absentee papers came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbsenteeReceived {
    /// Whose.
    pub slot: Slot,
    /// The leaf of the hand-out.
    pub leaf: LeafIndex,
    /// Whether they go into the box.
    pub reception: Reception,
}

/// How somebody's absentee voting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbsenteeStands {
    /// How they vote.
    pub kind: AbsenteeKind,
    /// When it was requested.
    pub requested: Timestamp,
    /// The hand-out that came back, when, and whether it goes into the box.
    pub received: Option<(LeafIndex, Timestamp, Reception)>,
}

/// Somebody in the list of absentee voters (不在者投票処理簿).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbsenteeListed {
    /// The slot.
    pub slot: Slot,
    /// The resident system's number.
    pub number: String,
    /// The name.
    pub name: String,
    /// What was requested, and what came back.
    pub stands: AbsenteeStands,
    /// The hand-out of the absentee desk that is outstanding or came back.
    pub sent: Option<LeafIndex>,
}

macro_rules! withheld {
    ($($kind:ident)*) => {
        $(impl std::fmt::Debug for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($kind), "(<withheld>)"))
            }
        })*
    };
}

withheld!(LookFor Search AttendedSearch Looked DeskElector Prepare PreparedBy PaperPerson AbsenteeListed);
