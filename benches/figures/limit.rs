//! What the parts cost by themselves: a commit, a message through Redis, a statement.

use std::time::Instant;

use futures_util::StreamExt;
use redis::aio::{MultiplexedConnection, PubSubStream};
use sea_orm::{ConnectionTrait, Statement};

use super::house::House;
use super::support::servers::Redis;

const CHANNEL: &str = "figures";

pub struct Limit<'a> {
    house: &'a House,
    sender: MultiplexedConnection,
    messages: PubSubStream,
}

impl<'a> Limit<'a> {
    pub async fn new(house: &'a House) -> Self {
        let client = redis::Client::open(Redis::shared().url()).expect("an address");
        let sender = client.get_multiplexed_async_connection().await.expect("Redis answers");
        let (mut sink, messages) = client.get_async_pubsub().await.expect("Redis answers").split();
        sink.subscribe(CHANNEL).await.expect("Redis answers");
        // The connection ends with its other half.
        drop(tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(sink);
        }));
        house.execute("CREATE TABLE IF NOT EXISTS limit_rows (number bigint)").await;
        Self { house, sender, messages }
    }

    /// Seconds from publishing a message to having it.
    pub async fn publish(&mut self) -> f64 {
        let began = Instant::now();
        let _: i64 = redis::cmd("PUBLISH")
            .arg(CHANNEL)
            .arg("x".repeat(500))
            .query_async(&mut self.sender)
            .await
            .expect("Redis takes it");
        self.messages.next().await.expect("it comes back");
        began.elapsed().as_secs_f64()
    }

    /// Seconds that a transaction of one row takes.
    pub async fn commit(&self) -> f64 {
        let began = Instant::now();
        self.house.execute("INSERT INTO limit_rows VALUES (1)").await;
        began.elapsed().as_secs_f64()
    }
}

/// Seconds that a statement takes, prepared before.
pub async fn statement(house: &House, statement: &Statement) -> f64 {
    let began = Instant::now();
    house.database.query_all_raw(statement.clone()).await.expect("the database answers");
    began.elapsed().as_secs_f64()
}
