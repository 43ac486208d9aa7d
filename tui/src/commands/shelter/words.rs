//! The words of enumerations on the command line: as the interface writes them. On the screen they are said in the reader's language ([`tachiai_schemas::Say`]).

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a word of an enumeration, as the interface writes it.
///
/// # Errors
/// What the words are.
pub fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| error.to_string())
}

/// The word of an enumeration, as the interface writes it.
pub fn written(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::OpenState;

    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert_eq!((word::<OpenState>("crowded"), written(&OpenState::Crowded)), (Ok(OpenState::Crowded), "crowded".to_owned()));
        assert!(word::<OpenState>("busy").unwrap_err().contains("crowded"));
    }
}
