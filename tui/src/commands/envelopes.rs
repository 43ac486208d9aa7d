//! The envelopes of provisional papers (仮投票) that polling places set aside, for the commission.

use clap::Args;
use tachiai_schemas::Lang;
use tachiai_schemas::desk::envelope::{AsideListed, AsideWords, EnvelopeAside};

use super::say;
use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::failure::{Exit, Failure};

/// List the envelopes that polling places set aside (`poll set-aside`): whose they are, why, and who signed. The appliance writes down who reads it.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai election envelopes --election ID")]
pub struct Envelopes {
    #[command(flatten)]
    which: WhichElection,
}

impl Envelopes {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let listed: Vec<AsideListed> = client.get(&format!("/api/v1/elections/{}/envelopes", self.which.find(&client)?), None)?;
        say(global, &serde_json::json!({ "envelopes": listed }), || text(global.lang(), &listed));
        Ok(Exit::Done)
    }
}

fn text(l: Lang, listed: &[AsideListed]) -> String {
    if listed.is_empty() {
        return l.pick("除外した封筒はありません。", "No envelope was set aside.").to_owned();
    }
    let line = |AsideListed { at, by, body, signatures: _, officers, words }: &AsideListed| {
        let EnvelopeAside { opened: _, place, session, envelope, handed_out, words: _ } = body;
        let AsideWords { salt: _, name, birth, reason, refused } = words;
        let fields = [
            (l.pick("交付", "handed out"), handed_out.in_japan(l)),
            (l.pick("氏名", "name"), format!("{}  {}", printable(name), printable(birth))),
            (l.pick("理由", "why"), printable(reason)),
            (l.pick("記録できなかった理由", "why it was not entered"), printable(refused)),
            (l.pick("署名", "signed by"), officers.iter().map(|name| printable(name)).collect::<Vec<_>>().join(l.pick("、", ", "))),
            (l.pick("受付", "taken"), format!("{}  {}", at.in_japan(l), printable(by))),
        ];
        let fields = fields.map(|(title, value)| format!("\n    {title}: {value}")).concat();
        format!("{} {envelope}  {} {place}-{session}{fields}", l.pick("封筒", "envelope"), l.pick("投票所", "place"))
    };
    listed.iter().map(line).collect::<Vec<_>>().join("\n")
}
