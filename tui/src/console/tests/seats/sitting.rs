//! Seats as they stand: the desk of a polling place with somebody before it, and a trustee with a stick.

use std::path::PathBuf;

use tachiai_schemas::Bytes;
use tachiai_schemas::desk::{Bar, DayView, DeskContest, DeskDeclaration, DeskElector, HeldPaper, VoteState};
use tachiai_schemas::election::{Authority, Text};
use tachiai_schemas::paper::{DayClose, DayPapers, Identified, LinkPolicy, Manner, PlaceKind, Session};
use tachiai_schemas::{LeafIndex, Slot, TrusteeIndex};

use super::super::at;
use crate::card::Tries;
use crate::console::work::seat::poll::{self, By, Handed, Here, Kept, Listed, Stand};
use crate::console::work::seat::trustee::{self, Own, Step, Stick};
use crate::failure::{Exit, Failure};
use crate::poll::check_in::barred;
use crate::poll::queue::Fate;
use crate::trustee::held::About;
use crate::trustee::stick::{Found, What, Wrong};

fn text(ja: &str, en: &str) -> Text {
    Text { ja: ja.to_owned(), en: en.to_owned() }
}

/// Somebody on the roll.
pub fn elector(name: &str, address: &str, bars: Vec<Bar>) -> DeskElector {
    let contest = |index, ja: &str, en: &str, state| DeskContest { index, id: format!("c{index}"), title: text(ja, en), state };
    DeskElector {
        slot: Slot(7),
        slot_commitment: Bytes([0; 32]),
        number: "0000001675".to_owned(),
        name: name.to_owned(),
        kana: "ヤブ　ハナコ".to_owned(),
        birth: "1980-02-17".to_owned(),
        sex: "2".to_owned(),
        address: address.to_owned(),
        district: text("八鹿第一", "Yoka 1"),
        bars,
        contests: vec![
            contest(0, "養父市長選挙", "Mayor of Yabu City", VoteState::Online { leaf: LeafIndex(1_204), at: at("2026-11-25T09:12:00Z") }),
            contest(1, "養父市議会議員選挙", "City Council of Yabu", VoteState::NotYet),
        ],
        paper: None,
        absentee: None,
        declaration: Some(DeskDeclaration { reason: text("仕事・学業などのため", "work or official duty"), filed: at("2026-11-24T00:00:00Z") }),
    }
}

/// A desk at which it stands like this.
pub fn desk(turn: u64, stand: Stand) -> Box<poll::Seen> {
    let hours = Session { opens: at("2026-11-25T23:30:00Z"), closes: at("2026-11-26T11:00:00Z") };
    let listed = Listed {
        election: crate::console::tests::samples::election(),
        title: text("養父市長選挙", "Mayor of Yabu City"),
        authority: Authority::Mock,
        name: text("八鹿公民館", "Yoka Hall"),
        kind: PlaceKind::Early,
        hours: Some(hours),
        offline: LinkPolicy::Provisional,
    };
    Box::new(poll::Seen { desk: Some(listed), reader: None, kept: Kept::default(), turn, stand })
}

/// Somebody with a card, whose PIN has so many tries left.
pub fn here(elector: DeskElector, tries: u8) -> Stand {
    let barred = barred(&elector).err();
    Stand::Here(Box::new(Here { elector, by: By::Card(Tries::Left(tries)), barred, declares: false, wrong: None }))
}

/// Somebody who may vote.
pub fn hanako() -> DeskElector {
    elector("養父　花子", "兵庫県養父市八鹿町八鹿1675", Vec::new())
}

/// Papers that somebody holds.
pub fn paper() -> HeldPaper {
    HeldPaper {
        leaf: LeafIndex(88),
        at: at("2026-11-26T01:00:00Z"),
        place: 0,
        session: 0,
        place_name: text("八鹿公民館", "Yoka Hall"),
        manner: Manner::Own,
        identified: Identified::Card,
    }
}

/// The papers are to be handed over.
pub fn handed() -> Stand {
    let elector = hanako();
    let titles = elector.contests.iter().map(|contest| contest.title.clone()).collect();
    Stand::Handed(Box::new(Handed { elector: Some(elector), titles, leaf: LeafIndex(1_377), at: at("2026-11-26T03:41:00Z"), replaced: true }))
}

/// A day that is to be closed.
pub fn day() -> Stand {
    let papers = |contest| DayPapers { contest, issued: 12, returned: 1, taken_home: 0, in_box: 11 };
    let hash = Bytes([0; 32]);
    let draft = DayClose { opened: hash, place: 0, session: 0, papers: vec![papers(0), papers(1)], electors: 11, with_card: 9, replaced: 2, digest: hash };
    let view = DayView {
        name: text("八鹿公民館", "Yoka Hall"),
        kind: PlaceKind::Early,
        hours: Session { opens: at("2026-11-25T23:30:00Z"), closes: at("2026-11-26T11:00:00Z") },
        handouts: 12,
        manners: vec![(Manner::Own, 11)],
        closed: None,
        aside: vec!["K7Q2M-3".to_owned()],
        draft,
    };
    let titles = hanako().contests.iter().map(|contest| contest.title.clone()).collect();
    Stand::Day(Box::new((0, view, titles)))
}

/// The link is cut.
pub fn cut() -> Failure {
    Failure::new(
        Exit::NoConnection,
        "サーバー https://vote.city.yabu.example:9443 に接続できません: connection refused。",
        "no connection to https://vote.city.yabu.example:9443: connection refused.",
    )
}

/// A desk that keeps what is not on the board.
pub fn keeping(turn: u64, stand: Stand) -> Box<poll::Seen> {
    let envelopes = vec![("K7Q2M-1".to_owned(), Fate::Entered { leaf: LeafIndex(9) }), ("K7Q2M-2".to_owned(), Fate::Kept), ("K7Q2M-3".to_owned(), Fate::Kept)];
    Box::new(poll::Seen { kept: Kept { unanswered: 1, envelopes }, ..*desk(turn, stand) })
}

fn index(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

/// A trustee who has a medium and no stick yet.
pub fn trustee() -> Box<trustee::Seen> {
    let own = Own {
        dir: PathBuf::from("/media/mine"),
        name: "立会　一郎".to_owned(),
        fingerprint: "k3v7 q2xm b2c4 d6e8".to_owned(),
        held: vec![["養父市長選挙 (vote.city.yabu.example/2026): 鍵生成の秘密あり".to_owned(), "Mayor of Yabu City: secrets of the ceremony".to_owned()]],
    };
    Box::new(trustee::Seen { own: Some(own), stick: None, written: Some((What::Card, "/media/mine/card.json".to_owned())) })
}

/// The same with a stick on which this step is at hand.
pub fn with_stick(step: Step) -> Box<trustee::Seen> {
    let found = |name: &str, what, whose, order| Found { name: format!("files/{name}"), what, whose, at: Some(at("2026-11-20T01:00:00Z")), order };
    let unreadable = Wrong::Unreadable(["読めません: 途中で終わっています。".to_owned(), "cannot be read: it ends in the middle.".to_owned()]);
    let stick = Stick {
        about: About {
            election: "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
            title: text("養父市長選挙", "Mayor of Yabu City"),
            origin: "vote.city.yabu.example/2026".to_owned(),
        },
        size: 9,
        fingerprint: (step == Step::Sign).then(|| "abcd-efgh-ijkl-mnop-qrst".to_owned()),
        trustees: vec![
            (index(1), "立会　一郎".to_owned(), "k3v7 q2xm b2c4 d6e8".to_owned()),
            (index(2), "開票　二子".to_owned(), "aaaa bbbb cccc dddd".to_owned()),
            (index(3), "とても長い名前の立会人・長谷川　三四郎左衛門".to_owned(), "eeee ffff gggg hhhh".to_owned()),
        ],
        own: index(1),
        run: 1,
        step,
        missing: if step == Step::Sign { Vec::new() } else { vec![index(3)] },
        files: vec![
            found("run1-1-commit-1.json", Some(What::Commit), Some(index(1)), Ok(())),
            found("run1-2-deal-2.json", Some(What::Deal), Some(index(2)), Err(Wrong::Forged)),
            found("run1-2-deal-3.json", None, None, Err(unreadable)),
        ],
        forgotten: false,
    };
    Box::new(trustee::Seen { stick: Some((PathBuf::from("/media/stick"), Ok(Box::new(stick)))), written: None, ..*trustee() })
}
