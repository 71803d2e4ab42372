//! The lines of a file, one at a time, however long the file is and whatever is in it.

use std::io::{self, BufRead, Read};

/// With every standard claim and the longest hash it is a tenth of this.
const LONGEST: u64 = 64 * 1024;

/// A line that holds something, with its number from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    pub number: u64,
    pub text: Result<String, Unreadable>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("longer than {LONGEST} bytes")]
    TooLong,
    #[error("not UTF-8")]
    NotText,
}

pub struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub fn of(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// Up to `most` further lines; none at the end.
    pub fn take(&mut self, most: usize) -> io::Result<Vec<Line>> {
        let mut lines = Vec::new();
        while lines.len() < most {
            match self.next()? {
                None => break,
                Some(line) if line.text.as_ref().is_ok_and(|text| text.trim().is_empty()) => {}
                Some(line) => lines.push(line),
            }
        }
        Ok(lines)
    }

    fn next(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        if (&mut self.input).take(LONGEST + 1).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let ended = bytes.last() == Some(&b'\n');
        if !ended && bytes.len() as u64 > LONGEST {
            self.skip_to_the_end()?;
            return Ok(Some(Line { number: self.number, text: Err(Unreadable::TooLong) }));
        }
        let text = String::from_utf8(bytes).map_err(|_| Unreadable::NotText);
        // Some editors begin a file with a mark of the byte order.
        let text = text.map(|text| text.trim_start_matches('\u{feff}').to_owned());
        Ok(Some(Line { number: self.number, text }))
    }

    fn skip_to_the_end(&mut self) -> io::Result<()> {
        loop {
            let read = self.input.fill_buf()?;
            if read.is_empty() {
                return Ok(());
            }
            let end = read.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(read.len(), |at| at + 1);
            self.input.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_past_empty_endless_and_unreadable_ones() {
        let long = "x".repeat(200_000);
        let mut file = format!("\u{feff}one\r\n\n  \n{long}\nfive\n").into_bytes();
        file.extend_from_slice(b"\xff\xfe\nlast");
        let mut lines = Lines::of(io::BufReader::with_capacity(7, file.as_slice()));
        let numbered = |line: Line| (line.number, line.text.map(|text| text.trim().to_owned()));
        let first: Vec<_> = lines.take(2).unwrap().into_iter().map(numbered).collect();
        assert_eq!(first, [(1, Ok("one".to_owned())), (4, Err(Unreadable::TooLong))]);
        let rest: Vec<_> = lines.take(10).unwrap().into_iter().map(numbered).collect();
        assert_eq!(rest, [(5, Ok("five".to_owned())), (6, Err(Unreadable::NotText)), (7, Ok("last".to_owned()))]);
        assert_eq!(lines.take(10).unwrap(), []);
    }
}
