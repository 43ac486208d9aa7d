//! The two languages in which Tachiai speaks to people.

/// A language for people; machine output does not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Japanese, the first language of every screen.
    #[default]
    Ja,
    /// English.
    En,
}
