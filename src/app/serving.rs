//! Serving until somebody asks to stop, and going down so that nobody loses anything.
//!
//! Never ends a socket before the requests under way have had their answer, and never closes the database under
//! whoever still works with it.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use super::start::App;
use crate::config::Config;
use crate::http;

/// For sockets to write what they were given, before they are told to go.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// For sockets to say farewell: each has two seconds, and what it runs ends with it.
const FAREWELLS_MAX: Duration = Duration::from_secs(5);
/// For jobs to end the run that they are in. What is cut off is taken up by the next start, or by another server.
const JOBS_MAX: Duration = Duration::from_secs(5);
/// For the news of what was committed last to reach Redis. What is left behind the other servers find by themselves.
const NEWS_MAX: Duration = Duration::from_secs(2);

/// Serves until the process is told to stop.
pub(super) async fn run(
    app: App,
    listener: TcpListener,
    config: &Config,
    asked_to_stop: impl Future<Output = ()> + Send,
) {
    let jobs = app.start_jobs();
    let grace = Duration::from_secs(config.http.grace_seconds);
    let told = {
        let app = app.clone();
        async move {
            asked_to_stop.await;
            app.retire();
            tracing::info!(grace_seconds = grace.as_secs(), "going down: no longer ready");
            sleep(grace).await;
            tracing::info!("no more connections are taken; requests under way are answered");
        }
    };
    http::serve(listener, app.router(), &config.request_limits, told).await;
    // What others committed and acknowledged is known here now, and on its way to whoever listens.
    if let Err(error) = app.hub.look().await {
        tracing::debug!(%error, "a last look at the heads failed");
    }
    sleep(LAST_WORDS).await;
    tracing::info!(sockets = app.hub.connected(), "sockets are told to come back elsewhere");
    app.hub.shut_down();
    if timeout(FAREWELLS_MAX, app.hub.drained()).await.is_err() {
        tracing::warn!(sockets = app.hub.connected(), "sockets took too long and were cut off");
    }
    jobs.stop(JOBS_MAX).await;
    app.settle().await;
    if timeout(NEWS_MAX, app.hand_over_news()).await.is_err() {
        tracing::warn!("not all news reached Redis; the other servers find it by their look at the heads");
    }
    app.hub.rest();
    app.gate.database().close().await;
    tracing::info!("down");
}

/// From here on nothing but this ends the process; before, the system does.
#[cfg(unix)]
pub(super) fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    })
}

#[cfg(not(unix))]
pub(super) fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
