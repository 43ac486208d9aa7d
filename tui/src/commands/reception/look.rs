//! `reception list`, `search`, `show`, `conflicts`, `settle`. Whoever looks is noted before anybody is shown.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tachiai_schemas::shelter::PersonView;
use tachiai_schemas::{HashBytes, Lang, Say};

use super::args::{Input, Whom};
use crate::cli::Global;
use crate::commands::ask::ask;
use crate::failure::{Exit, Failure};
use crate::shelter::desk::{Entered, unknown};
use crate::shelter::record::How;
use crate::shelter::said;
use crate::shelter::state::Reception;

/// Who is here.
#[derive(Args, Debug)]
pub struct List {
    /// Set the list as a PDF for the wall behind the desk (避難者名簿); a file that is there already is not overwritten
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Language of the paper: ja or en [default: ja]
    #[arg(long, value_name = "ja|en", default_value = "ja", hide_default_value = true, requires = "pdf")]
    text: Lang,
}

/// Looks names up.
#[derive(Args, Debug)]
pub struct Search {
    #[command(flatten)]
    input: Input,
}

/// Shows one person.
#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    whom: Whom,
}

/// Settles a conflict.
#[derive(Args, Debug)]
pub struct Settle {
    #[command(flatten)]
    whom: Whom,
    /// The entry that holds, as `tachiai reception conflicts` shows it, or the beginning of that
    #[arg(long, value_name = "HASH")]
    entry: String,
}

impl List {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        match &self.pdf {
            Some(path) => printed(global, reception, path, self.text),
            None => list(global, reception),
        }
    }
}

#[cfg(not(feature = "pdf"))]
fn printed(_global: &Global, _reception: &mut Reception, _path: &Path, _lang: Lang) -> Result<Exit, Failure> {
    Err(crate::commands::print::no_papers())
}

#[cfg(feature = "pdf")]
fn printed(global: &Global, reception: &mut Reception, path: &Path, lang: Lang) -> Result<Exit, Failure> {
    use crate::papers::shelter::present::{Present, Source};
    use crate::papers::shelter::{Form, Head};

    let declared = reception.declared()?.clone();
    let people = reception.present();
    reception.looked(How::List, people.iter().map(|view| view.counts.chain).collect(), 0)?;
    let (shelter, own) = (reception.shelter().clone(), reception.about.terminal.clone());
    let name = reception.roster().shelter(&shelter).map(|state| state.name.clone());
    let others = reception.roster().terminals().values().filter(|terminal| terminal.state.shelter == shelter && terminal.state.terminal != own);
    let other = |terminal: &tachiai_verify::roster::Terminal| Source::Other {
        terminal: terminal.state.terminal.clone(),
        latest: terminal.latest,
        missing: terminal.missing(),
    };
    let sources = std::iter::once(Source::Own(own.clone())).chain(others.map(other)).collect();
    let totals = reception.people().totals(reception.roster()).remove(&shelter).unwrap_or_default();
    let seconds = i64::try_from(reception.now() / 1000).unwrap_or(0);
    let made = tachiai_schemas::Timestamp::from_unix(seconds).unwrap_or(tachiai_schemas::Timestamp::LAST);
    let rows = people.len();
    let shelter = name.unwrap_or_else(|| tachiai_schemas::election::Text { ja: shelter.to_string(), en: shelter.to_string() });
    let present = Box::new(Present { shelter, people, totals, today: reception.today(), sources });
    let head = Head { event: declared.title, kind: declared.kind, made };
    crate::commands::print::print(&[(path.to_owned(), Form::Present { head, present })], lang)?;
    crate::commands::print::listed(global, path, rows);
    Ok(Exit::Done)
}

/// Lists who is here.
///
/// # Errors
/// [`Failure`].
pub fn list(global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
    let views = reception.present();
    reception.looked(How::List, views.iter().map(|view| view.counts.chain).collect(), 0)?;
    let totals = reception.people().totals(reception.roster()).remove(reception.shelter()).unwrap_or_default();
    if global.json {
        outln!("{}", json!({ "shelter": reception.shelter(), "people": views, "totals": totals }));
        return Ok(Exit::Done);
    }
    let lang = global.lang();
    for (number, view) in (1..).zip(&views) {
        outln!("{number:>4}. {}", said::view_line(reception, lang, view));
    }
    let hidden = totals.present.saturating_sub(views.len() as u64);
    outln!(
        "{}: {}{}",
        lang.pick("在所", "present"),
        totals.present,
        if hidden > 0 { lang.pick("（一覧に出ない方を含む）", " (with those who are in no list)") } else { "" }
    );
    Ok(Exit::Done)
}

impl Search {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let query = match self.input.text()? {
            Some(text) => text.trim().to_owned(),
            None => ask(global.pick("氏名の先頭: ", "Beginning of the name: "))?,
        };
        super::arrive::search(global, reception, &query).map(|_| Exit::Done)
    }
}

impl Show {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        show(global, reception, self.whom.find(reception)?)
    }
}

/// Shows a person with all entries. Whoever is under protection is shown only at the shelter where they are.
///
/// # Errors
/// [`Failure`] (1): nobody who may be shown.
pub fn show(global: &Global, reception: &mut Reception, chain: tachiai_schemas::roster::ChainId) -> Result<Exit, Failure> {
    let view = reception.view(chain).ok_or_else(unknown)?;
    let is_protected = reception.roster().person(chain).is_some_and(|group| reception.is_protected(&group));
    if is_protected && view.counts.shelter != *reception.shelter() {
        return Err(unknown());
    }
    reception.looked(How::Show, view.handles.clone(), 0)?;
    if global.json {
        outln!("{}", json!(view));
        return Ok(Exit::Done);
    }
    print(global, reception, &view);
    Ok(Exit::Done)
}

fn print(global: &Global, reception: &Reception, view: &PersonView) {
    let (lang, today) = (global.lang(), reception.today());
    match &view.counts.person {
        Some(person) => outln!("{}", said::lines(lang, person, today)),
        None => outln!("{}", said::view_line(reception, lang, view)),
    }
    for handle in &view.handles {
        outln!("  {}: {handle}", lang.pick("番号", "handle"));
    }
    if let Some(kind) = view.conflict {
        outln!("  ⚠ {}: {}", lang.pick("食い違い", "conflict"), kind.say(lang));
    }
    for step in &view.history {
        outln!("  {}", said::step(reception, lang, step));
    }
}

/// Lists people whose entries contradict each other.
///
/// # Errors
/// [`Failure`].
pub fn conflicts(global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
    let views = reception.conflicts();
    reception.looked(How::Conflicts, views.iter().map(|view| view.counts.chain).collect(), 0)?;
    if global.json {
        outln!("{}", json!({ "conflicts": views }));
        return Ok(Exit::Done);
    }
    let lang = global.lang();
    for view in &views {
        outln!("{}  {}", view.counts.chain, view.conflict.map(|kind| kind.say(lang)).unwrap_or_default());
        for head in &view.heads {
            let counts = if head.entry == view.counts.entry { lang.pick("→ ", "-> ") } else { "  " };
            outln!("  {counts}{}", said::step(reception, lang, head));
        }
    }
    if views.is_empty() {
        outln!("{}", lang.pick("食い違いはありません。", "no conflicts."));
    } else {
        outln!(
            "{}",
            lang.pick(
                "→ が今の扱いです。どちらが正しいか確かめ、tachiai reception settle --handle … --entry … で解消してください。",
                "-> counts now. Find out which is right, and run `tachiai reception settle --handle … --entry …`."
            )
        );
    }
    Ok(Exit::Done)
}

impl Settle {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        settle(global, reception, self.whom.find(reception)?, &self.entry)
    }
}

/// The only one of the latest entries of a person that begins so.
fn named(reception: &Reception, chain: tachiai_schemas::roster::ChainId, text: &str) -> Result<HashBytes, Failure> {
    let heads = reception.view(chain).ok_or_else(unknown)?.heads;
    let mut fitting = heads.iter().map(|head| head.entry).filter(|entry| !text.is_empty() && entry.to_string().starts_with(text));
    match (fitting.next(), fitting.next()) {
        (Some(entry), None) => Ok(entry),
        (None, _) => Err(Failure::refused(
            "その登録は食い違いの一方ではありません。tachiai reception conflicts で確かめてください。",
            "that entry is none of those in conflict. See `tachiai reception conflicts`.",
        )),
        (Some(_), Some(_)) => {
            Err(Failure::new(Exit::Usage, "その文字で始まる登録が複数あります。もっと長く指定してください。", "several entries begin so. Give more of it."))
        }
    }
}

/// Settles a conflict and says so.
///
/// # Errors
/// [`Failure`].
pub fn settle(global: &Global, reception: &mut Reception, chain: tachiai_schemas::roster::ChainId, entry: &str) -> Result<Exit, Failure> {
    let entry = named(reception, chain, entry)?;
    let Entered { chain, hash, act: _, time, joined: _ } = reception.settle(chain, entry)?;
    if global.json {
        outln!("{}", json!({ "handle": chain, "entry": HashBytes::from(hash), "time": time }));
    } else {
        outln!("✓ {}  {chain}", global.pick("食い違いを解消しました。", "The conflict is settled."));
    }
    Ok(Exit::Done)
}
