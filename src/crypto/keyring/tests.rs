//! Round trips and attacks on the keyring.
