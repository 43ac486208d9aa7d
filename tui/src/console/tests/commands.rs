//! What the console asks and does is asked and done by a command too.

use crate::cli;
use crate::console::work::deed::elections::Deed as OfElections;
use crate::console::work::question::elections::Question as OfElectionsAsked;
use crate::console::work::reception::Order as AtReception;
use crate::console::work::seat::Order as AtSeat;
use crate::console::work::seat::poll::{Act as Signed, Order as AtPoll};
use crate::console::work::seat::trustee::Order as AtMedium;
use crate::console::work::shelters::{Deed as OfShelters, Question as OfSheltersAsked};
use crate::console::work::{Deed, Question, sharing_deed, sharing_question};

/// The variants of an enum, each with the commands that do the same; with none where it is no work of its own: what opens, closes or hides a seat, is told by another
/// enum, or is part of what stands beside it. A variant that nobody enters here does not compile.
macro_rules! commands {
    ($table:ident, $name:ident, $of:ty, { $($variant:pat => [$($command:literal),*],)* }) => {
        const $table: &[(&str, &[&str])] = &[$((stringify!($variant), &[$($command),*])),*];

        /// The variant, as it stands in the table.
        pub const fn $name(of: &$of) -> &'static str {
            match of {
                $($variant => stringify!($variant),)*
            }
        }

        const _: fn(&$of) -> &'static str = $name;
    };
}

commands!(QUESTIONS, question, Question, {
    Question::Approvals => ["approvals"],
    Question::Declined => ["approvals"],
    Question::Election(_) => ["election status"],
    Question::Roll(_) => ["election roll list"],
    Question::Turnout(..) => ["election turnout"],
    Question::Outcome(_) => ["election result"],
    Question::Event(_) => ["shelter event show"],
    Question::People(..) => ["shelter person search"],
    Question::Person(..) => ["shelter person show"],
    Question::Conflicts(_) => ["shelter person conflicts"],
    Question::Journal(_) => ["journal"],
    Question::Acts(..) => ["journal"],
    Question::Sharing(_) => [],
    Question::Elections(_) => [],
    Question::Shelters(_) => [],
    // A shell completes paths itself.
    Question::Path(_) => [],
});

commands!(SHARING_QUESTIONS, sharing_asked, sharing_question::Question, {
    sharing_question::Question::Agencies => ["agency list"],
    sharing_question::Question::Grants => ["agency grants"],
    sharing_question::Question::Disclosures => ["agency disclosures"],
    sharing_question::Question::Alerts => ["access alerts"],
    sharing_question::Question::Warnings => ["shelter warnings"],
    sharing_question::Question::Preview(_) => ["disclose"],
    sharing_question::Question::Citizen(_) => ["citizen show"],
    sharing_question::Question::Access(..) => ["access of"],
});

commands!(ELECTIONS_QUESTIONS, elections_asked, OfElectionsAsked, {
    OfElectionsAsked::RollFile(..) => ["election import-roll --preview"],
    OfElectionsAsked::TrusteeFile(_) => ["election add-trustee --preview"],
    OfElectionsAsked::SpecFile(_) => ["election create --preview"],
    OfElectionsAsked::RollRow(_) => ["election roll correct"],
    OfElectionsAsked::Board(..) => ["election board list"],
    OfElectionsAsked::Counting(_) => ["election paper-count show"],
    OfElectionsAsked::RollPeople(..) => ["election roll find"],
    OfElectionsAsked::Declarations(..) => ["election declarations"],
});

commands!(SHELTERS_QUESTIONS, shelters_asked, OfSheltersAsked, {
    OfSheltersAsked::Facilities => ["shelter facilities"],
    OfSheltersAsked::Import(..) => ["shelter import facilities", "shelter import residents", "shelter import support"],
    OfSheltersAsked::Request(_) => ["shelter terminal admit --preview"],
    OfSheltersAsked::Duplicates(_) => ["shelter duplicates"],
    OfSheltersAsked::Missing(_) => ["shelter missing"],
    OfSheltersAsked::Events => ["shelter event list"],
    OfSheltersAsked::Questionnaire(..) => ["shelter questionnaire show"],
    OfSheltersAsked::Asides(_) => ["shelter aside list"],
    OfSheltersAsked::Aside(..) => ["shelter aside show"],
    OfSheltersAsked::Statements(_) => ["roster statements"],
    OfSheltersAsked::Outstanding(_) => ["shelter event close --preview"],
});

commands!(DEEDS, deed, Deed, {
    Deed::Act(..) => ["election open", "election close-online", "election close-poll", "election count", "election publish"],
    Deed::Sharing(_) => [],
    Deed::Shelters(_) => [],
    Deed::Reception(_) => [],
    Deed::Seat(_) => [],
    Deed::Elections(_) => [],
    Deed::Decline(..) => ["decline --reason"],
    Deed::Approve(_) => ["approve --preview"],
});

commands!(SHARING_DEEDS, sharing_done, sharing_deed::Deed, {
    sharing_deed::Deed::SetAgency(_) => ["agency set"],
    sharing_deed::Deed::Grant(_) => ["agency grant"],
    sharing_deed::Deed::Withdraw(_) => ["agency withdraw"],
    sharing_deed::Deed::Disclose(..) => ["disclose --out"],
    sharing_deed::Deed::Issue(_) => ["citizen issue"],
    sharing_deed::Deed::Lose(_) => ["citizen lost"],
    sharing_deed::Deed::Link(_) => ["citizen link"],
    sharing_deed::Deed::Erase(..) => ["citizen erase"],
    sharing_deed::Deed::Print(_) => ["citizen card"],
});

commands!(ELECTIONS_DEEDS, elections_done, OfElections, {
    OfElections::Create(_) => ["election create"],
    OfElections::ImportRoll(..) => ["election import-roll"],
    OfElections::AddTrustee(..) => ["election add-trustee"],
    OfElections::Ceremony(_) => ["election ceremony"],
    OfElections::Carry(..) => ["election carry"],
    OfElections::Cosign(..) => ["election cosign"],
    OfElections::Export(..) => ["election export-record"],
    OfElections::Print(_) => ["election papers"],
    OfElections::EnterPapers(..) => ["election paper-count enter"],
    OfElections::SignPapers(..) => ["election paper-count sign"],
    OfElections::Lot(..) => ["election lot"],
    OfElections::DropLot(..) => ["election lot-drop"],
    OfElections::Out(..) => ["election candidate-out"],
    OfElections::Object(..) => ["election roll object"],
    OfElections::Decide(..) => ["election roll decide"],
    OfElections::Change(..) => ["election roll correct --field", "election roll correct --strike", "election roll correct --restore"],
    OfElections::Add(..) => ["election roll correct --add"],
    OfElections::CheckEntry(..) => ["election board check"],
    OfElections::CheckBoard(..) => ["election board verify"],
});

commands!(SHELTERS_DEEDS, shelters_done, OfShelters, {
    OfShelters::Declare(_) => ["shelter event declare"],
    OfShelters::Close(..) => ["shelter event close --anyway"],
    OfShelters::Open(..) => ["shelter open"],
    OfShelters::Set(..) => ["shelter state"],
    OfShelters::Admit(_) => ["shelter terminal admit"],
    OfShelters::Revoke(..) => ["shelter terminal revoke"],
    OfShelters::SetupFile(..) => ["shelter terminal setup-file"],
    OfShelters::Settle(..) => ["shelter person settle --field"],
    OfShelters::Unsettle(..) => ["shelter person unsettle"],
    OfShelters::Aside(..) => ["shelter aside take", "shelter aside drop"],
    OfShelters::Link(..) => ["shelter link"],
    OfShelters::Statement(..) => ["roster statement"],
    OfShelters::Verify(..) => ["roster check"],
    OfShelters::Import(..) => ["shelter import facilities", "shelter import residents", "shelter import support"],
});

commands!(RECEPTION, reception, AtReception, {
    // Every command opens the folder by itself, and leaves it.
    AtReception::Open(_) => [],
    AtReception::Lock => [],
    AtReception::Line(_) => [],
    AtReception::ReadSetup(_) => ["reception init --from"],
    AtReception::SetUp(_) => ["reception init"],
    AtReception::Search(_) => ["reception search"],
    AtReception::Citizen(_) => ["reception in citizen"],
    AtReception::Card(_) => ["reception in card"],
    AtReception::Choose(_) => ["reception show", "reception in resident", "reception in household"],
    AtReception::Typed(_) => ["reception in typed", "reception in family"],
    // The end of each way to arrive.
    AtReception::Enter(_) => [],
    AtReception::Arrive(_) => ["reception in resident"],
    AtReception::Present => ["reception list"],
    AtReception::Leave(..) => ["reception out"],
    AtReception::Move(..) => ["reception move"],
    AtReception::Change(..) => ["reception edit"],
    AtReception::Fill(..) => ["reception questionnaire"],
    AtReception::Heads(..) => ["reception headcount"],
    AtReception::State(_) => ["reception state"],
    AtReception::TakeBack => ["reception take-back"],
    AtReception::Sync => ["reception sync"],
    AtReception::Export(_) => ["reception export"],
    AtReception::Confirm(_) => ["reception confirm"],
    AtReception::RollCall => ["reception roll-call"],
    AtReception::Call(_) => ["reception roll-call --answered"],
});

commands!(SEATS, seat, AtSeat, {
    AtSeat::Poll(_) => [],
    AtSeat::Trustee(_) => [],
});

commands!(POLL, poll, AtPoll, {
    // Each command sits down by itself, and serves one elector.
    AtPoll::Sit { .. } => [],
    AtPoll::Next(_) => [],
    AtPoll::Find { .. } => ["poll check-in --by-name"],
    // The PIN is asked for at the card.
    AtPoll::Unlock { .. } => [],
    AtPoll::HandOut { .. } => ["poll check-in"],
    AtPoll::Envelope(_) => ["poll check-in"],
    AtPoll::HandIn => ["poll hand-in"],
    AtPoll::Day(_) => ["poll status"],
    AtPoll::Sign(..) => [],
    AtPoll::Requested(..) => ["poll absentee request"],
    AtPoll::Received(..) => ["poll absentee receive"],
});

commands!(SIGNED, signed, Signed, {
    Signed::Close { .. } => ["poll day-close"],
    Signed::Undo { .. } => ["poll undo"],
    Signed::Aside { .. } => ["poll set-aside"],
});

commands!(MEDIUM, medium, AtMedium, {
    AtMedium::Open { .. } => ["trustee state"],
    AtMedium::Look(_) => ["trustee state"],
    AtMedium::New { .. } => ["trustee new"],
    AtMedium::Card(_) => ["trustee card"],
    AtMedium::Step(_) => ["trustee commit", "trustee deal", "trustee confirm"],
    AtMedium::Decrypt(_) => ["trustee decrypt"],
});

/// Every table.
pub const TABLES: [&[(&str, &[&str])]; 13] = [
    QUESTIONS,
    SHARING_QUESTIONS,
    ELECTIONS_QUESTIONS,
    SHELTERS_QUESTIONS,
    DEEDS,
    SHARING_DEEDS,
    ELECTIONS_DEEDS,
    SHELTERS_DEEDS,
    RECEPTION,
    SEATS,
    POLL,
    SIGNED,
    MEDIUM,
];

#[test]
fn everything_that_the_console_asks_or_does_has_its_command_that_answers_a_program() {
    let mut tree = cli::command();
    tree.build();
    for (variant, command) in TABLES.iter().copied().flatten().flat_map(|(variant, commands)| commands.iter().map(move |command| (variant, command))) {
        let (words, options): (Vec<_>, Vec<_>) = command.split_whitespace().partition(|word| !word.starts_with("--"));
        let found = words.iter().try_fold(&tree, |at, word| at.find_subcommand(word));
        let found = found.unwrap_or_else(|| panic!("{variant}: there is no command {command}"));
        // A word of a group alone does nothing.
        assert!(!found.is_subcommand_required_set(), "{variant}: {command} is no whole command");
        for option in options.iter().map(|option| option.trim_start_matches('-')).chain(["json"]) {
            let is_there = found.get_arguments().any(|argument| argument.get_long() == Some(option));
            assert!(is_there, "{variant}: {command} takes no --{option}");
        }
    }
}
