//! The schema, and the databases that the tests work in.

use sqlx::{ConnectOptions, Connection};
use wattline::db::MIGRATOR;

use crate::support::database::TestDatabase;

#[tokio::test]
async fn a_test_has_a_migrated_and_empty_database_of_its_own() {
    let (one, other) = tokio::join!(TestDatabase::new(), TestDatabase::new());
    sqlx::query("INSERT INTO companies (slug, name) VALUES ('acme', 'Acme')").execute(one.pool()).await.unwrap();
    assert_eq!(companies(&one).await, 1);
    assert_eq!(companies(&other).await, 0);
}

#[tokio::test]
async fn a_database_is_reached_by_its_url_too() {
    let database = TestDatabase::new().await;
    let mut connection = sqlx::PgConnection::connect(&database.url()).await.unwrap();
    let name: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&mut connection).await.unwrap();
    assert_eq!(Some(name.as_str()), database.options().get_database());
}

/// As on a server of somebody else's, where the application owns its database and no more.
#[tokio::test]
async fn the_migrations_need_no_superuser_and_may_run_twice() {
    let database = TestDatabase::without_schema().await;
    let own = format!(
        "DO $$ BEGIN CREATE ROLE owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         ALTER DATABASE {} OWNER TO owner",
        database.options().get_database().unwrap()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(own)).execute(database.pool()).await.unwrap();

    let mut connection = database.options().clone().username("owner").connect().await.unwrap();
    MIGRATOR.run(&mut connection).await.unwrap();
    MIGRATOR.run(&mut connection).await.unwrap();
    sqlx::query("SELECT ensure_articles_partition(now())").execute(&mut connection).await.unwrap();
    assert_eq!(companies(&database).await, 0);
}

async fn companies(database: &TestDatabase) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM companies").fetch_one(database.pool()).await.unwrap()
}
