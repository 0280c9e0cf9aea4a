//! When a delivery that could not be processed is tried again.

use std::time::Duration;

/// Waits in seconds; after the last one the delivery is dead. The sum is a day: long enough to repair what is broken.
const SCHEDULE: [u64; 10] = [1, 5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200];

/// The wait after the `attempt`th failure (1 is the first), or `None` when there is no further try.
/// `base` stands for one second of the schedule; `jitter` from 0 to 1 spreads the wait from 0.8 to 1.2 times.
pub(crate) fn wait_after(attempt: u32, base: Duration, jitter: f64) -> Option<Duration> {
    let index = usize::try_from(attempt.checked_sub(1)?).ok()?;
    let steps = u32::try_from(*SCHEDULE.get(index)?).ok()?;
    let factor = jitter.clamp(0.0, 1.0).mul_add(0.4, 0.8);
    Some((base * steps).mul_f64(factor))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_wait_is_longer_than_the_one_before_and_within_a_fifth_of_the_schedule(
            attempt in 1_u32..10,
            early in 0.0..=1.0_f64,
            late in 0.0..=1.0_f64,
        ) {
            let base = Duration::from_secs(1);
            let this = wait_after(attempt, base, early).unwrap();
            let next = wait_after(attempt + 1, base, late).unwrap();
            prop_assert!(this < next);
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let planned = SCHEDULE[attempt as usize - 1] as f64;
            prop_assert!((planned * 0.799..=planned * 1.201).contains(&this.as_secs_f64()));
        }

        #[test]
        fn nothing_is_tried_for_ever(attempt in 11_u32.., jitter in any::<f64>()) {
            prop_assert_eq!(wait_after(attempt, Duration::from_secs(1), jitter), None);
        }
    }

    #[test]
    fn a_delivery_that_never_failed_has_no_wait() {
        assert_eq!(wait_after(0, Duration::from_secs(1), 0.5), None);
    }
}
