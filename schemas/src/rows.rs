//! The rows of a CSV as offices hand it on: after lines of comment, with line feeds of either kind, each with the line at which it begins.

use std::io::Cursor;

use csv::StringRecord;

use crate::roll::skip_comments;

/// The rows, the header first. What is no CSV ends them, with its line.
pub(crate) struct Rows {
    reader: csv::Reader<Cursor<String>>,
    comments: u64,
    state: State,
}

/// Whether more may come.
#[derive(PartialEq, Eq)]
enum State {
    More,
    Over,
}

impl Rows {
    /// The rows of a text.
    pub(crate) fn of(text: &str) -> Self {
        let (comments, text) = skip_comments(text);
        // The reader counts a line at its line feed, which for CR LF is after the row has begun.
        let text = Cursor::new(text.replace("\r\n", "\n"));
        Self { reader: csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text), comments, state: State::More }
    }
}

impl Iterator for Rows {
    type Item = Result<(u64, StringRecord), u64>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Over {
            return None;
        }
        let mut record = StringRecord::new();
        let line = |position: Option<&csv::Position>| self.comments + position.map_or(1, csv::Position::line);
        match self.reader.read_record(&mut record) {
            Ok(true) => Some(Ok((line(record.position()), record))),
            Ok(false) => {
                self.state = State::Over;
                None
            }
            Err(error) => {
                let line = line(error.position());
                self.state = State::Over;
                Some(Err(line))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_with_the_lines_at_which_they_begin() {
        let rows: Vec<(u64, usize)> =
            Rows::of("# a\r\na,b\r\n1,\"x\r\ny\"\r\n2,z,z\r\n").map(|row| row.map(|(line, row)| (line, row.len())).unwrap()).collect();
        assert_eq!(rows, [(2, 2), (3, 2), (5, 3)]);
        assert!(Rows::of("").next().is_none());
    }
}
