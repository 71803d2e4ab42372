//! Random bytes, and the ids made of them.

use uuid::Uuid;

/// `N` bytes from the process's cryptographic generator (AWS-LC, seeded by the kernel).
///
/// The generator fails only when the kernel gives no entropy at all; then the process ends, see `primitive_failed` above.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        super::primitive_failed("random source");
    }
    bytes
}

/// A number below `bound`, each as likely as the other. `bound` of zero gives zero.
pub fn random_below(bound: u32) -> u32 {
    if bound == 0 {
        return 0;
    }
    // Numbers from the last, incomplete run of `bound` would make the small results likelier: draw again. A draw is kept more
    // often than not, whatever the bound.
    let usable = u32::MAX - (u32::MAX % bound + 1) % bound;
    loop {
        let drawn = u32::from_be_bytes(random_bytes());
        if drawn <= usable {
            return drawn % bound;
        }
    }
}

/// A version 7 id (RFC 9562 section 5.7): sorted by `now_millis`, with 74 random bits, so nobody guesses a neighbour.
pub fn new_uuid(now_millis: i64) -> Uuid {
    let millis = u64::try_from(now_millis).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random_bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_sort_by_their_millisecond_and_differ_within_it() {
        assert!(new_uuid(1_700_000_000_000) < new_uuid(1_700_000_000_001));
        let same_instant: HashSet<Uuid> = (0..1_000).map(|_| new_uuid(1_700_000_000_000)).collect();
        assert_eq!(same_instant.len(), 1_000);
        assert_eq!(new_uuid(5).get_version_num(), 7);
        assert_eq!(new_uuid(-5).get_version_num(), 7);
    }

    #[test]
    fn numbers_stay_below_their_bound_and_reach_all_of_it() {
        assert_eq!(random_below(0), 0);
        assert_eq!(random_below(1), 0);
        let seen: HashSet<u32> = (0..1_000).map(|_| random_below(10)).collect();
        assert_eq!(seen, (0..10).collect());
    }

    #[test]
    fn two_draws_differ() {
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
    }
}
