//! As much CBOR (RFC 8949) as it takes to find the end of an item. The library decodes; this refuses what it would let
//! pass: bytes behind the last item. Only the canonical form of CTAP2 is read, which has no indefinite lengths.

/// The bytes are not what WebAuthn says they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed: {0}")]
pub struct Malformed(pub &'static str);

/// CTAP2 section 8 allows four levels; keys and extensions of real authenticators have two.
const DEEPEST: u8 = 6;

pub struct Reader<'a> {
    rest: &'a [u8],
}

enum Major {
    Number,
    Bytes,
    Text,
    Array,
    Map,
    Tag,
    Simple,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The entries of the map that begins here.
    pub fn map(&mut self) -> Result<u64, Malformed> {
        match self.head()? {
            (Major::Map, entries) => Ok(entries),
            _ => Err(Malformed("not a CBOR map")),
        }
    }

    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        match self.head()? {
            (Major::Text, length) => {
                std::str::from_utf8(self.take(length)?).map_err(|_| Malformed("CBOR text is not UTF-8"))
            }
            _ => Err(Malformed("not a CBOR text")),
        }
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        match self.head()? {
            (Major::Bytes, length) => self.take(length),
            _ => Err(Malformed("not a CBOR byte string")),
        }
    }

    /// Goes past one item, whatever it holds.
    pub fn skip(&mut self) -> Result<(), Malformed> {
        self.skip_within(DEEPEST)
    }

    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed("bytes behind the end")) }
    }

    pub fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed("cut short"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip_within(&mut self, depth: u8) -> Result<(), Malformed> {
        let inner = depth.checked_sub(1).ok_or(Malformed("CBOR nested too deeply"))?;
        let items = match self.head()? {
            (Major::Number | Major::Simple, _) => 0,
            (Major::Bytes | Major::Text, length) => {
                self.take(length)?;
                0
            }
            (Major::Array, items) => items,
            (Major::Map, entries) => entries.checked_mul(2).ok_or(Malformed("cut short"))?,
            (Major::Tag, _) => 1,
        };
        // Each item takes a byte at least, so a length that lies ends with the bytes.
        for _ in 0..items {
            self.skip_within(inner)?;
        }
        Ok(())
    }

    /// Kind and argument (RFC 8949 section 3).
    fn head(&mut self) -> Result<(Major, u64), Malformed> {
        let first = self.take(1)?[0];
        let argument = match first & 0x1f {
            small @ 0..=23 => u64::from(small),
            size @ 24..=27 => self.take(1 << (size - 24))?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
            _ => return Err(Malformed("CBOR of indefinite length")),
        };
        let major = match first >> 5 {
            0 | 1 => Major::Number,
            2 => Major::Bytes,
            3 => Major::Text,
            4 => Major::Array,
            5 => Major::Map,
            6 => Major::Tag,
            _ => Major::Simple,
        };
        Ok((major, argument))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length_of(bytes: &[u8]) -> Result<usize, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.skip()?;
        Ok(bytes.len() - reader.rest.len())
    }

    #[test]
    fn an_item_ends_where_its_last_byte_is() {
        for whole in [
            &[0x00][..],
            &[0x38, 0xff],
            &[0x43, 1, 2, 3],
            &[0x61, b'a'],
            &[0xa0],
            &[0xf5],
            &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0xa1, 0x01, 0x82, 0x02, 0x41, 0x09],
            &[0xc1, 0x1a, 0, 0, 0, 0],
        ] {
            assert_eq!(length_of(whole), Ok(whole.len()), "{whole:02x?}");
            assert_eq!(length_of(&[whole, &[0x00]].concat()), Ok(whole.len()), "{whole:02x?}");
            assert!(length_of(&whole[..whole.len() - 1]).is_err(), "{whole:02x?} cut short");
        }
    }

    #[test]
    fn what_lies_about_its_length_or_has_none_is_refused() {
        for bad in [&[][..], &[0x5f], &[0xbf, 0xff], &[0x9b, 255, 255, 255, 255, 255, 255, 255, 255], &[0xbb; 9]] {
            assert!(length_of(bad).is_err(), "{bad:02x?}");
        }
        assert!(length_of(&[0x81; 100]).is_err(), "nested without end");
    }
}
