//! The figures of docs/benchmarks.md: what the release binary does under load, against a limit of the same minute.
//!
//!     cargo bench                      all of them
//!     cargo bench -- fanout memory     some of them
//!     cargo bench -- --quick           all of them, small: shows that they run, and says nothing about speed
//!
//! Never runs inside the process that it measures: server, load and limit are processes of their own.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a benchmark stops at the first surprise, prints what it found, and is no part of the product"
)]

mod alone;
mod bare;
mod bulk;
mod burst;
mod caller;
mod check;
mod cores;
mod delivery;
mod fanout;
mod frame;
mod house;
mod limit;
mod load;
mod logout;
mod memory;
mod noise;
mod plan;
mod process;
mod report;
mod role;
mod rows;
mod seed;
mod socket;
mod spread;
mod storm;
mod support;
mod tally;
mod watching;

use plan::{Asked, Plan};
use report::Report;

fn main() {
    match plan::asked() {
        Asked::Role(role) if role == "bare" => bare::serve(),
        Asked::Role(role) if role == "load" => load::serve(),
        Asked::Role(role) => panic!("no role {role}"),
        Asked::Figures(plan) => measure(&plan),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn measure(plan: &Plan) {
    cores::move_aside();
    if !cores::is_pinned() {
        println!("`taskset` or a second core is missing: nothing is pinned, and ratios are less sharp.");
    }
    let mut report = Report::default();
    if plan.wants("noise") {
        noise::measure(plan, &mut report);
    }
    if plan.wants("fanout") {
        fanout::measure(plan, &mut report).await;
    }
    if plan.wants("burst") {
        burst::measure(plan, &mut report).await;
    }
    if plan.wants("memory") {
        memory::measure(plan, &mut report).await;
    }
    if plan.wants("logout") {
        logout::measure(plan, &mut report).await;
    }
    if plan.wants("crowd") {
        logout::measure_crowd(plan, &mut report).await;
    }
    if plan.wants("delivery") {
        delivery::measure(plan, &mut report).await;
    }
    if plan.wants("alone") {
        alone::measure(plan, &mut report).await;
    }
    if plan.wants("check") {
        check::measure(plan, &mut report).await;
    }
    if plan.wants("bulk") {
        bulk::measure(plan, &mut report).await;
    }
    report.print();
}
