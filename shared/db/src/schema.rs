//! The tables of this crate, which every service's schema has.

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::{IdSql, JsonSql, TsSql};

    /// Events that wait for the bus, and those of the last day.
    outbox (seq) {
        /// Order of insertion.
        seq -> BigInt,
        /// Id of the event.
        id -> IdSql,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        /// The whole event.
        payload -> JsonSql,
        /// `pending`, `published` or `dead`.
        state -> Text,
        attempts -> Integer,
        /// How often a consumer refused it for good; enough of these make it dead.
        rejections -> Integer,
        /// Null: at once.
        next_attempt_at -> Nullable<TsSql>,
        /// A relay works on it until then.
        lease_until -> Nullable<TsSql>,
        last_error -> Nullable<Text>,
        created_at -> TsSql,
        published_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::{IdSql, TsSql};

    /// Which consumer has handled which event.
    inbox (consumer, event_id) {
        consumer -> Text,
        event_id -> IdSql,
        handled_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::{JsonSql, TsSql};

    /// Responses to requests with an `Idempotency-Key`.
    idempotency (scope, key) {
        scope -> Text,
        key -> Text,
        request_hash -> Text,
        status -> Integer,
        body -> JsonSql,
        created_at -> TsSql,
    }
}
