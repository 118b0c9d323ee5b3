//! The connection as the WebSocket protocol sees it: what it reads comes from there, what it answers by itself (pongs,
//! the end) is kept until it is its turn.
//!
//! Never writes in between the frames that others write: they are written from one place alone (`wire`).

use std::io::{Error, ErrorKind, IoSlice, Read, Result, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) struct Lane {
    connection: TokioIo<Upgraded>,
    /// Who is to be woken when there is something to read.
    reader: Waker,
    answers: Vec<u8>,
}

impl Lane {
    pub(super) fn new(connection: Upgraded) -> Self {
        Self { connection: TokioIo::new(connection), reader: Waker::noop().clone(), answers: Vec::new() }
    }

    /// The next readings are for this task.
    pub(super) fn attend(&mut self, cx: &Context<'_>) {
        self.reader.clone_from(cx.waker());
    }

    /// What the protocol has answered since this was asked last; whole frames.
    pub(super) fn take_answers(&mut self) -> Option<Bytes> {
        (!self.answers.is_empty()).then(|| std::mem::take(&mut self.answers).into())
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, frames: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        let connection = Pin::new(&mut self.connection);
        match frames {
            [frame] => connection.poll_write(cx, frame),
            frames => connection.poll_write_vectored(cx, frames),
        }
    }
}

impl Read for Lane {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        let mut cx = Context::from_waker(&self.reader);
        match Pin::new(&mut self.connection).poll_read(&mut cx, &mut buffer) {
            Poll::Ready(read) => read.map(|()| buffer.filled().len()),
            Poll::Pending => Err(Error::from(ErrorKind::WouldBlock)),
        }
    }
}

impl Write for Lane {
    fn write(&mut self, frame: &[u8]) -> Result<usize> {
        self.answers.extend(frame);
        Ok(frame.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
