//! Keys, hashes, seals, random tokens and the clock.
