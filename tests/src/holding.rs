//! Holding an election: what the commission and the trustees do, in their order, each by the programs that they use.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::{Created, Done, ElectionStatus, Role, RollReport, TrusteeStatus};
use tachiai_schemas::{ElectionId, Lang};

use crate::appliance::{Appliance, Official};
use crate::city::{City, Elector, Encoding, Plan, roll_csv};
use crate::trouble::{Doing, Trouble};
use crate::trustees::{Step, Trustee, Way};

/// Names of simulated trustees.
const NAMES: [&str; 9] = ["秋葉 一", "石橋 二葉", "上原 三郎", "遠藤 四季", "岡部 五月", "加藤 六実", "菊池 七海", "久保 八雲", "河野 九一"];

/// How the trustees of an election work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Travel {
    /// The last one over the network, the others with a stick that goes round.
    Mixed,
    /// All over the network, which is quicker.
    Network,
}

/// The people who hold elections in one appliance: two officials of the commission, and trustees.
pub struct Staff {
    /// Who asks.
    pub first: Official,
    /// Who approves.
    pub second: Official,
    /// The trustees.
    pub trustees: Vec<Trustee>,
    stick: PathBuf,
}

impl Staff {
    /// Appoints them; the stick and the trustees' media are folders in `folder`.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn appoint(appliance: &Appliance, folder: &Path, trustees: u8) -> Result<Staff, Trouble> {
        Staff::appoint_travelling(appliance, folder, trustees, Travel::Mixed)
    }

    /// Appoints them, with trustees who work this way.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn appoint_travelling(appliance: &Appliance, folder: &Path, trustees: u8, travel: Travel) -> Result<Staff, Trouble> {
        fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, error))?;
        // Trustees work in folders of their own, where a relative path would lead elsewhere.
        let folder = fs::canonicalize(folder).map_err(|error| Trouble::file(folder, error))?;
        let stick = folder.join("stick");
        fs::create_dir_all(&stick).map_err(|error| Trouble::file(&stick, error))?;
        let first = appliance.staff("nishimura", Role::Commission)?;
        let second = appliance.staff("tanaka", Role::Commission)?;
        let trustees = (1..=usize::from(trustees))
            .map(|index| {
                let way = if travel == Travel::Network || index == usize::from(trustees) {
                    Way::Server(appliance.staff(&format!("trustee-{index}"), Role::Trustee)?)
                } else {
                    Way::Stick(stick.clone())
                };
                let name = NAMES.get(index - 1).copied().unwrap_or("立会人");
                Trustee::new(appliance.programs(), &folder.join(format!("trustee-{index}")), name, way)
            })
            .collect::<Result<_, Trouble>>()?;
        Ok(Staff { first, second, trustees, stick })
    }

    /// The stick that goes round.
    pub fn stick(&self) -> &Path {
        &self.stick
    }

    /// The same people for another election, with the same media and another stick.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn again(&self) -> Result<Staff, Trouble> {
        let stick = self.stick.with_file_name("another-stick");
        fs::create_dir_all(&stick).map_err(|error| Trouble::file(&stick, error))?;
        let trustees = self.trustees.iter().map(|trustee| trustee.again(&stick)).collect::<Result<_, _>>()?;
        Ok(Staff { first: self.first.clone(), second: self.second.clone(), trustees, stick })
    }
}

/// One election under way.
pub struct Holding {
    staff: Staff,
    /// The election.
    pub election: ElectionId,
    id: String,
    quorum: u8,
    fingerprint: String,
}

impl Holding {
    /// Creates an election and imports its roll. SPEC.toml and the roll are written into `files`.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn create(staff: Staff, plan: &Plan, city: &City, electors: &[Elector], encoding: Encoding, files: &Path) -> Result<Holding, Trouble> {
        fs::create_dir_all(files).map_err(|error| Trouble::file(files, error))?;
        let spec = files.join("SPEC.toml");
        let text = plan.toml(city).doing("writing SPEC.toml")?;
        fs::write(&spec, text).map_err(|error| Trouble::file(&spec, error))?;
        let roll = files.join("roll.csv");
        fs::write(&roll, roll_csv(city, electors, encoding)).map_err(|error| Trouble::file(&roll, error))?;

        let created: Created = staff.first.ask(&["election", "create", path(&spec)?])?;
        let holding = Holding::of(staff, created.election, plan.quorum);
        let report: RollReport = holding.ask("import-roll", &[path(&roll)?])?;
        let expected = electors.len() as u64;
        if report.electors == expected { Ok(holding) } else { Err(Trouble::new("importing the roll", format!("{} of {expected} electors", report.electors))) }
    }

    /// An election that was created elsewhere, and that these people hold.
    pub fn of(mut staff: Staff, election: ElectionId, quorum: u8) -> Holding {
        staff.trustees.iter_mut().for_each(|trustee| trustee.serves(election));
        Holding { staff, election, id: election.to_string(), quorum, fingerprint: String::new() }
    }

    /// The same with the fingerprint of its notice, after it was opened elsewhere.
    pub fn announced(self, fingerprint: String) -> Holding {
        Holding { fingerprint, ..self }
    }

    /// The trustees make the joint key in three rounds.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn ceremony(&self) -> Result<(), Trouble> {
        self.begin_ceremony()?;
        [Step::Commit, Step::Deal, Step::Confirm].into_iter().try_for_each(|step| self.round(step, &self.staff.trustees))
    }

    /// The commission lists the trustees and fixes the manifest.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn begin_ceremony(&self) -> Result<(), Trouble> {
        for trustee in &self.staff.trustees {
            let _: TrusteeStatus = self.ask("add-trustee", &[path(&trustee.card())?])?;
        }
        let _: ElectionStatus = self.ask("ceremony", &[])?;
        Ok(())
    }

    /// Every trustee of a list does one step; the commission brings the stick to them and back.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn round(&self, step: Step<'_>, trustees: &[Trustee]) -> Result<(), Trouble> {
        self.carry()?;
        // Each works alone, so all may work at once.
        thread::scope(|scope| {
            let working: Vec<_> = trustees.iter().map(|trustee| scope.spawn(|| trustee.step(step)?.ok())).collect();
            working.into_iter().try_for_each(|work| work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map(drop))
        })?;
        self.carry()
    }

    /// The commission carries files between the stick and the appliance.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn carry(&self) -> Result<(), Trouble> {
        if self.staff.trustees.iter().any(Trustee::by_stick) {
            let _: serde_json::Value = self.ask("carry", &[path(&self.staff.stick)?])?;
        }
        Ok(())
    }

    /// Opens the vote; returns the fingerprint for the public notice.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn open(&mut self) -> Result<&str, Trouble> {
        let done = self.act("open")?;
        self.fingerprint = done.fingerprint.doing("opening printed no fingerprint")?;
        Ok(&self.fingerprint)
    }

    /// The fingerprint; empty before [`Holding::open`].
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// An act of two officials: `open`, `close-online`, `close-poll`, `count`, `publish`.
    ///
    /// # Errors
    /// [`Trouble`] if it is refused.
    pub fn act(&self, act: &str) -> Result<Done, Trouble> {
        self.staff.first.act(&["election", act, "--election", &self.id], &self.staff.second)
    }

    /// The trustees verify the record and sign the tally statement, as many of the last ones as are needed; then `sharing`
    /// of the first ones release their shares.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn decrypt(&self, sharing: usize) -> Result<(), Trouble> {
        let trustees = &self.staff.trustees;
        // ⌊(n+t−1)/2⌋+1 signatures (PROTOCOL §8.3).
        let signing = (trustees.len() + usize::from(self.quorum) - 1) / 2 + 1;
        self.round(self.decrypting(), trustees.get(trustees.len().saturating_sub(signing)..).unwrap_or_default())?;
        let status = self.status()?;
        if status.summary.phase != Phase::Tallying {
            return Err(Trouble::new("the tally statement", format!("{signing} trustees have signed, but the election is {:?}", status.summary.phase)));
        }
        self.round(self.decrypting(), trustees.get(..sharing).unwrap_or(trustees))
    }

    /// What trustees do after the poll, with the fingerprint of the notice.
    pub fn decrypting(&self) -> Step<'_> {
        Step::Decrypt(&self.fingerprint)
    }

    /// Where the election stands.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn status(&self) -> Result<ElectionStatus, Trouble> {
        self.ask("status", &[])
    }

    /// Downloads the record.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn export(&self, record: &Path) -> Result<(), Trouble> {
        let _: serde_json::Value = self.ask("export-record", &[path(record)?])?;
        Ok(())
    }

    /// Takes the sealed evidence away.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn export_evidence(&self, evidence: &Path) -> Result<(), Trouble> {
        let _: serde_json::Value = self.ask("export-evidence", &[path(evidence)?])?;
        Ok(())
    }

    /// What the console says of the election under a command, in words.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn said(&self, command: &str, lang: Lang) -> Result<String, Trouble> {
        Ok(self.staff.first.tachiai_in(lang, &["election", command, "--election", &self.id])?.ok()?.stdout)
    }

    /// The people who hold it.
    pub fn staff(&self) -> &Staff {
        &self.staff
    }

    fn ask<T: serde::de::DeserializeOwned>(&self, command: &str, arguments: &[&str]) -> Result<T, Trouble> {
        self.staff.first.ask(&[&["election", command], arguments, &["--election", &self.id]].concat())
    }
}

fn path(path: &Path) -> Result<&str, Trouble> {
    path.to_str().doing(format!("the path {} is not UTF-8", path.display()))
}
