//! What ends for good: members deleted for ever, accounts, workspaces; and what the operator can still bring back.

mod account_races;
mod bars;
mod cut_off;
mod delete_account;
mod delete_member;
mod delete_workspace;
mod grant_admin;
mod mails;
mod marks;
mod purge_proof;
mod races;
