//! A ballot as a voter will see it, before there is an election.

use tachiai_schemas::Lang;
use tachiai_schemas::election::{Choice, ContestKind, Text};
use tachiai_schemas::spec::{ContestSpec, ElectionSpec};

use crate::card::printable;
use crate::commands::election::without_poll;
use crate::commands::private_use;
use crate::commands::vote::{authority_notice, crl_notice};

/// The lines of the ballot.
#[must_use]
pub fn lines(lang: Lang, spec: &ElectionSpec) -> Vec<String> {
    let say = |text: &Text| printable(lang.pick(&text.ja, &text.en));
    let mut lines = vec![say(&spec.title), authority_notice(lang, spec.authority).to_owned()];
    lines.extend(crl_notice(lang, spec.crl).map(str::to_owned));
    let [opens, closes, poll] = [spec.opens, spec.online_closes, spec.poll_closes].map(|at| at.in_japan(lang));
    lines.push(match lang {
        Lang::Ja => format!("オンライン投票: {opens} から {closes} まで（投票の締切は {poll}）"),
        Lang::En => format!("online voting: {opens} to {closes} (the poll closes {poll})"),
    });
    for contest in &spec.contests {
        lines.push(String::new());
        lines.extend(contest_lines(lang, spec, contest));
    }
    lines
}

fn contest_lines(lang: Lang, spec: &ElectionSpec, contest: &ContestSpec) -> Vec<String> {
    let say = |text: &Text| printable(lang.pick(&text.ja, &text.en));
    if !contest.is_contested() {
        return vec![printable(&without_poll(lang, contest))];
    }
    let what = if contest.kind == ContestKind::Referendum { lang.pick("選択肢", "option") } else { lang.pick("候補者", "candidate") };
    let hint = match (contest.choose, lang) {
        (Choice::UpTo(n), Lang::Ja) => format!("{what}を{n}まで選びます。選ばなければ白票です。"),
        (Choice::UpTo(n), Lang::En) => format!("Choose at most {n} {what}{}; nothing chosen is a blank vote.", if n == 1 { "" } else { "s" }),
        (Choice::Exactly(n), Lang::Ja) => format!("{what}を{n}選びます。"),
        (Choice::Exactly(n), Lang::En) => format!("Choose {n} {what}{}.", if n == 1 { "" } else { "s" }),
    };
    let mut lines = vec![format!("[{}]", say(&contest.title)), hint];
    if let Some(ids) = &contest.districts {
        let names = spec.districts.iter().filter(|district| ids.contains(&district.id)).map(|district| say(&district.name)).collect::<Vec<_>>();
        lines.push(format!("{}: {}", lang.pick("この投票をする投票区", "only in"), names.join(lang.pick("、", ", "))));
    }
    lines.extend(contest.options.iter().zip(1..).map(|(option, number)| format!("  ( ) {number:>3}. {}", say(&option.name))));
    lines
}

/// All of what is created, in words that are read before it is.
#[must_use]
pub fn summary(lang: Lang, spec: &ElectionSpec) -> String {
    let mut text = lines(lang, spec).join("\n");
    let (recipients, witnesses) = (spec.authority_recipients.len(), spec.witnesses.keys.len());
    let ElectionSpec { trustees, quorum, districts, places, count_officers, witnesses: asked, .. } = spec;
    text += &match lang {
        Lang::Ja => format!(
            "\n\n開票立会人 {trustees}名（うち {quorum}名で復号）\n投票区 {}  投票所 {}  開票管理者・立会人 {}\n証人 {witnesses}（うち {} の連署）  証拠の宛先 {recipients}",
            districts.len(),
            places.len(),
            count_officers.len(),
            asked.quorum
        ),
        Lang::En => format!(
            "\n\n{trustees} trustees, {quorum} of whom decrypt\ndistricts {}, polling places {}, officers of the count {}\nwitnesses {witnesses}, {} of whom cosign; recipients of the evidence {recipients}",
            districts.len(),
            places.len(),
            count_officers.len(),
            asked.quorum
        ),
    };
    if let Some(warning) = private_use::warning(lang, &serde_json::json!(spec)) {
        text += &format!("\n\n{warning}");
    }
    text += lang.pick(
        "\n\n作成した選挙は取り消せませんが、鍵の作成を始めるまでは、作り直して古いものを使わずにおけます。",
        "\n\nAn election that was created stays in the list; until its key ceremony begins it can be left unused and another one created.",
    );
    text
}
