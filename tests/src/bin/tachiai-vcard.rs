//! A software My Number Card behind a Unix socket or in a reader of vpcd, and the making of such cards.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::{self, ExitCode},
    str::FromStr,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use tachiai::card::{Generation, PinName, generation::Characters};
use tachiai_jpki::{BirthDate, FourAttributes, Purpose, Serial, Sex, Substitutes, UnixTime, Validity};
use tachiai_tests::{
    card::{CaFolder, Fault, Form, KeyPool, Next, Order, Slot, SoftwareCard, insert, serve},
    signals::on_end,
};

/// A software My Number Card behind a Unix socket or in a virtual reader of pcscd, for tests and demonstrations.
#[derive(Parser)]
#[command(name = "tachiai-vcard", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    make: Option<Make>,
    #[command(flatten)]
    serve: Option<Serve>,
}

#[derive(Args)]
struct Serve {
    /// The card to serve; its try counters are kept in this file.
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// Listen at this Unix socket.
    #[arg(long, value_name = "PATH", conflicts_with = "vpcd", required_unless_present = "vpcd")]
    socket: Option<PathBuf>,
    /// Lie in the reader that vpcd opens at this port, usually 35963; come back when pcscd restarts.
    #[arg(long, value_name = "[HOST:]PORT")]
    vpcd: Option<Reader>,
    /// How long to wait for a reader at that port, and for it to take the card.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "vpcd", value_parser = clap::value_parser!(u64).range(1..=3600))]
    wait: u64,
    /// Misbehave: remove-after:N, hang-after:N, break-after:N, truncate:N (after N commands), truncate, slow:MS, wrong-key, locked,
    /// first-6f00, foreign. May be given more than once.
    #[arg(long)]
    fault: Vec<Fault>,
    /// Let each signature take this many milliseconds longer; real cards take about 500.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    sign_delay: u32,
}

/// Where vpcd listens for the card of one reader.
#[derive(Clone, Debug)]
struct Reader {
    host: String,
    port: u16,
}

impl FromStr for Reader {
    type Err = String;

    fn from_str(text: &str) -> Result<Reader, String> {
        let (host, port) = text.rsplit_once(':').unwrap_or(("127.0.0.1", text));
        let port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
        // An IPv6 address stands in brackets here, and without them where it is looked up.
        Ok(Reader { host: host.trim_matches(['[', ']']).to_owned(), port })
    }
}

#[derive(Subcommand)]
enum Make {
    /// Make a test CA with new keys, valid from now.
    Ca {
        /// Its folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// For how many days.
        #[arg(long, default_value_t = 3650)]
        days: u32,
    },
    /// Make a card.
    New(New),
    /// Write the CA's two revocation lists anew.
    Crl(Crl),
}

#[derive(Args)]
struct Crl {
    /// Folder of the test CA.
    #[arg(long, value_name = "DIR")]
    ca: PathBuf,
    /// Where to write authentication.crl and signature.crl; the CA's folder, if not said.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// For how many days they are fresh.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Revoke the authentication certificate with this serial number in hexadecimal digits. May be given more than once.
    #[arg(long, value_name = "SERIAL", value_parser = serial)]
    revoke: Vec<Serial>,
    /// The same for a signing certificate.
    #[arg(long, value_name = "SERIAL", value_parser = serial)]
    revoke_signing: Vec<Serial>,
}

fn serial(text: &str) -> Result<Serial, String> {
    let value = u64::from_str_radix(text, 16).ok();
    value.and_then(Serial::from_u64).ok_or_else(|| format!("`{text}` is no serial number of a test CA"))
}

#[derive(Args)]
struct New {
    /// Folder of the test CA that issues the certificates.
    #[arg(long, value_name = "DIR")]
    ca: PathBuf,
    /// Where to write the card.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Number of the card, another for each card of the CA.
    #[arg(long)]
    number: usize,
    /// Name; family and given name are parted by U+3000.
    #[arg(long)]
    name: String,
    /// Address.
    #[arg(long)]
    address: String,
    /// Date of birth, YYYY-MM-DD.
    #[arg(long)]
    birth: String,
    /// Sex.
    #[arg(long)]
    sex: SexArgument,
    /// PIN of the authentication key.
    #[arg(long, default_value = "1234")]
    pin: String,
    /// Password of the signing key.
    #[arg(long, default_value = "YABU2026")]
    password: String,
    /// Issue no signing certificate.
    #[arg(long)]
    without_signing: bool,
    /// PIN of the card's text.
    #[arg(long, default_value = "5678")]
    text_pin: String,
    /// What the card pretends to run on.
    #[arg(long, default_value = "card")]
    form: FormArgument,
    /// Make a card of a generation after today's, with keys on P-384: the file that `--card-generation` of the console
    /// reads.
    #[arg(long, value_name = "FILE")]
    generation: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum SexArgument {
    Male,
    Female,
    Unknown,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormArgument {
    Card,
    Android,
    Iphone,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be done about a closed terminal.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    let result = match (arguments.make, arguments.serve) {
        (Some(Make::Ca { out, days }), _) => make_ca(&out, days),
        (Some(Make::New(new)), _) => make_card(new),
        (Some(Make::Crl(crl)), _) => write_lists(crl),
        (None, Some(serve)) => serve_card(serve),
        (None, None) => Err(anyhow::anyhow!("nothing to do: see --help")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tachiai-vcard: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn serve_card(Serve { card, socket, vpcd, wait, fault, sign_delay }: Serve) -> anyhow::Result<()> {
    let engine = SoftwareCard::open(&card)?;
    let slot = Slot::new(card.display().to_string(), engine);
    let mut slot = fault.into_iter().fold(slot, Slot::with_fault).with_signing_time(Duration::from_millis(sign_delay.into()));
    // The card leaves its reader with its process; every change of it was written before it answered.
    on_end(|| process::exit(0))?;
    match (socket, vpcd) {
        (Some(socket), None) => {
            let listener = listen(&socket).with_context(|| format!("listening at {}", socket.display()))?;
            println!("{} at {}", card.display(), socket.display());
            match serve(&listener, &mut slot)? {}
        }
        (None, Some(Reader { host, port })) => {
            let inserted = || println!("{} in the reader at {host}:{port}", card.display());
            let failed = || format!("the card is in no reader: {host}:{port} (is pcscd running, and is it the port of a free reader of vpcd?)");
            insert(&(host.as_str(), port), &mut slot, Duration::from_secs(wait), inserted).with_context(failed)?;
            println!("{} was removed", card.display());
            Ok(())
        }
        _ => bail!("one of --socket and --vpcd is needed"),
    }
}

/// Binds the socket, over one that a process left behind when it was killed.
fn listen(path: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if UnixStream::connect(path).is_ok() {
                return Err(error);
            }
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        result => result,
    }
}

fn make_ca(folder: &Path, days: u32) -> anyhow::Result<()> {
    if folder.join("validity").exists() {
        bail!("{} holds a test CA already", folder.display());
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let end = now + Duration::from_secs(u64::from(days) * 86_400);
    let [not_before, not_after] = [now, end].map(|time| UnixTime::from_secs(time.as_secs()));
    CaFolder::new(folder).create(Validity { not_before, not_after })?;
    println!("test CA in {}, valid until {not_after}", folder.display());
    Ok(())
}

fn write_lists(Crl { ca, out, days, revoke, revoke_signing }: Crl) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    // An hour early, for certificates and lists are compared with clocks.
    let [not_before, not_after] = [now.saturating_sub(3600), now + u64::from(days) * 86_400].map(UnixTime::from_secs);
    let revoked = revoke.into_iter().map(|serial| (Purpose::UserAuthentication, serial));
    let revoked: Vec<_> = revoked.chain(revoke_signing.into_iter().map(|serial| (Purpose::DigitalSignature, serial))).collect();
    let out = out.unwrap_or_else(|| ca.clone());
    CaFolder::new(ca).open()?.write_revocation_lists(&out, Validity { not_before, not_after }, &revoked)?;
    println!("revocation lists in {}, fresh until {not_after}, with {} certificates", out.display(), revoked.len());
    Ok(())
}

fn make_card(new: New) -> anyhow::Result<()> {
    let New { ca, out, number, name, address, birth, sex, pin, password, without_signing, text_pin, form, generation } = new;
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Next::from_toml(&text).with_context(|| path.display().to_string())
    };
    let generation = generation.as_ref().map(read).transpose()?;
    let rules = generation.as_ref().map_or_else(Generation::today, |next| next.generation().clone());
    for (name, value) in [(PinName::Authentication, &pin), (PinName::Signing, &password), (PinName::Text, &text_pin)] {
        let rule = rules.rule(name);
        if !rule.allows(value.as_bytes()) {
            bail!(
                "the {name} has {} to {} {}",
                rule.least,
                rule.most,
                match rule.characters {
                    Characters::Digits => "digits",
                    Characters::CapitalsAndDigits => "of A-Z and 0-9",
                }
            );
        }
    }
    let folder = CaFolder::new(ca);
    let attributes = FourAttributes {
        name_substitutes: Substitutes::none_in(&name),
        address_substitutes: Substitutes::none_in(&address),
        birth_date: BirthDate::from_iso(&birth).with_context(|| format!("no such date: {birth}"))?,
        sex: match sex {
            SexArgument::Male => Sex::Male,
            SexArgument::Female => Sex::Female,
            SexArgument::Unknown => Sex::Unknown,
        },
        name,
        address,
    };
    let order = Order {
        form: match form {
            FormArgument::Card => Form::Card,
            FormArgument::Android => Form::Android,
            FormArgument::Iphone => Form::IPhone,
        },
        pin,
        password: (!without_signing).then_some(password),
        text_pin,
        generation,
        ..Order::usual(number, attributes, folder.validity()?)
    };
    let card = order.issue(&folder.open()?, &KeyPool::shared())?;
    card.write(&out)?;
    println!("{}\n照合番号A (My Number): {}\n照合番号B: {}", out.display(), card.codes.a.value, card.codes.b.value);
    Ok(())
}
