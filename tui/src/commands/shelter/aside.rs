//! What was set aside of hand-ins: listed, opened, and by two officials taken over or dropped.

use clap::{Args, Subcommand};
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::roster::hand_in::SetAside;
use tachiai_schemas::shelter::AsideView;
use tachiai_schemas::shelter::case::{AsideContent, AsideEntry, AsideOpened, AsideRequest, AsideSaid, AsideStanding, AsideVerdict};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{HashBytes, Lang, Say};

use super::overview::content_text;
use super::person::person_text;
use super::{WhichEvent, event};
use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::approve::Names;
use crate::commands::ask::ask_yes;
use crate::commands::say;
use crate::commands::told::{WhoFd, Word};
use crate::failure::{Exit, Failure};

/// Why it is taken over or dropped.
const REASON: Word = Word::new("reason", "理由", "Reason");

/// What was set aside of hand-ins: entries that could not be taken, kept whole.
#[derive(Subcommand, Debug)]
pub enum AsideCommand {
    /// List the hand-ins of which something was set aside, and why
    #[command(after_help = "Example: tachiai shelter aside list --json")]
    List {
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Open one: what its entries say, and what became of them; that you looked is recorded
    #[command(after_help = "Example: tachiai shelter aside show 3f9a   # the beginning of the hash that `aside list` prints")]
    Show {
        /// The hand-in, by its hash or the beginning of it
        file: String,
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Ask that the appliance write entries of it again, as its own: a second official decides (exit code 3)
    #[command(after_help = "Examples:
  tachiai shelter aside take 3f9a                                  # everything that can be taken over; the reason is asked for
  tachiai shelter aside take 3f9a --entry 0 --entry 4 --yes --who-fd 3 3<<< 'reason=端末の紛失後に媒体が見つかった'")]
    Take(Decide),
    /// Ask that entries of it stay aside for good, with a reason: a second official decides (exit code 3)
    #[command(after_help = "Example: tachiai shelter aside drop 3f9a --entry 2 --yes --who-fd 3 3<<< 'reason=訓練の入力'")]
    Drop(Decide),
}

/// What is decided on.
#[derive(Args, Debug)]
pub struct Decide {
    /// The hand-in, by its hash or the beginning of it
    file: String,
    /// Only this entry, by its number in the list; may be repeated [default: all on which nobody decided]
    #[arg(long = "entry", value_name = "N")]
    entries: Vec<u32>,
    /// Do not ask for confirmation; what it is about is shown nevertheless
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    who: WhoFd,
    #[command(flatten)]
    which: WhichEvent,
}

impl AsideCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let l = global.lang();
        match self {
            Self::List { which } => {
                let asides: Vec<AsideView> = client.get(&which.path(&client, "/aside")?, None)?;
                say(global, &serde_json::json!(asides), || match asides.is_empty() {
                    true => l.pick("保留になったものはありません。", "Nothing was set aside.").to_owned(),
                    false => asides.iter().map(|view| view_text(l, view)).collect::<Vec<_>>().join("\n"),
                });
                Ok(Exit::Done)
            }
            Self::Show { file, which } => {
                let opened = open(&client, which, file)?;
                let called = names(&client, which)?;
                say(global, &serde_json::json!(opened), || opened_text(l, &opened, &called));
                Ok(Exit::Done)
            }
            Self::Take(decide) => decide.run(global, &client, AsideVerdict::Take),
            Self::Drop(decide) => decide.run(global, &client, AsideVerdict::Drop),
        }
    }
}

/// Opens the one hand-in whose hash begins so.
fn open(client: &Client, which: &WhichEvent, file: &str) -> Result<AsideOpened, Failure> {
    let base = which.path(client, "/aside")?;
    let asides: Vec<AsideView> = client.get(&base, None)?;
    // Printed it is hexadecimal, like the name of the file; in JSON it is as everywhere.
    let begins = |view: &&AsideView| view.file.hash().to_string().starts_with(&file.to_ascii_lowercase()) || view.file.to_string().starts_with(file);
    let mut named = asides.iter().filter(begins);
    match (named.next(), named.next()) {
        (Some(view), None) => client.get(&format!("{base}/{}", view.file), None),
        (None, _) => Err(Failure::refused(
            "そのような保留はありません（tachiai shelter aside list）。",
            "nothing like that was set aside (see `tachiai shelter aside list`).",
        )),
        (Some(_), Some(_)) => Err(Failure::new(
            Exit::Usage,
            "その始まりに当てはまる保留が複数あります。もう少し長く指定してください。",
            "several hand-ins begin so. Give more of the hash.",
        )),
    }
}

impl Decide {
    fn run(&self, global: &Global, client: &Client, verdict: AsideVerdict) -> Result<Exit, Failure> {
        let Self { file, entries, yes, who, which } = self;
        let l = global.lang();
        let opened = open(client, which, file)?;
        let text = opened_text(l, &opened, &names(client, which)?);
        if global.json {
            eprintln!("{text}")
        } else {
            outln!("{text}")
        }
        let entries = if entries.is_empty() { undecided(&opened, verdict) } else { sorted(entries) };
        let content = opened.content(&entries).filter(|_| !entries.is_empty()).ok_or_else(|| {
            Failure::refused(
                "対象の記録がありません。すべて処理済みか、番号が違うか、内容を読めないものだけです（読めないものは drop --entry で破棄できます）。",
                "there is nothing to decide on: all is decided, the number is another's, or what is left cannot be read (drop that with --entry).",
            )
        })?;
        let reason = who.tell(global, &[REASON], |_, _| true)?.need(REASON)?;
        let question = match verdict {
            AsideVerdict::Take => l.pick("装置の記録として引き継ぐよう申請しますか？ [y/N] ", "Ask that the appliance take this over? [y/N] "),
            AsideVerdict::Drop => l.pick("引き継がずに残すよう申請しますか？ [y/N] ", "Ask that this stay aside? [y/N] "),
        };
        if !yes && !ask_yes(question)? {
            return Err(Failure::refused("申請しませんでした。", "nothing was asked for."));
        }
        let request = AsideRequest { file: opened.view.file, entries, content: HashBytes::from(content), verdict, reason };
        event::waiting(global, client, client.act::<_, Pending>(&which.path(client, "/aside")?, &request)?)
    }
}

fn sorted(entries: &[u32]) -> Vec<u32> {
    let mut entries = entries.to_vec();
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// Whether an entry says something that can be written again.
pub const fn is_readable(said: &AsideSaid) -> bool {
    match said {
        AsideSaid::Person { .. } | AsideSaid::Report { .. } | AsideSaid::Shelter { .. } => true,
        AsideSaid::Unopened { .. } | AsideSaid::Answers { .. } | AsideSaid::Nothing {} => false,
    }
}

/// The entries on which nobody decided; to be taken over those alone that can be.
fn undecided(opened: &AsideOpened, verdict: AsideVerdict) -> Vec<u32> {
    let is_meant = |entry: &&AsideEntry| {
        let is_open = entry.standing == AsideStanding::Open {};
        match verdict {
            AsideVerdict::Take => is_open && is_readable(&entry.content.said),
            AsideVerdict::Drop => is_open,
        }
    };
    opened.entries.iter().filter(is_meant).map(|entry| entry.content.aside.index).collect()
}

/// An entry that was set aside, in a line.
pub(super) fn aside_text(l: Lang, aside: &SetAside) -> String {
    let SetAside { index, reason, detail } = aside;
    format!("    {index}: {}  {}", reason.say(l), printable(detail))
}

fn head_text(l: Lang, view: &AsideView) -> String {
    let AsideView { file, at, by, way, terminal, aside, open } = view;
    let counts = format!("{}: {}  {}: {open}", l.pick("記録", "entries"), aside.len(), l.pick("未処理", "undecided"));
    format!("{}  {terminal}  {}  {}  {}  {counts}", file.hash(), way.say(l), printable(by), at.in_japan(l))
}

fn view_text(l: Lang, view: &AsideView) -> String {
    let entries = view.aside.iter().map(|aside| aside_text(l, aside)).collect::<Vec<_>>().join("\n");
    format!("{}\n{entries}", head_text(l, view))
}

fn standing_text(l: Lang, standing: AsideStanding) -> String {
    match standing {
        AsideStanding::Open {} => l.pick("未処理", "undecided").to_owned(),
        AsideStanding::Known {} => l.pick("別の引き渡しで受取済み", "came with another hand-in").to_owned(),
        AsideStanding::TakenOver { entry } => {
            let entry: String = entry.hash().to_string().chars().take(16).collect();
            format!("{} ({entry})", l.pick("引継ぎ済み", "taken over"))
        }
        AsideStanding::Dropped {} => l.pick("破棄済み", "dropped").to_owned(),
    }
}

/// An entry with what it says and what became of it.
pub fn entry_text(l: Lang, entry: &AsideEntry, called: &dyn Fn(&ShelterId) -> String) -> String {
    let AsideEntry { content: AsideContent { aside, source: _, time, entered: _, said: what }, standing } = entry;
    let time = time.map_or_else(|| "-".to_owned(), |time| time.timestamp().in_japan(l));
    let what = match what {
        AsideSaid::Person { chain, shelter, act, person } => format!("{chain}  {}  {}  {}", called(shelter), act.say(l), person_text(l, person)),
        AsideSaid::Report { shelter, content } => format!("{}  {}", called(shelter), content_text(l, content)),
        AsideSaid::Shelter { state } => format!("{}  {}", printable(l.pick(&state.name.ja, &state.name.en)), state.state.say(l)),
        AsideSaid::Unopened { chain } => format!("{chain}  {}", l.pick("（内容がありません）", "(its content is missing)")),
        AsideSaid::Answers { chain } => {
            format!("{chain}  {}", l.pick("（問診の回答です。引き継げないため、もう一度聞き取ってください）", "(answers cannot be taken over; ask again)"))
        }
        AsideSaid::Nothing {} => l.pick("（読めない記録です）", "(it cannot be read)").to_owned(),
    };
    format!("{}\n        {time}  {what}\n        {}", aside_text(l, aside), standing_text(l, *standing))
}

/// What the shelters of the event are called.
fn names(client: &Client, which: &WhichEvent) -> Result<impl Fn(Lang, &ShelterId) -> String + use<>, Failure> {
    let event = which.find(client)?;
    let names = Names::of_events(client, [event]);
    Ok(move |l: Lang, shelter: &ShelterId| names.shelter_name(l, event, shelter))
}

/// A hand-in that was opened.
fn opened_text(l: Lang, opened: &AsideOpened, called: &dyn Fn(Lang, &ShelterId) -> String) -> String {
    let entries = opened.entries.iter().map(|entry| entry_text(l, entry, &|shelter| called(l, shelter))).collect::<Vec<_>>().join("\n");
    format!("{}\n{entries}", head_text(l, &opened.view))
}

/// The entries of a case, for the second official, with the shelters as they are called.
pub fn case_text(l: Lang, request: &AsideRequest, opened: &AsideOpened, called: &dyn Fn(&ShelterId) -> String) -> String {
    let of = |entry: &&AsideEntry| request.entries.contains(&entry.content.aside.index);
    let entries = opened.entries.iter().filter(of).map(|entry| entry_text(l, entry, called)).collect::<Vec<_>>().join("\n");
    format!("{}\n{entries}", head_text(l, &opened.view))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::ChainId;
    use tachiai_schemas::roster::hand_in::Aside;
    use tachiai_schemas::roster::report::HowCounted;
    use tachiai_schemas::roster::report::ReportContent;
    use tachiai_schemas::shelter::Way;
    use tachiai_schemas::{Bytes, Timestamp};

    use super::*;

    fn entry(index: u32, said: AsideSaid, standing: AsideStanding) -> AsideEntry {
        let aside = SetAside { index, reason: Aside::Revoked, detail: String::new() };
        AsideEntry { content: AsideContent { aside, source: Bytes([index as u8; 32]), time: None, entered: None, said }, standing }
    }

    #[test]
    fn by_default_everything_undecided_is_meant_and_to_be_taken_over_what_can_be_read() {
        let heads = || AsideSaid::Report { shelter: "gym".parse().unwrap(), content: ReportContent::Headcount { persons: 3, how: HowCounted::About } };
        let view = AsideView {
            file: Bytes([9; 32]),
            at: Timestamp::LAST,
            by: "受付".to_owned(),
            way: Way::Stick,
            terminal: "gym-1".parse().unwrap(),
            aside: Vec::new(),
            open: 2,
        };
        let entries = vec![
            entry(0, heads(), AsideStanding::Open {}),
            entry(2, AsideSaid::Unopened { chain: ChainId([1; 16]) }, AsideStanding::Open {}),
            entry(3, heads(), AsideStanding::Dropped {}),
            entry(4, heads(), AsideStanding::Known {}),
            entry(5, AsideSaid::Answers { chain: ChainId([2; 16]) }, AsideStanding::Open {}),
        ];
        let opened = AsideOpened { view, entries };
        assert_eq!((undecided(&opened, AsideVerdict::Take), undecided(&opened, AsideVerdict::Drop)), (vec![0], vec![0, 2, 5]));
        let shown = |lang| opened_text(lang, &opened, &|_, shelter| shelter.to_string());
        assert!(shown(Lang::En).contains("answers cannot be taken over; ask again") && shown(Lang::Ja).contains("もう一度聞き取って"));
        assert!(opened.content(&[0]).is_some() && opened.content(&[0]) != opened.content(&[0, 2]) && opened.content(&[1]).is_none());
    }
}
