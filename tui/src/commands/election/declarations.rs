//! The declarations for early voting (期日前投票宣誓書) of an election, as a list.

use clap::Args;
use tachiai_schemas::declaration::{DeclarationList, DeclarationListed, DeclarationUse, DeclarationsOnDay, DeclaredBy};
use tachiai_schemas::{ElectionId, Lang, Say};

use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// List the declarations for early voting (期日前投票宣誓書): who filed them, when, for which reason, and whether a paper was handed out. The appliance writes down
/// who reads it; an auditor is told how many were filed on which day for which reason, and nothing more.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai election declarations --election ID")]
pub struct Declarations {
    #[command(flatten)]
    which: WhichElection,
}

impl Declarations {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let id = self.which.find(&client)?;
        let mut list = declarations_after(&client, id, None)?;
        while let Some(next) = list.next {
            let page = declarations_after(&client, id, Some(next))?;
            list.listed.extend(page.listed);
            list.next = page.next;
        }
        let DeclarationList { all, used, withdrawn, listed, counted, next: _ } = &list;
        say(global, &serde_json::json!({ "all": all, "used": used, "withdrawn": withdrawn, "declarations": listed, "counted": counted }), || {
            text(global.lang(), &list)
        });
        Ok(Exit::Done)
    }
}

/// Declarations after the one that an earlier answer named.
///
/// # Errors
/// [`Failure`].
pub fn declarations_after(client: &Client, id: ElectionId, after: Option<u64>) -> Result<DeclarationList, Failure> {
    let after = after.map_or_else(String::new, |after| format!("?after={after}"));
    client.get(&format!("/api/v1/elections/{id}/declarations{after}"), None)
}

fn text(l: Lang, list: &DeclarationList) -> String {
    let listed = list.listed.iter().map(|listed| declaration_text(l, listed));
    let counted = list.counted.iter().map(|DeclarationsOnDay { day, reason, filed }| match l {
        Lang::Ja => format!("{}  {}  {}  {filed}件", printable(day), reason.item(), reason.say(l)),
        Lang::En => format!("{}  {}  {}: {filed}", printable(day), reason.item(), reason.say(l)),
    });
    std::iter::once(declarations_counted(l, list)).chain(listed).chain(counted).collect::<Vec<_>>().join("\n")
}

/// How many there are.
#[must_use]
pub fn declarations_counted(l: Lang, list: &DeclarationList) -> String {
    let DeclarationList { all, used, withdrawn, listed: _, counted: _, next: _ } = list;
    match l {
        Lang::Ja => format!("期日前投票宣誓書 {all}件（交付済み {used}件）、取り下げ {withdrawn}件"),
        Lang::En => format!("{all} declarations for early voting, a paper handed out on {used} of them; {withdrawn} were taken back"),
    }
}

/// A declaration in words, with what became of it.
#[must_use]
pub fn declaration_text(l: Lang, listed: &DeclarationListed) -> String {
    let DeclarationListed { by: DeclaredBy { number, name, birth }, reason, polling, filed, handed_out, used } = listed;
    let desk = match used {
        None if *handed_out => l.pick("投票用紙を交付（場所と日時は表示しません）", "a paper was handed out (where and when is not shown)").to_owned(),
        None => l.pick("まだ交付されていません", "no paper was handed out yet").to_owned(),
        Some(DeclarationUse { leaf, at, place }) => {
            let place = printable(l.pick(&place.ja, &place.en));
            match l {
                Lang::Ja => format!("{} {place} で投票用紙を交付（掲示板 {leaf}番）", at.in_japan(l)),
                Lang::En => format!("a paper was handed out at {place} on {} (board entry {leaf})", at.in_japan(l)),
            }
        }
    };
    let fields = [
        (l.pick("提出", "filed"), filed.in_japan(l)),
        (l.pick("事由", "reason"), format!("{}  {}", reason.item(), reason.say(l))),
        (l.pick("選挙の期日", "polling date"), polling.clone()),
        (l.pick("窓口", "at the desk"), desk),
    ];
    let fields = fields.map(|(title, value)| format!("\n    {title}: {value}")).concat();
    format!("{}  {}  {}{fields}", printable(number), printable(name), printable(birth))
}
