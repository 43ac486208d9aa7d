//! What stands at the desk of a polling place: the word in large letters, and what is said under it.

use ratatui::text::Line;
use tachiai_schemas::desk::{DayView, DeskElector, VoteState, channel_name, manner_name};
use tachiai_schemas::election::Text;
use tachiai_schemas::paper::{LinkPolicy, Manner, PlaceKind};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::Day;
use tachiai_schemas::{Lang, Refusal, Say, Timestamp};

use super::sheet::Sheet;
use super::{MANNERS, Mode, Poll, forms};
use crate::card::{Tries, printable};
use crate::commands::by_name::reason_text;
use crate::console::desk::{Desk, Link};
use crate::console::screens::home::{authority, clock, title};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, flow};
use crate::console::work::seat::poll::{By, Here, Kept, Listed, Seen, Stand};
use crate::failure::{Exit, Failure};
use crate::poll::queue::Fate;

/// Where one sits.
pub(super) fn place_line(desk: &Desk, listed: &Listed, cells: usize) -> Line<'static> {
    let hours = listed.hours.as_ref().map_or_else(
        || desk.say("poll-not-open"),
        |hours| {
            let is_one_day = Day::of(hours.opens) == Day::of(hours.closes);
            let said = |at: Timestamp| if is_one_day { clock(at) } else { at.in_japan(desk.lang()) };
            desk.with("poll-hours", &[("opens", said(hours.opens)), ("closes", said(hours.closes))])
        },
    );
    let said = format!(
        "{}  {}  [{}] {}  {hours}",
        title(desk, &listed.name),
        channel_name(listed.kind, desk.lang()),
        authority(desk, listed.authority),
        title(desk, &listed.title)
    );
    Line::styled(format!("  {}", cut(&said, cells, desk.look.cut())), desk.look.style(Tone::Strong))
}

/// What is kept here, if there is anything.
pub(super) fn kept_lines(desk: &Desk, kept: &Kept, cells: usize) -> Vec<Line<'static>> {
    let mut said = Vec::new();
    if kept.unanswered > 0 {
        said.push(desk.with("poll-unanswered", &[("n", kept.unanswered.to_string())]));
    }
    if kept.waiting() > 0 {
        let envelopes = kept.envelopes.iter().filter(|(_, fate)| *fate == Fate::Kept).map(|(number, _)| number.as_str()).collect::<Vec<_>>().join(", ");
        said.push(desk.with("poll-kept", &[("n", kept.waiting().to_string()), ("envelopes", envelopes)]));
    }
    let mut said: Vec<Line<'static>> = flow(&said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), desk.look.style(Tone::Warn))).collect();
    if said.is_empty() {
        said.push(Line::raw(""));
    }
    said
}

/// Whether the poll of the election at hand is closed: nobody is received any more.
fn is_over(desk: &Desk, listed: &Listed) -> bool {
    let elections = desk.status.iter().flat_map(|status| &status.elections).map(|election| &election.summary);
    elections.filter(|summary| summary.election == listed.election).any(|summary| summary.phase >= Phase::PollClosed)
}

/// Whether the appliance is not reached now.
const fn is_cut(desk: &Desk) -> bool {
    matches!(desk.link, Link::Lost(..))
}

impl Poll {
    /// What stands in large letters.
    pub(super) fn word(&self, desk: &Desk, seen: &Seen, listed: &Listed) -> (&'static str, Tone) {
        if Self::is_sending(desk) {
            return ("large-sending", Tone::Strong);
        }
        if matches!(self.mode, Mode::Pin(_)) {
            return ("large-pin", Tone::Strong);
        }
        match &seen.stand {
            Stand::Nobody if seen.reader.is_some() => ("large-reader", Tone::Bad),
            Stand::Nobody if is_over(desk, listed) => ("large-over", Tone::Warn),
            Stand::Nobody if is_cut(desk) => ("large-cut", Tone::Bad),
            Stand::Nobody if listed.hours.is_none() => ("large-closed", Tone::Warn),
            Stand::Nobody => ("large-place", Tone::Plain),
            Stand::Reading => ("large-reading", Tone::Strong),
            Stand::Locked(None) => ("large-pin", Tone::Strong),
            Stand::Locked(Some(_)) => ("large-wrong-pin", Tone::Bad),
            Stand::Here(here) => match (&here.barred, &here.wrong) {
                (Some(failure), _) if failure.code == Some(Refusal::PaperHeld) => ("large-voted", Tone::Bad),
                (Some(_), _) => ("large-may-not", Tone::Bad),
                (None, Some(failure)) if failure.exit == Exit::Card => ("large-wrong-pin", Tone::Bad),
                (None, Some(failure)) => refused(failure),
                (None, None) if matches!(here.by, By::Card(Tries::Blocked | Tries::Left(..=1))) => ("large-without-card", Tone::Warn),
                (None, None) => ("large-may", Tone::Good),
            },
            Stand::Refused(failure) => refused(failure),
            Stand::Cut(_) => ("large-cut", Tone::Bad),
            Stand::Waits(_) => ("large-waits", Tone::Warn),
            Stand::Handed(_) if listed.kind == PlaceKind::Absentee => ("large-send", Tone::Good),
            Stand::Handed(_) => ("large-hand-over", Tone::Good),
            Stand::Unknown(_) => ("large-unknown", Tone::Bad),
            Stand::Envelope(_) => ("large-envelope", Tone::Warn),
            Stand::Day(_) => ("large-day", Tone::Strong),
        }
    }

    /// What is said under it.
    pub(super) fn said(&self, desk: &Desk, seen: &Seen, sheet: &mut Sheet) {
        let lang = desk.lang();
        let mut say = |said: &str, tone: Tone| sheet.say(said, tone);
        match &seen.stand {
            Stand::Nobody => match &seen.reader {
                Some(failure) => say(&failure.say(lang), Tone::Bad),
                None if seen.desk.as_ref().is_some_and(|listed| is_over(desk, listed)) => say(&desk.say("poll-over"), Tone::Warn),
                None => {
                    if is_cut(desk) {
                        say(&desk.say("poll-cut"), Tone::Bad);
                    }
                    say(&desk.say("poll-nobody"), Tone::Plain);
                }
            },
            Stand::Reading => say(&desk.say("poll-reading"), Tone::Plain),
            Stand::Locked(wrong) => {
                if let Some(wrong) = wrong {
                    say(&wrong.say(lang), Tone::Bad);
                }
                say(&desk.say("poll-locked"), Tone::Plain);
            }
            Stand::Here(here) => self.person(desk, here, sheet),
            Stand::Refused(failure) => {
                say(&failure.say(lang), Tone::Bad);
                say(&desk.say("poll-refused-then"), Tone::Plain);
            }
            Stand::Unknown(failure) => {
                say(&failure.say(lang), Tone::Bad);
                say(&desk.say("poll-unknown-then"), Tone::Strong);
            }
            Stand::Cut(failure) => {
                say(&failure.say(lang), Tone::Bad);
                if seen.desk.as_ref().is_some_and(|listed| listed.offline == LinkPolicy::Provisional) {
                    say(&desk.say("poll-cut-provisional"), Tone::Strong);
                }
            }
            Stand::Waits(waits) => {
                if let Some(here) = &waits.here {
                    say(&who(lang, &here.elector), Tone::Strong);
                }
                say(&desk.with("poll-waits", &[("id", waits.id.clone())]), Tone::Plain);
            }
            Stand::Handed(handed) => {
                if let Some(elector) = &handed.elector {
                    say(&who(lang, elector), Tone::Strong);
                }
                say(&desk.with("poll-handed", &[("titles", titles(desk, &handed.titles))]), Tone::Strong);
                say(&desk.with("poll-leaf", &[("leaf", handed.leaf.to_string()), ("at", handed.at.in_japan(lang))]), Tone::Plain);
                if handed.replaced {
                    say(&desk.say("poll-replaced"), Tone::Plain);
                }
                say(&desk.say("poll-then"), Tone::Plain);
            }
            Stand::Day(day) => {
                let (_, DayView { hours, handouts, aside, draft, .. }, titles) = &**day;
                say(&desk.with("poll-hours", &[("opens", hours.opens.in_japan(lang)), ("closes", hours.closes.in_japan(lang))]), Tone::Strong);
                let values = [
                    ("handouts", handouts.to_string()),
                    ("electors", draft.electors.to_string()),
                    ("cards", draft.with_card.to_string()),
                    ("replaced", draft.replaced.to_string()),
                ];
                say(&desk.with("poll-day", &values), Tone::Plain);
                say(&forms::figures(desk, &day.1, titles), Tone::Plain);
                if !aside.is_empty() {
                    say(&desk.with("poll-day-aside", &[("envelopes", aside.join(lang.pick("、", ", ")))]), Tone::Plain);
                }
                say(&desk.say("poll-day-then"), Tone::Plain);
            }
            Stand::Envelope(number) => say(&desk.with("poll-envelope", &[("number", number.clone())]), Tone::Strong),
        }
    }

    /// Who stands here, and what stands for them.
    fn person(&self, desk: &Desk, here: &Here, sheet: &mut Sheet) {
        let lang = desk.lang();
        let mut say = |said: &str, tone: Tone| sheet.say(said, tone);
        let Here { elector, by, barred, declares, wrong } = here;
        let DeskElector { number, address, district, contests, paper, declaration, .. } = elector;
        say(&who(lang, elector), Tone::Strong);
        say(&format!("{}  {}", printable(address), desk.with("poll-roll", &[("number", printable(number)), ("district", title(desk, district))])), Tone::Plain);
        if let Some(failure) = barred {
            say(&failure.say(lang), Tone::Bad);
        }
        if let Some(failure) = wrong {
            say(&failure.say(lang), Tone::Bad);
        }
        if barred.is_none() {
            let manner = manner_name(MANNERS.get(self.manner).copied().unwrap_or(Manner::Own), lang).to_owned();
            match by {
                By::Card(Tries::Left(tries)) if *tries > 1 => say(&desk.with("poll-by-card", &[("manner", manner), ("tries", tries.to_string())]), Tone::Plain),
                By::Card(Tries::Left(_)) => say(&desk.say("poll-last-try"), Tone::Bad),
                By::Card(Tries::Unlimited | Tries::Verified) => say(&desk.with("poll-by-card-any", &[("manner", manner)]), Tone::Plain),
                By::Card(Tries::Blocked) => say(&desk.say("poll-blocked"), Tone::Bad),
                By::Checked => say(&desk.with("poll-by-checked", &[("manner", manner)]), Tone::Plain),
                By::Name(reason) => say(&desk.with("poll-named", &[("manner", manner), ("reason", reason_text(lang, *reason).to_owned())]), Tone::Plain),
            }
            if *declares {
                say(&desk.say("poll-declares"), Tone::Warn);
            }
            if contests.iter().any(|contest| matches!(contest.state, VoteState::Online { .. })) {
                say(&desk.say("poll-online"), Tone::Warn);
            }
            if !self.left_out.is_empty() {
                say(&desk.say("poll-leaves-out"), Tone::Warn);
            }
        }
        for (place, contest) in contests.iter().enumerate() {
            let mark = if place == self.chosen { ">" } else { " " };
            // Of whoever may not vote nothing is handed out: no word says that it is.
            let given = match (barred, self.left_out.contains(&contest.index)) {
                (Some(_), _) => String::new(),
                (None, true) => format!(" [{}]", desk.say("poll-left-out")),
                (None, false) => format!(" [{}]", desk.say("poll-given")),
            };
            sheet.contest(&format!("{mark}{given} {}: {}", title(desk, &contest.title), contest.state.say(lang)));
        }
        let mut say = |said: &str, tone: Tone| sheet.say(said, tone);
        if let Some(paper) = paper {
            say(&desk.with("poll-paper", &[("place", title(desk, &paper.place_name)), ("at", paper.at.in_japan(lang))]), Tone::Plain);
        }
        if let Some(declaration) = declaration {
            say(&desk.with("poll-declared", &[("reason", lang.pick(&declaration.reason.ja, &declaration.reason.en).to_owned())]), Tone::Plain);
        }
    }
}

/// Somebody in one line.
pub(super) fn who(lang: Lang, elector: &DeskElector) -> String {
    let DeskElector { name, kana, birth, .. } = elector;
    let [name, kana, birth] = [name, kana, birth].map(|text| printable(text));
    match lang {
        Lang::Ja => format!("{name}（{kana}）  {birth}"),
        Lang::En => format!("{name} ({kana})  {birth}"),
    }
}

fn titles(desk: &Desk, of: &[Text]) -> String {
    of.iter().map(|text| title(desk, text)).collect::<Vec<_>>().join(desk.lang().pick("、", ", "))
}

/// What stands in large letters where papers are not handed out.
fn refused(failure: &Failure) -> (&'static str, Tone) {
    let word = match (failure.code, failure.exit) {
        (Some(Refusal::NotOnRoll), _) => "large-not-on-roll",
        (Some(Refusal::NotEnrolled), _) => "large-not-enrolled",
        (Some(Refusal::PaperHeld), _) => "large-voted",
        (_, Exit::Card) => "large-card",
        _ => "large-refused",
    };
    (word, Tone::Bad)
}
