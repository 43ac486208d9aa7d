//! A draft of an election: pages that are filled in, and the specification that they make. Pure.

use tachiai_schemas::election::{Authority, Choice, ContestKind, ContestOption, CrlRequirement, District, Text};
use tachiai_schemas::paper::{Officer, Place};
use tachiai_schemas::spec::{ContestSpec, ElectionSpec, WitnessesSpec};
use tachiai_schemas::validate::FieldError;
use tachiai_schemas::{Lang, Timestamp};

use crate::console::desk::Desk;
use crate::console::widgets::form::{Entry, Form};

/// By how many seconds Japan is ahead of Universal Time.
const JAPAN: i64 = 9 * 3_600;

/// The authorities in the order of the choice.
pub const AUTHORITIES: [Authority; 4] = [Authority::Mock, Authority::Ordinance, Authority::Statutory, Authority::SpecialZone];

const CRLS: [CrlRequirement; 2] = [CrlRequirement::Required, CrlRequirement::NotRequired];

const KINDS: [ContestKind; 3] = [ContestKind::Mayor, ContestKind::Council, ContestKind::Referendum];

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The election.
    Election,
    /// A polling district.
    District,
    /// A contest; its options are the pages behind it.
    Contest,
    /// An option of the contest before it.
    Choice,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it is about.
    pub about: About,
    /// Its lines.
    pub form: Form,
}

/// The draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The pages: the election, its districts, and each contest with its options.
    pub pages: Vec<Page>,
    /// The polling places, which come from a file alone: their keys are made elsewhere.
    pub places: Vec<Place>,
    /// The officers of the count, likewise.
    pub officers: Vec<Officer>,
}

/// Something that is wrong: on which page, in which line, and the message that says what belongs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The page.
    pub page: usize,
    /// The label of the line.
    pub label: &'static str,
    /// The message.
    pub rule: &'static str,
}

fn choices<T>(desk: &Desk, keys: &[(T, &'static str)]) -> Vec<String> {
    keys.iter().map(|(_, key)| desk.say(key)).collect()
}

fn place_of<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|known| known == one).unwrap_or_default()
}

impl Page {
    /// The page of an election.
    #[must_use]
    pub fn election(desk: &Desk, spec: Option<&ElectionSpec>) -> Self {
        let text = |of: &dyn Fn(&ElectionSpec) -> String, usual: &str| spec.map_or_else(|| usual.to_owned(), of);
        let at = |of: &dyn Fn(&ElectionSpec) -> Timestamp| spec.map(|spec| typed_time(of(spec))).unwrap_or_default();
        let authorities = choices(desk, &AUTHORITIES.map(authority_key));
        let crls = choices(desk, &[((), "create-crl-required"), ((), "create-crl-not")]);
        let authority = spec.map_or(0, |spec| place_of(&AUTHORITIES, &spec.authority));
        let crl = spec.map_or(0, |spec| place_of(&CRLS, &spec.crl));
        let form = Form::new(vec![
            Entry::exact("create-title-ja", &text(&|spec| spec.title.ja.clone(), "")).hint("create-text-hint"),
            Entry::exact("create-title-en", &text(&|spec| spec.title.en.clone(), "")).hint("create-text-hint"),
            Entry::choice("create-authority", authorities, authority).hint("create-choice-hint"),
            Entry::filled("create-opens", &at(&|spec| spec.opens)).hint("create-time-hint"),
            Entry::filled("create-online-closes", &at(&|spec| spec.online_closes)).hint("create-time-hint"),
            Entry::filled("create-poll-closes", &at(&|spec| spec.poll_closes)).hint("create-time-hint"),
            Entry::filled("create-trustees", &text(&|spec| spec.trustees.to_string(), "5")).hint("create-trustees-hint"),
            Entry::filled("create-quorum", &text(&|spec| spec.quorum.to_string(), "3")).hint("create-quorum-hint"),
            Entry::filled("create-min-unit", &text(&|spec| spec.min_unit.to_string(), "10")).hint("create-min-unit-hint"),
            Entry::choice("create-crl", crls, crl).hint("create-crl-hint"),
            Entry::exact("create-recipients", &text(&|spec| spec.authority_recipients.join(" "), "")).hint("create-recipients-hint"),
            Entry::exact("create-witnesses", &text(&|spec| spec.witnesses.keys.join(" "), "")).hint("create-witnesses-hint"),
            Entry::filled("create-witness-quorum", &text(&|spec| spec.witnesses.quorum.to_string(), "0")).hint("create-witness-quorum-hint"),
        ]);
        Self { about: About::Election, form }
    }

    /// The page of a district.
    #[must_use]
    pub fn district(id: &str, name: &Text) -> Self {
        let form = Form::new(vec![
            Entry::filled("create-district-id", id).hint("create-district-hint"),
            Entry::exact("create-name-ja", &name.ja).hint("create-text-hint"),
            Entry::exact("create-name-en", &name.en).hint("create-text-hint"),
        ]);
        Self { about: About::District, form }
    }

    /// The page of a contest, without its options.
    #[must_use]
    pub fn contest(desk: &Desk, contest: &ContestSpec) -> Self {
        let kinds = choices(desk, &[((), "create-kind-mayor"), ((), "create-kind-council"), ((), "create-kind-referendum")]);
        let modes = choices(desk, &[((), "create-up-to"), ((), "create-exactly")]);
        let (mode, number) = match contest.choose {
            Choice::UpTo(number) => (0, number),
            Choice::Exactly(number) => (1, number),
        };
        let districts = contest.districts.as_ref().map(|ids| ids.join(" ")).unwrap_or_default();
        let form = Form::new(vec![
            Entry::filled("create-contest-id", &contest.id).hint("create-id-hint"),
            Entry::exact("create-title-ja", &contest.title.ja).hint("create-text-hint"),
            Entry::exact("create-title-en", &contest.title.en).hint("create-text-hint"),
            Entry::choice("create-kind", kinds, place_of(&KINDS, &contest.kind)).hint("create-choice-hint"),
            Entry::filled("create-seats", &contest.seats.to_string()).hint("create-seats-hint"),
            Entry::choice("create-mode", modes, mode).hint("create-mode-hint"),
            Entry::filled("create-number", &number.to_string()).hint("create-number-hint"),
            Entry::filled("create-districts", &districts).hint("create-districts-hint"),
        ]);
        Self { about: About::Contest, form }
    }

    /// The page of an option.
    #[must_use]
    pub fn option(id: &str, name: &Text) -> Self {
        let form = Form::new(vec![
            Entry::filled("create-option-id", id).hint("create-id-hint"),
            Entry::exact("create-name-ja", &name.ja).hint("create-text-hint"),
            Entry::exact("create-name-en", &name.en).hint("create-text-hint"),
        ]);
        Self { about: About::Choice, form }
    }

    /// What it is called in the list of the pages, as it was typed.
    #[must_use]
    pub fn name(&self, lang: Lang) -> String {
        let text = |label: &str| self.form.raw(label);
        let [ja, en] = match self.about {
            About::Election | About::Contest => [text("create-title-ja"), text("create-title-en")],
            About::District | About::Choice => [text("create-name-ja"), text("create-name-en")],
        };
        lang.pick(&ja, &en).to_owned()
    }
}

/// The message of an authority's name.
#[must_use]
pub const fn authority_key(authority: Authority) -> (Authority, &'static str) {
    let key = match authority {
        Authority::Mock => "authority-mock",
        Authority::Ordinance => "authority-ordinance",
        Authority::Statutory => "authority-statutory",
        Authority::SpecialZone => "authority-special-zone",
    };
    (authority, key)
}

const fn nothing() -> Text {
    Text { ja: String::new(), en: String::new() }
}

/// A contest in which nothing is filled in, with an identifier that is free.
#[must_use]
pub fn new_contest(number: usize) -> ContestSpec {
    let options = ["a", "b"].map(|id| ContestOption { id: id.to_owned(), name: nothing() }).to_vec();
    ContestSpec { id: format!("c{number}"), title: nothing(), kind: ContestKind::Mayor, seats: 1, choose: Choice::UpTo(1), options, districts: None }
}

impl Draft {
    /// One in which nothing is filled in.
    #[must_use]
    pub fn new(desk: &Desk) -> Self {
        let mut pages = vec![Page::election(desk, None), Page::district("1", &nothing())];
        pages.extend(contest_pages(desk, &new_contest(1)));
        Self { pages, places: Vec::new(), officers: Vec::new() }
    }

    /// Of a specification.
    #[must_use]
    pub fn of(desk: &Desk, spec: &ElectionSpec) -> Self {
        let mut pages = vec![Page::election(desk, Some(spec))];
        pages.extend(spec.districts.iter().map(|District { id, name }| Page::district(id, name)));
        pages.extend(spec.contests.iter().flat_map(|contest| contest_pages(desk, contest)));
        Self { pages, places: spec.places.clone(), officers: spec.count_officers.clone() }
    }

    /// What the page at a place is about.
    #[must_use]
    pub fn about(&self, at: usize) -> About {
        self.pages.get(at).map_or(About::Election, |page| page.about)
    }

    /// Puts another page like the one at hand behind it; a contest behind the options of the one at hand. Gives its place.
    pub fn add(&mut self, desk: &Desk, at: usize) -> usize {
        let Some(page) = self.pages.get(at) else { return at };
        let (place, pages) = match page.about {
            // Behind the last district.
            About::Election => {
                (self.pages.iter().rposition(|page| page.about == About::District).map_or(1, |last| last + 1), vec![Page::district("", &nothing())])
            }
            About::District => (at + 1, vec![Page::district("", &nothing())]),
            About::Choice => (at + 1, vec![Page::option("", &nothing())]),
            About::Contest => {
                let behind = self.pages.iter().skip(at + 1).position(|page| page.about != About::Choice).map_or(self.pages.len(), |next| at + 1 + next);
                let count = self.pages.iter().filter(|page| page.about == About::Contest).count();
                (behind, contest_pages(desk, &new_contest(count + 1)))
            }
        };
        self.pages.splice(place..place, pages);
        place
    }

    /// How many pages a removal of the one at hand takes away; none where one of its kind has to stay.
    #[must_use]
    pub fn removes(&self, at: usize) -> usize {
        let Some(page) = self.pages.get(at) else { return 0 };
        let of = |about: About| self.pages.iter().filter(|page| page.about == about).count();
        let choices = |from: usize| self.pages.iter().skip(from).take_while(|page| page.about == About::Choice).count();
        match page.about {
            About::Election => 0,
            About::District | About::Contest if of(page.about) < 2 => 0,
            About::District => 1,
            About::Contest => 1 + choices(at + 1),
            About::Choice => {
                let contest = self.pages.iter().take(at).rposition(|page| page.about == About::Contest).unwrap_or_default();
                usize::from(choices(contest + 1) > 1)
            }
        }
    }

    /// The specification, or everything that is wrong.
    ///
    /// # Errors
    /// Every [`Wrong`] line.
    pub fn spec(&self) -> Result<ElectionSpec, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let Some(Page { form, .. }) = self.pages.first() else { return Err(wrong) };
        let mut time = |label: &'static str| {
            read_time(&form.text(label)).unwrap_or_else(|| {
                wrong.push(Wrong { page: 0, label, rule: "create-time-rule" });
                Timestamp::LAST
            })
        };
        let [opens, online_closes, poll_closes] = ["create-opens", "create-online-closes", "create-poll-closes"].map(&mut time);
        let [trustees, quorum, witness_quorum] = ["create-trustees", "create-quorum", "create-witness-quorum"].map(|label| number(form, 0, label, &mut wrong));
        let min_unit = number(form, 0, "create-min-unit", &mut wrong);
        let words = |label: &str| form.text(label).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let mut spec = ElectionSpec {
            title: text_of(form, "create-title-ja", "create-title-en"),
            authority: AUTHORITIES.get(form.chosen("create-authority")).copied().unwrap_or(Authority::Mock),
            opens,
            online_closes,
            poll_closes,
            quorum,
            trustees,
            min_unit,
            crl: CRLS.get(form.chosen("create-crl")).copied().unwrap_or(CrlRequirement::Required),
            authority_recipients: words("create-recipients"),
            witnesses: WitnessesSpec { quorum: witness_quorum, keys: words("create-witnesses") },
            places: self.places.clone(),
            count_officers: self.officers.clone(),
            districts: Vec::new(),
            contests: Vec::new(),
        };
        for (place, Page { about, form }) in self.pages.iter().enumerate() {
            match about {
                About::Election => {}
                About::District => {
                    spec.districts.push(District { id: form.text("create-district-id"), name: text_of(form, "create-name-ja", "create-name-en") })
                }
                About::Contest => spec.contests.push(contest_of(form, place, &mut wrong)),
                About::Choice => {
                    let option = ContestOption { id: form.text("create-option-id"), name: text_of(form, "create-name-ja", "create-name-en") };
                    if let Some(contest) = spec.contests.last_mut() {
                        contest.options.push(option);
                    }
                }
            }
        }
        if let Err(errors) = spec.validate() {
            // What could not be read at all was said already.
            let said = |known: &[Wrong], one: &Wrong| known.iter().any(|known| (known.page, known.label) == (one.page, one.label));
            for one in errors.iter().map(|error| self.wrong(error)) {
                let is_of_times = matches!(one.rule, "create-time-rule-order" | "create-file-rule");
                let follows = is_of_times && wrong.iter().any(|known| known.rule == "create-time-rule");
                if !said(&wrong, &one) && !follows {
                    wrong.push(one);
                }
            }
        }
        if wrong.is_empty() { Ok(spec) } else { Err(wrong) }
    }

    /// The place of the page of the n-th district or contest.
    fn nth(&self, about: About, n: usize) -> usize {
        self.pages.iter().enumerate().filter(|(_, page)| page.about == about).map(|(place, _)| place).nth(n).unwrap_or_default()
    }

    /// Where an error of the schema's checks lies.
    fn wrong(&self, error: &FieldError) -> Wrong {
        let path = error.path.as_str();
        let (head, index, rest) = parts(path);
        let at = |page: usize, label: &'static str, rule: &'static str| Wrong { page, label, rule };
        match head {
            "title" if path.ends_with("en") => at(0, "create-title-en", "create-text-rule"),
            "title" => at(0, "create-title-ja", "create-text-rule"),
            "online_closes" => at(0, "create-online-closes", "create-time-rule-order"),
            "poll_closes" => at(0, "create-poll-closes", "create-time-rule-order"),
            "opens" => at(0, "create-opens", "create-time-rule-order"),
            "trustees" => at(0, "create-trustees", "create-trustees-hint"),
            "quorum" => at(0, "create-quorum", "create-quorum-hint"),
            "min_unit" => at(0, "create-min-unit", "create-min-unit-hint"),
            "authority_recipients" => at(0, "create-recipients", "create-recipients-rule"),
            "witnesses" if path.contains("quorum") => at(0, "create-witness-quorum", "create-witness-quorum-hint"),
            "witnesses" => at(0, "create-witnesses", "create-witnesses-rule"),
            "districts" => {
                let page = self.nth(About::District, index);
                match rest {
                    "name.ja" => at(page, "create-name-ja", "create-text-rule"),
                    "name.en" => at(page, "create-name-en", "create-text-rule"),
                    _ => at(page, "create-district-id", "create-district-rule"),
                }
            }
            "contests" => {
                let page = self.nth(About::Contest, index);
                let (field, option, of_option) = parts(rest);
                match field {
                    "title" if rest.ends_with("en") => at(page, "create-title-en", "create-text-rule"),
                    "title" => at(page, "create-title-ja", "create-text-rule"),
                    "seats" => at(page, "create-seats", "create-seats-hint"),
                    "choose" => at(page, "create-number", "create-number-rule"),
                    "districts" => at(page, "create-districts", "create-districts-rule"),
                    "options" if rest == "options" => at(page, "create-contest-id", "create-options-rule"),
                    "options" => {
                        let page = page + 1 + option;
                        match of_option {
                            "name.ja" => at(page, "create-name-ja", "create-text-rule"),
                            "name.en" => at(page, "create-name-en", "create-text-rule"),
                            _ => at(page, "create-option-id", "create-id-rule"),
                        }
                    }
                    _ => at(page, "create-contest-id", "create-id-rule"),
                }
            }
            // Places and officers of the count come from a file.
            _ => at(0, "create-title-ja", "create-file-rule"),
        }
    }
}

/// `contests[1].options[0].id` as `contests`, 1 and `options[0].id`.
fn parts(path: &str) -> (&str, usize, &str) {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let (head, index) = first.split_once('[').unwrap_or((first, ""));
    (head, index.trim_end_matches(']').parse().unwrap_or_default(), rest)
}

fn contest_pages(desk: &Desk, contest: &ContestSpec) -> Vec<Page> {
    let options = contest.options.iter().map(|option| Page::option(&option.id, &option.name));
    std::iter::once(Page::contest(desk, contest)).chain(options).collect()
}

fn contest_of(form: &Form, page: usize, wrong: &mut Vec<Wrong>) -> ContestSpec {
    let most = number(form, page, "create-number", wrong);
    let districts: Vec<String> = form.text("create-districts").split([' ', ',', '、']).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    ContestSpec {
        id: form.text("create-contest-id"),
        title: text_of(form, "create-title-ja", "create-title-en"),
        kind: KINDS.get(form.chosen("create-kind")).copied().unwrap_or(ContestKind::Mayor),
        seats: number(form, page, "create-seats", wrong),
        choose: if form.chosen("create-mode") == 0 { Choice::UpTo(most) } else { Choice::Exactly(most) },
        options: Vec::new(),
        districts: (!districts.is_empty()).then_some(districts),
    }
}

fn text_of(form: &Form, ja: &str, en: &str) -> Text {
    // A name is what it is: no character of it is made another.
    Text { ja: form.raw(ja), en: form.raw(en) }
}

fn number<T: std::str::FromStr + Default>(form: &Form, page: usize, label: &'static str, wrong: &mut Vec<Wrong>) -> T {
    form.text(label).parse().unwrap_or_else(|_| {
        wrong.push(Wrong { page, label, rule: "create-figure-rule" });
        T::default()
    })
}

/// A time as it is typed, in Japan.
fn typed_time(at: Timestamp) -> String {
    // `YYYY-MM-DDTHH:MM:SSZ` by its definition.
    at.plus(JAPAN).to_string().get(..16).unwrap_or_default().replace('T', " ")
}

/// A time in Japan: `2027-01-24 08:30`, also with slashes and without zeros.
fn read_time(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once(' ')?;
    let date: Vec<u32> = date.split(['-', '/']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let time: Vec<u32> = time.trim().split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let ([year, month, day], [hour, minute]) = (<[u32; 3]>::try_from(date).ok()?, <[u32; 2]>::try_from(time).ok()?);
    let local: Timestamp = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z").parse().ok()?;
    Some(local.plus(-JAPAN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::event::Key;
    use crate::console::tests::opened;

    const SPEC: &str = include_str!("../../../../../tests/data/spec.toml");

    fn spec() -> ElectionSpec {
        ElectionSpec::from_toml(SPEC).unwrap()
    }

    fn type_into(draft: &mut Draft, page: usize, label: &str, text: &str) {
        let form = &mut draft.pages[page].form;
        let place = form.entries().iter().position(|entry| entry.label == label).unwrap();
        while form.at() != place {
            form.key(Key::Tab);
        }
        form.key(Key::End);
        form.key(Key::Ctrl('u'));
        form.paste(text);
    }

    #[test]
    fn a_specification_that_was_read_and_not_changed_is_the_same_specification() {
        let desk = opened(Lang::Ja).desk;
        assert_eq!(Draft::of(&desk, &spec()).spec().unwrap(), spec());
    }

    #[test]
    fn what_the_checks_find_is_said_at_its_line() {
        let desk = opened(Lang::Ja).desk;
        let mut draft = Draft::of(&desk, &spec());
        type_into(&mut draft, 0, "create-online-closes", "2020-01-01 00:00");
        type_into(&mut draft, 0, "create-quorum", "1");
        let districts = spec().districts.len();
        type_into(&mut draft, 2, "create-district-id", "");
        type_into(&mut draft, 1 + districts, "create-seats", "4");
        type_into(&mut draft, 3 + districts, "create-name-ja", "");
        let mut wrong = draft.spec().unwrap_err();
        wrong.sort_by_key(|wrong| wrong.page);
        let found: Vec<(usize, &str)> = wrong.iter().map(|wrong| (wrong.page, wrong.label)).collect();
        for (page, label) in
            [(0, "create-online-closes"), (0, "create-quorum"), (2, "create-district-id"), (1 + districts, "create-seats"), (3 + districts, "create-name-ja")]
        {
            assert!(found.contains(&(page, label)), "{page} {label}: {found:?}");
        }
    }

    #[test]
    fn a_time_that_cannot_be_read_is_said_once_and_not_to_be_in_the_wrong_order_too() {
        let desk = opened(Lang::En).desk;
        let mut draft = Draft::of(&desk, &spec());
        type_into(&mut draft, 0, "create-opens", "tomorrow");
        let wrong = draft.spec().unwrap_err();
        assert_eq!(wrong, [Wrong { page: 0, label: "create-opens", rule: "create-time-rule" }]);
    }

    #[test]
    fn times_are_of_japan_and_may_be_written_without_zeros() {
        let at: Timestamp = "2027-01-24T23:30:00Z".parse().unwrap();
        for text in ["2027-01-25 08:30", "2027/1/25 8:30", "2027-1-25  8:30"] {
            assert_eq!(read_time(text), Some(at), "{text}");
        }
        assert_eq!(typed_time(at), "2027-01-25 08:30");
        for text in ["", "2027-01-25", "8:30", "2027-13-01 00:00", "2027-01-25 25:00", "x y"] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }

    #[test]
    fn pages_come_and_go_with_what_belongs_to_them_and_one_of_each_stays() {
        let desk = opened(Lang::En).desk;
        let mut draft = Draft::new(&desk);
        let abouts = |draft: &Draft| draft.pages.iter().map(|page| page.about).collect::<Vec<_>>();
        assert_eq!(abouts(&draft), [About::Election, About::District, About::Contest, About::Choice, About::Choice]);
        assert_eq!([draft.removes(0), draft.removes(1), draft.removes(2), draft.removes(3)], [0, 0, 0, 1]);
        assert_eq!(draft.add(&desk, 2), 5);
        assert_eq!((draft.add(&desk, 0), draft.removes(6)), (2, 3));
        draft.pages.drain(6..9);
        assert_eq!(abouts(&draft), [About::Election, About::District, About::District, About::Contest, About::Choice, About::Choice]);
        assert_eq!(draft.removes(2), 1);
    }
}
