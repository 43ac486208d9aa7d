//! How the console looks: colours, and the signs that lines and bars are made of. No state is told by a colour alone.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Theme {
    /// The terminal's own colours.
    #[default]
    Normal,
    /// White on black, and nothing dim.
    Contrast,
    /// No colours (also by `NO_COLOR`).
    Mono,
}

/// Which signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signs {
    /// Box lines and blocks.
    #[default]
    Lines,
    /// ASCII alone, for terminals that show lines in two cells or not at all.
    Ascii,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The usual.
    Plain,
    /// Of less weight.
    Dim,
    /// Of more weight.
    Strong,
    /// A bar at the top.
    Head,
    /// The line at hand.
    Chosen,
    /// To be looked at.
    Warn,
    /// Not in order.
    Bad,
    /// In order.
    Good,
    /// A key.
    Key,
}

/// Both together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// The colours.
    pub theme: Theme,
    /// The signs.
    pub signs: Signs,
}

impl Look {
    /// The next theme.
    #[must_use]
    pub const fn next(self) -> Self {
        let theme = match self.theme {
            Theme::Normal => Theme::Contrast,
            Theme::Contrast => Theme::Mono,
            Theme::Mono => Theme::Normal,
        };
        Self { theme, signs: self.signs }
    }

    /// The style of the whole screen.
    #[must_use]
    pub const fn ground(self) -> Style {
        match self.theme {
            Theme::Normal | Theme::Mono => Style::new(),
            Theme::Contrast => Style::new().fg(Color::White).bg(Color::Black),
        }
    }

    /// The style of a text.
    #[must_use]
    pub const fn style(self, tone: Tone) -> Style {
        let plain = Style::new();
        let strong = plain.add_modifier(Modifier::BOLD);
        let reverse = plain.add_modifier(Modifier::REVERSED);
        match (self.theme, tone) {
            (_, Tone::Plain) | (Theme::Contrast | Theme::Mono, Tone::Dim) => plain,
            (_, Tone::Head | Tone::Chosen) => reverse,
            (_, Tone::Strong) | (Theme::Contrast | Theme::Mono, Tone::Key | Tone::Good | Tone::Warn) => strong,
            (Theme::Contrast | Theme::Mono, Tone::Bad) => strong.add_modifier(Modifier::UNDERLINED),
            (Theme::Normal, Tone::Dim) => plain.fg(Color::DarkGray),
            (Theme::Normal, Tone::Warn) => strong.fg(Color::Yellow),
            (Theme::Normal, Tone::Bad) => strong.fg(Color::Red),
            (Theme::Normal, Tone::Good) => plain.fg(Color::Green),
            (Theme::Normal, Tone::Key) => strong.fg(Color::Cyan),
        }
    }

    /// The border of popups.
    #[must_use]
    pub const fn border(self) -> border::Set<'static> {
        match self.signs {
            Signs::Lines => border::PLAIN,
            Signs::Ascii => border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            },
        }
    }

    /// What stands where a text was cut.
    #[must_use]
    pub const fn cut(self) -> &'static str {
        match self.signs {
            Signs::Lines => "…",
            Signs::Ascii => "~",
        }
    }

    /// A full and an empty cell of a bar.
    #[must_use]
    pub const fn bar(self) -> [&'static str; 2] {
        match self.signs {
            Signs::Lines => ["█", "░"],
            Signs::Ascii => ["#", "."],
        }
    }

    /// A sign as it is drawn: where ASCII alone is asked for, one that no letter is becomes one of it, as wide as it was.
    #[must_use]
    pub fn sign(self, symbol: &str) -> Option<&'static str> {
        if self.signs == Signs::Lines {
            return None;
        }
        Some(match symbol {
            "─" | "–" | "—" | "−" => "-",
            "│" => "|",
            "×" => "x",
            "…" | "·" => ".",
            "↑" => "^",
            "↓" => "v",
            "←" => "<",
            "→" => ">",
            "◆" | "★" | "●" => "*",
            "○" => "o",
            "⚠" => "!",
            "℃" => "C",
            "°" => "'",
            _ => return None,
        })
    }

    /// A line of this sign stands between sections.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self.signs {
            Signs::Lines => "─",
            Signs::Ascii => "-",
        }
    }
}
