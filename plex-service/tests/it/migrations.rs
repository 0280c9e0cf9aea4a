//! The tables on both back ends.

#[test]
fn both_databases_have_the_same_tables() {
    shared_db::assert_migrations_agree(&plex_service::MIGRATIONS);
}
