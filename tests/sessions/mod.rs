//! Sessions: entering, ending, listing, and what happens when it happens at once.

mod batches;
mod checking;
mod cookies;
mod ending;
mod entering;
mod over_http;
mod races;
mod uses;
