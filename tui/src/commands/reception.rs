//! The commands of a shelter's reception (避難所受付). They work from the terminal's own folder; only `init`, `sync` and `carry` need the appliance.
//!
//! | file | holds |
//! |---|---|
//! | `args.rs` | the options that say which terminal and which person are meant |
//! | `setup.rs` | `init`, `sync`, `status`, `clock` |
//! | `setup_file.rs` | the file by which `init` needs no link |
//! | `arrive.rs` | `in`: by card, citizen ID, list of residents, typing |
//! | `family.rs` | `in household`, `in family` |
//! | `decide.rs` | whether somebody can just be entered, and what is asked if not |
//! | `change.rs` | `out`, `move`, `edit`, `paper` |
//! | `look.rs` | `list`, `search`, `show`, `conflicts`, `settle` |
//! | `roll_call.rs` | `roll-call` |
//! | `take_back.rs` | `take-back` |
//! | `site.rs` | `headcount`, `state`, `handover` |
//! | `supplies.rs` | `supplies`, `meals` |
//! | `assess.rs` | `assess` |
//! | `health.rs` | `health`, `questionnaire` |
//! | `stick.rs` | `export`, `confirm`, `carry` |
//! | `talk.rs` | the conversation at the desk, without a subcommand |

use clap::{Args, Subcommand};

use crate::cli::Global;
use crate::failure::{Exit, Failure};

pub(crate) mod args;
pub(crate) mod arrive;
mod assess;
pub(crate) mod change;
pub(crate) mod decide;
pub(crate) mod family;
mod health;
mod look;
mod roll_call;
pub(crate) mod setup;
pub(crate) mod setup_file;
pub(crate) mod site;
pub(crate) mod stick;
mod supplies;
mod take_back;
mod talk;

/// The reception of a shelter. Without a subcommand: the conversation at the desk, for keyboard and card reader.
#[derive(Args, Debug)]
#[command(after_help = "A shift begins with `tachiai reception` alone: type the passphrase of the shift, and the screen shows what can be typed.
The machine was set up with `init`. Everything works without a link; `sync` (or `export` to a stick) hands it in later, any number of times.")]
pub struct Reception {
    #[command(flatten)]
    terminal: args::TerminalArgs,
    #[command(flatten)]
    talk: talk::Talk,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Set this terminal up: make its keys, under a passphrase (12 characters or five words), and ask headquarters to admit it
    ///
    /// Examples:
    ///   tachiai reception init --event EVENT --shelter e2822200005111 --terminal gym-1
    ///   tachiai reception init --from /media/stick/tachiai-setup.json --preview       # which shelters the file of headquarters has
    ///   tachiai reception init --from /media/stick/tachiai-setup.json --shelter e2822200005111
    #[command(verbatim_doc_comment)]
    Init(setup::Init),
    /// Hand in what is here alone, and learn what is new; after the appliance was restored from a backup, everything is handed in again
    ///
    /// Example: `tachiai reception sync`
    Sync(setup::Sync),
    /// Show how many entries wait, how old they are, and what is known of this terminal
    Status,
    /// Show how far the clock is off; `--set` sets it by hand where there is no link, and dates anew what was dated wrong
    ///
    /// Example: `tachiai reception clock --set '2026-09-01 21:30'`
    Clock(setup::Clock),
    /// Register somebody who arrives: by card, citizen ID, list of residents, typing, or a whole household
    ///
    /// Persons are typed at the terminal, or read from standard input as `key=value` lines or JSON; they are never arguments. Keys: name kana birth age sex address
    /// phone district association stay needs needs_note allergies medication pets language qualifications damage wish room disclosure protection destination triage
    /// note relation citizen resident; or in Japanese: 氏名 カナ 生年月日 年齢 性別 住所 電話 …
    ///
    /// birth: 1980-04-01, 昭和55年4月1日, S55.4.1, M45.7.1; 1980-04-00 where the day is unknown, 1980-00-00 where the month is, too; else write the age.
    /// needs, with commas: care disability medical pregnant foreign food support (要介護 障害 医療的ケア 妊産婦 外国人 食物アレルギー 要支援者).
    /// stay: shelter home vehicle. disclosure: nobody safe place. A name with 髙 or 﨑 stays as it is typed, and is found by 高 and 崎, too.
    ///
    /// Examples:
    ///   tachiai reception in card
    ///   tachiai reception in resident
    ///   printf 'name=Maria Cruz\nage=31\nneeds=foreign\n' | tachiai reception in typed
    ///   tachiai reception in household --number 1234 --without 1236
    ///   tachiai reception in family < family.txt      # the head first, an empty line between two persons
    #[command(subcommand, verbatim_doc_comment)]
    In(arrive::In),
    /// Register somebody who leaves; where to comes as `destination=PLACE` from standard input, and is asked for at a terminal
    ///
    /// Example: `printf 'destination=親族宅\n' | tachiai reception out --handle mfrg`
    Out(change::Out),
    /// Register that somebody came from another shelter, or was taken to one
    ///
    /// Example: `tachiai reception move --handle mfrg`
    Move(change::Move),
    /// Change what is known of somebody: `key=value` lines or JSON from standard input; a key without a value empties the field
    ///
    /// Example: `printf 'needs=food\nallergies=卵,乳\n' | tachiai reception edit --handle mfrg`
    Edit(change::Edit),
    /// Enter paper forms later: persons from standard input, each with `at=2026-09-01 21:30` and perhaps `act=out`; who is on no list and here already by `handle=`
    ///
    /// Example: `tachiai reception paper < forms.txt`
    Paper(change::Paper),
    /// List who is here; with `--pdf` as a list that prints, for the night when the power fails too
    ///
    /// Example: `tachiai reception list --pdf list.pdf`
    List(look::List),
    /// List who is here and who answered, and who of the residents is expected and who of them is registered, by district (点呼)
    ///
    /// Example: `tachiai --json reception roll-call --answered mfrg --answered nbsw`
    RollCall(roll_call::RollCall),
    /// Take back what was entered last on this terminal, of one person or of those who were entered at once: a correction stays in the record
    ///
    /// Example: `tachiai reception take-back`
    TakeBack(take_back::TakeBack),
    /// Find residents and people here by the beginning of the name, in kana, romaji or as written, read from standard input
    ///
    /// Example: `echo やぶ | tachiai reception search`
    Search(look::Search),
    /// Show a person with all entries
    Show(look::Show),
    /// List people whose entries contradict each other, with all versions
    Conflicts,
    /// Settle a conflict: the named entry holds
    ///
    /// Example: `tachiai reception settle --handle mfrg --entry HASH`
    Settle(look::Settle),
    /// Report how many heads are here, before their names are known (概数)
    ///
    /// Example: `tachiai reception headcount 120 --about`
    Headcount(site::Headcount),
    /// Supplies (物資): what arrived, was handed out, is there and is needed; without a thing all are listed
    ///
    /// Examples:
    ///   tachiai reception supplies 毛布 --unit 枚 --arrived 80 --needed 40
    ///   tachiai reception supplies 毛布 --handed-out 15
    ///   tachiai reception supplies 毛布 --stock 63
    #[command(verbatim_doc_comment)]
    Supplies(supplies::Supplies),
    /// How the site stands (避難所アセスメント): nine aspects from A (good) to D (help is needed at once); at a terminal they are asked for
    ///
    /// Aspects: drinking-water 飲料水, meals 食事, power 電気, water 生活用水, toilets 使用可能トイレ, hygiene 衛生環境, bedding 寝具, temperature 冷暖房,
    /// communication 通信. What is not named stands as it was reported before.
    ///
    /// Examples:
    ///   tachiai reception assess drinking-water=B toilets=D
    ///   tachiai reception assess 飲料水=B
    ///   tachiai reception assess --list
    #[command(verbatim_doc_comment)]
    Assess(assess::Assess),
    /// Treatments of a day by the codes of the medical teams' form (J-SPEED), from standard input; they travel sealed
    ///
    /// Examples:
    ///   echo 16:3,58:1 | tachiai reception health
    ///   echo 58:+1 | tachiai reception health        # one more than before
    ///   tachiai reception health --list --day 2026-09-01
    #[command(verbatim_doc_comment)]
    Health(health::Health),
    /// Meals for the people of this shelter, by allergy (食数)
    ///
    /// Example: `tachiai reception meals`
    Meals,
    /// Fill a questionnaire (問診票) in for somebody at the desk: asked, or as JSON from standard input; the answers are sealed to the appliance
    ///
    /// Example: `tachiai reception questionnaire --handle mfrg`
    Questionnaire(health::Questionnaire),
    /// Say that this shelter is open, crowded, full or closed
    ///
    /// Example: `tachiai reception state full`
    State(site::State),
    /// Leave a note for the next shift (read from standard input), or list the notes
    ///
    /// Example: `echo '夜間の見回りは2時間ごと' | tachiai reception handover`
    Handover(site::Handover),
    /// Write what is here alone to a file or stick, to be handed in elsewhere
    ///
    /// Example: `tachiai reception export /media/stick/gym-1.json`
    Export(stick::Export),
    /// Read the answer that came back on a stick
    ///
    /// Example: `tachiai reception confirm /media/stick/gym-1.answer.json`
    Confirm(stick::Confirm),
    /// At a machine with a link: hand in the files of a stick and write the answer for it
    ///
    /// Example: `tachiai reception carry /media/stick/gym-1.json --out /media/stick/gym-1.answer.json`
    Carry(stick::Carry),
}

impl Reception {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Self { terminal, talk, command } = self;
        let Some(command) = command else { return talk.run(global, &mut terminal.open(global)?) };
        if talk.choice.is_made() && !matches!(command, Command::In(arrive::In::Card(_))) {
            return Err(Failure::new(
                Exit::Usage,
                "--card、--reader、--card-generation は、対話（サブコマンドなし）と in card でだけ使います。",
                "--card, --reader and --card-generation are for the conversation (without a subcommand) and for `in card` alone.",
            ));
        }
        match command {
            Command::Init(command) => command.run(global, terminal),
            // Files of other terminals are carried, so this one's folder is not needed.
            Command::Carry(command) => command.run(global),
            Command::Sync(command) => command.run(global, &mut terminal.open(global)?),
            Command::Status => setup::status(global, &terminal.open(global)?),
            Command::Clock(command) => command.run(global, &mut terminal.open(global)?),
            Command::In(command) => command.run(global, &mut terminal.open(global)?, &talk.choice),
            Command::Out(command) => command.run(global, &mut terminal.open(global)?),
            Command::Move(command) => command.run(global, &mut terminal.open(global)?),
            Command::Edit(command) => command.run(global, &mut terminal.open(global)?),
            Command::Paper(command) => command.run(global, &mut terminal.open(global)?),
            Command::List(command) => command.run(global, &mut terminal.open(global)?),
            Command::RollCall(command) => command.run(global, &mut terminal.open(global)?),
            Command::TakeBack(command) => command.run(global, &mut terminal.open(global)?),
            Command::Search(command) => command.run(global, &mut terminal.open(global)?),
            Command::Show(command) => command.run(global, &mut terminal.open(global)?),
            Command::Conflicts => look::conflicts(global, &mut terminal.open(global)?),
            Command::Settle(command) => command.run(global, &mut terminal.open(global)?),
            Command::Headcount(command) => command.run(global, &mut terminal.open(global)?),
            Command::Supplies(command) => command.run(global, &mut terminal.open(global)?),
            Command::Assess(command) => command.run(global, &mut terminal.open(global)?),
            Command::Health(command) => command.run(global, &mut terminal.open(global)?),
            Command::Meals => supplies::meals(global, &terminal.open(global)?),
            Command::Questionnaire(command) => command.run(global, &mut terminal.open(global)?),
            Command::State(command) => command.run(global, &mut terminal.open(global)?),
            Command::Handover(command) => command.run(global, &mut terminal.open(global)?),
            Command::Export(command) => command.run(global, &mut terminal.open(global)?),
            Command::Confirm(command) => command.run(global, &mut terminal.open(global)?),
        }
    }
}
