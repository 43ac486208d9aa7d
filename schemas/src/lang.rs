//! The two languages in which the appliance speaks to people.

/// Japanese or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The language of a locale name such as `ja_JP.UTF-8`; everything that is not Japanese gets English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.starts_with("ja") { Self::Ja } else { Self::En }
    }

    /// Chooses between two texts.
    #[must_use]
    pub const fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

impl std::str::FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ja" => Ok(Self::Ja),
            "en" => Ok(Self::En),
            other => Err(format!("unknown language {other}: use ja or en")),
        }
    }
}

/// What can be said to a person in both languages: what happened and what to do.
pub trait Say {
    /// The sentence or two in `lang`.
    fn say(&self, lang: Lang) -> String;
}

/// A text of somebody else without what would steer a terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// A name with the ID that is meant by it behind; the ID alone where there is no name.
#[must_use]
pub fn with_id(lang: Lang, name: &str, id: &str) -> String {
    match lang {
        _ if name == id => id.to_owned(),
        Lang::Ja => format!("{name}（{id}）"),
        Lang::En => format!("{name} ({id})"),
    }
}

/// The names of values in both languages: `Type { Self::Value => "ja", "en"; }`.
macro_rules! named {
    ($($of:ty { $($value:pat => $ja:literal, $en:literal;)+ })+) => { $(
        impl $crate::Say for $of {
            fn say(&self, lang: $crate::Lang) -> String {
                let (ja, en) = match self { $($value => ($ja, $en),)+ };
                lang.pick(ja, en).to_owned()
            }
        }
    )+ };
}
pub(crate) use named;
