//! Jobs: work that the product does by itself, each named, each in a loop of its own.
//!
//! Never decides what is due: a job looks for itself, by the clock it was given, and doing it twice or on two servers
//! at once changes nothing more. So there is no lease here.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};

/// Why a run broke off. The next run takes up what it left.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JobError(String);

impl JobError {
    pub fn new(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

type Run = Box<dyn Fn() -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

struct Job {
    name: &'static str,
    /// How long it rests between two runs, unless it is woken.
    every: Duration,
    run: Run,
    wake: Arc<Notify>,
}

/// The jobs of a server. Clones share them.
#[derive(Clone, Default)]
pub struct Jobs(Vec<Arc<Job>>);

/// Wakes a job before its rest is over: what it does is wanted now. Waking never waits.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Notify>);

impl Waker {
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

impl Jobs {
    /// Adds a job; the answer wakes it.
    pub fn add<F, Running>(&mut self, name: &'static str, every: Duration, run: F) -> Waker
    where
        F: Fn() -> Running + Send + Sync + 'static,
        Running: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let wake = Arc::new(Notify::new());
        let run: Run = Box::new(move || Box::pin(run()));
        self.0.push(Arc::new(Job { name, every, run, wake: wake.clone() }));
        Waker(wake)
    }

    /// Runs each job once, in the order they were added; for tests, and for commands that need no server. All are
    /// run; the first failure is the answer.
    pub async fn run_once(&self) -> Result<(), JobError> {
        let mut outcome = Ok(());
        for job in &self.0 {
            let run = (job.run)().await;
            outcome = outcome.and(run.map_err(|error| JobError(format!("{}: {error}", job.name))));
        }
        outcome
    }

    /// Starts a loop for each job; each runs at once, then after its rest or when woken.
    pub fn start(&self) -> RunningJobs {
        let (stop, stopped) = watch::channel(());
        let mut loops = JoinSet::new();
        for job in &self.0 {
            loops.spawn(repeat(job.clone(), stopped.clone()));
        }
        RunningJobs { stop, loops }
    }
}

/// Jobs under way. Dropped, no further run starts.
pub struct RunningJobs {
    stop: watch::Sender<()>,
    loops: JoinSet<()>,
}

impl RunningJobs {
    /// Starts no further run and waits for those under way, so long at most. What is cut off the next run takes up.
    pub async fn stop(mut self, within: Duration) {
        drop(self.stop);
        let ended = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(within, ended).await.is_err() {
            tracing::warn!("jobs took too long and were cut off");
            self.loops.shutdown().await;
        }
    }
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop(JoinHandle<Result<(), JobError>>);

impl AbortOnDrop {
    fn spawn(run: BoxFuture<'static, Result<(), JobError>>) -> Self {
        Self(tokio::spawn(run))
    }
}

impl Future for AbortOnDrop {
    type Output = Result<Result<(), JobError>, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn repeat(job: Arc<Job>, mut stopped: watch::Receiver<()>) {
    loop {
        // In a task of its own: a run that panics doesn't end the loop. Whoever cuts the loop off cuts off the run.
        match AbortOnDrop::spawn((job.run)()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(job = job.name, %error, "a job broke off"),
            Err(error) => tracing::error!(job = job.name, %error, "a job panicked"),
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = job.wake.notified() => {}
            () = tokio::time::sleep(job.every) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LONG: Duration = Duration::from_secs(86_400);

    fn counting(
        jobs: &mut Jobs,
        answer: fn() -> Result<(), JobError>,
    ) -> (Waker, Arc<AtomicUsize>, Arc<Notify>) {
        let (runs, ran) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (counter, bell) = (runs.clone(), ran.clone());
        let waker = jobs.add("count", LONG, move || {
            let (counter, bell) = (counter.clone(), bell.clone());
            async move {
                counter.fetch_add(1, Ordering::SeqCst);
                bell.notify_one();
                answer()
            }
        });
        (waker, runs, ran)
    }

    #[tokio::test]
    async fn every_job_runs_once_even_when_one_fails() {
        let mut jobs = Jobs::default();
        let (_, failing, _) = counting(&mut jobs, || Err(JobError::new("no")));
        let (_, fine, _) = counting(&mut jobs, || Ok(()));
        assert!(jobs.run_once().await.is_err());
        assert_eq!((failing.load(Ordering::SeqCst), fine.load(Ordering::SeqCst)), (1, 1));
    }

    #[tokio::test]
    async fn a_woken_job_runs_before_its_rest_is_over() {
        let mut jobs = Jobs::default();
        let (waker, runs, ran) = counting(&mut jobs, || Ok(()));
        let running = jobs.start();
        ran.notified().await;
        waker.wake();
        ran.notified().await;
        running.stop(LONG).await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }

    /// Going down never waits for a run that hangs.
    #[tokio::test]
    async fn a_run_that_does_not_end_is_cut_off() {
        let (mut jobs, held) = (Jobs::default(), Arc::new(()));
        let (began, holding) = (Arc::new(Notify::new()), Arc::downgrade(&held));
        let bell = began.clone();
        jobs.add("hang", LONG, move || {
            let (bell, held) = (bell.clone(), held.clone());
            async move {
                bell.notify_one();
                std::future::pending::<()>().await;
                drop(held);
                Ok(())
            }
        });
        let running = jobs.start();
        began.notified().await;
        running.stop(Duration::from_millis(10)).await;
        drop(jobs);
        while holding.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_job_that_panics_runs_again() {
        let mut jobs = Jobs::default();
        let (waker, runs, ran) = counting(&mut jobs, || panic!("on purpose"));
        let running = jobs.start();
        ran.notified().await;
        waker.wake();
        ran.notified().await;
        running.stop(LONG).await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }
}
