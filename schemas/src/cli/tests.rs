use clap::{CommandFactory, Subcommand, ValueEnum};

use super::*;

/// Holds elections.
#[derive(Parser, Debug)]
#[command(name = "tachiai-x", version, after_help = "Examples:\n  tachiai-x open --at noon\n\nExit codes: 0 done")]
struct Program {
    /// Language
    #[arg(long, global = true, value_name = "ja|en")]
    lang: Option<Lang>,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
    /// The profile
    #[arg(long, global = true)]
    profile: Option<String>,
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Open an election
    ///
    /// Nobody can undo it.
    Open {
        /// When it opens
        #[arg(long)]
        at: When,
        /// How many officials
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=5))]
        officials: u8,
        /// Show nothing
        #[arg(long, conflicts_with = "json")]
        quiet: bool,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum When {
    /// In the morning
    Morning,
    /// At twelve
    Noon,
}

const JA: &str = "\
tachiai-x = 選挙を行います
    .after-help =
        例:
          { $e1 }

        終了コード: 0 完了
    .lang = 表示の言語
    .json = JSON で答えます
    .profile = プロファイル
open = 選挙を始めます
    .more = 元に戻せません。
    .at = 始まる時
    .at-morning = 朝
    .at-noon = 正午
    .officials = 職員の人数
    .quiet = 何も表示しません
";

fn told(line: &str) -> Told {
    let line: Vec<OsString> = format!("tachiai-x {line}").split(' ').map(OsString::from).collect();
    read::<Program>(JA, &line).unwrap_err()
}

fn text(line: &str) -> String {
    told(line).text.to_string()
}

#[test]
fn a_line_that_is_right_is_read_and_nothing_is_told() {
    let line = ["tachiai-x", "open", "--at", "noon", "--lang", "ja"].map(OsString::from);
    let program: Program = read(JA, &line).unwrap();
    assert_eq!(program.lang, Some(Lang::Ja));
}

#[test]
fn help_is_in_the_language_that_the_line_asks_for_wherever_it_does() {
    for line in ["--lang ja --help", "--help --lang=ja", "open --help --lang ja"] {
        let told = told(line);
        assert!(!told.failed && told.text.to_string().contains("使い方:") && !told.text.to_string().contains("Usage"), "{line}");
    }
    assert!(text("--lang en --help").contains("Usage:") && text("open -h --lang=en").contains("When it opens"));
    assert_eq!(asked(&["x", "--", "--lang", "ja"].map(OsString::from)), None);
    assert_eq!(asked(&["x", "--lang", "xx"].map(OsString::from)), None);
}

#[test]
fn the_help_of_a_command_has_its_sections_values_and_defaults_in_japanese() {
    let long = text("open --lang ja --help");
    for part in [
        "選挙を始めます\n\n元に戻せません。",
        "使い方: tachiai-x open [オプション] --at <AT>",
        "\nオプション:\n",
        "始まる時\n          \n          値:\n          - morning: 朝\n          - noon: 正午",
        "［省略時: 2］",
    ] {
        assert!(long.contains(part), "{part}: {long}");
    }
    let short = text("--lang ja -h");
    for part in ["コマンド:\n  open  選挙を始めます\n  help  コマンドの使い方", "例:\n  tachiai-x open --at noon", "終了コード", "-V, --version"]
    {
        assert!(short.contains(part), "{part}: {short}");
    }
    assert!(text("--lang ja help open").contains("選挙を始めます"));
    let english: Vec<&str> = ["Print", "[default", "[possible", "Options", "OPTIONS", "Commands", "Arguments"]
        .into_iter()
        .filter(|word| long.contains(word) || short.contains(word))
        .collect();
    assert!(english.is_empty(), "{english:?}");
}

#[test]
fn the_version_is_told_alone() {
    let told = told("--lang ja --version");
    assert!(!told.failed && told.text.to_string().starts_with("tachiai-x "));
}

#[test]
fn what_is_wrong_is_told_with_what_was_expected_what_is_like_it_the_usage_and_where_help_is() {
    for (line, parts) in [
        ("open --lang ja --att noon", vec!["'--att' という引数・オプションはありません。", "似たオプション: '--at'"]),
        ("open --lang ja", vec!["次の指定が足りません:\n  --at <AT>"]),
        ("open --lang ja --at night", vec!["'night' は、'--at <AT>' の値として使えません。", "使える値: morning, noon"]),
        (
            "open --lang ja --at noon --officials 9",
            vec!["'9' は、'--officials <OFFICIALS>' の値として使えません。", "2から5までの数を入力してください。", "職員の人数"],
        ),
        ("open --lang ja --at noon --officials x", vec!["数字で入力してください。"]),
        ("open --lang ja --at noon --at noon", vec!["'--at <AT>' は一度しか指定できません。"]),
        ("open --lang ja --at noon --quiet --json", vec!["は、'--json' と一緒には使えません。"]),
        ("open --lang ja --at", vec!["'--at <AT>' の値がありません。", "使える値: morning, noon"]),
        ("opem --lang ja", vec!["'opem' というコマンドはありません。", "似たコマンド: 'open'"]),
    ] {
        let told = told(line);
        let text = told.text.to_string();
        assert!(told.failed && text.starts_with("エラー: ") && text.contains("--help' をご覧ください"), "{line}: {text}");
        assert!(text.contains("使い方: tachiai-x"), "{line}: {text}");
        for part in parts {
            assert!(text.contains(part), "{line}: {text}");
        }
    }
    assert!(text("open --lang ja --att noon").contains("詳しくは 'tachiai-x open --help'"));
}

#[test]
fn a_value_that_is_named_like_a_command_is_none_and_a_quote_in_what_was_typed_is_no_mark() {
    let text = text("--lang ja --profile open --att");
    assert!(text.contains("詳しくは 'tachiai-x --help'"), "{text}");
    let line = ["tachiai-x", "--lang", "ja", "open", "--at", "noon", "--it's", "x"].map(OsString::from);
    let text = read::<Program>(JA, &line).unwrap_err().text.to_string();
    assert!(text.contains("'--it's'") && !text.contains("ヒント: 's"), "{text}");
}

#[test]
fn a_program_is_told_what_is_wrong_but_gets_help_as_everybody_does() {
    assert!(told("--json --lang ja nothing").for_a_program().is_some_and(|text| text.contains("nothing")));
    assert!(told("nothing --lang ja").for_a_program().is_none());
    assert!(told("open --lang ja -- --json").for_a_program().is_none());
    assert!(told("--json --lang ja --help").for_a_program().is_none());
}

#[test]
fn a_gap_of_the_japanese_is_found() {
    assert_eq!(gaps(&Program::command(), JA), Vec::<String>::new());
    for (without, gap) in [
        ("    .quiet = 何も表示しません\n", "open has no text for quiet"),
        ("    .at-noon = 正午\n", "open has no text for at-noon"),
        ("    .more = 元に戻せません。\n", "open.more has no text"),
        ("          { $e1 }\n", "leaves out tachiai-x open"),
    ] {
        let found = gaps(&Program::command(), &JA.replace(without, "")).join("\n");
        assert!(found.contains(gap), "{gap}: {found}");
    }
    for (with, gap) in [
        ("何も表示しません\nclose = 終わります\n", "close belongs to nothing"),
        ("何も表示しません\n    .never = 別のもの\n", "open.never belongs to nothing"),
        ("--silent と同じ\n", "names --silent"),
    ] {
        let found = gaps(&Program::command(), &JA.replace("何も表示しません\n", with)).join("\n");
        assert!(found.contains(gap), "{gap}: {found}");
    }
    let found = gaps(&Program::command(), &JA.replace("    .lang", "    .at = 別の時\n    .lang").replace("    .at = 始まる時\n", "")).join("\n");
    assert_eq!(found, "", "a text of a command above stands for the argument of one below");
}
