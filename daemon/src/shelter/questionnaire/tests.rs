use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::hand_in::Aside;
use tachiai_schemas::roster::person::{Identified, Triage};
use tachiai_schemas::roster::report::SealedAnswers;
use tachiai_schemas::roster::{Act, ChainId, Person};
use tachiai_schemas::shelter::import::{ImportKind, ImportMode, ImportOthers, ImportRows};
use tachiai_schemas::shelter::questionnaire::{Answer, Answers, Filled, FilledBy, Name};
use tachiai_schemas::shelter::{Pack, PersonAct, QuestionnaireSeen};
use tachiai_schemas::{Blob, Bytes, CitizenId, Refusal};

use crate::clock::Clock;
use crate::http::Holder;
use crate::shelter::people::Sight;
use crate::shelter::register::imports::Order;
use crate::shelter::reports::Sealed;
use crate::shelter::testing::{Hall, Terminal, chain, person, seal};

const FORM: &[u8] = include_bytes!("../../../../tests/data/shelter/questionnaire.toml");

fn name() -> Name {
    "shelter-medical".parse().unwrap()
}

fn answers(temperature: &str) -> Answers {
    let answers = [("care", Answer::Chosen(vec!["none".parse().unwrap()])), ("temperature", Answer::Number(temperature.to_owned()))];
    let answers: BTreeMap<String, Answer> = answers.into_iter().map(|(id, answer)| (id.to_owned(), answer)).collect();
    Answers { questionnaire: name(), version: 1, answers }
}

fn holder(n: u8) -> Holder {
    Holder { citizen: CitizenId([n; 16]), card_key: Hash32::sha256(&[n]), person: Hash32::sha256(&[n, n]) }
}

async fn arrive(hall: &Hall, person: Person) -> ChainId {
    let act = PersonAct { chain: None, after: Vec::new(), shelter: "gym".parse().unwrap(), act: Act::In, time: None, person };
    hall.event.write_person("西村", Sight::All, act).await.unwrap().chain
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_filled_in_at_home_is_found_at_the_desk_and_named_by_the_roster() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    register.define("西村", FORM).await.unwrap();
    register.fill_own(&holder(1), &name(), answers("36.5")).await.unwrap();
    let kept = register.fill_own(&holder(1), &name(), answers("39.2")).await.unwrap();
    assert_eq!(kept.triage, Triage::Red);
    assert!(register.own(&holder(1), &name()).unwrap().answers == answers("39.2"));
    assert_eq!(register.own(&holder(2), &name()).map(drop).unwrap_err().refusal, Refusal::NotFound);
    let chain = arrive(&hall, Person { citizen: Some(CitizenId([1; 16])), ..person("西村　花子") }).await;
    let other = arrive(&hall, person("西村　花子")).await;
    assert_eq!(hall.event.questionnaire_of("受付", Sight::Open, other).await.map(drop).unwrap_err().refusal, Refusal::NotFound);
    assert_eq!(hall.event.questionnaire_of("受付", Sight::Open, chain).await.map(|found| found.kept.hash).unwrap(), kept.hash);
    let done = hall.event.link_questionnaire("受付", Sight::Open, chain).await.unwrap();
    let again = hall.event.link_questionnaire("受付", Sight::Open, chain).await.unwrap();
    assert_eq!(done, again);
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let view = hall.event.person("西村", Sight::All, chain).await.unwrap();
    let found = view.counts.person.unwrap();
    assert_eq!((found.questionnaire, found.triage, view.history.len()), (Some(kept.hash), Some(Triage::Red), 2));
    assert!(hall.shelters.register().own(&holder(1), &name()).unwrap().answers == answers("39.2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_fill_in_is_sealed_under_the_handle() {
    let hall = Hall::new().await;
    hall.shelters.register().define("西村", FORM).await.unwrap();
    let chain = arrive(&hall, person("西村　花子")).await;
    let kept = hall.event.fill_at_desk("受付", Sight::Open, chain, answers("37.9")).await.unwrap();
    let found = hall.event.questionnaire_of("受付", Sight::Open, chain).await.unwrap();
    assert_eq!((found.kept, found.filled.by), (kept, FilledBy::Desk));
    let nobody = hall.event.fill_at_desk("受付", Sight::Open, ChainId([9; 16]), answers("37.9")).await.unwrap_err();
    assert_eq!(nobody.refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_terminal_without_a_link_sealed_is_read_here_once_it_is_handed_in() {
    let hall = Hall::new().await;
    hall.shelters.register().define("西村", FORM).await.unwrap();
    let mut gym = hall.terminal("gym-1", "gym").await;
    let (at, who) = (hall.millis(), chain(1));
    let filled = |temperature: &str, triage| Filled {
        salt: Bytes([4; 32]),
        at: hall.clock.now(),
        by: FilledBy::Desk,
        answers: answers(temperature),
        triage,
        because: Vec::new(),
    };
    let recipient = hall.event.declared().unwrap().recipient;
    let sealed = |plain: &[u8]| SealedAnswers { sealed: Blob(seal(&recipient, plain)) };
    let answer = |gym: &mut Terminal, answers: SealedAnswers| gym.write(|pen| pen.answers("gym".parse().unwrap(), who, &answers, at, &mut OsRng).unwrap());
    let arrived = gym.act(who, Act::In, &person("西村　花子"), at);
    let red = filled("39.2", Triage::Red);
    let (hash, good) = (red.hash().unwrap(), answer(&mut gym, sealed(&serde_json::to_vec(&red).unwrap())));
    let (entry, torn) = (good.hash, answer(&mut gym, sealed(b"{}")));
    let named = gym.act(who, Act::Edit, &Person { questionnaire: Some(hash), triage: Some(Triage::Red), ..person("西村　花子") }, at);
    let taken = hall.take(gym.hand_in(&hall, &[arrived, good, torn, named], at)).await.unwrap();
    let aside: Vec<_> = taken.aside.iter().map(|aside| (aside.index, aside.reason)).collect();
    assert_eq!((taken.taken, aside), (3, vec![(2, Aside::Opening)]), "what does not open is kept aside");
    let found = hall.event.questionnaire_of("受付", Sight::Open, who).await.unwrap();
    assert!(found.filled == red && found.kept.hash == hash);
    // It is a person's and no shelter's, so that no list of reports shows it, and no terminal is given it.
    assert!(hall.event.reports(Sealed::Opened).unwrap().is_empty());
    let second = hall.terminal("gym-2", "gym").await;
    let news = hall.event.news(&second.name, 0, 100).await.unwrap();
    let at = news.entries.iter().position(|bytes| tachiai_schemas::roster::leaf_hash(&bytes.0) == entry).unwrap();
    assert!(second.open(&news)[at].is_none());
    let pack = hall.event.pack("受付", &second.name).await.unwrap();
    let mut plain = Vec::new();
    age::Decryptor::new(&pack[..]).unwrap().decrypt(std::iter::once(&second.identity as &dyn age::Identity)).unwrap().read_to_end(&mut plain).unwrap();
    let pack: Pack = serde_json::from_slice(&plain).unwrap();
    assert_eq!(pack.questionnaires, *hall.shelters.register().definitions());
    assert_eq!(hall.event.problems(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worst_of_each_questionnaire_is_the_urgency_and_what_staff_set_is_not_lowered() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    register.define("西村", FORM).await.unwrap();
    let second = String::from_utf8(FORM.to_vec()).unwrap().replace("shelter-medical", "shelter-second");
    register.define("西村", second.as_bytes()).await.unwrap();
    let of_second = |temperature| Answers { questionnaire: "shelter-second".parse().unwrap(), ..answers(temperature) };
    let triage = async |chain| hall.event.person("西村", Sight::All, chain).await.unwrap().counts.person.unwrap().triage;
    // Red by the first, nothing by the second, which was filled in later.
    let chain = arrive(&hall, person("西村　花子")).await;
    hall.event.fill_at_desk("受付", Sight::Open, chain, answers("39.2")).await.unwrap();
    hall.clock.set(crate::shelter::testing::time("2026-09-01T12:01:00Z"));
    hall.event.fill_at_desk("受付", Sight::Open, chain, of_second("36.5")).await.unwrap();
    hall.event.link_questionnaire("受付", Sight::Open, chain).await.unwrap();
    assert_eq!(triage(chain).await, Some(Triage::Red));
    // Yellow by staff, nothing by what was filled in.
    let other = arrive(&hall, Person { triage: Some(Triage::Yellow), ..person("西村　太郎") }).await;
    hall.event.fill_at_desk("受付", Sight::Open, other, answers("36.5")).await.unwrap();
    hall.event.link_questionnaire("受付", Sight::Open, other).await.unwrap();
    assert_eq!(triage(other).await, Some(Triage::Yellow));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reception_sees_no_answers_of_who_is_under_protection() {
    let hall = Hall::new().await;
    hall.shelters.register().define("西村", FORM).await.unwrap();
    let protected = Person { protection: tachiai_schemas::roll::Protection::Protected, ..person("西村　花子") };
    let chain = arrive(&hall, protected).await;
    assert_eq!(hall.event.fill_at_desk("受付", Sight::Open, chain, answers("37.9")).await.unwrap_err().refusal, Refusal::NotFound);
    hall.event.fill_at_desk("西村", Sight::All, chain, answers("37.9")).await.unwrap();
    assert_eq!(hall.event.questionnaire_of("受付", Sight::Open, chain).await.map(drop).unwrap_err().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_definitions_that_cannot_be_taken_are_refused() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    assert_eq!(register.fill_own(&holder(1), &name(), answers("36.5")).await.unwrap_err().refusal, Refusal::NotFound);
    register.define("西村", FORM).await.unwrap();
    assert_eq!(register.fill_own(&holder(1), &name(), answers("60")).await.unwrap_err().refusal, Refusal::QuestionnaireInvalid);
    let changed = String::from_utf8(FORM.to_vec()).unwrap().replace("37.5", "37.4");
    assert_eq!(register.define("西村", changed.as_bytes()).await.unwrap_err().refusal, Refusal::QuestionnaireInvalid);
    let newer = changed.replace("version = 1", "version = 2");
    assert_eq!(register.define("西村", newer.as_bytes()).await.unwrap().version, 2);
    assert_eq!(register.fill_own(&holder(1), &name(), answers("36.5")).await.unwrap_err().refusal, Refusal::QuestionnaireInvalid);
    assert_eq!(register.define("西村", b"\xff").await.unwrap_err().refusal, Refusal::QuestionnaireInvalid);
}

/// A resident with a citizen ID, in the register.
async fn resident(hall: &Hall, number: &str, name: &str, citizen: CitizenId) {
    let csv = format!(
        "宛名番号,氏名,氏名カナ,生年月日,性別,住所,行政区,世帯番号,続柄,支援措置,市民ID\n{number},{name},ニシムラ　ハナコ,1950-04-01,女,養父市八鹿町1,八鹿,a,世帯主,,{citizen}\n"
    );
    let order = Order { mode: ImportMode::Apply, rows: ImportRows::default(), others: ImportOthers::default(), replaces: None, removes: None };
    hall.shelters.register().import("西村", ImportKind::Residents, csv.into_bytes(), order).await.unwrap();
    assert_eq!(hall.shelters.register().residents().by_number(number).unwrap().citizen, Some(citizen), "the register knows the citizen");
}

async fn seen(hall: &Hall, chain: ChainId) -> Option<QuestionnaireSeen> {
    hall.event.person("西村", Sight::All, chain).await.unwrap().questionnaire
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_card_or_the_register_identified_has_the_questionnaire_of_home_without_an_act() {
    let hall = Hall::new().await;
    let register = hall.shelters.register();
    register.define("西村", FORM).await.unwrap();
    resident(&hall, "2001", "西村　花子", CitizenId([1; 16])).await;
    let kept = register.fill_own(&holder(1), &name(), answers("39.2")).await.unwrap();
    let by_card = Person { citizen: Some(CitizenId([1; 16])), identified: Identified::Card, ..person("西村　花子") };
    let card = arrive(&hall, by_card).await;
    let linked = Some(QuestionnaireSeen::Linked { kept, worst: Triage::Red });
    assert_eq!(seen(&hall, card).await, linked);
    let entries = hall.event.published().roster.len();
    // By the list of residents it is the same person, whom the code led to.
    let listed = Person { resident: Some("2001".to_owned()), identified: Identified::List, ..person("西村　花子") };
    let again = PersonAct { chain: None, after: Vec::new(), shelter: "gym".parse().unwrap(), act: Act::In, time: None, person: listed.clone() };
    assert_eq!(hall.event.write_person("西村", Sight::All, again).await.unwrap_err().refusal, Refusal::PersonChanged);
    assert_eq!(hall.event.published().roster.len(), entries);
    // Where nobody came by the code, the list leads to the questionnaire as well.
    let elsewhere = Hall::new().await;
    elsewhere.shelters.register().define("西村", FORM).await.unwrap();
    resident(&elsewhere, "2001", "西村　花子", CitizenId([1; 16])).await;
    let filled = elsewhere.shelters.register().fill_own(&holder(1), &name(), answers("39.2")).await.unwrap();
    let listed = arrive(&elsewhere, listed).await;
    assert_eq!(seen(&elsewhere, listed).await, Some(QuestionnaireSeen::Linked { kept: filled, worst: Triage::Red }));
    // Whoever was typed is somebody else until staff say so.
    let typed = arrive(&hall, person("西村　花子")).await;
    let other = arrive(&hall, Person { birth: tachiai_schemas::roster::person::Birth::Years(76), ..person("西村　花子") }).await;
    assert_eq!((seen(&hall, typed).await, seen(&hall, other).await), (Some(QuestionnaireSeen::Suggested {}), None));
    assert_eq!(hall.event.questionnaire_of("受付", Sight::Open, typed).await.map(drop).unwrap_err().refusal, Refusal::NotFound, "nothing is shown of it");
    let urgent = hall.event.by_urgency("西村").await.unwrap();
    let listed: Vec<_> = urgent.iter().map(|urgent| urgent.triage).collect();
    assert_eq!(listed, [Triage::Red, Triage::Green]);
    hall.event.link_questionnaire("受付", Sight::Open, typed).await.unwrap();
    assert_eq!(seen(&hall, typed).await, Some(QuestionnaireSeen::Named { kept }));
    let record = hall.event.person("西村", Sight::All, typed).await.unwrap().counts.person.unwrap();
    assert_eq!((record.resident.as_deref(), record.triage, record.identified), (Some("2001"), Some(Triage::Red), Identified::Typed));
    assert_eq!(hall.event.by_urgency("西村").await.unwrap().len(), 2);
    assert_eq!(hall.event.link_questionnaire("受付", Sight::Open, other).await.unwrap_err().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_by_urgency_has_whoever_is_under_protection_without_the_name() {
    let hall = Hall::new().await;
    let protected = tachiai_schemas::roll::Protection::Protected;
    let hidden = arrive(&hall, Person { protection: protected, triage: Some(Triage::Red), ..person("西村　隠子") }).await;
    let open = arrive(&hall, Person { triage: Some(Triage::Yellow), ..person("西村　花子") }).await;
    let urgent = hall.event.by_urgency("西村").await.unwrap();
    let listed: Vec<_> = urgent.iter().map(|urgent| (urgent.triage, urgent.person.handles.clone(), urgent.person.counts.person.is_some())).collect();
    assert_eq!(listed, [(Triage::Red, vec![hidden], false), (Triage::Yellow, vec![open], true)]);
    let text = serde_json::to_string(&urgent).unwrap();
    assert!(text.contains("西村　花子") && !text.contains("隠子"));
}
