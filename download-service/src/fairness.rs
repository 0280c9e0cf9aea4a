//! Whose turn it is: the person with the fewest running videos, and among those the one who was served longest ago.
//! Somebody with five videos is done in about the time of ten, however many others have queued.

use chrono::{DateTime, Utc};

/// A person with work that could start now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting<P> {
    /// The person.
    pub(crate) person: P,
    /// Videos that run for them right now.
    pub(crate) running: i64,
    /// When a worker last took one of theirs.
    pub(crate) last_served_at: Option<DateTime<Utc>>,
}

/// The person whose item is taken next.
pub(crate) fn next_in_turn<P>(waiting: &[Waiting<P>]) -> Option<&Waiting<P>> {
    waiting
        .iter()
        .min_by_key(|one| (one.running, one.last_served_at))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    /// Plays a queue with `workers` workers and items of equal length; gives for each person the tick of their last item.
    fn play(counts: &[usize], workers: usize) -> Vec<usize> {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let mut left = counts.to_vec();
        let mut served: Vec<Option<DateTime<Utc>>> = vec![None; counts.len()];
        let mut finished = vec![0; counts.len()];
        let mut running: VecDeque<usize> = VecDeque::new();
        let (mut tick, mut turn) = (0, 0);
        while left.iter().any(|count| *count > 0) {
            tick += 1;
            running.clear();
            for _worker in 0..workers {
                let waiting: Vec<_> = (0..counts.len())
                    .filter(|person| left[*person] > 0)
                    .map(|person| Waiting {
                        person,
                        running: running.iter().map(|one| i64::from(*one == person)).sum(),
                        last_served_at: served[person],
                    })
                    .collect();
                let Some(next) = next_in_turn(&waiting) else {
                    break;
                };
                turn += 1;
                served[next.person] = Some(start + TimeDelta::seconds(turn));
                left[next.person] -= 1;
                finished[next.person] = tick;
                running.push_back(next.person);
            }
        }
        finished
    }

    #[test]
    fn five_items_are_done_in_the_time_of_ten_beside_five_hundred() {
        let finished = play(&[500, 5], 1);
        assert!(finished[1] <= 10, "{finished:?}");
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_an_equal_share_demands(
            counts in proptest::collection::vec(1_usize..40, 1..6),
            workers in 1_usize..5,
        ) {
            let finished = play(&counts, workers);
            for (person, count) in counts.iter().enumerate() {
                // An equal share: before my n-th item starts, everybody else gets at most n of theirs (one more for the rest of a round).
                let ahead: usize = counts.iter().map(|other| (*other).min(*count + 1)).sum();
                prop_assert!(finished[person] <= ahead.div_ceil(workers) + 1,
                    "{counts:?} with {workers}: {finished:?}");
            }
        }
    }
}
