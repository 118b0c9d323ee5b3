//! What is on record about a member, for admins: holds, rests, how a membership ended, what was written and what was tried.
//!
//! Never filled for anybody else: the fields that lead here ask first.

use async_graphql::{ID, SimpleObject};

use super::actor::Actor;
use super::words::{MemberAction, Origin, ReasonCategory};
use crate::graphql::scalars::DateTime;
use crate::members;

/// A hold that only an admin's own hand lifts.
#[derive(SimpleObject)]
pub struct Block {
    /// Since when.
    pub at: DateTime,
    /// Who blocked.
    pub by: Actor,
    /// Why, by category.
    pub category: Option<ReasonCategory>,
    /// Why, in an admin's words.
    pub note: Option<String>,
    /// When it is to be looked at again; null where nobody named a date.
    pub review_at: Option<DateTime>,
}

/// A rest that ends through ordinary ways.
#[derive(SimpleObject)]
pub struct Deactivation {
    /// Since when.
    pub at: DateTime,
    /// Who put the member to rest.
    pub by: Actor,
    /// Why, by category.
    pub category: Option<ReasonCategory>,
    /// Why, in an admin's words.
    pub note: Option<String>,
}

/// How a membership ended.
#[derive(SimpleObject)]
pub struct Removal {
    /// When.
    pub at: DateTime,
    /// Who removed the member; the member, where they left by themselves.
    pub by: Actor,
    /// Why, by category.
    pub category: Option<ReasonCategory>,
    /// Why, in an admin's words.
    pub note: Option<String>,
    /// From when on the person may be invited again; null where they may at any time.
    pub reinvite_allowed_at: Option<DateTime>,
    /// Were they blocked then? Only an admin directly invites who was.
    pub while_blocked: bool,
}

/// Access to one asset.
#[derive(SimpleObject)]
pub struct Assignment {
    /// The asset's id, for `workspace.asset`.
    pub asset_id: ID,
    /// The host's own role on the asset.
    pub role: Option<String>,
}

/// What an admin wrote beside an operation.
#[derive(SimpleObject)]
pub struct MemberNote {
    /// What was done.
    pub action: MemberAction,
    /// The note.
    pub text: String,
    /// When.
    pub created_at: DateTime,
}

/// Who or what tried to bring a blocked member back, within one hour.
#[derive(SimpleObject)]
pub struct RefusedAttempt {
    /// Who tried.
    pub actor: Actor,
    /// How it was asked.
    pub origin: Origin,
    /// What was tried last.
    pub action: MemberAction,
    /// How often within the hour.
    pub attempts: i64,
    /// When it was tried last.
    pub last_at: DateTime,
}

/// What a member wrote to the admins.
#[derive(SimpleObject)]
pub struct ContactRequest {
    /// What they wrote.
    pub message: String,
    /// When.
    pub created_at: DateTime,
}

impl From<members::ContactRequest> for ContactRequest {
    fn from(request: members::ContactRequest) -> Self {
        Self { message: request.message, created_at: request.created_at.into() }
    }
}

impl From<members::Block> for Block {
    fn from(block: members::Block) -> Self {
        Self {
            at: block.at.into(),
            by: block.by.into(),
            category: block.category.map(Into::into),
            note: block.note,
            review_at: block.review_at.map(Into::into),
        }
    }
}

impl From<members::Departure> for Deactivation {
    fn from(departure: members::Departure) -> Self {
        Self {
            at: departure.at.into(),
            by: departure.by.into(),
            category: departure.category.map(Into::into),
            note: departure.note,
        }
    }
}

impl Removal {
    /// None where the membership hasn't ended.
    pub fn of(member: &members::Member) -> Option<Self> {
        let departure = member.removal()?.clone();
        Some(Self {
            at: departure.at.into(),
            by: departure.by.into(),
            category: departure.category.map(Into::into),
            note: departure.note,
            reinvite_allowed_at: member.reinvite_allowed_at.map(Into::into),
            while_blocked: member.removed_while_blocked,
        })
    }
}

impl From<members::Assignment> for Assignment {
    fn from(assignment: members::Assignment) -> Self {
        Self { asset_id: ID(assignment.asset.to_string()), role: assignment.role }
    }
}

impl From<members::Note> for MemberNote {
    fn from(note: members::Note) -> Self {
        Self { action: note.operation.into(), text: note.text, created_at: note.created_at.into() }
    }
}

impl From<members::RefusedAttempt> for RefusedAttempt {
    fn from(attempt: members::RefusedAttempt) -> Self {
        Self {
            actor: attempt.actor.into(),
            origin: attempt.origin.into(),
            action: attempt.operation.into(),
            attempts: attempt.attempts,
            last_at: attempt.last_at.into(),
        }
    }
}
