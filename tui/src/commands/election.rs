//! The election commission's commands.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tachiai_schemas::staff::{Act, ElectionStatus};

use crate::cli::{Global, WhichElection};
use crate::commands::board::BoardCommand;
use crate::commands::count::{self, DrawnLot, LotDropped, Out, PaperCountCommand};
use crate::commands::envelopes::Envelopes;
use crate::commands::rehearse::Rehearse;
use crate::commands::roll::{ImportRoll, RollCommand};
use crate::commands::say;
use crate::commands::turnout::TurnoutCommand;
use crate::failure::{Exit, Failure};

mod acts;
mod carry;
mod create;
mod declarations;
mod export;
mod status;
mod trustees;

use acts::act;
pub use acts::{act_done, act_name, announced, fingerprint_label, not_yet, print_done};
use carry::carry;
pub use carry::{carried_text, carry_telling, hand_in};
use create::create;
pub use create::{create_of, created_text, read_spec, something_to_vote_on, without_poll};
use declarations::Declarations;
pub use declarations::{declaration_text, declarations_after, declarations_counted};
use export::export_evidence;
pub use export::{export_record, export_record_telling, exported_text, progress};
use status::{list, print_status};
pub use status::{phase_name, where_it_stands, witnesses_missing};
use trustees::add_trustee;
pub use trustees::{begin_ceremony, list_trustee, listed_text, read_trustee_card, read_trustee_file};

/// Commands of the election commission.
#[derive(Subcommand, Debug)]
pub enum Election {
    /// Create an election from its specification
    Create {
        /// SPEC.toml
        spec: PathBuf,
        /// Only show what it says, and create nothing
        #[arg(long)]
        preview: bool,
    },
    /// Import the roll (選挙人名簿): whole or not at all
    ImportRoll(ImportRoll),
    /// The roll: who may vote and who may not, corrections, objections, changes
    #[command(subcommand)]
    Roll(RollCommand),
    /// Add a trustee by the file that `tachiai trustee new` made
    AddTrustee {
        /// The trustee's file
        file: PathBuf,
        /// Only show whose key is in it, with the fingerprint to compare, and add nobody
        #[arg(long)]
        preview: bool,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Begin the trustees' key ceremony: the manifest is fixed from here on
    Ceremony(Just),
    /// Show where an election stands and what comes next
    Status(Just),
    /// List the elections
    List,
    /// Open online voting (needs a second official); prints the fingerprint for the public notice
    Open(Just),
    /// Close online voting (needs a second official)
    CloseOnline(Just),
    /// Close the poll (needs a second official)
    ClosePoll(Just),
    /// Combine the trustees' shares and record the result (needs a second official)
    Count(Just),
    /// The papers of the polling places: counted by two officials apart, signed by the officers of the count
    #[command(subcommand)]
    PaperCount(PaperCountCommand),
    /// Say that a candidate is out: withdrew, died, or is not eligible (needs a second official)
    CandidateOut(Out),
    /// Record a lot (くじ) between candidates with equally many votes, signed by the officers of the count
    Lot(DrawnLot),
    /// Drop a lot that was entered wrongly (a second official drops it too); then it is signed anew
    LotDrop(LotDropped),
    /// Show what became of every contest: votes, who is elected, legal minimum, seats
    Result(Just),
    /// Show who voted, in numbers: by channel, district, age and sex
    Turnout(TurnoutCommand),
    /// List the declarations for early voting (期日前投票宣誓書): who filed them, when, why, and whether a paper was handed out
    Declarations(Declarations),
    /// List the envelopes that polling places set aside: whose they are, why, and who signed
    Envelopes(Envelopes),
    /// Rehearse a whole election on this machine: invented people, test cards, an appliance of its own
    Rehearse(Rehearse),
    /// Publish the result (needs a second official)
    Publish(Just),
    /// Download the record for auditors, into a new folder or, where the name ends in .tar, as one file
    ExportRecord {
        /// The new folder, or the new file.tar
        dir: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Hand in a witness's cosignature that came as a file
    #[command(after_help = "Example: tachiai election cosign /media/stick/cosigned/1042-7c1fe2b0.txt")]
    Cosign {
        /// The cosigned checkpoint, as `tachiai-witness stick` writes it
        file: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Take away the sealed evidence for the authority's audit (by the commission or an auditor; the appliance records who does)
    #[command(after_help = EVIDENCE_EXAMPLE)]
    ExportEvidence {
        /// The new folder
        dir: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Carry trustee files and cosignatures between the appliance and a stick, both ways, with the record so far
    Carry {
        /// The folder on the stick, which has to be there
        dir: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// The public board: its entries, and whether they are where the signed checkpoint says
    #[command(subcommand)]
    Board(BoardCommand),
    /// Print the papers of a published record as PDF/A: 開票録, 開票速報, 投票速報, 期日前投票日報, 投票録; the record is verified first
    Papers(crate::commands::papers::Papers),
}

const EVIDENCE_EXAMPLE: &str = "\
Example:
  tachiai election export-evidence evidence/ --election ID
  tachiai-verify eligibility record/ evidence/ roll.csv --identity authority.txt --expect FINGERPRINT
Export it after the record, or after the publication: it has to hold the evidence of every registration of the record.
Everything personal in it is encrypted to the authority's recipients.";

/// Only which election.
#[derive(Args, Debug)]
pub struct Just {
    #[command(flatten)]
    which: WhichElection,
}

impl Election {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Create { spec, preview: true } => create::show(global, spec),
            Self::Create { spec, preview: false } => create(global, spec),
            Self::ImportRoll(import) => import.run(global),
            Self::Roll(command) => command.run(global),
            Self::AddTrustee { file, preview: true, which: _ } => trustees::show(global, file),
            Self::AddTrustee { file, preview: false, which } => add_trustee(global, file, which),
            Self::Ceremony(Just { which }) => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                print_status(global, &begin_ceremony(&client, id)?);
                Ok(Exit::Done)
            }
            Self::Status(Just { which }) => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                print_status(global, &client.get(&format!("/api/v1/elections/{id}/status"), None)?);
                Ok(Exit::Done)
            }
            Self::List => list(global),
            Self::Open(Just { which }) => act(global, which, Act::Open),
            Self::CloseOnline(Just { which }) => act(global, which, Act::CloseOnline),
            Self::ClosePoll(Just { which }) => act(global, which, Act::ClosePoll),
            Self::Count(Just { which }) => act(global, which, Act::Count),
            Self::PaperCount(command) => command.run(global),
            Self::CandidateOut(out) => out.run(global),
            Self::Lot(lot) => lot.run(global),
            Self::LotDrop(dropped) => dropped.run(global),
            Self::Result(Just { which }) => count::result(global, which),
            Self::Turnout(command) => command.run(global),
            Self::Declarations(command) => command.run(global),
            Self::Envelopes(command) => command.run(global),
            Self::Rehearse(rehearse) => rehearse.run(global),
            Self::Publish(Just { which }) => act(global, which, Act::Publish),
            Self::ExportRecord { dir, which } => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                let files = export_record(&client, id, dir)?;
                let status: ElectionStatus = client.get(&format!("/api/v1/elections/{id}/status"), None)?;
                let missing = witnesses_missing(&status);
                say(global, &serde_json::json!({ "files": files, "dir": dir, "witnesses_missing": missing }), || {
                    exported_text(global.lang(), files, dir, &status)
                });
                Ok(Exit::Done)
            }
            Self::Cosign { file, which } => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                hand_in(&client, id, file)?;
                say(global, &serde_json::json!({ "file": file }), || {
                    format!("{}: {}", global.pick("連署を渡しました", "cosignature handed in"), file.display())
                });
                Ok(Exit::Done)
            }
            Self::ExportEvidence { dir, which } => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                let (files, registrations) = export_evidence(&client, id, dir)?;
                say(global, &serde_json::json!({ "files": files, "registrations": registrations, "dir": dir }), || {
                    let (ja, en) = ("証拠のファイル数", "files of the evidence");
                    format!("{}: {files}  {}: {registrations}  {}", global.pick(ja, en), global.pick("登録", "registrations"), dir.display())
                });
                Ok(Exit::Done)
            }
            Self::Carry { dir, which } => carry(global, dir, which),
            Self::Board(command) => command.run(global),
            Self::Papers(papers) => papers.run(global),
        }
    }
}
