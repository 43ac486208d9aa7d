//! Finding a line by some of its letters in their order: as typed, in kana, or in romaji.

use tachiai_schemas::shelter::reading;

/// How well a query fits the best of some names; nothing if it fits none. More is better.
#[must_use]
pub fn score(query: &str, names: &[String]) -> Option<u32> {
    let queries = reading::queries(query);
    if queries.iter().all(String::is_empty) {
        return Some(0);
    }
    let names: Vec<String> = names.iter().map(|name| reading::key(name)).collect();
    queries.iter().filter(|query| !query.is_empty()).flat_map(|query| names.iter().filter_map(move |name| fit(query, name))).max()
}

/// The beginning of the name fits best, then a part in one piece, then letters with others between them: the fewer, the better.
fn fit(query: &str, name: &str) -> Option<u32> {
    if name.starts_with(query) {
        return Some(3_000);
    }
    if name.contains(query) {
        return Some(2_000);
    }
    let mut places = name.chars().enumerate();
    let mut first = None;
    let mut last = 0;
    for wanted in query.chars() {
        let (at, _) = places.find(|(_, c)| *c == wanted)?;
        first.get_or_insert(at);
        last = at;
    }
    let between = (last - first.unwrap_or(0)).saturating_sub(query.chars().count().saturating_sub(1));
    Some(1_000_u32.saturating_sub(u32::try_from(between).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn kanji_kana_and_romaji_find_the_same_line() {
        let line = names(&["承認待ち", "Approvals", "しょうにんまち"]);
        for query in ["承認", "しょうにん", "ｼｮｳﾆﾝ", "shounin", "appro", "Ａｐｐ", "apvl"] {
            assert!(score(query, &line).is_some(), "{query}");
        }
        for query in ["選挙", "senkyo", "xyz"] {
            assert_eq!(score(query, &line), None, "{query}");
        }
    }

    #[test]
    fn a_beginning_comes_before_a_part_and_a_part_before_scattered_letters() {
        let of = |name: &str| score("rep", &names(&[name])).unwrap();
        assert!(of("report") > of("a report") && of("a report") > of("reap") && of("reap") > of("remote part"));
    }
}
