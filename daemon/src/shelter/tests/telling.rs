//! Who is told what: relatives, other terminals, logs and disks.

use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::Disclosure;
use tachiai_schemas::roster::{Act, Person};
use tachiai_schemas::shelter::{Inquiry, InquiryAnswer, Pack, PeopleSearch};
use tachiai_schemas::{Lang, Refusal, Say};

use super::super::kept::Kept;
use super::super::testing::{Hall, Log, REPLACEMENT, chain, person};

fn inquiry(name: &str, birth: Option<&str>, address: Option<&str>) -> Inquiry {
    Inquiry {
        name: name.to_owned(),
        birth: birth.map(|birth| birth.parse().unwrap()),
        address: address.map(str::to_owned),
        asker: "西村　姉、神戸市、姉".to_owned(),
    }
}

const BORN: Option<&str> = Some("1950-04-01");

#[tokio::test(flavor = "multi_thread")]
async fn a_relative_is_told_what_the_evacuee_allowed_and_no_more() {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let of = |name: &str, disclosure, protection| Person { disclosure, protection, kana: String::new(), ..person(name) };
    let written = [
        gym.act(chain(1), Act::In, &of("甲", Disclosure::Place, Protection::Open), at),
        gym.act(chain(2), Act::In, &of("乙", Disclosure::Safe, Protection::Open), at),
        gym.act(chain(3), Act::In, &of("丙", Disclosure::Nobody, Protection::Open), at),
        gym.act(chain(4), Act::In, &of("丁", Disclosure::Place, Protection::Protected), at),
        gym.act(chain(5), Act::In, &of("戊", Disclosure::Place, Protection::Open), at),
        gym.act(chain(5), Act::Out, &of("戊", Disclosure::Place, Protection::Open), at),
    ];
    assert_eq!(hall.take(gym.hand_in(&hall, &written, at)).await.unwrap().taken, 6);
    let answer = async |inquiry| hall.event.inquire("受付", inquiry).await.unwrap();
    assert!(matches!(answer(inquiry("甲", BORN, None)).await, InquiryAnswer::Place { shelter, .. } if shelter.as_str() == "gym"));
    assert!(matches!(answer(inquiry("甲", None, Some("養父市 八鹿町八鹿１"))).await, InquiryAnswer::Place { .. }), "an address however it is typed");
    assert_eq!(answer(inquiry("乙", BORN, None)).await, InquiryAnswer::Safe);
    assert_eq!(answer(inquiry("戊", BORN, None)).await, InquiryAnswer::Safe, "who left is safe, and not there");
    let nothing = [
        answer(inquiry("丙", BORN, None)).await,
        answer(inquiry("丁", BORN, None)).await,
        answer(inquiry("己", BORN, None)).await,
        answer(inquiry("甲", Some("1950-04-02"), None)).await,
        answer(inquiry("甲", BORN, Some("別の町"))).await,
    ];
    for answer in nothing {
        assert_eq!(
            (&answer, answer.say(Lang::Ja), answer.say(Lang::En)),
            (&InquiryAnswer::Nothing, InquiryAnswer::Nothing.say(Lang::Ja), InquiryAnswer::Nothing.say(Lang::En))
        );
    }
    for wrong in
        [inquiry("甲", None, None), inquiry("", BORN, None), inquiry("甲", None, Some(" ")), Inquiry { asker: String::new(), ..inquiry("甲", BORN, None) }]
    {
        assert_eq!(hall.event.inquire("受付", wrong).await.unwrap_err().refusal, Refusal::ShelterInvalid);
    }
    let asked = hall.event.private.entries().filter(|entry| matches!(entry.as_ref().unwrap().1, Kept::Inquired { .. })).count();
    assert_eq!(asked, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_has_the_openings_of_its_shelter_and_of_nobody_under_protection_elsewhere() {
    let hall = Hall::new().await;
    let (mut gym, mut school) = (hall.terminal("gym-1", "gym").await, hall.terminal("school-1", "school").await);
    let at = hall.millis();
    let hidden = Person { protection: Protection::Protected, ..person("西村　隠子") };
    let one = [
        gym.act(chain(1), Act::In, &person("甲"), at),
        gym.act(chain(2), Act::In, &person("乙"), at),
        gym.act(chain(3), Act::In, &hidden, at),
        gym.act(chain(4), Act::In, &hidden, at),
    ];
    hall.take(gym.hand_in(&hall, &one, at)).await.unwrap();
    for n in [2, 4] {
        school.heads.insert(chain(n), gym.heads[&chain(n)].clone());
    }
    let two = [school.act(chain(2), Act::Moved, &person("乙"), at + 1), school.act(chain(4), Act::Moved, &hidden, at + 1)];
    hall.take(school.hand_in(&hall, &two, at)).await.unwrap();
    let news = hall.event.news(&school.name, 0, 500).await.unwrap();
    assert_eq!((news.entries.len() as u64, news.size), (hall.event.published().roster.len(), news.size));
    let opened = |news: &tachiai_schemas::roster::hand_in::News, terminal: &super::super::testing::Terminal| -> Vec<bool> {
        let openings = terminal.open(news);
        let people = news
            .entries
            .iter()
            .zip(openings)
            .filter(|(entry, _)| matches!(tachiai_schemas::roster::from_bytes(&entry.0).unwrap().body.body, tachiai_schemas::roster::Body::Person(_)));
        people.map(|(_, opening)| opening.is_some()).collect()
    };
    // 甲 is elsewhere; 乙 and the one under protection came here, with all of their entries; the other one under protection is elsewhere.
    assert_eq!(opened(&news, &school), [false, true, false, true, true, true]);
    // Who left for elsewhere is still known where they were, unless under protection.
    assert_eq!(opened(&hall.event.news(&gym.name, 0, 500).await.unwrap(), &gym), [true, true, true, false, false, false]);
    let later = hall.event.news(&school.name, news.size - 1, 500).await.unwrap();
    assert_eq!((later.entries.len(), later.from), (1, news.size - 1));
    assert!(hall.event.news(&school.name, u64::MAX, 500).await.unwrap().entries.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_names_residents_and_nobody_under_protection() {
    let hall = Hall::new().await;
    let gym = hall.terminal("gym-1", "gym").await;
    let residents = [("1", "西村　一", "ニシムラ　ハジメ", Protection::Open), ("2", "西村　密", "ニシムラ　ヒソカ", Protection::Protected)];
    super::people::register(&hall, &residents).await;
    let pack = opened_pack(&gym.identity, &hall.event.pack("受付", &gym.name).await.unwrap());
    assert_eq!(pack.event, hall.event.id);
    assert_eq!((pack.residents.len(), pack.residents[0].name.as_str(), pack.residents[0].address.as_str()), (2, "西村　一", "養父市八鹿町1"));
    let hidden = &pack.residents[1];
    assert_eq!((hidden.number.as_str(), hidden.name.as_str(), hidden.kana.as_str(), hidden.address.as_str(), hidden.district.as_str()), ("2", "", "", "", ""));
    let handle = tachiai_schemas::roster::ChainId::derive(&pack.handle_key.0, &hall.event.id, tachiai_schemas::shelter::handle::RESIDENT, b"2");
    assert_eq!(handle, hall.event.handle_of_resident("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_has_the_code_that_a_resident_shows_now() {
    let hall = Hall::new().await;
    let gym = hall.terminal("gym-1", "gym").await;
    super::people::register_lost(&hall, Protection::Open).await;
    let pack = opened_pack(&gym.identity, &hall.event.pack("受付", &gym.name).await.unwrap());
    assert_eq!(pack.residents.iter().map(|resident| resident.citizen).collect::<Vec<_>>(), [Some(REPLACEMENT)]);
}

pub fn opened_pack(identity: &age::x25519::Identity, sealed: &[u8]) -> Pack {
    let mut reader = age::Decryptor::new(sealed).unwrap().decrypt(std::iter::once(identity as &dyn age::Identity)).unwrap();
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut reader, &mut plain).unwrap();
    serde_json::from_slice(&plain).unwrap()
}

/// The files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_is_in_a_log_or_in_clear_on_the_disk() {
    const NAME: &str = "御名前隠太郎";
    let log = Log::default();
    let writer = log.clone();
    // Another test of this process may have set one; then its log has nothing of this.
    let mine =
        tracing::subscriber::set_global_default(tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish());
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let mut named = person(NAME);
    NAME.clone_into(&mut named.note);
    let written = [gym.act(chain(1), Act::In, &named, at), gym.act(chain(2), Act::In, &named, at)];
    let mut openings: Vec<_> = written.iter().map(|written| written.opening.clone()).collect();
    openings.swap(0, 1);
    hall.take(gym.hand_in_with(&hall, written.iter().map(|written| written.bytes.clone()).collect(), &openings, at)).await.unwrap();
    hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    let search = hall.event.search("受付", PeopleSearch { name: NAME.to_owned(), shelter: None, limit: 10 }).await.unwrap();
    assert_eq!(search.people.len(), 2);
    hall.event.inquire("受付", Inquiry { asker: NAME.to_owned(), ..inquiry(NAME, BORN, None) }).await.unwrap();
    let request = tachiai_schemas::shelter::LinkRequest {
        chain: chain(1),
        other: chain(2),
        verdict: tachiai_schemas::roster::LinkVerdict::Same,
        evidence: NAME.to_owned(),
    };
    hall.event.prepare_link("西村", request, &[]).await.unwrap();
    hall.event.pack("受付", &gym.name).await.unwrap();
    hall.shelters.stop().await;
    let found = |bytes: &[u8]| bytes.windows(NAME.len()).any(|window| window == NAME.as_bytes());
    let text = log.0.lock().unwrap().clone();
    assert!(!found(&text));
    assert!(mine.is_err() || !text.is_empty(), "the log is looked at");
    let files = files(hall.dir.path());
    assert!(files.len() > 8);
    for path in files {
        assert!(!found(&std::fs::read(&path).unwrap()), "{}", path.display());
    }
}
