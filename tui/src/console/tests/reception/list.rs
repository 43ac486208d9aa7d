//! A reception whose list of residents is not here yet: nobody is told that nobody fits as if it were.

use age::secrecy::SecretString;
use tachiai_schemas::{Lang, Refusal};

use super::super::{brought, picture};
use super::night::waiting_under;
use super::{Bench, unlisted};
use crate::console::event::{Event, Key};
use crate::console::work::Brought;
use crate::console::work::reception::{News, Order};
use crate::failure::Failure;
use crate::shelter::key::Lock;

impl Bench {
    /// So much of the list is here.
    fn comes(&mut self, done: u64, of: Option<u64>) {
        self.counter.begin_packing();
        let news = self.counter.packing(done, of);
        self.hears(news);
    }

    /// The list is here.
    fn listed(&mut self) {
        let pack = self.town.pack(self.counter.inner());
        self.counter.inner().keep_pack(pack).unwrap();
        let news = self.counter.packed(Ok(()));
        self.hears(news);
    }

    fn hears(&mut self, news: Vec<News>) {
        let more = brought(&mut self.state, Brought::Reception(None, news));
        self.follow(more);
    }
}

#[test]
fn nobody_is_told_that_nobody_fits_before_the_list_is_here_and_then_it_is_searched_again_by_itself() {
    let mut bench = unlisted(Lang::Ja);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter]);
    let text: String = bench.text().split_whitespace().collect();
    assert!(text.contains("住民の一覧がまだ届いていないため") && text.contains("回線が戻ると自動で受け取ります"), "{text}");
    bench.comes(3_400, Some(10_000));
    let text: String = bench.text().split_whitespace().collect();
    assert!(text.contains("受け取っています（34%）") && text.contains("まだ届いていないため"), "{text}");
    bench.listed();
    let text = bench.text();
    assert!(text.contains("養父　花子（ヤブ　ハナコ）") && !text.contains("住民の一覧"), "{text}");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert_eq!(bench.present(), 1);
}

#[test]
fn how_far_it_is_is_said_as_far_as_that_is_known() {
    let mut bench = unlisted(Lang::En);
    bench.comes(0, None);
    assert!(bench.text().contains("is being fetched. Until then"), "{}", bench.text());
    bench.comes(5 << 20, None);
    assert!(bench.text().contains("(5,120 KiB)"), "{}", bench.text());
    let failed = bench.counter.packed(Err(Failure::refused("失敗", "it broke off")));
    bench.hears(failed);
    assert!(!bench.text().contains("is being fetched"), "{}", bench.text());
}

#[test]
fn whoever_types_the_next_name_is_not_led_away_from_it_by_the_list() {
    let mut bench = unlisted(Lang::En);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Esc]);
    bench.type_in("ようか");
    bench.listed();
    assert!(bench.text().contains("Next person: ようか") && !bench.text().contains("花子"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("八鹿　髙子"), "{}", bench.text());
}

#[test]
fn who_was_looked_for_before_the_list_came_is_looked_for_again_where_it_came_behind_another_screen() {
    let mut bench = unlisted(Lang::En);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::F(6)]);
    bench.listed();
    bench.keys(&[Key::Esc]);
    assert!(bench.text().contains("came since") && !bench.text().contains("not here yet"), "{}", bench.text());
    bench.keys(&[Key::Esc]);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("養父　花子"), "{}", bench.text());
}

#[test]
fn a_name_that_is_taken_leads_back_to_the_setting_up_and_says_what_to_do() {
    // Also where it was locked meanwhile: nobody is entered yet, and nothing is there to be kept from anybody.
    for lock in [Lock::Unprotected, Lock::Passphrase(SecretString::from("yakan no kinmu"))] {
        let mut bench = waiting_under(Lang::Ja, &lock);
        bench.keys(&[Key::F(12)]);
        let folder = bench.counter.inner().folder().to_owned();
        let taken = Failure { code: Some(Refusal::TerminalTaken), ..Failure::refused("使われています。", "it is taken.") };
        let news = bench.counter.synced(Err(taken));
        bench.hears(news);
        bench.state.update(Event::Tick(bench.state.desk.now.plus(3)));
        let text: String = bench.text().chars().filter(|c| !c.is_whitespace() && *c != '│').collect();
        for said in ["gym-1-7k3q」は、この災害・行事ですでに使われています", "次にすること", "別の名前で"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!folder.exists() && folder.with_extension("gym-1-7k3q").join("key").exists(), "nothing is removed");
        bench.keys(&[Key::Enter]);
        assert!(bench.text().contains("まだ受付に設定されていません"), "{}", bench.text());
        let news = bench.counter.ordered(Order::ReadSetup("/nowhere".into()));
        assert!(matches!(&news[..], [News::Failed(_)]), "headquarters' file is asked for, and not the passphrase");
    }
}

#[test]
fn a_list_on_its_way_is_seen_as_it_is() {
    picture("reception-list-comes", |lang| {
        let mut bench = unlisted(lang);
        bench.type_in("yabu ha");
        bench.keys(&[Key::Enter]);
        bench.comes(3_400, Some(10_000));
        bench.state
    });
}
