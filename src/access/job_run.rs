//! What a run of a job on many things comes to: one where it fails holds none of the others up, each failure is logged with
//! what it was about, and the first of them is the answer.
//!
//! Never tries anything again; the next run does.

use std::fmt::Display;

use super::failure::{Failure, Never};

/// One run, as far as it has come.
pub struct JobRun {
    /// What the log says of each failure.
    complaint: &'static str,
    first: Option<Failure<Never>>,
}

impl JobRun {
    pub const fn new(complaint: &'static str) -> Self {
        Self { complaint, first: None }
    }

    /// How it went with one of them.
    pub fn note<T>(&mut self, item: impl Display, went: Result<T, Failure<Never>>) -> Option<T> {
        match went {
            Ok(done) => Some(done),
            Err(failure) => {
                tracing::warn!(%item, ?failure, "{}", self.complaint);
                self.first.get_or_insert(failure);
                None
            }
        }
    }

    /// What was done, unless something failed.
    pub fn end<T>(self, done: T) -> Result<T, Failure<Never>> {
        self.first.map_or(Ok(done), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_is_the_answer_and_the_others_go_on() {
        let mut run = JobRun::new("could not be done");
        assert_eq!(run.note("one", Ok(1)), Some(1));
        assert_eq!(run.note::<i32>("two", Err(Failure::Unavailable)), None);
        assert_eq!(run.note::<i32>("three", Err(Failure::Forbidden)), None);
        assert_eq!(run.note("four", Ok(4)), Some(4));
        assert!(matches!(run.end(5), Err(Failure::Unavailable)));
        assert!(matches!(JobRun::new("could not be done").end(5), Ok(5)));
    }
}
