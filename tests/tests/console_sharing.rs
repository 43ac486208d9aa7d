//! The headquarters share from their consoles: an agency and a grant by two, what would leave shown before it does, and an emergency access that nobody misses; and a
//! citizen ID from its issue to the list of who looked at it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};
use tachiai_schemas::roster::CardRule;
use tachiai_schemas::sharing::alert::Alert;
use tachiai_schemas::sharing::disclosed::DisclosedAt;
use tachiai_schemas::staff::{Role, Shown};
use tachiai_tests::appliance::{Official, Programs};
use tachiai_tests::reception::{Drill, client};

#[path = "console/screen.rs"]
#[allow(dead_code, reason = "not every story does everything that can be done before a terminal")]
mod screen;

use screen::Screen;

const LARGE: (u16, u16) = (120, 40);

fn console(official: &Official, lang: &str, home: &Path) -> Screen {
    let program = Programs::beside_this().unwrap().path("tachiai").unwrap();
    Screen::open(&program, &["--profile", official.profile().to_str().unwrap(), "--lang", lang], LARGE, home)
}

/// Fills in a form, a line after the other; the last one sends it.
fn fill(screen: &mut Screen, lines: &[&str]) {
    for line in lines {
        screen.press(line);
        screen.press("\r");
    }
}

fn arrive(drill: &Drill, name: &str, more: &Value) -> String {
    let mut person = json!({ "name": name, "phone": "090-0000-0000", "identified": "typed", "stay": "shelter", "needs": ["care"] });
    person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let act = json!({ "chain": null, "after": [], "shelter": "gym", "act": "in", "time": null, "person": person });
    let path = format!("/api/v1/shelter/events/{}/people", drill.event);
    let done: Value = client(&drill.headquarters).post(&path, None, &act).unwrap_or_else(|failure| panic!("{failure}"));
    done["chain"].as_str().unwrap().to_owned()
}

fn opened(key: &age::x25519::Identity, bundle: &[u8]) -> String {
    let mut plain = String::new();
    let decryptor = age::Decryptor::new(bundle).unwrap();
    decryptor.decrypt(std::iter::once(key as &dyn age::Identity)).unwrap().read_to_string(&mut plain).unwrap();
    plain
}

#[test]
fn two_consoles_grant_what_is_shown_before_it_leaves_and_both_are_told_of_an_emergency_access() {
    let drill = Drill::begin(2, CardRule::WithoutPin);
    let home = drill.scene.folder.clone();
    let fire = drill.scene.appliance.staff("fire", Role::Agency).unwrap();
    let other = drill.scene.appliance.staff("headquarters-2", Role::Headquarters).unwrap();
    let key = age::x25519::Identity::generate();
    let chain = arrive(&drill, "要介護　一", &json!({}));
    arrive(&drill, "秘密　四", &json!({ "protection": "protected" }));
    let mut left = console(&drill.headquarters, "ja", &home);
    let mut right = console(&other, "ja", &home);
    left.until("最新");
    right.until("最新");

    // One official enters the agency, and asks for a grant.
    left.press("7");
    left.until("登録された機関はありません");
    left.press("n");
    left.until("機関の登録");
    fill(&mut left, &["fire", "", &key.to_public().to_string(), "079-000-0119"]);
    left.until("この機関を登録しますか");
    left.press("y");
    left.until_so("the agency to be listed", |text| !text.contains("この機関を登録しますか") && text.contains("079-000-0119"));
    left.press("\t");
    left.until("提供許可はありません");
    left.press("n");
    left.until("提供許可の申請");
    fill(&mut left, &["fire-care", "", "救急搬送の準備", "", "", "", "care", "氏名 配慮", "", "", "2099-12-31 17:00"]);
    left.until_so("the whole grant", |text| {
        ["この提供許可を申請しますか", "被災者台帳", "要介護・要支援", "氏名、配慮", "もう一人の職員が承認したときから"].iter().all(|part| text.contains(part))
    });
    left.press("y");
    left.until_so("that it waits", |text| text.contains("申請しました") && text.contains("もう一人の職員が"));
    left.press("\r");

    // The other one reads it on another console and approves it there; the first one sees at once that it holds.
    right.press("2");
    right.until("照合する値");
    let waiting: Vec<Shown> = client(&other).get("/api/v1/approvals", None).unwrap_or_else(|failure| panic!("{failure}"));
    right.press("a");
    right.until("いつでも取り下げられます");
    right.until("承認するには");
    right.press(&waiting[0].pending.id);
    right.press("\r");
    right.until("を承認しました");
    right.press("\r");
    left.until_so("the grant to hold", |text| text.lines().any(|line| line.contains("fire-care") && line.contains("有効")));

    // What would leave is shown, and who is withheld; nothing else of anybody.
    let file = home.join("fire.age");
    left.press("d");
    left.until("fire-care による fire への提供");
    fill(&mut left, &["", "", "", "", "", file.to_str().unwrap()]);
    let text = left.until_so("who would be given, and who is withheld", |text| {
        text.contains("要介護　一") && text.contains("支援措置の対象 1人") && text.contains("開示される区分")
    });
    assert!(!text.contains("秘密") && !text.contains("090-0000-0000"), "{text}");
    assert!(!file.exists());

    // Somebody else arrives meanwhile: what was not shown does not leave.
    arrive(&drill, "要介護　二", &json!({}));
    left.press("\r");
    left.until("提供しますか");
    left.press("fire-care\r");
    left.until("申請の後に内容が変わりました");
    assert!(!file.exists());
    left.press("\r");
    left.press("r");
    left.until("要介護　二");
    left.press("\r");
    left.until("提供しますか");
    left.press("fire-care\r");
    left.until("このファイルを相手に渡してください");
    left.press("\r");
    let plain = opened(&key, &std::fs::read(&file).unwrap());
    assert!(plain.contains("要介護　一") && plain.contains("要介護　二") && !plain.contains("秘密") && !plain.contains("090-0000-0000"));
    let made: Vec<DisclosedAt> = client(&other).get("/api/v1/sharing/disclosures", None).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((made.len(), made[0].disclosed.people), (1, 2));

    // An ambulance crew asks for a questionnaire: both consoles say so by themselves, and home goes on to.
    let asked = json!({ "event": drill.event, "whom": { "by": "handle", "chain": chain }, "reason": "搬送中に意識を失った" });
    let _: Alert = client(&fire).post("/api/v1/sharing/alerts", None, &asked).unwrap_or_else(|failure| panic!("{failure}"));
    for screen in [&mut left, &mut right] {
        screen.until_so("what it is and whose", |text| ["緊急閲覧がありました", "搬送中に意識を失った", "  fire  "].iter().all(|part| text.contains(part)));
        screen.press("\r");
    }
    right.press("1");
    right.until_so("home with the emergency access", |text| {
        text.contains("緊急閲覧（過去24時間）") && text.contains("搬送中に意識を失った") && !text.contains("緊急閲覧がありました")
    });
    for mut screen in [left, right] {
        screen.press("\u{3}");
        assert!(screen.end().1);
    }
}

#[test]
fn a_citizen_id_is_issued_and_who_looked_at_it_is_on_its_list() {
    let drill = Drill::begin(2, CardRule::WithoutPin);
    let mut screen = console(&drill.headquarters, "ja", &drill.scene.folder);
    screen.until("最新");
    screen.press("i");
    screen.until("市民IDのコード");
    screen.press("n");
    screen.until("市民IDの発行");
    fill(&mut screen, &["西村　花子", "昭和25年4月1日", "", "兵庫県養父市広谷２５０番地１"]);
    screen.until_so("whom it is issued to", |text| ["この方に発行しますか", "1950-04-01", "西村　花子"].iter().all(|part| text.contains(part)));
    screen.press("y");
    screen.until("発行しました");
    screen.press("\r");
    screen.until("今のコード");
    screen.press("h");
    screen.until_so("who looked", |text| text.lines().any(|line| line.contains("災害対策本部") && line.contains("市民IDを照会")));
    screen.press("\u{1b}");
    screen.until("今のコード");

    // A lost code stops working at once, and another takes its place.
    screen.press("x");
    let text = screen.until("と入力して Enter を");
    let word = text.split("実行するには ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    screen.press(&word);
    screen.press("\r");
    screen.until("失効しました");
    screen.press("\r");
    screen.until("失効したコード");
    screen.press("\u{3}");
    assert!(screen.end().1);
}
