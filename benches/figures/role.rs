//! This program again, in another process and another role: the load, or the bare loop.
//!
//! Never outlives this one: both end with their input.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde::de::DeserializeOwned;

use super::cores::{self, Core};
use super::load::{Expected, Order, Request, Struck};
use super::process;

/// A process in a role.
pub struct Role {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Role {
    fn start(name: &str, core: Core) -> Self {
        let own = std::env::current_exe().expect("the program has a file");
        let mut command = cores::command(core, &own.display().to_string());
        command.args(["--role", name]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts again");
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, orders, answers }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        assert!(!line.is_empty(), "a {:?} ended before its time", self.child);
        line.trim_end().to_owned()
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        drop(self.orders.take());
        // The bare loop listens to its control alone.
        drop(self.child.kill());
        self.child.wait().expect("it has ended");
    }
}

/// The limit's process.
pub struct Bare {
    role: Role,
    pub address: String,
}

impl Bare {
    pub fn start() -> Self {
        let mut role = Role::start("bare", Core::Measured);
        let address = role.line();
        Self { role, address }
    }

    pub fn process(&self) -> u32 {
        self.role.child.id()
    }
}

/// A process that holds sockets and strikes.
pub struct Load(Role);

impl Load {
    pub fn start() -> Self {
        Self(Role::start("load", Core::Rest))
    }

    pub fn process(&self) -> u32 {
        self.0.child.id()
    }

    fn ask<T: DeserializeOwned>(&mut self, order: &Order) -> T {
        let line = serde_json::to_string(order).expect("an order is plain") + "\n";
        let orders = self.0.orders.as_mut().expect("open until the end");
        orders.write_all(line.as_bytes()).expect("the load listens");
        let answer = self.0.line();
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("the load could not: {answer}"))
    }

    fn done(&mut self, order: &Order) {
        let answer: serde_json::Value = self.ask(order);
        assert!(answer.get("error").is_none(), "the load could not: {answer}");
    }

    /// A socket for each token, subscribed to each document.
    pub fn open(&mut self, address: &str, tokens: &[String], documents: &[&str]) {
        let documents = documents.iter().map(|document| (*document).to_owned()).collect();
        self.done(&Order::Open { address: address.into(), tokens: tokens.to_vec(), documents });
    }

    pub fn open_bare(&mut self, bare: &Bare, count: usize) {
        self.done(&Order::OpenBare { address: bare.address.clone(), count });
    }

    /// A mutation, and what it makes come. Fails where it was refused.
    pub fn strike(&mut self, request: Request, expected: Expected) -> Struck {
        let struck: Struck = self.ask(&Order::Strike { request, expected });
        let answer = &struck.answer;
        assert!(!answer.contains("\"errors\"") && !answer.contains("\"code\""), "refused: {answer}");
        struck
    }

    pub fn strike_bare(&mut self, frame: &str, times: usize, expected: Expected) -> Struck {
        self.ask(&Order::StrikeBare { frame: frame.to_owned(), times, expected })
    }

    pub fn storm(&mut self, storm: super::storm::Storm) -> super::storm::Weathered {
        self.ask(&Order::Storm(storm))
    }

    /// Seconds of CPU that it has used.
    pub fn cpu(&self) -> f64 {
        process::cpu(self.process())
    }
}
