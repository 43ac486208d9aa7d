//! What is wrong with a command line, in Japanese: what, what was expected, what is like it, how the command is used, where its help is.

use std::ffi::OsString;
use std::num::ParseIntError;

use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use crate::Say;
use crate::id::IdError;

/// Tells an error of a definition.
pub(super) fn told(error: &Error, command: &Command, line: &[OsString]) -> StyledStr {
    let styles = Styles::styled();
    let head = styles.get_error();
    let mut text = format!("{head}エラー:{head:#} {}\n", what(error));
    let (path, below) = named(command, line);
    let usage = error.get(ContextKind::Usage).map_or_else(|| below.clone().render_usage().to_string(), ToString::to_string);
    let usage = usage.strip_prefix("Usage:").unwrap_or(&usage).trim();
    if let Some(expected) = expected(error, below) {
        text += &format!("\n{expected}\n");
    }
    let alike = alike(error);
    if !alike.is_empty() {
        text += &format!("\n{}\n", alike.join("\n"));
    }
    let style = styles.get_usage();
    text += &format!("\n{style}使い方:{style:#} {}\n", usage.replace("[OPTIONS]", "[オプション]"));
    StyledStr::from(text + &format!("\n詳しくは '{path} --help' をご覧ください。\n"))
}

fn one(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::Strings(several)) => several.join(", "),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

fn several(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(several)) => several.clone(),
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::StyledStrs(several)) => several.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn what(error: &Error) -> String {
    let (arg, value) = (one(error, ContextKind::InvalidArg), one(error, ContextKind::InvalidValue));
    let (command, actual) = (one(error, ContextKind::InvalidSubcommand), one(error, ContextKind::ActualNumValues));
    let listed = |names: Vec<String>| names.iter().map(|name| format!("\n  {name}")).collect::<String>();
    match error.kind() {
        ErrorKind::UnknownArgument => format!("'{arg}' という引数・オプションはありません。"),
        ErrorKind::InvalidSubcommand => format!("'{command}' というコマンドはありません。"),
        ErrorKind::MissingSubcommand => {
            format!("'{command}' には、続けてコマンドを指定してください。{}", listed(several(error, ContextKind::ValidSubcommand)))
        }
        ErrorKind::MissingRequiredArgument => format!("次の指定が足りません:{}", listed(several(error, ContextKind::InvalidArg))),
        ErrorKind::ArgumentConflict => {
            let this = if arg.is_empty() { format!("コマンド '{command}'") } else { format!("'{arg}'") };
            match several(error, ContextKind::PriorArg).as_slice() {
                [prior] if *prior == arg => format!("{this} は一度しか指定できません。"),
                [] => format!("{this} は、ほかの指定と一緒には使えません。"),
                [prior] => format!("{this} は、'{prior}' と一緒には使えません。"),
                priors => format!("{this} は、次の指定と一緒には使えません:{}", listed(priors.to_vec())),
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("'{arg}' の値がありません。"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("'{value}' は、'{arg}' の値として使えません。"),
        ErrorKind::TooManyValues => format!("'{arg}' の値が多すぎます: '{value}'"),
        ErrorKind::TooFewValues => format!("'{arg}' の値が足りません（{actual}個）。{}個以上指定してください。", one(error, ContextKind::MinValues)),
        ErrorKind::WrongNumberOfValues => {
            format!("'{arg}' の値の数が違います（{actual}個）。{}個指定してください。", one(error, ContextKind::ExpectedNumValues))
        }
        ErrorKind::NoEquals => format!("'{arg}' の値は = でつないで書いてください。"),
        ErrorKind::InvalidUtf8 => "UTF-8 でない文字があります。".to_owned(),
        _ => error.to_string(),
    }
}

/// What was expected in the place of a value.
fn expected(error: &Error, command: &Command) -> Option<String> {
    let values = several(error, ContextKind::ValidValue);
    if !values.is_empty() {
        return Some(format!("使える値: {}", values.join(", ")));
    }
    if error.kind() != ErrorKind::ValueValidation {
        return None;
    }
    let arg = one(error, ContextKind::InvalidArg);
    let meant = command.get_arguments().find(|one| one.to_string() == arg).and_then(|arg| arg.get_help()).map(|help| format!("{arg}: {help}"));
    let parts: Vec<String> = reason(error).into_iter().chain(meant).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// Why a value does not fit, where the type that refused it says so in a way that has a Japanese.
fn reason(error: &Error) -> Option<String> {
    let source = std::error::Error::source(error)?;
    if source.is::<ParseIntError>() {
        return Some("数字で入力してください。".to_owned());
    }
    if let Some(id) = source.downcast_ref::<IdError>() {
        return Some(id.say(crate::Lang::Ja));
    }
    let said = source.to_string();
    if let Some((_, range)) = said.split_once(" is not in ") {
        let range = range.split_once("..=").map_or_else(|| range.replace("..", "以上"), |(least, most)| format!("{least}から{most}まで"));
        return Some(format!("{range}の数を入力してください。"));
    }
    let words = ["one of ", "expected ", "use "].iter().find_map(|before| after_words(&said, before))?;
    Some(format!("使える値: {}", words.replace('`', "").replace(" or ", ", ")))
}

/// What follows these words, which do not begin within a word.
fn after_words<'a>(said: &'a str, words: &str) -> Option<&'a str> {
    said.match_indices(words).find(|(at, _)| !said[..*at].ends_with(char::is_alphanumeric)).map(|(at, _)| &said[at + words.len()..])
}

/// What is like what was typed.
fn alike(error: &Error) -> Vec<String> {
    let mut told = Vec::new();
    for (kind, name) in [(ContextKind::SuggestedSubcommand, "コマンド"), (ContextKind::SuggestedArg, "オプション"), (ContextKind::SuggestedValue, "値")]
    {
        let names: Vec<String> = several(error, kind).iter().map(|name| format!("'{name}'")).collect();
        if !names.is_empty() {
            told.push(format!("ヒント: 似た{name}: {}", names.join("、")));
        }
    }
    for tip in several(error, ContextKind::Suggested) {
        // The names stand between quotes, and what was typed may have quotes of its own.
        let as_value = tip.strip_prefix("to pass '").and_then(|tip| tip.strip_suffix('\'')?.split_once("' as a value, use '"));
        let behind = tip.strip_prefix("subcommand '").and_then(|tip| tip.split_once("' exists; to use it, remove the '")).map(|(command, _)| command);
        let there = tip.strip_prefix('\'').and_then(|tip| tip.strip_suffix("' exists"));
        if let Some((typed, to_type)) = as_value {
            told.push(format!("ヒント: '{typed}' を値として渡すには、'{to_type}' と書きます"));
        } else if let Some(command) = behind {
            told.push(format!("ヒント: コマンド '{command}' があります。前の '--' を外してください"));
        } else if let Some(there) = there {
            told.push(format!("ヒント: '{there}' があります"));
        }
    }
    told
}

/// The command that a line is of, with all its names.
fn named<'a>(command: &'a Command, line: &[OsString]) -> (String, &'a Command) {
    let (mut path, mut at) = (command.get_name().to_owned(), command);
    let mut words = line.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if let Some(below) = at.get_subcommands().find(|below| below.get_name() == word) {
            path = format!("{path} {}", below.get_name());
            at = below;
        } else if word.to_str().is_some_and(|word| has_value_next(at, word)) {
            words.next();
        }
    }
    (path, at)
}

/// Whether a word is an option of which the next word is the value.
fn has_value_next(command: &Command, word: &str) -> bool {
    let is_it = |arg: &&Arg| match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(long), _) => arg.get_long() == Some(long),
        (None, Some(short)) => arg.get_short().is_some_and(|letter| short.chars().eq([letter])),
        (None, None) => false,
    };
    let takes_one = |arg: &Arg| arg.get_action().takes_values() && arg.get_num_args().is_none_or(|count| count.min_values() > 0);
    command.get_arguments().find(is_it).is_some_and(takes_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_typed_follows_the_words_for_it_and_not_others_that_end_like_them() {
        assert_eq!(after_words("unknown: use ja or en", "use "), Some("ja or en"));
        assert_eq!(after_words("refused because it is late; use `x`", "use "), Some("`x`"));
        assert_eq!(after_words("refused because it is late", "use "), None);
        assert_eq!(after_words("an unexpected word", "expected "), None);
    }
}
