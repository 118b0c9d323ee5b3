//! How far behind who listens here is, for the dashboard.
//!
//! Never asks the database: what is measured is the way from what is known here to who listens.

use std::collections::HashMap;

use super::Hub;
use crate::platform::journal::StreamId;

impl Hub {
    /// How many events the subscriber who is furthest behind has not come to, of those that are known here.
    pub fn lag_max(&self) -> u64 {
        let heads: HashMap<StreamId, i64> =
            self.feeds().iter().filter_map(|(stream, feed)| Some((*stream, feed.head()?))).collect();
        let connections = self.connections();
        let lags = connections.values().flat_map(|connection| {
            let of_one = connection.feeds.iter().filter_map(|feed| {
                let place = connection.listener.place(feed.stream)?;
                heads.get(&feed.stream).map(|head| head.saturating_sub(place))
            });
            of_one.collect::<Vec<_>>()
        });
        lags.max().and_then(|lag| u64::try_from(lag).ok()).unwrap_or_default()
    }
}
