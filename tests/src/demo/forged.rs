//! What the operator of the appliance can forge: with the event's key it writes a statement or disclosure of its own making, hashes, registers and signs everything
//! anew. The verifier names the rule that it breaks. (Forgeries that are proved anew as well are in the verifier's tests and vectors.)

use std::fs;
use std::io::BufReader;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Frontier, Origin};
use tachiai_crypto::roster::{AgeBand, Flag, Stay};
use tachiai_schemas::roster::disclosure::DisclosureHead;
use tachiai_schemas::roster::statement::{Scope, StatementHead};
use tachiai_schemas::roster::{self, Body};
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Bytes, Lang};
use tachiai_verify::roster::file::{Lines, write};
use tachiaid::config::Config;
use tachiaid::vault::{MasterKey, Vault};

use crate::appliance::{Appliance, Outcome, Programs};
use crate::trouble::{Doing, Trouble};

/// Whoever has the event's key.
pub struct Operator(BoardSecretKey);

impl Operator {
    /// Takes the key from the vault of an appliance that does not run, as its operator can.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn of(appliance: &Appliance, event: &str) -> Result<Self, Trouble> {
        let config = Config::read(&appliance.config()).map_err(|_| Trouble::new("the configuration", "it cannot be read"))?;
        let master = MasterKey::read(&config.master_key).doing("the master key")?;
        let vault = Vault::open(&config.data.join("vault"), master).doing("the vault")?;
        let seed = vault.get_secret(&format!("roster-{event}")).doing("the event's key")?.doing("the event has no key")?;
        Ok(Self(BoardSecretKey::from_seed(seed.as_slice().try_into().doing("the event's key")?)))
    }

    fn sign<T: SignedKind>(&self, body: T) -> Result<Signed<T>, Trouble> {
        let signature = Bytes(self.0.sign_hash(&body.signed_hash().doing("signing")?));
        Ok(Signed { body, signature })
    }

    /// Writes a statement with other totals, registered and signed as it then is, under a checkpoint over what then stands in the roster.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn statement(&self, honest: &Path, to: &Path) -> Result<(), Trouble> {
        let Lines { head: StatementHead { statement, .. }, mut entries } = read(honest, "a statement")?;
        let mut statement = statement.body;
        for scope in &mut statement.scopes {
            if falsify(scope) {
                break;
            }
        }
        let last = entries.last_mut().doing("a statement without entries")?;
        let mut registered = roster::from_bytes(last).doing("the entry that registers it")?.body;
        registered.body = Body::Stated(statement.stated().doing("registering")?);
        *last = roster::to_bytes(&self.sign(registered)?).doing("registering")?;
        let head = StatementHead { statement: self.sign(statement)?, checkpoint: self.checkpoint(&entries)? };
        save(to, &head, &entries)
    }

    /// Writes a disclosure without the last of its people, or, where there is nobody, for another purpose.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn disclosure(&self, honest: &Path, to: &Path) -> Result<(), Trouble> {
        let Lines { head: DisclosureHead { disclosure, .. }, entries } = read(honest, "a disclosure")?;
        let mut disclosure = disclosure.body;
        disclosure.proofs.pop();
        if disclosure.people.pop().is_none() {
            disclosure.terms.purpose.push('！');
        }
        let head = DisclosureHead { disclosure: self.sign(disclosure)?, checkpoint: self.checkpoint(&entries)? };
        save(to, &head, &entries)
    }

    fn checkpoint(&self, entries: &[Vec<u8>]) -> Result<String, Trouble> {
        let first = roster::from_bytes(entries.first().doing("no entries")?).doing("the first entry")?;
        let Body::Declared(declared) = first.body.body else { return Err(Trouble::new("the first entry", "it declares no event")) };
        let mut frontier = Frontier::new();
        entries.iter().for_each(|entry| frontier.push(roster::leaf_hash(entry)));
        let origin = Origin::new(&declared.origin).doing("the origin")?;
        Ok(self.0.sign(&Checkpoint { origin, size: entries.len() as u64, root: frontier.root() }).as_str().to_owned())
    }
}

/// Makes one of two told totals that belong together greater and the other less, so that nothing but the proof is against it; says whether there are two.
/// In the whole event, where there are none, one person more counts.
fn falsify(scope: &mut Scope) -> bool {
    let groups: [Vec<Flag>; 2] = [AgeBand::ALL.map(Flag::Age).to_vec(), Stay::ALL.map(Flag::Stay).to_vec()];
    for group in groups {
        let mut told: Vec<usize> = scope.shown.iter().enumerate().filter(|(_, flag)| group.contains(flag)).map(|(place, _)| place).collect();
        told.retain(|place| scope.totals.get(*place).is_some_and(|total| *total > 0));
        told.sort_by_key(|place| std::cmp::Reverse(scope.totals.get(*place).copied()));
        if let [most, next, ..] = told[..] {
            // From the greatest, which stays large.
            for (place, by) in [(most, -1), (next, 1)] {
                if let Some(total) = scope.totals.get_mut(place) {
                    *total = total.saturating_add_signed(by);
                }
            }
            return true;
        }
    }
    if scope.shelter.is_none() {
        scope.persons += 1;
        scope.totals.iter_mut().take(1).for_each(|total| *total += 1);
        return true;
    }
    false
}

fn read<H: Serialize + DeserializeOwned>(path: &Path, what: &'static str) -> Result<Lines<H>, Trouble> {
    let file = fs::File::open(path).map_err(|error| Trouble::file(path, error))?;
    Lines::read(BufReader::new(file), &path.display().to_string(), what).doing("reading what is to be forged")
}

fn save(path: &Path, head: &impl Serialize, entries: &[Vec<u8>]) -> Result<(), Trouble> {
    let mut bytes = Vec::new();
    write(&mut bytes, head, entries).doing("writing a forgery")?;
    fs::write(path, bytes).map_err(|error| Trouble::file(path, error))
}

/// How the verifier refuses a forgery: its first line, which names the rule.
///
/// # Errors
/// [`Trouble`] if it is not refused.
pub fn refused(programs: &Programs, what: &str, file: &Path, lang: Lang) -> Result<String, Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg(what).arg(file).args(["--lang", lang.pick("ja", "en")]);
    let refused = Outcome::of(command)?.expect(1)?;
    let line = refused.stdout.lines().next().unwrap_or_default();
    if line.contains("R9") { Ok(line.to_owned()) } else { Err(Trouble::new("a forgery", format!("it is refused without a rule: {line}"))) }
}
