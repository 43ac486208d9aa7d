//! What is chosen on a ballot: read from the command line or asked for, and checked against the manifest and against who is out.

use tachiai_schemas::election::{Choice, Contest, Manifest};
use tachiai_schemas::paper::CandidateOut;

use crate::cli::Global;
use crate::commands::ask::{ask, ask_yes};
use crate::commands::count::{out_text, reason_text};
use crate::failure::{Exit, Failure};
use crate::voter::{Outs, Pinned};

/// The contests of a ballot, with their indices in the manifest.
pub(super) type Listed<'a> = Vec<(u16, &'a Contest)>;

/// The contests of a manifest that have these indices.
pub(super) fn listed(manifest: &Manifest, indices: impl Iterator<Item = u16>) -> Listed<'_> {
    indices.filter_map(|index| Some((index, manifest.contests.get(usize::from(index))?))).collect()
}

/// Reads what was given before the card says which district's ballot it is: it has to be right for the ballot of some district, and names nobody who is
/// out. Gives that ballot and the choices.
pub(super) fn given_choices<'a>(pinned: &'a Pinned, given: &[String], outs: &Outs) -> Result<(Listed<'a>, Vec<Vec<usize>>), Failure> {
    let manifest = &pinned.manifest;
    let districts = (0..).map_while(|district| pinned.style(district));
    let ballots: Vec<Listed<'_>> = districts.map(|style| listed(manifest, style.contests().iter().map(|(index, _)| *index))).collect();
    let (ballot, choices) = of_some_ballot(&manifest.contests, ballots, given)?;
    refuse_outs(&ballot, &choices, outs)?;
    Ok((ballot, choices))
}

/// The first of the ballots for which this is right. Where there is none it is said what is wrong with the words themselves, or else with the first ballot.
fn of_some_ballot<'a>(contests: &[Contest], ballots: Vec<Listed<'a>>, given: &[String]) -> Result<(Listed<'a>, Vec<Vec<usize>>), Failure> {
    read_choices(&contests.iter().collect::<Vec<_>>(), given)?;
    let mut wrong = None;
    for ballot in ballots {
        let contests: Vec<&Contest> = ballot.iter().map(|(_, contest)| *contest).collect();
        match parse_choices(&contests, given) {
            Ok(choices) => return Ok((ballot, choices)),
            Err(failure) => wrong = wrong.or(Some(failure)),
        }
    }
    Err(wrong.unwrap_or_else(|| Failure::incomplete("この選挙に投票区がありません。", "this election has no district.")))
}

/// Reads `CONTEST=OPTION[,OPTION…]` for every contest of the ballot.
///
/// # Errors
/// [`Failure`] (64) that names an unknown, missing or repeated contest or option, or the wrong number.
pub(super) fn parse_choices(contests: &[&Contest], given: &[String]) -> Result<Vec<Vec<usize>>, Failure> {
    contests
        .iter()
        .zip(read_choices(contests, given)?)
        .map(|(contest, chosen)| {
            chosen.ok_or_else(|| {
                usage(
                    format!("「{}」の選択がありません（--choice {}=…）。", contest.id, contest.id),
                    format!("no choice for \"{}\" (--choice {}=…).", contest.id, contest.id),
                )
            })
        })
        .collect()
}

fn usage(ja: String, en: String) -> Failure {
    Failure::new(Exit::Usage, ja, en)
}

/// The same, where contests may be missing.
fn read_choices(contests: &[&Contest], given: &[String]) -> Result<Vec<Option<Vec<usize>>>, Failure> {
    let mut found: Vec<Option<Vec<usize>>> = vec![None; contests.len()];
    for choice in given {
        let Some((contest, options)) = choice.split_once('=') else {
            return Err(usage(format!("--choice は CONTEST=OPTION の形です: {choice}"), format!("--choice has the form CONTEST=OPTION: {choice}")));
        };
        let Some(at) = contests.iter().position(|c| c.id == contest) else {
            let all = contests.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(usage(
                format!("「{contest}」という投票はありません。次のいずれかです: {all}"),
                format!("there is no contest \"{contest}\" on this ballot; there are: {all}"),
            ));
        };
        let mut chosen = Vec::new();
        for option in options.split(',').filter(|o| !o.is_empty()) {
            let Some(index) = contests[at].options.iter().position(|o| o.id == option) else {
                let all = contests[at].options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ");
                return Err(usage(
                    format!("「{option}」という選択肢はありません。次のいずれかです: {all}"),
                    format!("there is no option \"{option}\"; there are: {all}"),
                ));
            };
            chosen.push(index);
        }
        check_number(contests[at], &chosen)?;
        if found[at].replace(chosen).is_some() {
            return Err(usage(format!("「{contest}」が2回指定されています。"), format!("\"{contest}\" is given twice.")));
        }
    }
    Ok(found)
}

fn check_number(contest: &Contest, chosen: &[usize]) -> Result<(), Failure> {
    let mut unique = chosen.to_vec();
    unique.sort_unstable();
    unique.dedup();
    let (right, ja, en) = match contest.choose {
        Choice::Exactly(n) => (chosen.len() == usize::from(n), format!("ちょうど{n}個"), format!("exactly {n}")),
        Choice::UpTo(n) => (chosen.len() <= usize::from(n), format!("{n}個まで"), format!("at most {n}")),
    };
    if right && unique.len() == chosen.len() {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, format!("「{}」は{ja}選びます。", contest.title.ja), format!("choose {en} in \"{}\", each once.", contest.title.en)))
}

/// Says which candidates are out, and which contests are held without a poll.
pub(super) fn say_outs(global: &Global, pinned: &Pinned, contests: &[(u16, &Contest)], outs: &Outs) {
    let lang = global.lang();
    for out in outs.all().iter().filter(|out| contests.iter().any(|(index, _)| *index == out.contest)) {
        let out = CandidateOut { contest: out.contest, option: out.option, reason: out.reason };
        eprintln!("{}: {}", lang.pick("候補者でなくなりました（投票しても無効です）", "out, and votes are invalid"), out_text(lang, &pinned.manifest, &out));
    }
    let became = contests.iter().filter(|(index, contest)| outs.without_poll(*index, contest)).map(|(_, contest)| &contest.title);
    for title in pinned.manifest.uncontested.iter().map(|contest| &contest.title).chain(became) {
        eprintln!(
            "{}: {}",
            lang.pick(&title.ja, &title.en),
            lang.pick("無投票です。候補者全員が当選し、この票は数えられません。", "no poll is held: all candidates are elected, and nothing is counted.")
        );
    }
}

/// Refuses to choose somebody who is out. Where fewer are left than a ballot has to name, and where no poll is held, nothing is refused.
pub(super) fn refuse_outs(contests: &[(u16, &Contest)], choices: &[Vec<usize>], outs: &Outs) -> Result<(), Failure> {
    for ((index, contest), chosen) in contests.iter().zip(choices) {
        let needed = match contest.choose {
            Choice::Exactly(number) => usize::from(number),
            Choice::UpTo(_) => 0,
        };
        if outs.without_poll(*index, contest) || outs.left(*index, contest) < needed {
            continue;
        }
        if let Some(option) = chosen.iter().find(|option| outs.is_out(*index, **option)).and_then(|option| contest.options.get(*option)) {
            return Err(Failure::refused(
                format!("「{}」は候補者ではなくなりました。投票しても無効になるため、投票していません。別の選択をしてください。", option.name.ja),
                format!("\"{}\" is a candidate no more. The vote would be invalid, so you did not vote. Choose another.", option.name.en),
            ));
        }
    }
    Ok(())
}

/// What stands on a ballot for a contest of which nothing is counted: as little as it may.
fn uncounted(contest: &Contest) -> Vec<usize> {
    match contest.choose {
        Choice::Exactly(number) => (0..usize::from(number)).collect(),
        Choice::UpTo(_) => Vec::new(),
    }
}

pub(super) fn ask_choices(global: &Global, contests: &[(u16, &Contest)], outs: &Outs) -> Result<Vec<Vec<usize>>, Failure> {
    let mut all = Vec::new();
    for (index, contest) in contests {
        if outs.without_poll(*index, contest) {
            all.push(uncounted(contest));
            continue;
        }
        eprintln!("\n{}", global.pick(&contest.title.ja, &contest.title.en));
        for (place, option) in contest.options.iter().enumerate() {
            let out = outs.notice(*index, place).map_or_else(String::new, |out| format!("  × {}", reason_text(global.lang(), out.reason)));
            eprintln!("  {}. {}{out}", place + 1, global.pick(&option.name.ja, &option.name.en));
        }
        loop {
            let hint = match contest.choose {
                Choice::Exactly(n) => format!("{} {n}", global.pick("選ぶ数:", "choose")),
                Choice::UpTo(n) => format!("{} {n}{}", global.pick("選ぶ数: 最大", "choose at most"), global.pick("（空欄は白票）", " (empty: blank vote)")),
            };
            let answer = ask(&format!("{hint}  {} ", global.pick("番号（,区切り）:", "numbers, separated by commas:")))?;
            let parsed: Option<Vec<usize>> = answer
                .split(',')
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .map(|p| p.parse::<usize>().ok()?.checked_sub(1).filter(|i| *i < contest.options.len()))
                .collect();
            match parsed.map(|chosen| check_number(contest, &chosen).map(|()| chosen)) {
                Some(Ok(chosen)) => {
                    all.push(chosen);
                    break;
                }
                Some(Err(failure)) => eprintln!("{}", tachiai_schemas::Say::say(&failure, global.lang())),
                None => eprintln!("{}", global.pick("番号を入力してください。", "Type numbers from the list.")),
            }
        }
    }
    Ok(all)
}

/// What becomes of a ballot that is about to be cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It is to be counted.
    Count,
    /// It is opened at once, and nothing counts until the elector votes again.
    Open,
}

/// Has the voter agree to these choices.
pub(super) fn confirm_choices(global: &Global, contests: &[(u16, &Contest)], choices: &[Vec<usize>], purpose: Purpose) -> Result<bool, Failure> {
    eprintln!();
    for ((_, contest), chosen) in contests.iter().zip(choices) {
        let names = chosen.iter().map(|i| global.pick(&contest.options[*i].name.ja, &contest.options[*i].name.en)).collect::<Vec<_>>().join("、");
        let names = if names.is_empty() { global.pick("白票", "blank").to_owned() } else { names };
        eprintln!("{}: {names}", global.pick(&contest.title.ja, &contest.title.en));
    }
    match purpose {
        Purpose::Count => ask_yes(global.pick("この内容で投票しますか？ [y/N] ", "Cast this vote? [y/N] ")),
        Purpose::Open => confirm_opening(global),
    }
}

/// Has the voter agree that a ballot is opened: none counts afterwards, not even one of before.
pub(super) fn confirm_opening(global: &Global) -> Result<bool, Failure> {
    ask_yes(global.pick(
        "この投票は確認のために開かれ、数えられません。これまでにした投票も数えられなくなり、もう一度投票するまで、数えられる投票はありません。続けますか？ [y/N] ",
        "This ballot will be opened and does not count. What you voted before will not count either: until you vote again, nothing of yours is counted. Go on? [y/N] ",
    ))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::{ContestKind, ContestOption, Text};

    use super::*;

    fn contest(id: &str, options: &[&str]) -> Contest {
        let text = |text: &str| Text { ja: text.to_owned(), en: text.to_owned() };
        let options = options.iter().map(|id| ContestOption { id: (*id).to_owned(), name: text(id) }).collect();
        Contest { id: id.to_owned(), title: text(id), kind: ContestKind::Mayor, seats: 1, choose: Choice::UpTo(1), options, districts: None }
    }

    #[test]
    fn what_fits_the_ballot_of_no_district_is_refused_before_a_card_is_asked_for_anything() {
        let contests = [contest("mayor", &["a", "b"]), contest("ward", &["c", "d"])];
        let [mayor, ward] = &contests;
        let ballots = || vec![vec![(0, mayor)], vec![(0, mayor), (1, ward)]];
        let given = |words: &[&str]| of_some_ballot(&contests, ballots(), &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let (ballot, choices) = given(&["mayor=b"]).unwrap();
        assert_eq!((ballot.len(), choices), (1, vec![vec![1]]));
        let (ballot, choices) = given(&["ward=", "mayor=a"]).unwrap();
        assert_eq!((ballot.len(), choices), (2, vec![vec![0], vec![]]));
        for (words, said) in [
            (&["mayor=x"][..], "no option \"x\""),
            (&["major=a"], "no contest \"major\""),
            (&["ward=c"], "\"ward\""),
            (&["mayor=a,b"], "at most 1"),
            (&["mayor=a", "mayor=b"], "twice"),
            (&["mayor"], "CONTEST=OPTION"),
        ] {
            let failure = given(words).map(drop).unwrap_err();
            assert!(failure.exit == Exit::Usage && failure.en.contains(said), "{words:?}: {failure}");
        }
    }
}
