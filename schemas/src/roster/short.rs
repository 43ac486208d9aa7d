//! Short identifiers that people read and type: of shelters and terminals.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is no short identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("1 to 32 characters a-z, 0-9 and -, not - first, belong here")]
pub struct ShortIdError;

macro_rules! short {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[a-z0-9][a-z0-9-]{0,31}$"))]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ShortIdError;

            fn from_str(text: &str) -> Result<Self, ShortIdError> {
                let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                if text.is_empty() || text.len() > 32 || text.starts_with('-') || !text.bytes().all(allowed) {
                    return Err(ShortIdError);
                }
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = ShortIdError;

            fn try_from(text: String) -> Result<Self, ShortIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

short! {
    /// A shelter: its common ID (共通ID) in small letters where it has one, else a name of the municipality's choice.
    ShelterId
}

short! {
    /// A terminal in an event, such as `gym-1`. `appliance` is the appliance itself.
    TerminalId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_identifier_has_one_spelling() {
        assert_eq!("e2822200005111".parse::<ShelterId>().map(String::from), Ok("e2822200005111".to_owned()));
        for wrong in ["", "-a", "A", "体育館", "a b", "a_b", &"a".repeat(33)] {
            assert_eq!(wrong.parse::<ShelterId>(), Err(ShortIdError), "{wrong}");
        }
    }
}
