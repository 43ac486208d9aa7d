//! The Japanese of a program's help, and the examples that it has in common with the English.

use fluent::{FluentArgs, FluentBundle, FluentResource};

/// The messages of a Fluent file.
pub(super) struct Words(FluentBundle<FluentResource>);

impl Words {
    pub(super) fn new(text: &str) -> Self {
        let mut bundle = FluentBundle::default();
        bundle.set_use_isolating(false);
        // What of a file cannot be read has no text, which a test looks for.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self(bundle)
    }

    /// What a command is for.
    pub(super) fn about(&self, path: &[String]) -> Option<String> {
        let message = self.0.get_message(&name(path))?;
        Some(self.0.format_pattern(message.value()?, None, &mut Vec::new()).into_owned())
    }

    /// An attribute of the command itself, with the examples of its English.
    pub(super) fn own(&self, path: &[String], attribute: &str, examples: &[String]) -> Option<String> {
        let message = self.0.get_message(&name(path))?;
        let pattern = message.get_attribute(attribute)?.value();
        let mut values = FluentArgs::new();
        for (at, example) in examples.iter().enumerate() {
            values.set(format!("e{}", at + 1), example.as_str());
        }
        let text = self.0.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned();
        if examples.is_empty() {
            return Some(text);
        }
        // A line of Fluent that begins with a value loses by how much it stands in.
        let is_typed = |line: &str| examples.iter().filter_map(|example| example.lines().next()).any(|first| line.starts_with(first));
        Some(text.lines().map(|line| if is_typed(line) { format!("  {line}") } else { line.to_owned() }).collect::<Vec<_>>().join("\n"))
    }

    /// The text of an argument, and which message has it: the command's own, or that of the nearest command above it.
    pub(super) fn argument(&self, path: &[String], id: &str) -> Option<(String, String)> {
        (1..=path.len()).rev().find_map(|depth| Some((name(&path[..depth]), self.own(&path[..depth], id, &[])?)))
    }
}

/// The message of a command: its path without the program, or the program.
pub(super) fn name(path: &[String]) -> String {
    match path {
        [program] => program.clone(),
        [_, commands @ ..] => commands.join("-"),
        [] => String::new(),
    }
}

/// The examples of an English help, and what else it says.
pub(super) fn examples(english: &str) -> (Vec<String>, String) {
    let (mut examples, mut rest) = (Vec::<String>::new(), Vec::new());
    let mut goes_on = false;
    for line in english.lines() {
        let typed = line.strip_prefix("Example: ").or_else(|| line.strip_prefix("  ").filter(|line| is_typed(line)));
        match typed {
            _ if goes_on => {
                if let Some(last) = examples.last_mut() {
                    *last += "\n";
                    *last += line;
                }
            }
            Some(typed) => {
                let (typed, remark) = typed.split_once(" # ").unwrap_or((typed, ""));
                let typed = typed.trim();
                examples.push(typed.strip_prefix('`').and_then(|typed| typed.strip_suffix('`')).unwrap_or(typed).to_owned());
                rest.push(remark);
            }
            None if ["Example:", "Examples:"].contains(&line.trim()) => {}
            None => rest.push(line),
        }
        goes_on = (goes_on || typed.is_some()) && line.ends_with('\\');
    }
    (examples, rest.join("\n").trim().to_owned())
}

/// Whether a line that stands in by two is one that is typed.
fn is_typed(line: &str) -> bool {
    !line.starts_with(' ') && line.split(' ').any(|word| word == "curl" || word == "tachiai" || word == "tachiaid" || word.starts_with("tachiai-"))
}

/// What the long text of a command says beyond its short one.
pub(super) fn beyond(long: &str) -> &str {
    long.split_once("\n\n").map_or("", |(_, more)| more)
}

/// Examples that need no words.
pub(super) fn only(examples: &[String]) -> String {
    match examples {
        [one] => format!("例: {one}"),
        more => format!("例:\n  {}", more.join("\n  ")),
    }
}
