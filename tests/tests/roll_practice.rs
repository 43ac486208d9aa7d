//! The roll in an office: what an import would change is shown before it is done, corrections and objections are decided by the officials, whoever may not
//! vote gets no slot, and after the opening the board counts every change.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use tachiai_schemas::paper::RollChangeKind;
use tachiai_schemas::roll::RollDone;
use tachiai_schemas::roll::case::{ChangeView, ObjectionView, RollFound, RollOverview, RollPreview, Struck};
use tachiai_schemas::roll::difference::PersonDifference;
use tachiai_schemas::staff::{Pending, RollReport};
use tachiai_schemas::{Lang, Slot};
use tachiai_tests::appliance::Outcome;
use tachiai_tests::desk::Terminal;
use tachiai_tests::holding::Holding;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Scene, Setting, Story};

struct Office {
    scene: Scene,
    holding: Holding,
}

#[track_caller]
fn ok(outcome: Outcome) -> Outcome {
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// Commands of the commission on the roll of one election.
trait Roll {
    fn parts(&self) -> (&Scene, &Holding);

    fn run(&self, global: &[&str], arguments: &[&str]) -> Outcome {
        let (_, holding) = self.parts();
        let id = holding.election.to_string();
        holding.staff().first.tachiai(&[global, &["election"], arguments, &["--election", &id]].concat()).unwrap()
    }

    #[track_caller]
    fn json<T: serde::de::DeserializeOwned>(&self, arguments: &[&str]) -> T {
        ok(self.run(&["--json"], arguments)).json().unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Refused, and the reason in Japanese and English says this.
    #[track_caller]
    fn refused(&self, arguments: &[&str], ja: &str, en: &str) {
        let (_, holding) = self.parts();
        let id = holding.election.to_string();
        for (lang, says) in [(Lang::Ja, ja), (Lang::En, en)] {
            let outcome = holding.staff().first.tachiai_in(lang, &[&["election"], arguments, &["--election", &id]].concat()).unwrap();
            assert!(matches!(outcome.code, Some(1)) && outcome.stderr.contains(says), "{outcome:?}");
        }
    }

    /// One official asks, another approves.
    #[track_caller]
    fn both(&self, arguments: &[&str]) -> RollDone {
        let (_, holding) = self.parts();
        let pending: Pending = self.run(&["--json"], arguments).expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
        holding.staff().second.ask(&["approve", &pending.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.parts().0.folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn district(&self) -> String {
        self.parts().0.city.districts()[0].id.clone()
    }

    fn overview(&self) -> RollOverview {
        self.json(&["roll", "list"])
    }

    fn shown(&self, number: &str) -> RollFound {
        self.json(&["roll", "show", &format!("number={number}")])
    }
}

impl Roll for Office {
    fn parts(&self) -> (&Scene, &Holding) {
        (&self.scene, &self.holding)
    }
}

impl Roll for Story {
    fn parts(&self) -> (&Scene, &Holding) {
        (&self.scene, &self.holding)
    }
}

fn office(electors: usize) -> Office {
    let mut scene = Scene::set(Setting::of(electors));
    let staff = scene.appoint();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let holding = scene.create(staff);
    Office { scene, holding }
}

/// The file that was imported, with these fields of the resident system behind each row.
fn extended(office: &Office, header: &str, of: impl Fn(usize) -> String) -> String {
    let csv = fs::read_to_string(office.scene.folder.join("files/roll.csv")).unwrap();
    let rows = csv.lines().enumerate().map(|(line, row)| if line == 0 { format!("{row},{header}\r\n") } else { format!("{row},{}\r\n", of(line - 1)) });
    rows.collect()
}

const COLUMNS: &str = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区";

#[test]
fn an_import_over_a_roll_is_previewed_and_asks_and_changes_nothing_until_it_is_confirmed() {
    let office = office(6);
    let number = office.scene.electors[1].resident_number();
    let csv = fs::read_to_string(office.scene.folder.join("files/roll.csv")).unwrap();
    // Somebody is gone, somebody is new, somebody has another name.
    let mut rows: Vec<String> = csv.lines().map(str::to_owned).collect();
    rows.remove(3);
    rows[2] = rows[2].replacen(&office.scene.electors[1].name, "髙橋　﨑子", 1);
    rows.push(rows[1].replacen(&office.scene.electors[0].resident_number(), "77", 1).replacen(&office.scene.electors[0].name, "朝来　新", 1));
    let file = office.file("next.csv", &rows.join("\r\n"));

    let preview: RollPreview = office.json(&["import-roll", &file, "--preview"]);
    let difference = preview.difference.unwrap();
    assert_eq!((difference.added, difference.removed, difference.changed, difference.unchanged), (1, 1, 1, 4));
    assert!(
        difference.people.iter().any(|person| matches!(person, PersonDifference::Changed { number: of, fields, .. } if *of == number && fields.len() == 1))
    );
    let said = ok(office.run(&[], &["import-roll", &file, "--preview"])).stdout;
    assert!(said.contains("+ 77 朝来　新") && said.contains("「髙橋　﨑子」"), "{said}");
    // Nobody can be asked, so nothing is done.
    assert_eq!(office.run(&[], &["import-roll", &file]).code, Some(64));
    assert_eq!(office.overview().electors, 6);
    assert!(office.shown(&number).people[0].person.elector.name != "髙橋　﨑子");

    let report: RollReport = office.json(&["import-roll", &file, "--yes"]);
    assert_eq!((report.electors, report.unqualified), (6, 0));
    assert_eq!(office.shown(&number).people[0].person.elector.name, "髙橋　﨑子");
    // A file with mistakes shows them, and no differences.
    let bad = office.file("bad.csv", &rows.join("\r\n").replacen("77,", "\"\",", 1));
    let outcome = office.run(&[], &["import-roll", &bad, "--preview"]);
    assert!(outcome.code == Some(1) && outcome.stdout.contains("line 7"), "{outcome:?}");
}

#[test]
fn from_the_import_to_the_opening_officials_correct_the_roll_and_decide_objections() {
    let office = office(6);
    let number = |elector: usize| office.scene.electors[elector].resident_number();
    // The fourth is not of age in the register's view, the fifth moved away, the sixth is under protection.
    let file = office.file(
        "standing.csv",
        &extended(&office, "住民となった年月日,日本国民,停止,転出年月日,支援措置", |elector| match elector {
            3 => "2000-01-01,いいえ,公職選挙法第11条,,".to_owned(),
            4 => "H12.1.1,1,,2000-02-01,".to_owned(),
            5 => "2000-01-01,1,,,あり".to_owned(),
            _ => "平成12年1月1日,はい,なし,,なし".to_owned(),
        }),
    );
    let report: RollReport = office.json(&["import-roll", &file, "--yes"]);
    assert_eq!((report.electors, report.unqualified, report.warnings.len()), (4, 2, 2));
    let overview = office.overview();
    assert_eq!(overview.barred.iter().map(|judged| judged.bars.len()).collect::<Vec<_>>(), [2, 1]);
    let said = office.run(&[], &["roll", "list"]).stdout;
    assert!(said.contains("articles 11 and 252") && said.contains("moved away on 2000-02-01"), "{said}");

    // Looking for people: protected ones by their number alone.
    let family = office.scene.electors[5].name.split('\u{3000}').next().unwrap().to_owned();
    let by_name = office.run(&["--json"], &["roll", "find", &format!("name={}", office.scene.electors[5].name)]);
    assert_eq!(by_name.code, Some(1), "{by_name:?}");
    assert_eq!(office.shown(&number(5)).people[0].person.elector.address, "(支援措置)");
    office.refused(&["roll", "show", "number=0"], "名簿にいません", "nobody on the roll");
    let kana = office.scene.electors[0].kana.clone();
    let found: RollFound = office.json(&["roll", "find", &format!("kana={kana}"), &format!("birth={}", office.scene.electors[0].birth)]);
    assert_eq!(found.people[0].person.elector.number, number(0), "{family}");
    // At a terminal it is asked whom to look for; where nobody can be asked, it is said how to tell.
    let mut console = office.scene.appliance.programs().command("tachiai").unwrap();
    console.current_dir(&office.scene.folder).arg("--profile").arg(office.holding.staff().first.profile());
    console.args(["--lang", "en", "election", "roll", "find", "--election", &office.holding.election.to_string()]);
    let terminal = Terminal::start(console).expect("Number").say("").expect("Name: ").say(&office.scene.electors[0].name).expect("Birth date: ");
    let seen = terminal.say(&office.scene.electors[0].birth.to_string()).expect(&number(0)).end();
    assert_eq!(seen.code, Some(0), "{}", seen.shown);
    let untold = office.run(&[], &["roll", "show"]);
    assert!(untold.code == Some(64) && untold.stderr.contains("--who-fd"), "{untold:?}");

    // One official corrects an address, two a name; what no file may say is refused.
    let correct = |number: &str, field: &str, value: &str| -> Vec<String> {
        let told = [format!("number={number}"), format!("value={value}"), "note=届出の字体".to_owned()];
        ["roll", "correct", "--field", field, "--reason", "correction"].map(str::to_owned).into_iter().chain(told).collect()
    };
    fn words(words: &[String]) -> Vec<&str> {
        words.iter().map(String::as_str).collect()
    }
    let view: ChangeView = office.json(&words(&correct(&number(0), "address", "兵庫県養父市八鹿町99番地")));
    assert_eq!((view.change, view.by), (None, vec!["nishimura".to_owned()]));
    assert_eq!(office.both(&words(&correct(&number(0), "name", "髙橋 﨑子"))).change, None);
    office.refused(&words(&correct(&number(0), "birth", "1980-02-30")), "名簿に誤り", "not a date that exists");
    office.refused(&words(&correct(&number(0), "name", "髙橋　﨑子")), "名簿の異動", "says that already");
    // Where it adds or strikes somebody, two decide, and the one who asked is not the second.
    let pending: Pending = office.run(&["--json"], &words(&correct(&number(1), "left", "2000-03-01"))).expect(3).unwrap().json().unwrap();
    let alone = office.holding.staff().first.tachiai(&["approve", &pending.id, "--yes"]).unwrap();
    assert_eq!(alone.code, Some(1), "{alone:?}");
    let seen = office.holding.staff().second.tachiai(&["approve", &pending.id]).unwrap();
    assert!(seen.code == Some(64) && seen.stdout.contains(&office.scene.electors[1].name) && seen.stdout.contains("2000-03-01"), "{seen:?}");
    let done: RollDone = office.holding.staff().second.ask(&["approve", &pending.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((done.change, done.electors), (Some(RollChangeKind::Struck), 3));

    // An objection: received, not granted before it is upheld, decided once.
    let object = ["roll", "object", "by=養父　花子", "about=朝来　新", "--says", "left-out", "grounds=住民票がある"];
    let objection: ObjectionView = office.json(&object);
    assert_eq!((objection.number, objection.due), (1, objection.received.plus(3 * 86_400)));
    let row = office.file("row.csv", &format!("{COLUMNS}\r\n901,朝来　新,,1990-01-01,男,兵庫県養父市八鹿町1番地,{}\r\n", office.district()));
    let add = ["roll", "correct", "--add", &row, "--reason", "objection", "--objection", "1", "note=登録漏れ"];
    office.refused(&add, "まだ揃っていません", "objection 1 was not upheld");
    let decided: ObjectionView = office.json(&["roll", "decide", "1", "--uphold", "because=住民票を確認した"]);
    assert!(decided.decided.is_some());
    office.refused(&["roll", "decide", "1", "--dismiss", "because=やはり"], "変わりました", "was decided at");
    assert_eq!(office.both(&add).electors, 4);
    office.refused(&["roll", "correct", "number=901", "--restore", "--reason", "correction", "note=x"], "段階", "before the opening");

    // The roll as it will be opened can be taken away, and read back without a change.
    let export = office.scene.folder.join("as-opened.csv");
    ok(office.run(&[], &["roll", "export", export.to_str().unwrap()]));
    let preview: RollPreview = office.json(&["import-roll", export.to_str().unwrap(), "--preview"]);
    let difference = preview.difference.unwrap();
    assert_eq!((difference.added, difference.removed, difference.changed, difference.unchanged), (0, 0, 0, 7));

    // Only those who may vote get a slot.
    office.holding.ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
    let story = Story::open(office.scene, office.holding);
    assert_eq!(story.pinned.opened.roll.slots, 4);
    assert!(story.shown("901").people[0].slot.is_some() && story.overview().unqualified == 3);
}

#[test]
fn after_the_opening_two_officials_add_strike_and_restore_and_the_board_counts_it() {
    let mut story = Story::new(4);
    let number = |elector: usize, story: &Story| story.scene.electors[elector].resident_number();
    let (first, second) = (number(0, &story), number(1, &story));
    let seats = [Seat::of(&story.scene, 0), Seat::of(&story.scene, 1)];
    for seat in &seats {
        ok(seat.enrol());
    }
    let receipt = seats[0].vote(&story, "mayor=m1", "receipt.json");

    let newcomer = story.file("newcomer.csv", &format!("\u{feff}{COLUMNS}\r\n901,髙橋　﨑子,,1990-01-01,女,兵庫県養父市八鹿町1番地,{}\r\n", story.district()));
    let add = ["roll", "correct", "--add", &newcomer, "--reason", "correction", "note=登録漏れ"];
    let done = story.both(&add);
    assert_eq!((done.change, done.slot, done.electors), (Some(RollChangeKind::Added), Some(Slot(4)), 5));
    story.refused(&add, "名簿の異動", "has slot 4");
    let strike = |number: &str| ["roll", "correct", &format!("number={number}"), "--strike", "--reason", "disqualified", "note=失権の通知"].map(str::to_owned);
    for number in [&first, &second] {
        assert_eq!(story.both(&strike(number).each_ref().map(String::as_str)).change, Some(RollChangeKind::Struck));
    }
    story.refused(&strike(&second).each_ref().map(String::as_str), "名簿の異動", "was struck already");
    let minor = story.file("minor.csv", &format!("{COLUMNS}\r\n902,朝来　若,,2020-01-01,女,兵庫県養父市八鹿町2番地,{}\r\n", story.district()));
    story.refused(&["roll", "correct", "--add", &minor, "--reason", "correction", "note=x"], "名簿の異動", "age of 18");
    let told = format!("number={second}");
    let field = ["roll", "correct", &told, "--field", "name", "value=別人", "--reason", "correction", "note=x"];
    story.refused(&field, "段階", "committed on the board");
    assert_eq!(story.run(&[], &["import-roll", &newcomer]).code, Some(1));

    // Whoever was struck cannot vote any more; what was cast before stands.
    let late = seats[1].booth(&story, "vote", "1234", "mayor=m2", "late.json");
    assert!(late.code == Some(1) && late.stderr.contains("struck from the roll"), "{late:?}");
    assert!(matches!(seats[0].check(&story, &receipt), tachiai_schemas::receipt::BallotStatus::Counted { .. }));
    let told = format!("number={second}");
    let restore = ["roll", "correct", &told, "--restore", "--reason", "correction", "note=通知の誤り"];
    assert_eq!(story.both(&restore).electors, 4);
    seats[1].vote(&story, "mayor=m2", "second.json");

    // The openings of all slots are in the evidence, and nothing is lost by a restart or a rebuild.
    story.holding.export_evidence(&story.scene.folder.join("evidence")).unwrap_or_else(|trouble| panic!("{trouble}"));
    let see = |story: &Story| {
        let people: Vec<_> = [&first, &second, "901"].iter().flat_map(|number| story.shown(number).people).collect();
        (story.overview(), people)
    };
    let before = see(&story);
    assert_eq!(before.1.iter().map(|judged| judged.struck).collect::<Vec<_>>(), [Struck::Yes, Struck::No, Struck::No]);
    assert_eq!(before.0.changes.iter().map(|change| change.by.len()).collect::<Vec<_>>(), [2; 4]);
    story.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    ok(story.scene.appliance.tachiaid(&["--lang", "en", "rebuild"]).unwrap());
    ok(story.scene.appliance.tachiaid(&["check"]).unwrap());
    story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(see(&story) == before);
    assert_eq!(story.both(&strike("901").each_ref().map(String::as_str)).slot, Some(Slot(4)));
}
