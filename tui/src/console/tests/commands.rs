//! What the console asks and does is asked and done by a command too.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli;

/// A file below `console/work` with an enum, and each of its variants with the command that does the same. Nothing stands for what is no work of its own: what opens,
/// closes or hides a seat, or is part of another command.
type Table = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const TABLES: &[Table] = &[
    (
        "question.rs",
        "Question",
        &[
            ("Approvals", "approvals"),
            ("Election", "election status"),
            ("Roll", "election roll show"),
            ("Turnout", "election turnout"),
            ("Outcome", "election result"),
            ("Event", "shelter event show"),
            ("People", "shelter person search"),
            ("Person", "shelter person show"),
            ("Conflicts", "shelter person conflicts"),
            ("Journal", "journal"),
            ("Acts", "journal"),
            ("Declined", "approvals"),
            ("Path", ""),
            ("Sharing", ""),
            ("Elections", ""),
            ("Shelters", ""),
        ],
    ),
    (
        "question/sharing.rs",
        "Question",
        &[
            ("Agencies", "agency list"),
            ("Grants", "agency grants"),
            ("Disclosures", "agency disclosures"),
            ("Alerts", "access alerts"),
            ("Warnings", "shelter warnings"),
            ("Preview", "disclose"),
            ("Citizen", "citizen show"),
            ("Access", "access of"),
        ],
    ),
    (
        "question/elections.rs",
        "Question",
        &[
            ("RollFile", "election import-roll"),
            ("TrusteeFile", "election add-trustee"),
            ("SpecFile", "election create"),
            ("Board", "election board list"),
            ("Counting", "election paper-count show"),
            ("RollPeople", "election roll find"),
            ("Declarations", "election declarations"),
        ],
    ),
    (
        "question/shelters.rs",
        "Question",
        &[
            ("Facilities", "shelter facilities"),
            ("Import", "shelter import facilities"),
            ("Request", "shelter terminal admit"),
            ("Duplicates", "shelter duplicates"),
            ("Missing", "shelter missing"),
            ("Statements", "roster statements"),
            ("Outstanding", "shelter event close"),
            ("Asides", "shelter aside list"),
            ("Aside", "shelter aside show"),
        ],
    ),
    (
        "deed.rs",
        "Deed",
        &[
            ("Act", "election open"),
            ("Sharing", ""),
            ("Shelters", ""),
            ("Reception", ""),
            ("Seat", ""),
            ("Elections", ""),
            ("Approve", "approve"),
            ("Decline", "decline"),
        ],
    ),
    (
        "deed/sharing.rs",
        "Deed",
        &[
            ("SetAgency", "agency set"),
            ("Grant", "agency grant"),
            ("Withdraw", "agency withdraw"),
            ("Disclose", "disclose"),
            ("Issue", "citizen issue"),
            ("Lose", "citizen lost"),
            ("Link", "citizen link"),
            ("Erase", "citizen erase"),
            ("Print", "citizen card"),
        ],
    ),
    (
        "deed/elections.rs",
        "Deed",
        &[
            ("Create", "election create"),
            ("ImportRoll", "election import-roll"),
            ("AddTrustee", "election add-trustee"),
            ("Ceremony", "election ceremony"),
            ("Carry", "election carry"),
            ("Cosign", "election cosign"),
            ("Export", "election export-record"),
            ("Print", "election papers"),
            ("EnterPapers", "election paper-count enter"),
            ("SignPapers", "election paper-count sign"),
            ("Lot", "election lot"),
            ("DropLot", "election lot-drop"),
            ("Out", "election candidate-out"),
            ("Object", "election roll object"),
            ("Decide", "election roll decide"),
            ("Change", "election roll correct"),
            ("Add", "election roll correct"),
            ("CheckEntry", "election board check"),
            ("CheckBoard", "election board verify"),
        ],
    ),
    (
        "deed/shelters.rs",
        "Deed",
        &[
            ("Declare", "shelter event declare"),
            ("Close", "shelter event close"),
            ("Open", "shelter open"),
            ("Set", "shelter state"),
            ("Admit", "shelter terminal admit"),
            ("Revoke", "shelter terminal revoke"),
            ("SetupFile", "shelter terminal setup-file"),
            ("Settle", "shelter person settle"),
            ("Unsettle", "shelter person settle"),
            ("Link", "shelter link"),
            ("Aside", "shelter aside take"),
            ("Statement", "roster statement"),
            ("Verify", "roster statement"),
            ("Import", "shelter import facilities"),
        ],
    ),
];

/// The variants of an enum, as its source names them.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console/work").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let (_, body) = text.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}\n").unwrap();
    let lines = body.lines().filter(|line| line.starts_with("    ") && line.trim_start().starts_with(char::is_uppercase));
    lines.map(|line| line.trim().chars().take_while(char::is_ascii_alphanumeric).collect()).collect()
}

#[test]
fn everything_that_the_console_asks_or_does_has_its_command() {
    for (file, name, table) in TABLES {
        let told: BTreeSet<String> = table.iter().map(|(variant, _)| (*variant).to_owned()).collect();
        assert_eq!(variants(file, name), told, "{file}");
        for (variant, command) in *table {
            let mut at = cli::command();
            for word in command.split_whitespace() {
                at = at.find_subcommand(word).unwrap_or_else(|| panic!("{file}, {variant}: there is no command {command}")).clone();
            }
        }
    }
}
