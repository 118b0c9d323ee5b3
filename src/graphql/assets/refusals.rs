//! From the assets room's refusals to user errors.

use crate::assets::{AssetRefusal, ReassignRefusal, RegisterRefusal, SharePlace, ShareRefusal};
use crate::graphql::user_errors::{ErrorCode, UserError};

impl From<RegisterRefusal> for UserError {
    fn from(refusal: RegisterRefusal) -> Self {
        match refusal {
            RegisterRefusal::ExternalIdTaken => Self::at(
                "input.externalId",
                ErrorCode::AlreadyExists,
                "an asset of this kind has this external id already, or had it and is archived, was lost or went with its \
                 owner; look it up with `assetByExternalId`",
            ),
            RegisterRefusal::OwnerNotActive => Self::invalid(
                "input.ownerMemberId",
                "only an active member can own an asset; name another, or leave it out",
            ),
        }
    }
}

fn archived(field: &str) -> UserError {
    let message = "this asset is archived, for good; it can be looked at and nothing else";
    UserError::at(field, ErrorCode::AssetArchived, message)
}

impl From<AssetRefusal> for UserError {
    fn from(refusal: AssetRefusal) -> Self {
        match refusal {
            AssetRefusal::Archived => archived("input.assetId"),
        }
    }
}

impl From<ShareRefusal> for UserError {
    fn from(refusal: ShareRefusal) -> Self {
        let with = |index| format!("input.withMemberIds.{index}");
        match refusal {
            ShareRefusal::Asset(refusal) => refusal.into(),
            ShareRefusal::MemberUnknown(SharePlace::With(index)) => Self::not_found(&with(index)),
            ShareRefusal::MemberUnknown(SharePlace::BackFrom(index)) => {
                Self::not_found(&format!("input.backFromMemberIds.{index}"))
            }
            ShareRefusal::MemberNotActive { index } => {
                Self::invalid(&with(index), "only an active member can be shared with; name another")
            }
            ShareRefusal::MemberBothWays { index } => Self::invalid(
                &with(index),
                "stands in `backFromMemberIds` as well; name the member in one of them",
            ),
            ShareRefusal::ChannelBothWays { index } => Self::invalid(
                &format!("input.withChannels.{index}"),
                "stands in `backFromChannels` as well; name the channel in one of them",
            ),
            ShareRefusal::TooManyMembers { max } => Self::invalid(
                "input.withMemberIds",
                format!("an asset is shared with at most {max} members; share it with a channel"),
            ),
            ShareRefusal::TooManyChannels { max } => {
                Self::invalid("input.withChannels", format!("an asset is shared with at most {max} channels"))
            }
        }
    }
}

impl From<ReassignRefusal> for UserError {
    fn from(refusal: ReassignRefusal) -> Self {
        let at = |index| format!("input.assetIds.{index}");
        match refusal {
            ReassignRefusal::AssetTwice { index } => {
                Self::invalid(&at(index), "the same asset stands here twice; name it once")
            }
            ReassignRefusal::AssetUnknown { index } => Self::not_found(&at(index)),
            ReassignRefusal::AssetArchived { index } => archived(&at(index)),
            ReassignRefusal::OwnerNotActive => Self::invalid(
                "input.toMemberId",
                "only an active member can own an asset; name another, or null for the workspace",
            ),
        }
    }
}
