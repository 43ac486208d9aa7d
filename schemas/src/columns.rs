//! The columns of a file that is imported: what the reader looks for, and what people are told of it, are of one table.

use crate::Lang;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its names, of which the first that a header has is taken.
    pub names: &'static [&'static str],
    /// Whether a file needs it.
    pub need: Needed,
    /// What stands in it in two rows of an example.
    pub example: [&'static str; 2],
}

/// Whether a file needs a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// It does.
    Yes,
    /// It needs this one, or the others that are of this kind.
    OneWay,
    /// It does not.
    No,
}

impl Column {
    /// A column that a file needs.
    pub(crate) const fn needed(names: &'static [&'static str], example: [&'static str; 2]) -> Self {
        Self { names, need: Needed::Yes, example }
    }

    /// A column that a file may have.
    pub(crate) const fn may(names: &'static [&'static str], example: [&'static str; 2]) -> Self {
        Self { names, need: Needed::No, example }
    }

    /// The name by which it is told: the first, with the others behind it.
    #[must_use]
    pub fn told(&self, lang: Lang) -> String {
        match (self.names, lang) {
            ([], _) => String::new(),
            ([one], _) => (*one).to_owned(),
            ([first, others @ ..], Lang::Ja) => format!("{first}（{}）", others.join("・")),
            ([first, others @ ..], Lang::En) => format!("{first} ({})", others.join(", ")),
        }
    }

    /// The name that an example has.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// A file with these columns: a header and two rows of invented people or places.
#[must_use]
pub fn example(columns: &[Column]) -> String {
    let line = |of: &dyn Fn(&Column) -> &'static str| columns.iter().map(of).collect::<Vec<_>>().join(",");
    [line(&Column::title), line(&|column| column.example[0]), line(&|column| column.example[1])].map(|line| line + "\r\n").concat()
}
