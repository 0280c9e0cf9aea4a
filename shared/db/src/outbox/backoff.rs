//! When a failed event is tried again.

use std::time::Duration;

use uuid::Uuid;

const FIRST: Duration = Duration::from_millis(200);

/// 0.2 s · 2ⁿ up to `cap`, of which the upper half is jitter, so that what failed together does not come back together.
///
/// The jitter comes from the event's id, whose tail is random.
pub(super) fn delay(step: i32, cap: Duration, event: Uuid) -> Duration {
    let step = u32::try_from(step).unwrap_or_default().min(16);
    let full = (FIRST * 2_u32.pow(step)).min(cap);
    full / 2 + (full / 2).mul_f64(fraction(event, step))
}

/// Between 0 and 1, different for each event and step.
fn fraction(event: Uuid, step: u32) -> f64 {
    let (_, tail) = event.as_u64_pair();
    // Fibonacci hashing spreads the bits; the upper 32 of them become the fraction.
    let mixed = (tail ^ u64::from(step)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    f64::from(u32::try_from(mixed).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn delays_grow_to_the_cap_and_no_further(id: u128, step in 0..1_000) {
            let cap = Duration::from_mins(1);
            let delay = delay(step, cap, Uuid::from_u128(id));
            let full = 0.2 * 2_f64.powi(step.min(16));

            prop_assert!(delay <= cap);
            prop_assert!(delay.as_secs_f64() >= full.min(60.0) / 2.0 - 1e-6);
            prop_assert!(delay.as_secs_f64() <= full + 1e-6);
        }
    }
}
