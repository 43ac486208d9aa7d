//! The night of a flood, after the election: five real shelters of the city, six terminals, some of them cut off; what they hand in later is merged, and the
//! roster is built anew from its journal. Meanwhile totals are stated, two agencies get what they may have, and an evacuee sees who got it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tachiai_schemas::Lang;
use tachiai_schemas::identity::citizen::CitizenIssued;

use super::agencies::{self, Agency, Wanted};
use super::forged::{self, Operator};
use super::hands;
use super::{Folder, Screen, statements};
use crate::appliance::{Appliance, Outcome, Programs};
use crate::card::Content;
use crate::city::{City, Day, Resident};
use crate::link::Link;
use crate::night::{Headquarters, Household, Ledger, Terminal, households};
use crate::trouble::{Doing, Trouble};
use crate::voters::{in_parallel, now, usual_threads};

/// How long after the one the other side of a contradiction is entered.
const APART: Duration = Duration::from_secs(2);

/// The seed of the city's residents.
const SEED: u64 = 282_228;

/// How many of the residents flee at least and at most.
const LEAST: usize = 40;
const MOST: usize = 1200;

/// How many flee for each elector of the election, and how many residents the register has for each who flees.
const FLEEING: usize = 4;
const REGISTERED: usize = 5;

/// The shelters by their common IDs, each with its terminals: Yōka, Yabu, Sekinomiya, Ōya, Hirotani.
const SHELTERS: [(&str, &str, &[&str]); 5] = [
    ("e2822200147111", "八鹿", &["yoka-1", "yoka-2"]),
    ("e2822200036111", "十二所", &["yabu-1"]),
    ("e2822200019111", "関宮", &["sekinomiya-1"]),
    ("e2822200054111", "大屋", &["oya-1"]),
    ("e2822200026111", "広谷", &["hirotani-1"]),
];

/// Those whose link is cut: the second of Yōka, Ōya, Hirotani.
const CUT: [&str; 3] = ["yoka-2", "oya-1", "hirotani-1"];

/// The one that hands in by a stick.
const BY_STICK: &str = "hirotani-1";

/// In how many parts the later ones arrive; totals are stated after each, as every hour in a long night.
const HOURS: usize = 3;

/// Somebody with a card that is enrolled, who flees as well.
pub struct Evacuee<'a> {
    /// At home or in the shelter, with the card in a reader.
    pub desk: &'a hands::Terminal<'a>,
    /// The card.
    pub card: Content,
}

impl Evacuee<'_> {
    /// Arrives at a terminal with the citizen ID, which headquarters look up by what the register says; whoever has one keeps it.
    fn arrive(&self, headquarters: &Headquarters, terminal: &Terminal) -> Result<(), Trouble> {
        let text = &self.card.text;
        let birth = [0..4, 4..6, 6..8].map(|part| text.birth.get(part).unwrap_or_default()).join("-");
        let who = format!("name={}\nbirth={birth}\nsex={}\naddress={}\n", text.name, text.sex, text.address);
        let issued: CitizenIssued = headquarters.first.tachiai_with_secret(&who, &["--json", "citizen", "issue", "--who-fd", "0"])?.ok()?.json()?;
        // The code that is read says who it is; what was typed alone would be a word, and the hospital gets nobody by a word.
        let entered = terminal.ask(&["in", "citizen", "--yes"], &format!("{}\n", issued.code))?;
        let handle = entered["entered"][0]["handle"].as_str().unwrap_or_default();
        terminal.ask(&["edit", "--handle", handle], &format!("name={}\nbirth={birth}\nneeds=medical\n", text.name)).map(drop)
    }
}

/// Plays the night on an appliance that runs, in a city of so many electors, and says how it ended.
///
/// # Errors
/// [`Trouble`].
pub fn night(appliance: &mut Appliance, evacuee: &Evacuee<'_>, electors: usize, folder: &Folder, screen: &mut Screen) -> Result<String, Trouble> {
    let evacuees = (FLEEING * electors).clamp(LEAST, MOST);
    let place = folder.make("night")?;
    let residents = City::yabu().doing("the city")?.residents(SEED, REGISTERED * evacuees, Day::of(now()));
    let headquarters = Headquarters::appoint(appliance)?;
    let files = ["yabu-evacuation.geojson", "yabu-emergency.geojson"].map(data);
    screen.phase("避難所・住民・要支援者の取込み", "shelters, residents, support list", residents.len(), |_| {
        headquarters.import(&place, &files.each_ref().map(PathBuf::as_path), &residents).map(drop)
    })?;
    let event = screen.phase("災害の宣言（職員2人）・避難所開設", "disaster declared, shelters opened", SHELTERS.len(), |progress| {
        let event = headquarters.declare("令和8年 台風第15号による大雨", "Heavy rain of typhoon 15 (simulated)")?;
        for (shelter, _, _) in SHELTERS {
            headquarters.shelter(&["open", shelter, "--event", &event])?;
            progress.step();
        }
        Ok(event)
    })?;
    let mut terminals = screen.phase("受付端末", "terminals set up", 6, |progress| {
        let names = SHELTERS.iter().flat_map(|(shelter, _, names)| names.iter().map(move |name| (*shelter, *name)));
        names
            .map(|(shelter, name)| {
                let terminal = Terminal::set_up(appliance, &headquarters, &place, &event, [name, shelter])?;
                progress.step();
                Ok(terminal)
            })
            .collect::<Result<Vec<_>, Trouble>>()
    })?;
    let mut play = Play { households: households(&residents).into_iter(), ledger: Ledger::default(), visitors: 0 };
    let known = screen.phase("受付（回線あり）", "arrivals, all linked", evacuees / 4, |progress| {
        play.arrivals(&terminals, evacuees / 4, || progress.step())?;
        let first = terminals.first().doing("no terminal")?;
        evacuee.arrive(&headquarters, first)?;
        play.ledger.arrive("the evacuee with a card", &first.shelter);
        play.alone(first)
    })?;
    screen.phase("送信・受信", "handed in, news learned", terminals.len(), |progress| {
        terminals.iter().try_for_each(|terminal| terminal.ask(&["sync"], "").map(|_| progress.step()))
    })?;
    let mut stated = Stated { folder: folder.make("statements")?, files: Vec::new(), said: None };
    screen.phase("集計の公表（名前なし、証明付き）", "totals stated, with a proof", 1, |_| stated.state(&headquarters, &event))?;
    for terminal in terminals.iter_mut().filter(|terminal| CUT.contains(&terminal.name.as_str())) {
        terminal.link = Link::Cut;
    }
    let conflicts =
        screen.phase("受付（3台は回線断）、毎時の集計", "arrivals, three cut off; totals by the hour", evacuees * 3 / 4, |progress| {
            for _ in 0..HOURS {
                play.arrivals(&terminals, evacuees / 4, || progress.step())?;
                for terminal in &terminals {
                    // A terminal that is cut off says so, and goes on.
                    terminal.run(&["sync"], "")?.expect(if terminal.link == Link::Cut { 4 } else { 0 })?;
                }
                stated.state(&headquarters, &event)?;
            }
            // However small the city is, somebody is on the stick.
            let stick = terminals.iter().find(|terminal| terminal.name == BY_STICK).doing("no terminal hands in by stick")?;
            play.alone(stick)?;
            play.contradict(&terminals, &known)
        })?;
    let stick = place.join("stick.json");
    screen.phase("回線復旧・媒体による持込み", "links back, one hands in by stick", terminals.len(), |progress| {
        for terminal in &mut terminals {
            terminal.link = Link::Up;
            if terminal.name == BY_STICK {
                let file = stick.display().to_string();
                terminal.ask(&["export", &file], "")?;
                // Twice, and without harm.
                headquarters.shelter(&["hand-in", &file])?;
                headquarters.shelter(&["hand-in", &file])?;
            } else {
                terminal.ask(&["sync"], "")?;
            }
            progress.step();
        }
        Ok(())
    })?;
    let (programs, lang) = (&appliance.programs().clone(), screen.lang());
    screen.phase("集計の公表と検証", "totals stated and verified, each beside the one before", 1, |_| {
        stated.state(&headquarters, &event)?;
        stated.verify(programs, lang)
    })?;
    let given = screen.phase("消防・病院への提供（鍵は提供先だけ）", "disclosed to fire service and hospital", 2, |progress| {
        share(appliance, &headquarters, evacuee, &event, folder, lang, || progress.step())
    })?;
    let merged = headquarters.shelter(&["event", "show", "--event", &event])?;
    play.ledger.compare(&merged)?;
    let counted = merged["summary"]["conflicts"].as_u64().unwrap_or_default();
    if counted != conflicts {
        return Err(Trouble::new("the merge", format!("{counted} conflicts are shown instead of {conflicts}")));
    }
    let listed = headquarters.first.tachiai_in(screen.lang(), &["shelter", "event", "show", "--event", &event])?.ok()?.stdout;
    let desk = terminals.first().doing("no terminal")?;
    desk.ask(&["sync"], "")?;
    let shown = desk.ask(&["conflicts"], "")?;
    let operator = screen.phase("名簿を記録から再構築", "roster rebuilt from its journal", play.ledger.len(), |_| {
        rebuilt(appliance, &headquarters, &event, &merged)
    })?;
    let refused = screen.phase("運用者による偽造の検出", "forgeries signed anew by the operator, refused", 2, |_| {
        let forgeries = folder.make("forged")?;
        let mut refused = Vec::new();
        if let Some(last) = stated.files.last() {
            let file = forgeries.join("totals.statement");
            operator.statement(last, &file)?;
            refused.push(forged::refused(programs, "roster", &file, lang)?);
        }
        let file = forgeries.join("fire.disclosure");
        operator.disclosure(&given.file, &file)?;
        refused.push(forged::refused(programs, "disclosure", &file, lang)?);
        Ok(refused)
    })?;
    let tables = tables()?;
    let (replayed, sums) =
        screen.phase("能登半島地震の避難者数（七尾市）の再現", "occupancies of Nanao, replayed", tables.len(), |progress| {
            headquarters.replay(
                ["令和6年能登半島地震（七尾市の公開データの再現）", "Noto earthquake of 2024 (Nanao's open data, replayed)"],
                &tables,
                || progress.step(),
            )
        })?;
    let curve = headquarters.first.tachiai_in(screen.lang(), &["shelter", "overview", "--event", &replayed])?.ok()?.stdout;
    let most = sums.iter().max().copied().unwrap_or_default();
    let head = screen.pick("避難所（取りまとめ後）", "Shelters after the merge");
    let sides = shown["conflicts"].as_array().map_or(0, Vec::len);
    let settled = screen.pick("食い違い（どちらの端末でも両方の記録を表示）", "conflicts, with both versions on every screen");
    let told = match stated.said {
        Some(said) => said,
        None => screen.pick("人数が少なく、集計は公表されません。", "So few people that no totals are stated.").to_owned(),
    };
    let proved = screen.pick("集計（誰でも検証できます）", "Totals, for anyone to verify");
    let rebuilt = screen.pick("再構築した名簿は、動いていたときと一致しました。", "The roster that was rebuilt is the one that was served.");
    let noto = screen.pick("能登半島地震の避難者数（七尾市、公開データのとおり）", "Occupancies of Nanao after the Noto earthquake, as published");
    let shared = screen.pick("提供（提供先が自分の鍵で開き、検証したもの）", "Disclosures, opened by the agency's key and verified");
    let seen = screen.pick("避難者が見る、自分についての提供の記録", "What an evacuee sees of who received what");
    let forged = screen.pick("運用者が署名し直した偽造（集計・提供）の判定", "Forgeries that the operator signed anew, as the verifier sees them");
    let Given { file: _, verdicts, seen: list } = given;
    Ok(format!(
        "{head}\n{listed}\n{settled}: {counted} ({sides})\n{rebuilt}\n\n{proved}\n{told}\n\n{shared}\n{verdicts}\n\n{seen}\n{list}\n\n{forged}\n{}\n\n{noto}: {} / {most}\n{curve}",
        refused.join("\n"),
        sums.len()
    ))
}

/// The statements of the night.
struct Stated {
    folder: PathBuf,
    files: Vec<PathBuf>,
    /// What the verifier says of the last one.
    said: Option<String>,
}

impl Stated {
    /// Has totals stated, if enough people came or left since the last time.
    fn state(&mut self, headquarters: &Headquarters, event: &str) -> Result<(), Trouble> {
        self.files.extend(statements::state(headquarters, event, &self.folder, &format!("{:04}", self.files.len()))?);
        Ok(())
    }

    /// Verifies each, and that it knows of the one before.
    fn verify(&mut self, programs: &Programs, lang: Lang) -> Result<(), Trouble> {
        let mut since: Option<&Path> = None;
        for file in &self.files {
            self.said = Some(statements::verify(programs, file, since, lang)?);
            since = Some(file);
        }
        Ok(())
    }
}

/// What agencies were given.
struct Given {
    /// What the fire service has in clear.
    file: PathBuf,
    /// What the verifier says of both.
    verdicts: String,
    /// What the evacuee sees of it.
    seen: String,
}

/// The fire service gets everybody whom it may have to help out, the hospital who consents; each opens its own, and nobody else's. The evacuee, who consented, sees it.
fn share(
    appliance: &Appliance,
    headquarters: &Headquarters,
    evacuee: &Evacuee<'_>,
    event: &str,
    folder: &Folder,
    lang: Lang,
    step: impl Fn(),
) -> Result<Given, Trouble> {
    let (place, programs) = (folder.make("agencies")?, appliance.programs());
    let fire = Agency::enter(appliance, headquarters, &place, ["fire", "fire", "養父消防署 079-000-0119"])?;
    let hospital = Agency::enter(appliance, headquarters, &place, ["hospital", "medical", "八鹿病院 079-000-5555"])?;
    let rescue = Wanted {
        basis: "affected-ledger",
        purpose: "安否確認と救助",
        of: &["--need", "support"],
        fields: &["name", "kana", "birth", "address", "stay", "needs"],
    };
    let (_, file) = fire.get(headquarters, programs, event, &rescue)?;
    step();
    evacuee.desk.by_card("access consent", Lang::En, &["--kind", "medical"])?;
    let care = Wanted { basis: "consent", purpose: "診療の準備", of: &["--everybody"], fields: &["name", "birth", "needs", "medication"] };
    let (people, opened) = hospital.get(headquarters, programs, event, &care)?;
    step();
    if people != 1 {
        return Err(Trouble::new("the hospital", format!("it got {people} people, and one consented")));
    }
    hospital.cannot_open(programs, &fire)?;
    fire.cannot_open(programs, &hospital)?;
    let verdicts = [agencies::verify(programs, &file, lang)?, agencies::verify(programs, &opened, lang)?].concat();
    let seen = evacuee.desk.by_card("access list", lang, &[])?;
    Ok(Given { file, verdicts, seen })
}

/// The tables of who was in which shelter of Nanao.
fn tables() -> Result<Vec<PathBuf>, Trouble> {
    let folder = data("nanao");
    let failed = |error| Trouble::file(&folder, error);
    let mut tables = std::fs::read_dir(&folder).map_err(failed)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    tables.sort();
    Ok(tables)
}

/// A file of real data.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/shelter").join(name)
}

struct Play<'a> {
    households: std::vec::IntoIter<Household<'a>>,
    ledger: Ledger,
    visitors: usize,
}

impl<'a> Play<'a> {
    /// Households arrive, each at the shelter of its district, until so many people came, and now and then somebody from elsewhere. The terminals work at the same
    /// time, as desks do.
    fn arrivals(&mut self, terminals: &[Terminal], people: usize, step: impl Fn() + Sync) -> Result<(), Trouble> {
        let mut desks: Vec<(&Terminal, Vec<Arrival<'a>>)> = terminals.iter().map(|terminal| (terminal, Vec::new())).collect();
        let mut came = 0;
        while came < people {
            let household = self.households.next().doing("the city has no more households")?;
            let at = Self::desk_of(terminals, &household, came);
            let (terminal, arrivals) = desks.get_mut(at).doing("no terminal")?;
            for member in &household.members {
                self.ledger.arrive(&member.number, &terminal.shelter);
            }
            came += household.members.len();
            arrivals.push(Arrival::Household(household));
            if arrivals.len().is_multiple_of(8) {
                self.visitors += 1;
                self.ledger.arrive(&format!("visitor {}", self.visitors), &terminal.shelter);
                arrivals.push(Arrival::Visitor(self.visitors));
            }
        }
        in_parallel(
            &desks,
            usual_threads(),
            || Ok(()),
            |(), _, (terminal, arrivals)| {
                for arrival in arrivals {
                    arrival.enter(terminal)?;
                    (0..arrival.people()).for_each(|_| step());
                }
                Ok(())
            },
            || (),
        )
        .map(drop)
    }

    fn desk_of(terminals: &[Terminal], household: &Household<'_>, came: usize) -> usize {
        let district = household.members.first().map_or("", |member| member.district.as_str());
        let place = SHELTERS.iter().find(|(_, of, _)| district.starts_with(of)).unwrap_or(&SHELTERS[came % SHELTERS.len()]);
        let fitting: Vec<usize> = terminals.iter().enumerate().filter(|(_, terminal)| terminal.shelter == place.0).map(|(at, _)| at).collect();
        // Every shelter has a terminal.
        fitting.get(came % fitting.len().max(1)).copied().unwrap_or_default()
    }

    /// Somebody who lives alone arrives at a terminal.
    fn alone(&mut self, terminal: &Terminal) -> Result<Resident, Trouble> {
        let household = self.households.find(|household| household.members.len() == 1).doing("nobody lives alone")?;
        let resident = household.members.first().map(|member| Resident::clone(member)).doing("a household without members")?;
        terminal.ask(&["in", "resident", "--number", &resident.number, "--yes"], "")?;
        self.ledger.arrive(&resident.number, &terminal.shelter);
        Ok(resident)
    }

    /// Two contradictions while a part is cut off: somebody is registered at two shelters, and somebody whom both desks of a shelter know leaves at one of them while
    /// the other changes what is known of them. How many conflicts there must be.
    fn contradict(&mut self, terminals: &[Terminal], known: &Resident) -> Result<u64, Trouble> {
        let by = |name: &str| terminals.iter().find(|terminal| terminal.name == name).doing("a terminal is missing");
        let (linked, cut, far) = (by("yoka-1")?, by("yoka-2")?, by("oya-1")?);
        let twice = self.alone(linked)?;
        // Terminals know the appliance's clock to the length of an answer; what lies nearer together than that has no order.
        std::thread::sleep(APART);
        far.ask(&["in", "resident", "--number", &twice.number, "--yes"], "")?;
        self.ledger.arrive(&twice.number, &far.shelter);
        linked.ask(&["out", "--number", &known.number], "destination=親族宅\n")?;
        std::thread::sleep(APART);
        // The later of the two holds, and that one says that the person is here.
        cut.ask(&["edit", "--number", &known.number], "needs=food\nallergies=卵\n")?;
        Ok(2)
    }
}

/// Who arrives.
enum Arrival<'a> {
    Household(Household<'a>),
    Visitor(usize),
}

impl Arrival<'_> {
    fn enter(&self, terminal: &Terminal) -> Result<(), Trouble> {
        match self {
            Self::Household(household) => {
                let number = &household.members.first().doing("a household without members")?.number;
                terminal.ask(&["in", "household", "--number", number, "--yes"], "").map(drop)
            }
            Self::Visitor(number) => {
                terminal.ask(&["in", "typed", "--yes"], &format!("name=Visitor {number}\nage=31\nneeds=foreign\nlanguage=English\n")).map(drop)
            }
        }
    }

    fn people(&self) -> usize {
        match self {
            Self::Household(household) => household.members.len(),
            Self::Visitor(_) => 1,
        }
    }
}

/// Stops the appliance, builds its views anew from the journals, starts it, and compares what it shows.
/// Meanwhile the operator takes the event's key.
fn rebuilt(appliance: &mut Appliance, headquarters: &Headquarters, event: &str, before: &Value) -> Result<Operator, Trouble> {
    appliance.stop()?;
    let rebuilt: Outcome = appliance.tachiaid(&["rebuild"])?;
    rebuilt.ok()?;
    let operator = Operator::of(appliance, event)?;
    appliance.start()?;
    let after = headquarters.shelter(&["event", "show", "--event", event])?;
    if after == *before { Ok(operator) } else { Err(Trouble::new("the roster that was rebuilt", "it differs from the one that was served")) }
}
