//! Both databases get the same tables.

#[test]
fn migrations_agree() {
    shared_db::assert_migrations_agree(&auth_service::MIGRATIONS);
}
