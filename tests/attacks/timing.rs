//! Comparing two kinds of requests by the time they take: interleaved, by the quick ones of each kind, with a second and a
//! third chance. The machine has other things to do, and what is interrupted says nothing; what is really more work is more
//! work in the quick ones, too.

use std::time::Duration;

/// What the network would hide anyway, and a loaded machine needs.
const ALLOWED: Duration = Duration::from_millis(2);
const CHANCES: usize = 4;

/// `measure(false)` and `measure(true)` take the same time, as far as the quickest fifth of each tells. A real difference shows in every
/// attempt; a busy moment does not.
pub async fn assert_indistinguishable(what: &str, samples: usize, measure: impl AsyncFn(bool) -> Duration) {
    let mut seen = Vec::new();
    for _ in 0..CHANCES {
        let (mut first, mut second) = (Vec::with_capacity(samples), Vec::with_capacity(samples));
        for round in 0..samples {
            // Neither kind is always the one that comes after the other.
            for kind in [round % 2 == 0, round % 2 != 0] {
                let took = measure(kind).await;
                if kind { second.push(took) } else { first.push(took) }
            }
        }
        let (first, second) = (quick(first), quick(second));
        let allowed = ALLOWED.max(first.max(second) / 4);
        if first.abs_diff(second) <= allowed {
            return;
        }
        seen.push((first, second));
    }
    panic!("{what} can be told apart by time: {seen:?}");
}

/// What a fifth of the samples stays below.
fn quick(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 5]
}
