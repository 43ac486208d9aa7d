//! The declaration for early voting (期日前投票宣誓書), filed at home: the reason, the oath, and at the early polling place only the card.

use clap::{ArgGroup, Args};
use tachiai_jpki::StatementPurpose;
use tachiai_schemas::declaration::{DeclarationRequest, DeclarationState, DeclarationView, EarlyReason, oath};
use tachiai_schemas::roll::Day;
use tachiai_schemas::{ElectionId, Lang, Say};

use crate::card::PinName;
use crate::cli::Global;
use crate::commands::ask::ask_yes;
use crate::commands::card::holder::{announce, certificate_before_pin, check_pin, leave, now, say_signing, verified};
use crate::commands::say;
use crate::commands::told::{BIRTH, WhoFd};
use crate::commands::vote::Line;
use crate::failure::{Exit, Failure};
use crate::voter::Declarer;

const HELP: &str = "\
Reasons (Public Offices Election Act, article 48-2 (1)):
  1  work, official duty, a ceremony or the like (仕事・公務・冠婚葬祭など)
  2  travelling or staying outside the polling district (用務・事故のため投票区の外に旅行・滞在)
  3  illness, injury, pregnancy, old age, disability, childbirth, detention (疾病・負傷・出産・収容など)
  4  living or staying on an island or in a place that is hard to reach (交通至難の島など)
  5  living outside this municipality (市町村の区域外に居住)
  6  a disaster or bad weather (天災・悪天候)

The oath (Enforcement Order, article 49-8):
  私は、選挙の当日、上記の事由に該当する見込みです。この申立てが真正であることを誓います。
  I expect the reason above to apply to me on the day of the election. I swear that what I say is true.

Examples:
  tachiai declare --server https://vote.example.jp:8443 --ca ca.pem --election ID --reason 2
  tachiai declare --server https://vote.example.jp:8443 --ca ca.pem --election ID --withdraw";

/// File the declaration for early voting (期日前投票宣誓書) with a card.
///
/// The desk of an early polling place has it then, and only the card is needed there. Filing again replaces it until a paper was handed out on it. It asks for
/// your birth date, in any of the ways in which offices write it, or reads birth= from --who-fd.
#[derive(Args, Debug)]
#[command(after_help = HELP, group = ArgGroup::new("what").required(true).args(["reason", "withdraw", "show"]))]
pub struct Declare {
    #[command(flatten)]
    line: Line,
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// The number of the reason
    #[arg(long, value_name = "1-6", value_parser = clap::value_parser!(u8).range(1..=6))]
    reason: Option<u8>,
    #[command(flatten)]
    told: WhoFd,
    /// Swear the oath, whose text is below, without being asked
    #[arg(long, requires = "reason", conflicts_with_all = ["withdraw", "show"])]
    oath: bool,
    /// Take the declaration back
    #[arg(long)]
    withdraw: bool,
    /// Show the declaration that is on file
    #[arg(long)]
    show: bool,
    /// Read the 4-digit PIN from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
}

impl Declare {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        // The oath is sworn before the card is asked for anything.
        let request = self.reason.map(|reason| self.request(global, reason)).transpose()?;
        let client = self.line.client(global.lang())?;
        let mut card = self.line.open_card(global)?;
        let last = self.line.last();
        certificate_before_pin(&mut card)?;
        announce(global, client.host(), &[StatementPurpose::Login]);
        let pin = verified(global, self.pin_fd, PinName::Authentication, last, &mut card, check_pin)?;
        say_signing(global);
        let declarer = Declarer::enter(&client, self.election, &mut card, &pin, last, now())?;
        leave(global, card);
        let view = match &request {
            Some(request) => declarer.file(request)?,
            None if self.withdraw => declarer.withdraw()?,
            None => declarer.on_file()?,
        };
        say(global, &serde_json::json!(view), || view_text(global.lang(), &view));
        Ok(Exit::Done)
    }

    fn request(&self, global: &Global, reason: u8) -> Result<DeclarationRequest, Failure> {
        let l = global.lang();
        let usage = |ja: String, en: String| Failure::new(Exit::Usage, ja, en);
        let named = EarlyReason::try_from(reason).map_err(|e| usage(format!("事由 {reason} はありません。"), e.to_string()))?;
        if !self.oath {
            eprintln!("{}\n  {reason}: {}\n\n{}\n", l.pick("期日前投票宣誓書", "Declaration for early voting"), named.say(l), oath(l));
        }
        let typed = self.told.tell(global, &[BIRTH], |_, _| true)?.need(BIRTH)?;
        let birth = Day::read(&typed).map_err(|e| usage(format!("生年月日を読み取れません: {typed}。1980-04-01 のように入力してください。"), e.to_string()))?;
        if !self.oath && !ask_yes(l.pick("誓いますか？ [y/N] ", "Do you swear it? [y/N] "))? {
            return Err(Failure::refused("宣誓がないため、提出していません。", "nothing was filed, since the oath was not sworn."));
        }
        Ok(DeclarationRequest { reason, birth: birth.to_string(), oath: oath(l).to_owned() })
    }
}

fn view_text(l: Lang, view: &DeclarationView) -> String {
    let DeclarationView { reason, polling, filed, state } = view;
    let state = match state {
        DeclarationState::Filed => l.pick("提出済み。期日前投票所にカードをお持ちください。", "on file. Bring your card to an early polling place.").to_owned(),
        DeclarationState::Withdrawn => l.pick("取り下げました。", "withdrawn.").to_owned(),
        DeclarationState::Used { handout } => format!("{} ({handout})", l.pick("この宣誓書で投票用紙が交付されました。", "a paper was handed out on it.")),
    };
    format!(
        "{}\n  {}: {}  {}\n  {}: {polling}\n  {}: {}\n  {state}",
        l.pick("期日前投票宣誓書", "Declaration for early voting"),
        l.pick("事由", "reason"),
        reason.item(),
        reason.say(l),
        l.pick("選挙の期日", "polling date"),
        l.pick("提出", "filed"),
        filed.in_japan(l)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_has_the_oath_word_for_word_and_every_reason() {
        assert!([Lang::Ja, Lang::En].iter().all(|lang| HELP.contains(oath(*lang))));
        for reason in EarlyReason::ALL {
            assert!(HELP.contains(&format!("\n  {}  ", reason.item())), "{reason:?}");
        }
    }
}
