//! Sessions: entering, ending, listing, and what happens when it happens at once.

mod ending;
mod entering;
mod races;
mod uses;
