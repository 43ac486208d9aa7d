//! What became of every contest.

use tachiai_schemas::counting::{ContestOutcome, OptionOutcome, OutcomeView};
use tachiai_schemas::{ElectionId, Lang};

use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// Prints what became of every contest.
///
/// # Errors
/// [`Failure`].
pub fn result(global: &Global, which: &WhichElection) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let outcome = outcome_of(&client, id)?;
    say(global, &serde_json::json!(outcome), || outcome_text(global.lang(), &outcome));
    Ok(Exit::Done)
}

/// What became of every contest.
///
/// # Errors
/// [`Failure`].
pub fn outcome_of(client: &Client, id: ElectionId) -> Result<OutcomeView, Failure> {
    client.get(&format!("/api/v1/elections/{id}/outcome"), None)
}

/// The outcome in words.
#[must_use]
pub fn outcome_text(lang: Lang, outcome: &OutcomeView) -> String {
    let mut text = outcome.contests.iter().map(|contest| contest_text(lang, contest)).collect::<Vec<_>>().join("\n\n");
    if !outcome.published {
        text += &format!("\n\n{}", lang.pick("この結果はまだ公表されていません。", "This result is not published yet."));
    }
    text
}

fn contest_text(lang: Lang, contest: &ContestOutcome) -> String {
    let mut lines = vec![lang.pick(&contest.title.ja, &contest.title.en).to_owned()];
    if contest.without_poll {
        lines.push(format!(
            "  {}",
            lang.pick(
                "無投票: 候補者が定数を超えないため投票は行われず、全員が当選します（公職選挙法第100条）。",
                "No poll: there are no more candidates than seats, and all of them are elected (Public Offices Election Act, article 100)."
            )
        ));
    }
    if contest.papers_missing {
        lines.push(format!(
            "  {}",
            lang.pick("投票用紙がまだ集計されていません。以下は途中の数です。", "The papers are not counted yet; what follows is not final.")
        ));
    }
    lines.extend(contest.options.iter().map(|option| option_text(lang, contest, option)));
    if !contest.without_poll {
        lines.push(format!(
            "  {} {}  {} {}  {} {}{}",
            lang.pick("有効", "valid"),
            contest.valid,
            lang.pick("白票", "blank"),
            contest.blank,
            lang.pick("その他の無効", "invalid"),
            contest.invalid,
            if contest.nobodys == "0" {
                String::new()
            } else {
                format!("  {} {}", lang.pick("按分切捨て", "nobody's (cut in splitting)"), contest.nobodys)
            } + &if contest.out == "0" {
                String::new()
            } else {
                format!("  {} {}", lang.pick("候補者でない者への票", "for who is out"), contest.out)
            }
        ));
    }
    if let (Some(minimum), Some(forfeiture)) = (&contest.minimum, &contest.forfeiture) {
        lines.push(format!("  {} {minimum}  {} {forfeiture}", lang.pick("法定得票数", "legal minimum"), lang.pick("供託物没収点", "deposit kept from")));
    }
    if let Some(seats) = &contest.seats {
        lines.push(format!(
            "  {} {}  {} {}  {} {}  {} {}",
            lang.pick("定数", "seats"),
            seats.to_fill,
            lang.pick("当選", "filled"),
            seats.filled,
            lang.pick("くじ待ち", "wait for a lot"),
            seats.open,
            lang.pick("欠員", "empty"),
            seats.empty
        ));
    }
    if let Some(tie) = contest.tie.as_ref().filter(|tie| !tie.decided) {
        let names = tie.options.iter().filter_map(|option| contest.options.get(usize::from(*option))).map(|o| lang.pick(&o.name.ja, &o.name.en));
        lines.push(format!(
            "  {}: {}  {} {}",
            lang.pick("得票数が同じため、くじが必要です", "a lot is needed between"),
            names.collect::<Vec<_>>().join("、"),
            lang.pick("議席", "for seats:"),
            tie.seats
        ));
    }
    for unit in &contest.units {
        let names = unit.districts.iter().map(|name| lang.pick(&name.ja, &name.en)).collect::<Vec<_>>().join("・");
        let votes = unit.votes.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        lines.push(format!("  [{names}] {} {}: {votes}  {} {}", lang.pick("オンライン", "online"), unit.ballots, lang.pick("白票", "blank"), unit.blank));
    }
    lines.join("\n")
}

fn option_text(lang: Lang, contest: &ContestOutcome, option: &OptionOutcome) -> String {
    let name = lang.pick(&option.name.ja, &option.name.en);
    let standing = lang.pick(&option.standing_text.ja, &option.standing_text.en);
    if contest.without_poll {
        return format!("  {name}  {standing}");
    }
    let rank = option.rank.map_or_else(|| "-".to_owned(), |rank| rank.to_string());
    let deposit = if option.deposit_forfeited { lang.pick("  供託物没収", "  deposit forfeited") } else { "" };
    format!(
        "  {rank:>3} {:>9}  ({} {}, {} {})  {name}  {standing}{deposit}",
        option.votes,
        lang.pick("オンライン", "online"),
        option.online,
        lang.pick("用紙", "paper"),
        option.paper
    )
}
