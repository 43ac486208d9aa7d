//! `reception init`, `sync`, `status`, `clock`.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use clap::Args;
use rand_core::{OsRng, RngCore};
use serde_json::json;
use tachiai_schemas::roster::hand_in::{Aside, Copied};
use tachiai_schemas::roster::{EventId, Hlc, ShelterId, TerminalId};
use tachiai_schemas::shelter::{EventView, TerminalRequest, TerminalView};
use tachiai_schemas::{Lang, Refusal, Say};

use super::args::{TerminalArgs, note};
use super::setup_file::{read_setup, setup_text, stand};
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::say;
use crate::draft::replace_json;
use crate::failure::{Exit, Failure};
use crate::shelter::clock::Clocks;
use crate::shelter::key::Lock;
use crate::shelter::place::Place;
use crate::shelter::record::About;
use crate::shelter::state::{Anchors, Fate, Own, Reception};
use crate::shelter::sync::{Held, Restored, Synced};
use crate::shelter::{input, said};

/// Sets a terminal up.
#[derive(Args, Debug)]
pub struct Init {
    /// The event
    #[arg(long, value_name = "EVENT", required_unless_present = "from", requires = "shelter")]
    event: Option<EventId>,
    /// The shelter in which the terminal stands [default: the only one of the file]
    #[arg(long, value_name = "SHELTER")]
    shelter: Option<ShelterId>,
    /// The file that headquarters wrote with `tachiai shelter terminal setup-file`: the event and its shelters, where there is no link
    #[arg(long, value_name = "FILE", conflicts_with = "event")]
    from: Option<PathBuf>,
    /// Only show the event and the shelters of the file, and set nothing up
    #[arg(long, requires = "from")]
    preview: bool,
    /// The terminal's name, which is given once in an event, such as gym-1 [default: the shelter, with four characters by chance]
    #[arg(long, value_name = "NAME")]
    terminal: Option<TerminalId>,
    /// For drills: keep the keys under no passphrase
    #[arg(long, conflicts_with = "passphrase_fd")]
    unprotected: bool,
}

/// Hands in and learns.
#[derive(Args, Debug)]
pub struct Sync {
    /// Fetch the list of residents anew
    #[arg(long)]
    pack: bool,
}

/// The clock.
#[derive(Args, Debug)]
pub struct Clock {
    /// What the time really is, in Japan, like '2026-09-01 21:30': where there is no link
    #[arg(long, value_name = "TIME")]
    set: Option<String>,
}

impl Init {
    /// Runs the command. Run again it asks for admission again, with the same keys.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, terminal: &TerminalArgs) -> Result<Exit, Failure> {
        let file = self.from.as_deref().map(read_setup).transpose()?;
        if let (Some(file), true) = (&file, self.preview) {
            say(global, &json!(file), || setup_text(global.lang(), file));
            return Ok(Exit::Done);
        }
        let (event, shelter, place) = match (&file, self.event, &self.shelter) {
            (Some(file), _, wanted) => {
                let (shelter, place) = stand(global.lang(), file, wanted.as_ref())?;
                (file.event, shelter, Some(place))
            }
            (None, Some(event), Some(shelter)) => (event, shelter.clone(), None),
            (None, ..) => {
                return Err(Failure::new(Exit::Usage, "--event と --shelter、または --from を指定してください。", "name --event and --shelter, or --from."));
            }
        };
        let folder = terminal.folder()?;
        let mut reception = if folder.join("terminal.json").exists() {
            let reception = terminal.open(global)?;
            let About { event: own, terminal, .. } = &reception.about;
            if *own != event || self.terminal.as_ref().is_some_and(|name| name != terminal) {
                return Err(Failure::refused(
                    format!("{} は端末 {terminal} のフォルダです。別のフォルダを --dir で指定してください。", folder.display()),
                    format!("{} is the folder of terminal {terminal}. Name another with --dir.", folder.display()),
                ));
            }
            reception
        } else {
            let lock = if self.unprotected { Lock::Unprotected } else { Lock::Passphrase(terminal.new_passphrase(global)?) };
            if self.unprotected {
                note(global, "この端末の鍵はパスフレーズで守られません（訓練用）。", "this terminal's keys are under no passphrase: for drills only.");
            }
            let terminal = match &self.terminal {
                Some(name) => name.clone(),
                None => with_ending(shelter.as_str())?,
            };
            Reception::create(&folder, About { format: 0, event, terminal, shelter: shelter.clone() }, &lock, Clocks::system())?
        };
        if let Some(place) = place {
            reception.stand(place)?;
        }
        let name = reception.about.terminal.clone();
        let (request, path) = write_request(&reception, &shelter)?;
        let asked = global.staff().and_then(|client| admission(&client, &request).map(|answer| (client, answer)));
        let client = match asked {
            Ok((client, Admission::Admitted)) => client,
            // Reception staff admit nobody, and headquarters need not be at this desk.
            Ok((client, Admission::Asked)) => {
                learn_place(&RefCell::new(&mut reception), &client);
                let print = request.fingerprint();
                say(
                    global,
                    &json!({ "terminal": name, "shelter": shelter, "event": event, "dir": folder, "request": path, "fingerprint": print, "admitted": false }),
                    || global.pick(&next_ja(&path, &print), &next_en(&path, &print)).to_owned(),
                );
                return Ok(Exit::Waiting);
            }
            Err(failure) => {
                let print = request.fingerprint();
                return Err(failure.and(next_ja(&path, &print), next_en(&path, &print)));
            }
        };
        reception.sync(&client)?;
        reception.fetch_pack(&client)?;
        let residents = reception.residents().map_or(0, |residents| residents.all().len());
        say(
            global,
            &json!({ "terminal": name, "shelter": shelter, "event": event, "dir": folder, "request": path, "entries": reception.cursor(), "residents": residents }),
            || match global.lang() {
                Lang::Ja => format!("端末 {name} を設定しました（住民 {residents} 人の一覧を受け取りました）。フォルダ: {}", folder.display()),
                Lang::En => format!("terminal {name} is set up (with a list of {residents} residents). Folder: {}", folder.display()),
            },
        );
        Ok(Exit::Done)
    }
}

/// So many characters the ending of a name has.
const ENDING: usize = 4;

/// The characters of endings: digits and small letters without i, l, o and u, which are misread by hand.
const ENDING_CHARACTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// So long a name may be that gets an ending.
pub const LONGEST_BEFORE_ENDING: usize = 32 - ENDING - 1;

/// A terminal's name with an ending by chance, such as `gym-1-7k3q`: terminals that are set up apart, where nothing is known of each other, do not meet under one name.
/// What is too long is cut.
///
/// # Errors
/// [`Failure`]: nothing else may stand in a name of a terminal.
pub fn with_ending(name: &str) -> Result<TerminalId, Failure> {
    let mut chance = [0; ENDING];
    OsRng.fill_bytes(&mut chance);
    let ending: String = chance.iter().map(|byte| char::from(ENDING_CHARACTERS[usize::from(byte % 32)])).collect();
    let name: String = name.chars().take(LONGEST_BEFORE_ENDING).collect();
    format!("{name}-{ending}").parse().map_err(|_| {
        Failure::refused(
            format!("{name} は端末の名前になりません。--terminal で名前を指定してください（半角の英小文字・数字・ハイフン）。"),
            format!("{name} cannot be the name of a terminal. Name it with --terminal: small letters, digits and hyphens."),
        )
    })
}

/// Writes what headquarters admit a terminal by into its folder, to be carried there where there is no link.
///
/// # Errors
/// [`Failure`] (2).
pub fn write_request(reception: &Reception, shelter: &ShelterId) -> Result<(TerminalRequest, PathBuf), Failure> {
    let (request, path) = (TerminalRequest { shelter: shelter.clone(), ..reception.request() }, reception.folder().join("request.json"));
    replace_json(&path, &request)?;
    Ok((request, path))
}

/// What came of asking that a terminal be admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is: headquarters sit here.
    Admitted,
    /// Headquarters see that it asks.
    Asked,
}

/// Has a terminal admitted, or asks headquarters for it where whoever sits here may not do so.
///
/// # Errors
/// [`Failure`].
pub fn admission(client: &Client, request: &TerminalRequest) -> Result<Admission, Failure> {
    match client.post::<_, TerminalView>(&format!("/api/v1/shelter/events/{}/terminals", request.event), None, request) {
        Ok(_) => Ok(Admission::Admitted),
        Err(failure) if failure.code == Some(Refusal::Forbidden) => ask_admission(client, request).map(|()| Admission::Asked),
        Err(failure) => Err(failure),
    }
}

/// Asks headquarters to admit a terminal, or asks again: what is asked is forgotten there after a while.
///
/// # Errors
/// [`Failure`].
pub fn ask_admission(client: &Client, request: &TerminalRequest) -> Result<(), Failure> {
    client.post_nothing(&format!("/api/v1/shelter/events/{}/terminals/asking", request.event), request)
}

/// What is done next: the keys are there, and headquarters must admit them.
fn next_ja(path: &Path, print: &str) -> String {
    format!(
        "端末の鍵は作りました。次に、災害対策本部でこの端末を登録してもらいます（画面の「端末」、または {} を運んで tachiai shelter terminal admit）。指紋を声に出して照合してください: {print}\n登録が済んだら、この端末で tachiai reception sync --pack を実行してください。",
        path.display()
    )
}

fn next_en(path: &Path, print: &str) -> String {
    format!(
        "The terminal's keys are made. Next headquarters admit it (on their screen of terminals, or by {} and `tachiai shelter terminal admit`). Compare the fingerprint aloud: {print}\nThen run `tachiai reception sync --pack` here.",
        path.display()
    )
}

impl Sync {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let mut synced = sync(&RefCell::new(&mut *reception), &client)?;
        if (self.pack || reception.pack_made().is_none()) && !reception.is_revoked() {
            reception.fetch_pack(&client)?;
            synced.anchors = Anchors::Same;
        }
        print(global, reception, &synced);
        Ok(if synced.aside.is_empty() { Exit::Done } else { Exit::Refused })
    }
}

/// Hands in and learns; without a link nothing is lost.
///
/// # Errors
/// [`Failure`].
pub fn sync(held: &impl Held, client: &Client) -> Result<Synced, Failure> {
    crate::shelter::sync::sync(held, client).map_err(|failure| match held.read(Standing::of) {
        Ok(standing) => {
            if standing.is_unadmitted(&failure) {
                learn_place(held, client);
            }
            standing.explain(failure, client)
        }
        Err(gone) => gone,
    })
}

/// Keeps what the event and the shelter are called, for a terminal that knows neither before it is admitted. Nothing but what is shown depends on it: without an answer it
/// is asked again with the next synchronisation.
fn learn_place(held: &impl Held, client: &Client) {
    let is_named = |reception: &Reception| reception.known_shelter_name(Lang::Ja, reception.shelter()).is_some();
    let Ok(Some(request)) = held.read(move |reception| (!is_named(reception)).then(|| reception.request())) else { return };
    let TerminalRequest { event, shelter, .. } = request;
    let Ok(view) = client.get::<EventView>(&format!("/api/v1/shelter/events/{event}"), None) else { return };
    let Some(found) = view.shelters.into_iter().find(|found| found.state.shelter == shelter) else { return };
    let place = Place { event: view.summary.declared.title, shelter: found.state.name };
    let _ = held.with(move |reception| reception.stand(place));
}

/// What a failure means to a terminal.
struct Standing {
    request: TerminalRequest,
    file: PathBuf,
    is_admitted: bool,
    is_revoked: bool,
}

impl Standing {
    fn of(reception: &Reception) -> Self {
        Self {
            request: reception.request(),
            file: reception.folder().join("request.json"),
            is_admitted: reception.admitted().is_some(),
            is_revoked: reception.is_revoked(),
        }
    }

    fn is_unadmitted(&self, failure: &Failure) -> bool {
        failure.code == Some(Refusal::TerminalRefused) && !self.is_admitted
    }

    fn explain(self, failure: Failure, client: &Client) -> Failure {
        let Self { request, file, is_admitted, is_revoked } = self;
        let is_refused = failure.code == Some(Refusal::TerminalRefused);
        match failure.exit {
            Exit::NoConnection => failure.and(
                "登録はこの端末に残っています。受付はそのまま続けられます。回線が戻ったら、もう一度実行するか、tachiai reception export で持ち出してください。",
                "What was entered is on this terminal, and the reception goes on. Run this again when the link is back, or carry it with `tachiai reception export`.",
            ),
            _ if is_refused && !is_admitted => {
                let print = request.fingerprint();
                match ask_admission(client, &request) {
                    Err(failure) => failure,
                    Ok(()) => failure.and(
                        format!("災害対策本部に登録を申請しました。本部の画面の「端末」で登録してもらってください。指紋を声に出して照合します: {print}"),
                        format!("Headquarters were asked to admit it: they do so on their screen of terminals. Compare the fingerprint aloud: {print}"),
                    ),
                }
            }
            _ if is_refused && !is_revoked => {
                let shown = file.display();
                failure.and(
                    format!(
                        "この端末は以前は登録されていました。装置がバックアップから戻された場合は、災害対策本部で {shown} をもう一度登録してもらってください（tachiai shelter terminal admit）。登録した内容はこの端末に残っています。"
                    ),
                    format!(
                        "This terminal was admitted before. If the appliance was restored from a backup, have headquarters admit {shown} again (`tachiai shelter terminal admit`). What was entered is on this terminal."
                    ),
                )
            }
            _ => failure,
        }
    }
}

/// Whether it failed because this terminal was never admitted.
#[must_use]
pub fn is_unadmitted(reception: &Reception, failure: &Failure) -> bool {
    failure.code == Some(Refusal::TerminalRefused) && reception.admitted().is_none()
}

/// Says what came of a synchronisation.
pub fn print(global: &Global, reception: &Reception, synced: &Synced) {
    let Synced { handed_in, aside, redated, learned, restored, anchors } = synced;
    if global.json {
        outln!(
            "{}",
            json!({ "handed_in": handed_in, "aside": aside, "redated": redated, "learned": learned, "waiting": reception.waiting().count(), "restored": restored, "copied": reception.copied(), "anchors": anchors })
        );
        return;
    }
    let lang = global.lang();
    if let Some(restored) = restored {
        outln!("{}", restored_text(lang, restored));
    }
    outln!(
        "{}",
        match lang {
            Lang::Ja => format!("送信 {handed_in}件（保留 {}件）、受信 {learned}件、未送信 {}件", aside.len(), reception.waiting().count()),
            Lang::En => format!("{handed_in} handed in ({} set aside), {learned} learned, {} waiting", aside.len(), reception.waiting().count()),
        }
    );
    for line in troubles(lang, reception, synced) {
        outln!("{line}");
    }
}

/// What somebody has to know of a synchronisation, besides the figures and that the appliance was restored.
#[must_use]
pub fn troubles(lang: Lang, reception: &Reception, synced: &Synced) -> Vec<String> {
    let Synced { handed_in: _, aside, redated, learned: _, restored: _, anchors } = synced;
    let mut lines = Vec::new();
    if *redated > 0 {
        lines.push(match lang {
            Lang::Ja => format!("この端末の時計がずれていたため、{redated}件の日時を直しました。"),
            Lang::En => format!("the clock of this terminal was wrong: {redated} entries were dated anew."),
        });
    }
    lines.extend(aside.iter().map(|one| format!("  ✗ {}: {}  {}", one.entry, one.reason.say(lang), printable(&one.detail))));
    if aside.iter().any(|one| one.reason == Aside::Revoked) {
        lines.push(revoked_text(lang).to_owned());
    }
    if aside.iter().any(|one| one.reason == Aside::Closed) {
        lines.push(
            lang.pick(
                "終了後に届いた登録は、失われずに災害対策本部で保留になっています。引き継ぐには2人の承認が要ります（tachiai shelter aside）。災害対策本部に伝えてください。",
                "What came after the close is kept aside by the appliance, and not lost. Two officials take it over (tachiai shelter aside). Tell headquarters.",
            )
            .to_owned(),
        );
    }
    if *anchors == Anchors::Changed {
        lines.push(
            lang.pick(
                "⚠ カードの署名の検証用の鍵が変わっています。tachiai reception sync --pack で取り直してください。それまでは前の鍵で確かめます。",
                "⚠ the keys for cards' texts have changed. Fetch them with `tachiai reception sync --pack`. Until then cards are checked by those of before.",
            )
            .to_owned(),
        );
    }
    if reception.copied() == Copied::Twice {
        lines.push(lang.pick("⚠ この端末の名前で別の端末も登録しています。", "⚠ another terminal writes under this name.").to_owned());
    }
    lines
}

/// What a revoked terminal is told.
#[must_use]
pub const fn revoked_text(lang: Lang) -> &'static str {
    lang.pick(
        "この端末は失効しています。登録は災害対策本部で保留として保管されています。災害対策本部に連絡してください。",
        "This terminal was revoked. What it wrote is kept aside by the appliance. Call headquarters.",
    )
}

/// What is said when the appliance was restored from a backup.
#[must_use]
pub fn restored_text(lang: Lang, Restored { lost, carried }: &Restored) -> String {
    match lang {
        Lang::Ja => format!(
            "災害対策本部の装置がバックアップから戻され、この端末が受け取っていた{lost}件の記録が失われていました。この端末の登録は失われていません。すべてもう一度渡します（ほかの端末の登録 {carried}件を戻しました）。受付はそのまま続けられます。"
        ),
        Lang::En => format!(
            "The appliance was restored from a backup, and {lost} entries that this terminal knew were gone from it. Nothing is lost here: everything is handed in again ({carried} entries of other terminals were brought back). Go on with the reception."
        ),
    }
}

/// Shows how the terminal stands.
///
/// # Errors
/// [`Failure`], never.
pub fn status(global: &Global, reception: &Reception) -> Result<Exit, Failure> {
    let lang = global.lang();
    let waiting: Vec<&Own> = reception.waiting().collect();
    let oldest = waiting.iter().map(|own| own.entry.body.entered).min();
    let age = oldest.map(|oldest| reception.now().saturating_sub(oldest.millis()) / 1000);
    let aside: Vec<_> =
        reception.own().iter().filter_map(|own| if let Fate::Aside { reason, .. } = &own.fate { Some((own.hash, *reason)) } else { None }).collect();
    let ahead = reception.heard().offset(&reception.stamp());
    let declared = reception.roster().declared();
    let state = reception.roster().shelter(reception.shelter()).map(|shelter| shelter.state);
    let residents = reception.residents().map(|residents| residents.all().len());
    if global.json {
        let list: Vec<_> = aside.iter().map(|(hash, reason)| json!({ "entry": tachiai_schemas::HashBytes::from(*hash), "reason": reason })).collect();
        outln!(
            "{}",
            json!({
                "terminal": reception.about.terminal, "event": reception.about.event, "title": declared.map(|declared| &declared.title), "shelter": reception.shelter(),
                "state": state, "own": reception.own().len(), "waiting": waiting.len(), "oldest": oldest, "oldest_seconds": age, "aside": list, "known": reception.cursor(),
                "clock_offset_ms": ahead, "clock_heard": reception.heard().last().map(|measured| Hlc::at_millis(measured.appliance)), "misdated_ms": reception.misdated(),
                "copied": reception.copied(), "revoked": reception.is_revoked(), "admitted": reception.admitted().is_some(), "pack": reception.pack_made(), "residents": residents,
                "conflicts": reception.conflicts().len(),
            })
        );
        return Ok(Exit::Done);
    }
    let title = declared.map_or_else(
        || lang.pick("（災害・行事の情報なし）", "(event not known yet)").to_owned(),
        |declared| lang.pick(&declared.title.ja, &declared.title.en).to_owned(),
    );
    outln!("{title}  {}  {}", reception.shelter_name(lang, reception.shelter()), state.map(|state| state.say(lang)).unwrap_or_default());
    outln!("{}: {}", lang.pick("端末", "terminal"), reception.about.terminal);
    let old = age.map(|seconds| match lang {
        Lang::Ja => format!("（最も古いもの: {}分前）", seconds / 60),
        Lang::En => format!(" (the oldest {} minutes old)", seconds / 60),
    });
    outln!("{}: {}{}", lang.pick("未送信", "waiting"), waiting.len(), old.unwrap_or_default());
    outln!(
        "{}: {}  {}: {}",
        lang.pick("この端末の登録", "entries of this terminal"),
        reception.own().len(),
        lang.pick("受信済みの記録", "entries known"),
        reception.cursor()
    );
    for (hash, reason) in &aside {
        outln!("  ✗ {}: {hash}  {}", lang.pick("保留", "set aside"), reason.say(lang));
    }
    outln!("{}: {}", lang.pick("時計", "clock"), clock_text(lang, reception, ahead));
    match (residents, reception.pack_made()) {
        (Some(count), Some(made)) => outln!("{}: {count}（{}）", lang.pick("住民の一覧", "list of residents"), said::moment(lang, made.millis())),
        _ => outln!("{}: {}", lang.pick("住民の一覧", "list of residents"), lang.pick("なし", "none")),
    }
    let conflicts = reception.conflicts().len();
    if conflicts > 0 {
        outln!("⚠ {}: {conflicts}", lang.pick("食い違い", "conflicts"));
    }
    Ok(Exit::Done)
}

fn clock_text(lang: Lang, reception: &Reception, ahead: i64) -> String {
    let now = said::moment(lang, reception.now());
    match (reception.heard().last(), lang) {
        (None, Lang::Ja) => format!("{now}（本部の時計とまだ合わせていません）"),
        (None, Lang::En) => format!("{now} (not compared with the appliance's yet)"),
        (Some(_), Lang::Ja) => format!("{now}（この端末の時計との差 {}秒）", ahead / 1000),
        (Some(_), Lang::En) => format!("{now} ({} seconds from this machine's clock)", ahead / 1000),
    }
}

impl Clock {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        if let Some(text) = &self.set {
            reception.hear_clock(input::moment(text)?)?;
        }
        let redated = reception.redate()?;
        let ahead = reception.heard().offset(&reception.stamp());
        say(global, &json!({ "now": Hlc::at_millis(reception.now()), "offset_ms": ahead, "redated": redated }), || {
            let text = clock_text(global.lang(), reception, ahead);
            match (redated, global.lang()) {
                (0, _) => text,
                (redated, Lang::Ja) => format!("{text}\n{redated}件の日時を直しました。"),
                (redated, Lang::En) => format!("{text}\n{redated} entries were dated anew."),
            }
        });
        Ok(Exit::Done)
    }
}
