//! The servers that other tests stand on come up, answer, and can be stopped.

use std::net::TcpStream;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use crate::support::servers::{Postgres, Redis};

async fn connected(database: &str) -> DatabaseConnection {
    Database::connect(Postgres::shared().url(database)).await.expect("the database answers")
}

async fn fill(url: String) {
    let template = Database::connect(url).await.expect("the template answers");
    template.execute_unprepared("CREATE TABLE chairs (name TEXT)").await.expect("it is ours");
    template.close().await.expect("the connection closes");
}

#[tokio::test]
async fn each_test_gets_a_database_of_its_own_from_a_template_that_is_filled_once() {
    let postgres = Postgres::shared();
    tokio::join!(
        postgres.create_database_from_template("harness_one", "harness_template", fill),
        postgres.create_database_from_template("harness_two", "harness_template", fill),
    );

    let (one, two) = (connected("harness_one").await, connected("harness_two").await);
    one.execute_unprepared("INSERT INTO chairs VALUES ('red'), ('blue')")
        .await
        .expect("the table came along");
    let emptied = two.execute_unprepared("DELETE FROM chairs").await.expect("here too");
    assert_eq!(emptied.rows_affected(), 0, "a row of another test's database");

    postgres.drop_database("harness_one").await;
    postgres.drop_database("harness_two").await;
}

#[tokio::test]
async fn postgresql_is_as_durable_as_in_production() {
    let connection = connected("postgres").await;
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let row = connection
            .query_one_raw(sea_orm::Statement::from_string(
                sea_orm::DbBackend::Postgres,
                format!("SELECT current_setting('{setting}') AS value"),
            ))
            .await
            .expect("the setting exists")
            .expect("one row");
        assert_eq!(row.try_get::<String>("", "value").expect("text"), "on", "{setting}");
    }
}

#[tokio::test]
async fn redis_comes_up_and_answers() {
    let client = redis::Client::open(Redis::shared().url()).expect("a valid address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it accepts connections");
    let answer: String = redis::cmd("PING").query_async(&mut connection).await.expect("it answers");
    assert_eq!(answer, "PONG");
}

#[tokio::test]
async fn a_stopped_redis_refuses_connections_and_comes_back_on_its_port() {
    let mut redis = Redis::start();
    let url = redis.url();
    let address = url.trim_start_matches("redis://").trim_end_matches('/').to_owned();

    redis.stop();
    assert!(TcpStream::connect(&address).is_err(), "still listening");

    redis.start_again();
    assert_eq!(redis.url(), url);
    assert!(TcpStream::connect(&address).is_ok(), "not back");
}
