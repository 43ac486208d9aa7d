//! The acts that need two officials.

use tachiai_schemas::staff::{Act, Done, Pending};
use tachiai_schemas::{Lang, Timestamp};

use super::status::{phase_name, where_it_stands};
use crate::cli::{Global, WhichElection};
use crate::client::Answer;
use crate::commands::approve::{self, Names};
use crate::commands::say;
use crate::failure::{Exit, Failure};

pub(super) fn act(global: &Global, which: &WhichElection, act: Act) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let asked = client.act::<_, Done>(&format!("/api/v1/elections/{id}/acts"), &serde_json::json!({ "act": act }));
    match asked.map_err(|failure| where_it_stands(&client, id, failure))? {
        Answer::Done(done) => {
            print_done(global, &done);
            Ok(Exit::Done)
        }
        Answer::Accepted(body) => {
            let pending: Pending = serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
            say(global, &serde_json::json!(pending), || {
                let lang = global.lang();
                format!(
                    "{}\n{}\n  {}\n{}: tachiai approve {}",
                    act_waits(lang, act),
                    approve::describe(lang, &pending, &Names::of(&client, [&pending.matter])),
                    approve::value_text(lang, &pending),
                    global.pick("承認する職員のコマンド", "the other official runs"),
                    pending.id
                )
            });
            Ok(Exit::Waiting)
        }
    }
}

/// What is said of an act that waits for a second official.
fn act_waits(lang: Lang, act: Act) -> String {
    format!("{}: {}", act_name(lang, act), lang.pick("別の職員の承認を待っています", "waiting for another official's approval"))
}

/// Prints what an approved act brought about.
pub fn print_done(global: &Global, done: &Done) {
    say(global, &serde_json::json!(done), || {
        let text = act_done(global.lang(), done);
        if done.act == Act::Publish { format!("{text}\n  tachiai election status --election {}", done.election) } else { text }
    });
}

/// What the fingerprint of an election is called wherever it is to be read or compared.
#[must_use]
pub const fn fingerprint_label(lang: Lang) -> &'static str {
    lang.pick("公告の指紋", "Fingerprint for the notice")
}

/// What an approved act brought about, in words.
#[must_use]
pub fn act_done(lang: Lang, done: &Done) -> String {
    let mut text = format!("{}: {} ({})", lang.pick("完了", "done"), act_name(lang, done.act), phase_name(lang, done.phase));
    if let Some(fingerprint) = &done.fingerprint {
        text += &format!("\n{}: {fingerprint}", fingerprint_label(lang));
    }
    if done.act == Act::Publish {
        text += lang.pick(
            "\n証人のいる選挙では、連署が揃うまで待ってから記録を書き出してください。",
            "\nWhere the election has witnesses, wait until they have cosigned before the record is exported.",
        );
    }
    text
}

/// When an act was announced for, of those that have such a time.
#[must_use]
pub const fn announced(act: Act, online_closes: Timestamp, poll_closes: Timestamp) -> Option<Timestamp> {
    match act {
        Act::CloseOnline => Some(online_closes),
        Act::ClosePoll => Some(poll_closes),
        Act::Open | Act::Count | Act::Publish => None,
    }
}

/// That something would be done before the time that was announced for it.
#[must_use]
pub fn not_yet(lang: Lang, announced: Timestamp, now: Timestamp) -> String {
    let (announced, now) = (announced.in_japan(lang), now.in_japan(lang));
    match lang {
        Lang::Ja => format!("予告した時刻より前です。予告: {announced}、今: {now}"),
        Lang::En => format!("This is before the time that was announced: {announced}. It is {now}."),
    }
}

/// The name of an act.
#[must_use]
pub fn act_name(lang: Lang, act: Act) -> &'static str {
    match act {
        Act::Open => lang.pick("投票の開始", "open"),
        Act::CloseOnline => lang.pick("オンライン投票の締切", "close online voting"),
        Act::ClosePoll => lang.pick("投票の締切", "close the poll"),
        Act::Count => lang.pick("開票", "count"),
        Act::Publish => lang.pick("結果の公表", "publish"),
    }
}
