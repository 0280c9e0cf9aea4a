//! Which event of which subject may be handled next.

use std::collections::{HashMap, VecDeque};

use shared_types::ids::EventId;

use crate::lanes::Delivery;

/// Tells one wait for a returning event from the next one for the same event.
pub(super) type Ticket = u64;

/// The subjects in work. A lane without work does not exist.
pub(super) struct Lanes<D> {
    by_subject: HashMap<String, Lane<D>>,
    last_ticket: Ticket,
}

struct Lane<D> {
    head: Head,
    waiting: VecDeque<D>,
}

#[derive(PartialEq)]
enum Head {
    Running,
    Expected(EventId, Ticket),
}

impl<D> Default for Lanes<D> {
    fn default() -> Self {
        Self {
            by_subject: HashMap::new(),
            last_ticket: 0,
        }
    }
}

impl<D: Delivery> Lanes<D> {
    /// Gives the delivery back if it may start at once.
    pub(super) fn accept(&mut self, delivery: D) -> Option<D> {
        let event = delivery.event();
        let Some(lane) = self.by_subject.get_mut(&event.subject) else {
            let lane = Lane {
                head: Head::Running,
                waiting: VecDeque::new(),
            };
            self.by_subject.insert(event.subject.clone(), lane);
            return Some(delivery);
        };
        if matches!(lane.head, Head::Expected(id, _) if id == event.id) {
            lane.head = Head::Running;
            return Some(delivery);
        }
        lane.waiting.push_back(delivery);
        None
    }

    /// The head of the lane is over: the next one, if any, may start.
    pub(super) fn free(&mut self, subject: &str) -> Option<D> {
        let lane = self.by_subject.get_mut(subject)?;
        let Some(next) = lane.waiting.pop_front() else {
            self.by_subject.remove(subject);
            return None;
        };
        lane.head = Head::Running;
        Some(next)
    }

    /// The broker may be quicker than we are: the returning event can be here before we know that it
    /// was handed back.
    pub(super) fn take_back(&mut self, subject: &str, id: EventId) -> Option<D> {
        let waiting = &mut self.by_subject.get_mut(subject)?.waiting;
        let position = waiting.iter().position(|other| other.event().id == id)?;
        waiting.remove(position)
    }

    pub(super) fn expect_back(&mut self, subject: &str, id: EventId) -> Ticket {
        self.last_ticket += 1;
        if let Some(lane) = self.by_subject.get_mut(subject) {
            lane.head = Head::Expected(id, self.last_ticket);
        }
        self.last_ticket
    }

    /// Gives the next one that may start, unless the wait is over anyway.
    pub(super) fn stop_expecting(&mut self, subject: &str, ticket: Ticket) -> Option<D> {
        let lane = self.by_subject.get(subject)?;
        let is_expected = matches!(lane.head, Head::Expected(_, waiting) if waiting == ticket);
        is_expected.then(|| self.free(subject)).flatten()
    }

    pub(super) fn take_waiting(&mut self) -> Vec<D> {
        let lanes = self.by_subject.values_mut();
        lanes.flat_map(|lane| lane.waiting.drain(..)).collect()
    }

    pub(super) fn is_running(&self) -> bool {
        self.by_subject
            .values()
            .any(|lane| lane.head == Head::Running)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use chrono::{DateTime, Utc};
    use serde_json::json;
    use shared_types::{Clock, bus::Outcome, event::Event};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::lanes::Settled;

    #[derive(Debug)]
    struct Epoch;

    impl Clock for Epoch {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }
    }

    #[derive(Debug, Clone, PartialEq)]
    struct Plain(Event);

    #[async_trait]
    impl Delivery for Plain {
        fn event(&self) -> &Event {
            &self.0
        }

        async fn settle(self, _: Outcome, _: &CancellationToken) -> Settled {
            Settled::Gone
        }

        async fn give_back(self) {}
    }

    fn delivery(subject: &str) -> Plain {
        let kind = "medianest.step.done.v1";
        Plain(Event::of_kind(
            &Epoch,
            "test",
            kind,
            subject.to_owned(),
            &json!({}),
        ))
    }

    #[test]
    fn a_subject_waits_for_its_returning_event_and_not_for_others() {
        let mut lanes = Lanes::default();
        let (first, second, other) = (delivery("a"), delivery("a"), delivery("b"));
        assert_eq!(lanes.accept(first.clone()), Some(first.clone()));
        assert_eq!(lanes.accept(second.clone()), None);
        assert_eq!(lanes.accept(other.clone()), Some(other));

        lanes.expect_back("a", first.0.id);

        assert_eq!(lanes.accept(first.clone()), Some(first));
        assert_eq!(lanes.free("a"), Some(second));
        assert_eq!(lanes.free("a"), None);
        assert_eq!(lanes.free("b"), None);
        assert!(lanes.by_subject.is_empty());
    }

    #[test]
    fn an_event_that_is_back_before_we_know_still_comes_first() {
        let mut lanes = Lanes::default();
        let (first, second) = (delivery("a"), delivery("a"));
        lanes.accept(first.clone());
        lanes.accept(second.clone());
        lanes.accept(first.clone());

        assert_eq!(lanes.take_back("a", first.0.id), Some(first));
        assert_eq!(lanes.free("a"), Some(second));
        assert_eq!(lanes.free("a"), None);
    }

    #[test]
    fn an_event_that_does_not_return_frees_its_subject() {
        let mut lanes = Lanes::default();
        let (first, second) = (delivery("a"), delivery("a"));
        lanes.accept(first.clone());
        lanes.accept(second.clone());

        let ticket = lanes.expect_back("a", first.0.id);

        assert_eq!(lanes.stop_expecting("a", ticket), Some(second));
        assert_eq!(lanes.free("a"), None);
    }

    #[test]
    fn the_end_of_an_earlier_wait_does_not_end_the_current_one() {
        let mut lanes = Lanes::default();
        let (first, second) = (delivery("a"), delivery("a"));
        lanes.accept(first.clone());
        lanes.accept(second.clone());
        let earlier = lanes.expect_back("a", first.0.id);
        lanes.accept(first.clone());
        let current = lanes.expect_back("a", first.0.id);

        assert_eq!(lanes.stop_expecting("a", earlier), None);
        assert_eq!(lanes.stop_expecting("a", current), Some(second));
    }
}
