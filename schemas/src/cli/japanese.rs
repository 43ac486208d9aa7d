//! Puts the definition of a command line into Japanese: every command with its arguments and their values, and the headings around them.

use clap::builder::{PossibleValue, StyledStr, Styles};
use clap::{Arg, ArgAction, Command};

use super::lines::{broken, width};
use super::words::{Words, beyond, examples, only};

/// The definition as it is shown on this screen, with everything that clap adds to it.
pub(super) fn for_screen(command: Command, ja: &str) -> Command {
    let mut command = put(command, ja, Some(width()));
    command.build();
    name_help(&mut command);
    command
}

/// The definition in Japanese, in lines of a width or whole.
pub(super) fn put(command: Command, ja: &str, width: Option<usize>) -> Command {
    let has_version = command.get_version().is_some();
    let words = Words::new(ja);
    let tongue = Tongue { words: &words, width };
    let command = tongue.command(command, &[]);
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let command = command.about(tongue.set(&about, 0, &[]));
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("版を表示します");
    if has_version { command.disable_version_flag(true).arg(version) } else { command }
}

/// The command `help` that clap adds wherever there are others.
pub(super) fn name_help(command: &mut Command) {
    for below in command.get_subcommands_mut() {
        if below.get_name() == "help" {
            *below = std::mem::take(below).about("コマンドの使い方を表示します");
        }
        name_help(below);
    }
}

struct Tongue<'a> {
    words: &'a Words,
    width: Option<usize>,
}

impl Tongue<'_> {
    fn command(&self, mut command: Command, above: &[String]) -> Command {
        let path: Vec<String> = above.iter().cloned().chain([command.get_name().to_owned()]).collect();
        let english = |text: Option<&StyledStr>| text.map(ToString::to_string).unwrap_or_default();

        let about = self.words.about(&path).unwrap_or_else(|| english(command.get_about()));
        let (typed, _) = examples(beyond(&english(command.get_long_about())));
        let more = self.words.own(&path, "more", &typed).or_else(|| (!typed.is_empty()).then(|| only(&typed)));
        let long = more.map(|more| format!("{}\n\n{}", self.set(&about, 0, &[]), self.set(&more, 0, &typed)));
        let (typed, _) = examples(&english(command.get_after_help()));
        let after = self.words.own(&path, "after-help", &typed).or_else(|| (!typed.is_empty()).then(|| only(&typed)));

        let said: Vec<_> = command.get_arguments().filter_map(|arg| Some((arg.get_id().clone(), self.argument(arg, &path)?))).collect();
        let columns = Columns::of(&command);
        // Where one has a long help, clap gives each argument lines of its own.
        let is_long = long.is_some() || said.iter().any(|(_, (short, long))| short != long);
        for (id, (short, long)) in said {
            command = command.mut_arg(id, |arg| {
                let taken = if arg.is_positional() { columns.positional } else { columns.option };
                let takes = arg.get_action().takes_values();
                let arg = if takes { arg.hide_possible_values(true).hide_default_value(true).hide_env(true) } else { arg };
                let arg = arg.help(self.set(&short, taken, &[]));
                // The options of every command must not give all of them a long help.
                if is_long && !arg.is_global_set() { arg.long_help(self.set(&long, Columns::NEXT_LINE, &[])) } else { arg }
            });
        }
        let names = command.get_subcommands().map(|below| below.get_name().len() + 4).max().unwrap_or_default();
        command = command.mut_subcommands(|below| {
            let below = self.command(below, &path);
            // The short text stands beside its name in the list above it, and over its own help.
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            below.about(self.set(&about, names, &[]))
        });
        let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("使い方を表示します（-h は要点だけ、--help は詳しく）");
        command = command.disable_help_flag(true).arg(help).subcommand_value_name("コマンド").subcommand_help_heading("コマンド");
        let template = template(&command);
        command = command.help_template(template).about(about);
        if let Some(long) = long {
            command = command.long_about(long);
        }
        match after {
            Some(after) => command.after_help(self.set(&after, 0, &typed)),
            None => command,
        }
    }

    /// What is said of an argument in short and at length, in lines of any width.
    fn argument(&self, arg: &Arg, path: &[String]) -> Option<(String, String)> {
        let id = arg.get_id().as_str();
        let (_, text) = self.words.argument(path, id)?;
        let takes = arg.get_action().takes_values();
        let values: Vec<_> = if takes && !arg.is_hide_possible_values_set() { arg.get_possible_values() } else { Vec::new() };
        let values: Vec<&str> = values.iter().filter(|value| !value.is_hide_set()).map(PossibleValue::get_name).collect();
        let named = if values.is_empty() { String::new() } else { format!("［値: {}］", values.join(", ")) };
        let mut told = String::new();
        let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if takes && !defaults.is_empty() && !arg.is_hide_default_value_set() {
            told += &format!("［省略時: {}］", defaults.join(" "));
        }
        if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
            told += &format!("［環境変数: {}］", variable.to_string_lossy());
        }
        let meaning = |value: &&str| Some(format!("- {value}: {}", self.words.argument(path, &format!("{id}-{value}"))?.1));
        let meant: Vec<_> = values.iter().filter_map(meaning).collect();
        let mut long = if meant.len() == values.len() { format!("{text}{told}") } else { format!("{text}{named}{told}") };
        if let Some((_, more)) = self.words.argument(path, &format!("{id}-more")) {
            long += &format!("\n\n{more}");
        }
        if !meant.is_empty() {
            long += &format!("\n\n値:\n{}", meant.join("\n"));
        }
        Some((format!("{text}{named}{told}"), long))
    }

    /// A text in lines that fit beside so many cells.
    fn set(&self, text: &str, taken: usize, typed: &[String]) -> String {
        let Some(width) = self.width else { return text.to_owned() };
        // Where little is left clap goes to the next line, and there stands in by this much.
        let taken = if taken * 5 > width * 2 { Columns::NEXT_LINE } else { taken };
        broken(text, width - taken.min(width / 2), typed)
    }
}

/// How many cells stand before what is said of an argument.
#[derive(Clone, Copy)]
struct Columns {
    positional: usize,
    option: usize,
}

impl Columns {
    const NEXT_LINE: usize = 10;
    /// The options of every command are among those of the program, and come to the others only when they are built.
    const GLOBAL: usize = "--profile <FILE>".len();

    /// How long the name of an argument is, with those of its values.
    fn specified(arg: &Arg) -> usize {
        let long = arg.get_long().map_or(0, |long| "--".len() + long.len() + " ".len());
        let values = match arg.get_value_names() {
            Some(names) => names.iter().map(|name| name.len() + "<> ".len()).sum::<usize>() - 1,
            None if arg.get_action().takes_values() => arg.get_id().as_str().len() + "<>".len(),
            None => 0,
        };
        long + values
    }

    fn of(command: &Command) -> Self {
        let longest = |is_positional: bool| {
            let args = command.get_arguments().filter(|arg| arg.is_positional() == is_positional && !arg.is_hide_set());
            args.map(Self::specified).max().unwrap_or_default()
        };
        Self { positional: longest(true) + 4, option: longest(false).max(Self::GLOBAL) + 8 }
    }
}

/// The help of a command: the sections that it has, with their headings.
fn template(command: &Command) -> String {
    let styles = Styles::styled();
    let (header, usage) = (styles.get_header(), styles.get_usage());
    let section = |name: &str, tag: &str| format!("\n\n{header}{name}:{header:#}\n{{{tag}}}");
    let mut text = format!("{{before-help}}{{about-with-newline}}\n{usage}使い方:{usage:#} {{usage}}");
    if command.get_subcommands().any(|below| !below.is_hide_set()) {
        text += &section("コマンド", "subcommands");
    }
    if command.get_positionals().any(|arg| !arg.is_hide_set()) {
        text += &section("引数", "positionals");
    }
    text + &section("オプション", "options") + "{after-help}"
}
