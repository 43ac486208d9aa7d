//! The receptions of a story: an event with shelters, terminals with folders of their own, and lines to the appliance that can be cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tachiai::client::Client;
use tachiai::profile::Profile;
use tachiai_schemas::Lang;
use tachiai_schemas::roster::{CardRule, EventId};
use tachiai_schemas::shelter::EventView;
use tachiai_schemas::shelter::import::ImportAnswer;
use tachiai_schemas::staff::Role;

use crate::appliance::{Official, Outcome, Programs, with_secret};
use crate::city::{Elector, Resident, residents_csv};
use crate::link::Link;
use crate::story::{Scene, Setting, now};

/// The passphrase of every shift.
pub const SHIFT: &str = "yakan no kinmu";

/// A drill with two shelters, `gym` and `hall`.
pub struct Drill {
    /// The appliance and the residents' cards.
    pub scene: Scene,
    /// An official of headquarters.
    pub headquarters: Official,
    /// An official of the receptions.
    pub desk: Official,
    /// The event.
    pub event: EventId,
}

/// A terminal.
pub struct Terminal {
    programs: Programs,
    profile: PathBuf,
    /// Its folder.
    pub folder: PathBuf,
}

/// A client of an official.
pub fn client(official: &Official) -> Client {
    Profile::read(Some(official.profile())).unwrap().client(Lang::En).unwrap()
}

/// The register as the resident system exports it, of electors in households of two.
pub fn register(electors: &[Elector]) -> String {
    let resident = |(number, elector): (usize, &Elector)| {
        let Elector { number: _, name, kana, birth, sex, address, district: _ } = elector;
        Resident {
            number: number.to_string(),
            name: name.clone(),
            kana: kana.clone(),
            birth: *birth,
            sex: *sex,
            address: address.clone(),
            district: "八鹿".to_owned(),
            household: number.div_ceil(2).to_string(),
            is_head: number % 2 == 1,
            support: None,
        }
    };
    residents_csv(&(1..).zip(electors).map(resident).collect::<Vec<_>>())
}

impl Drill {
    /// A drill with so many residents, cards used by this rule.
    pub fn begin(residents: usize, card: CardRule) -> Drill {
        Drill::set(Setting::of(residents), card)
    }

    /// The same in another setting.
    pub fn set(setting: Setting, card: CardRule) -> Drill {
        let mut scene = Scene::set(setting);
        let headquarters = scene.appliance.staff("headquarters-1", Role::Headquarters).unwrap();
        let desk = scene.appliance.staff("reception-1", Role::Reception).unwrap();
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        let client = client(&headquarters);
        let csv = register(&scene.electors);
        let shown: ImportAnswer = import(&client, csv.as_bytes(), "");
        assert!(shown.replaces.is_none());
        import(&client, csv.as_bytes(), "?mode=apply");
        let text = |ja: &str, en: &str| json!({ "ja": ja, "en": en });
        let spec = json!({
            "kind": "drill", "title": text("水害訓練", "Flood drill"), "municipality": "282227", "began": now().plus(-7200), "card": card, "min_group": 10,
        });
        let asked: Value = client.post("/api/v1/shelter/events", None, &spec).unwrap_or_else(|failure| panic!("{failure}"));
        let event: EventId = asked["event"].as_str().unwrap_or_else(|| panic!("{asked}")).parse().unwrap();
        for (shelter, ja) in [("gym", "体育館"), ("hall", "公民館")] {
            let state = json!({
                "shelter": shelter, "name": text(ja, shelter), "address": "養父市", "district": "", "position": null, "capacity": 100, "rooms": [], "features": [],
                "pets": "unknown", "state": "open",
            });
            let opened = json!({ "before": null, "now": state });
            let _: Value = client.post(&format!("/api/v1/shelter/events/{event}/shelters"), None, &opened).unwrap_or_else(|failure| panic!("{failure}"));
        }
        Drill { scene, headquarters, desk, event }
    }

    /// Sets a terminal up, from headquarters' hands; from then on reception staff use it.
    pub fn terminal(&self, name: &str, shelter: &str) -> Terminal {
        let terminal = self.unadmitted(name);
        let event = self.event.to_string();
        let line = ["init", "--event", &event, "--shelter", shelter, "--terminal", name, "--passphrase-fd", "0"];
        let said = terminal.run_by(self.headquarters.profile(), Link::Up, SHIFT, &line);
        said.ok().unwrap_or_else(|trouble| panic!("{trouble}"));
        terminal
    }

    /// A terminal whose folder is still empty.
    pub fn unadmitted(&self, name: &str) -> Terminal {
        let folder = self.scene.folder.join("terminals").join(name);
        Terminal { programs: self.scene.appliance.programs().clone(), profile: self.desk.profile().to_owned(), folder }
    }

    /// The event as headquarters see it.
    pub fn view(&self) -> EventView {
        client(&self.headquarters).get(&format!("/api/v1/shelter/events/{}", self.event), None).unwrap_or_else(|failure| panic!("{failure}"))
    }
}

fn import(client: &Client, csv: &[u8], how: &str) -> ImportAnswer {
    client
        .post_bytes(&format!("/api/v1/shelter/residents{how}"), "application/octet-stream", csv)
        .unwrap_or_else(|refused: Result<ImportAnswer, _>| panic!("{}", refused.map_or_else(|failure| failure.to_string(), |report| json!(report).to_string())))
}

impl Terminal {
    /// Another terminal with a copy of this one's folder: stolen keys, or an old state.
    pub fn copy(&self, folder: &Path) -> Terminal {
        std::fs::create_dir_all(folder).unwrap();
        for file in std::fs::read_dir(&self.folder).unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
        Terminal { programs: self.programs.clone(), profile: self.profile.clone(), folder: folder.to_owned() }
    }

    /// A command of the console at this terminal, not started; the passphrase is read from a file of its own.
    pub fn command(&self, profile: &Path, link: Link, arguments: &[&str]) -> Command {
        let mut console = link.console(&self.programs).unwrap();
        console.arg("--profile").arg(profile).args(["--lang", "en", "--json", "reception"]).args(arguments).arg("--dir").arg(&self.folder);
        console
    }

    fn run_by(&self, profile: &Path, link: Link, typed: &str, arguments: &[&str]) -> Outcome {
        with_secret(self.command(profile, link, arguments), typed).unwrap()
    }

    /// Runs `tachiai reception …` in JSON with what a person or script types on its standard input.
    pub fn run(&self, link: Link, typed: &str, arguments: &[&str]) -> Outcome {
        with_secret(self.shell(link, arguments), typed).unwrap()
    }

    /// The same, not started: a shell hands the passphrase over on a descriptor of its own, so that standard input is free, and becomes the program.
    pub fn shell(&self, link: Link, arguments: &[&str]) -> Command {
        let inner = self.command(&self.profile, link, arguments);
        let mut shell = Command::new("sh");
        shell.args(["-c", "passphrase=$1; shift; exec 9<<END\n$passphrase\nEND\nexec \"$@\" --passphrase-fd 9", "sh", SHIFT]);
        shell.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
    }
}
