//! What is wrong with a command line, in Japanese: what, what was expected, what is like it, how the command is used, where its help is.

use std::ffi::OsString;
use std::num::ParseIntError;

use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

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
    let words = ["one of ", "expected ", "use "].iter().find_map(|before| said.split_once(before))?.1;
    Some(format!("使える値: {}", words.replace('`', "").replace(" or ", ", ")))
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
        // The names stand between quotes: what was typed and what to type for it, or what there is.
        let names: Vec<&str> = tip.split('\'').skip(1).step_by(2).collect();
        match names.as_slice() {
            [typed, to_type] if tip.contains("as a value") => told.push(format!("ヒント: '{typed}' を値として渡すには、'{to_type}' と書きます")),
            [command, ..] if tip.contains("remove the") => told.push(format!("ヒント: コマンド '{command}' があります。前の '--' を外してください")),
            [there] => told.push(format!("ヒント: '{there}' があります")),
            _ => {}
        }
    }
    told
}

/// The command that a line is of, with all its names.
fn named<'a>(command: &'a Command, line: &[OsString]) -> (String, &'a Command) {
    let (mut path, mut at) = (command.get_name().to_owned(), command);
    for word in line.iter().skip(1).take_while(|word| *word != "--") {
        if let Some(below) = at.get_subcommands().find(|below| below.get_name() == word) {
            path = format!("{path} {}", below.get_name());
            at = below;
        }
    }
    (path, at)
}
