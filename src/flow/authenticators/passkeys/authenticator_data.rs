//! What an authenticator signs (WebAuthn Level 3 section 6.1), read to its last byte.

use uuid::Uuid;

use super::cbor::{Malformed, Reader};

/// 4.11 of FIDO's registry; WebAuthn Level 3 section 4, "credential ID": at most 1023 bytes.
const LONGEST_CREDENTIAL_ID: usize = 1023;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthenticatorData<'a> {
    /// UV.
    pub user_verified: bool,
    /// BE: may be copied to other devices.
    pub backup_eligible: bool,
    /// BS: is copied at present.
    pub backed_up: bool,
    pub counter: u32,
    /// AT: with a registration.
    pub credential: Option<CredentialData<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialData<'a> {
    pub aaguid: Uuid,
    pub id: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.take(32)?;
        let flags = reader.take(1)?[0];
        let flag = |bit: u8| flags & 1 << bit != 0;
        let counter = reader.take(4)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        let credential = if flag(6) { Some(CredentialData::read(&mut reader)?) } else { None };
        if flag(7) {
            reader.skip()?;
        }
        reader.end()?;
        let read = Self { user_verified: flag(2), backup_eligible: flag(3), backed_up: flag(4), counter, credential };
        // Section 6.1.3: such a combination does not occur.
        if read.backed_up && !read.backup_eligible {
            return Err(Malformed("backed up without being eligible for it"));
        }
        Ok(read)
    }

    /// The authenticator data within an attestation object (section 6.5.4).
    pub fn within(attestation_object: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(attestation_object);
        let mut found = None;
        for _ in 0..reader.map()? {
            match reader.text()? {
                "authData" if found.is_none() => found = Some(reader.bytes()?),
                "authData" => return Err(Malformed("authenticator data twice")),
                _ => reader.skip()?,
            }
        }
        reader.end()?;
        Self::read(found.ok_or(Malformed("no authenticator data"))?)
    }
}

impl<'a> CredentialData<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let aaguid = Uuid::from_slice(reader.take(16)?).map_err(|_| Malformed("cut short"))?;
        let length = reader.take(2)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        if length == 0 || length > LONGEST_CREDENTIAL_ID {
            return Err(Malformed("a credential id of an impossible length"));
        }
        let id = reader.take(length as u64)?;
        reader.skip()?; // the public key, which the library decodes
        Ok(Self { aaguid, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(flags: u8, rest: &[u8]) -> Vec<u8> {
        [&[7; 32][..], &[flags], &[0, 0, 1, 2], rest].concat()
    }

    #[test]
    fn the_flags_and_the_counter_stand_where_the_standard_puts_them() {
        let assertion = data(0b0001_1101, &[]);
        let read = AuthenticatorData::read(&assertion).unwrap();
        assert!(read.user_verified && read.backup_eligible && read.backed_up);
        assert_eq!((read.counter, read.credential), (258, None));
        let bare = data(0b0000_0001, &[]);
        let read = AuthenticatorData::read(&bare).unwrap();
        assert!(!read.user_verified && !read.backup_eligible && !read.backed_up);
    }

    #[test]
    fn a_registration_names_model_and_credential() {
        let rest = [&[9; 16][..], &[0, 3], b"abc", &[0xa1, 1, 2]].concat();
        let registration = data(0b0100_0101, &rest);
        let credential = AuthenticatorData::read(&registration).unwrap().credential.unwrap();
        assert_eq!((credential.aaguid, credential.id), (Uuid::from_bytes([9; 16]), &b"abc"[..]));
    }

    #[test]
    fn bytes_behind_the_end_are_refused_wherever_the_end_is() {
        let key = [&[9; 16][..], &[0, 1], b"a", &[0xa0]].concat();
        for (flags, rest) in
            [(0x01, vec![]), (0x41, key.clone()), (0x81, vec![0xa0]), (0xc1, [&key[..], &[0xa0]].concat())]
        {
            let whole = data(flags, &rest);
            assert!(AuthenticatorData::read(&whole).is_ok(), "{flags:x}");
            assert!(AuthenticatorData::read(&[&whole[..], &[0xa0]].concat()).is_err(), "{flags:x} with more behind");
            assert!(AuthenticatorData::read(&whole[..whole.len() - 1]).is_err(), "{flags:x} cut short");
        }
    }

    #[test]
    fn a_backup_of_what_cannot_be_backed_up_is_refused() {
        assert!(AuthenticatorData::read(&data(0b0001_0101, &[])).is_err());
    }

    #[test]
    fn an_attestation_object_holds_the_data_once_and_nothing_behind() {
        let inner = data(0x01, &[]);
        let entry = |name: &str, value: &[u8]| [&[0x60 + name.len() as u8], name.as_bytes(), value].concat();
        let bytes = [&[0x58, inner.len() as u8][..], &inner].concat();
        let whole = [&[0xa2][..], &entry("fmt", &[0x64, b'n', b'o', b'n', b'e']), &entry("authData", &bytes)].concat();
        assert!(AuthenticatorData::within(&whole).is_ok());
        assert!(AuthenticatorData::within(&[&whole[..], &[0xa0]].concat()).is_err());
        let twice = [&[0xa2][..], &entry("authData", &bytes), &entry("authData", &bytes)].concat();
        assert!(AuthenticatorData::within(&twice).is_err());
        assert!(AuthenticatorData::within(&[0xa0]).is_err());
    }
}
