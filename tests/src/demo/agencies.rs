//! Agencies in the night: who gets what of whom, opened with a key that the agency alone has.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use tachiai_schemas::Lang;
use tachiai_schemas::sharing::disclosed::DisclosedAt;
use tachiai_schemas::staff::{Pending, Role};

use crate::appliance::{Appliance, Official, Outcome, Programs};
use crate::night::Headquarters;
use crate::trouble::{Doing, Trouble};
use crate::voters::now;

/// For how long something is granted, in seconds.
const GRANTED: i64 = 6 * 3600;

/// An agency with a certificate, and a folder with its key and nothing of anybody else.
pub struct Agency {
    name: &'static str,
    official: Official,
    folder: PathBuf,
}

/// What an agency is granted and asks for.
pub struct Wanted<'a> {
    /// The legal basis.
    pub basis: &'a str,
    /// The one purpose.
    pub purpose: &'a str,
    /// Whom, as the options of `agency grant` and `disclose` say.
    pub of: &'a [&'a str],
    /// The fields.
    pub fields: &'a [&'a str],
}

impl Agency {
    /// Enters an agency; its key is made in its own folder.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn enter(appliance: &Appliance, headquarters: &Headquarters, place: &Path, [name, kind, contact]: [&'static str; 3]) -> Result<Self, Trouble> {
        let folder = place.join(name);
        fs::create_dir_all(&folder).map_err(|error| Trouble::file(&folder, error))?;
        let identity = age::x25519::Identity::generate();
        let key = folder.join("key.txt");
        fs::write(&key, format!("{}\n", identity.to_string().expose_secret())).map_err(|error| Trouble::file(&key, error))?;
        let official = appliance.staff(name, Role::Agency)?;
        let recipient = identity.to_public().to_string();
        let _: Value = headquarters.first.ask(&["agency", "set", name, "--kind", kind, "--recipient", &recipient, "--contact", contact])?;
        Ok(Self { name, official, folder })
    }

    /// Is granted something by two officials, has it made, and fetches and opens the bundle; gives how many people are in it, and the file in clear.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn get(&self, headquarters: &Headquarters, programs: &Programs, event: &str, wanted: &Wanted<'_>) -> Result<(u64, PathBuf), Trouble> {
        let Wanted { basis, purpose, of, fields } = wanted;
        let (until, name) = (now().plus(GRANTED).to_string(), self.name);
        let mut grant = vec!["--json", "agency", "grant", name, "--agency", name, "--basis", basis, "--purpose", purpose, "--until", &until, "--event", event];
        grant.extend(of.iter().copied());
        grant.extend(fields.iter().flat_map(|field| ["--field", field]));
        let pending: Pending = headquarters.first.tachiai(&grant)?.expect(3)?.json()?;
        let _: Value = headquarters.second.ask(&["approve", &pending.id, "--yes"])?;
        // An agency asks for what it was granted by itself, and it is recorded as any other.
        let [made, bundle] = ["made.age", "bundle.age"].map(|file| self.folder.join(file));
        let out = made.display().to_string();
        let asked = [&["disclose", "--grant", name, "--event", event, "--out", &out], *of].concat();
        let DisclosedAt { at: _, disclosed } = self.official.ask(&asked)?;
        let _: Value = self.official.ask(&["agency", "fetch", &disclosed.request.to_string(), "--out", &bundle.display().to_string()])?;
        let plain = self.folder.join(format!("{name}.disclosure"));
        self.open(programs, &bundle, &plain)?.ok()?;
        Ok((disclosed.people, plain))
    }

    /// Tries to open a bundle of another agency, which must fail.
    ///
    /// # Errors
    /// [`Trouble`] if it is opened.
    pub fn cannot_open(&self, programs: &Programs, other: &Self) -> Result<(), Trouble> {
        let plain = self.folder.join("other.disclosure");
        self.open(programs, &other.folder.join("bundle.age"), &plain)?.expect(2)?;
        if plain.exists() { Err(Trouble::file(&plain, "a bundle for somebody else was opened")) } else { Ok(()) }
    }

    /// Opens a bundle in a process that is given this agency's key and nothing else.
    fn open(&self, programs: &Programs, bundle: &Path, plain: &Path) -> Result<Outcome, Trouble> {
        let mut command = programs.command("tachiai-demo")?;
        command.env_clear().env("LC_ALL", "C.UTF-8").current_dir(&self.folder).arg("--open-bundle").arg(bundle).args(["--key", "key.txt", "--out"]).arg(plain);
        Outcome::of(command)
    }
}

/// What `age --decrypt -i KEY -o OUT BUNDLE` does, which not every machine has.
///
/// # Errors
/// [`Trouble`] if the key does not open it; then nothing is written.
pub fn open_bundle(bundle: &Path, key: &Path, out: &Path) -> Result<(), Trouble> {
    let text = fs::read_to_string(key).map_err(|error| Trouble::file(key, error))?;
    let identity: age::x25519::Identity = text.trim().parse().map_err(|error: &str| Trouble::file(key, error))?;
    let sealed = fs::read(bundle).map_err(|error| Trouble::file(bundle, error))?;
    let mut plain = Vec::new();
    age::Decryptor::new(sealed.as_slice())
        .and_then(|decryptor| decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)))
        .doing("opening a bundle")?
        .read_to_end(&mut plain)
        .doing("opening a bundle")?;
    fs::write(out, plain).map_err(|error| Trouble::file(out, error))
}

/// Verifies a disclosure; what the verifier says.
///
/// # Errors
/// [`Trouble`] if it does not hold.
pub fn verify(programs: &Programs, file: &Path, lang: Lang) -> Result<String, Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg("disclosure").arg(file).args(["--lang", lang.pick("ja", "en")]);
    Ok(Outcome::of(command)?.ok()?.stdout)
}
