//! An election made of its specification.

use std::path::Path;

use tachiai_schemas::Lang;
use tachiai_schemas::spec::{ContestSpec, ElectionSpec};
use tachiai_schemas::staff::Created;

use crate::card::printable;
use crate::cli::Global;
use crate::client::Client;
use crate::commands::{private_use, say};
use crate::failure::{Exit, Failure};

/// Reads a specification, and refuses one that is invalid, or in which nothing is voted on.
///
/// # Errors
/// [`Failure`] that names what is wrong.
pub fn read_spec(path: &Path) -> Result<ElectionSpec, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, &e))?;
    let spec = ElectionSpec::from_toml(&text).map_err(|e| Failure::content(path, &e))?;
    something_to_vote_on(&spec)?;
    if let Err(problems) = spec.validate() {
        let list = problems.iter().map(|p| format!("\n  {p}")).collect::<String>();
        return Err(Failure::incomplete(
            format!("{} の設定に誤りがあります。直してからもう一度実行してください:{list}", path.display()),
            format!("{} is invalid. Correct it and try again:{list}", path.display()),
        ));
    }
    Ok(spec)
}

pub(super) fn create(global: &Global, path: &Path) -> Result<Exit, Failure> {
    let spec = read_spec(path)?;
    if let Some(warning) = private_use::warning(global.lang(), &serde_json::json!(spec)) {
        eprintln!("{warning}");
    }
    let created = create_of(&global.staff()?, &spec)?;
    say(global, &serde_json::json!(created), || created_text(global.lang(), &created, &spec));
    Ok(Exit::Done)
}

/// Shows what a specification says, before an election is made of it.
pub(super) fn show(global: &Global, path: &Path) -> Result<Exit, Failure> {
    let spec = read_spec(path)?;
    say(global, &serde_json::json!(spec), || spec_text(global.lang(), &spec));
    Ok(Exit::Done)
}

/// Has an election created.
///
/// # Errors
/// [`Failure`].
pub fn create_of(client: &Client, spec: &ElectionSpec) -> Result<Created, Failure> {
    client.post("/api/v1/elections", None, spec)
}

/// What is said of an election that was created.
#[must_use]
pub fn created_text(lang: Lang, created: &Created, spec: &ElectionSpec) -> String {
    let mut text = format!("{}: {}", lang.pick("選挙を作成しました", "election created"), created.election);
    for contest in spec.contests.iter().filter(|contest| !contest.is_contested()) {
        text += &format!("\n{}", without_poll(lang, contest));
    }
    text
}

/// What a specification says, before an election is made of it.
#[must_use]
pub fn spec_text(lang: Lang, spec: &ElectionSpec) -> String {
    let ElectionSpec { title, authority: _, opens, online_closes, poll_closes, quorum, trustees, places, districts, contests, .. } = spec;
    let times = [(lang.pick("オンライン投票", "online voting"), [opens, online_closes]), (lang.pick("投票", "poll"), [opens, poll_closes])];
    let mut lines = vec![printable(lang.pick(&title.ja, &title.en))];
    lines.extend(times.map(|(what, [from, to])| format!("{what}: {} – {}", from.in_japan(lang), to.in_japan(lang))));
    lines.push(match lang {
        Lang::Ja => format!("開票立会人: {trustees}人のうち{quorum}人  投票区: {}  投票所: {}", districts.len(), places.len()),
        Lang::En => format!("trustees: {quorum} of {trustees}  districts: {}  polling places: {}", districts.len(), places.len()),
    });
    for contest in contests {
        let names = contest.options.iter().map(|option| printable(lang.pick(&option.name.ja, &option.name.en))).collect::<Vec<_>>();
        let seats = if contest.seats > 0 { format!("  {}: {}", lang.pick("定数", "seats"), contest.seats) } else { String::new() };
        lines.push(format!("{}{seats}: {}", printable(lang.pick(&contest.title.ja, &contest.title.en)), names.join(lang.pick("、", ", "))));
        lines.extend((!contest.is_contested()).then(|| without_poll(lang, contest)));
    }
    lines.join("\n")
}

/// What is said of a contest with no more candidates than seats.
#[must_use]
pub fn without_poll(lang: Lang, contest: &ContestSpec) -> String {
    let names = contest.options.iter().map(|option| lang.pick(&option.name.ja, &option.name.en)).collect::<Vec<_>>().join("、");
    let title = lang.pick(&contest.title.ja, &contest.title.en);
    match lang {
        Lang::Ja => format!("{title}: 無投票。候補者が定数を超えないため投票は行われず、全員が当選人となります（公職選挙法第100条）: {names}"),
        Lang::En => {
            format!("{title}: no poll. There are no more candidates than seats, so all of them are elected (Public Offices Election Act, article 100): {names}")
        }
    }
}

/// Refuses an election in which nothing is voted on: it is announced on paper and held without this appliance.
///
/// # Errors
/// [`Failure`] that says who is elected.
pub fn something_to_vote_on(spec: &ElectionSpec) -> Result<(), Failure> {
    if spec.contests.is_empty() || spec.contests.iter().any(ContestSpec::is_contested) {
        return Ok(());
    }
    let list = |lang| spec.contests.iter().map(|contest| format!("\n  {}", without_poll(lang, contest))).collect::<String>();
    Err(Failure::refused(
        format!("すべて無投票のため、投票は行われません。選挙は作成していません。選挙会を開き、次の方を当選人と定めてください:{}", list(Lang::Ja)),
        format!("every contest is without a poll, so no vote is held and no election was created. The election meeting declares elected:{}", list(Lang::En)),
    ))
}
