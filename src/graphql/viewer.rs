//! `viewer`: the person who asks, put together from what each room answers.

use async_graphql::{Context, MergedObject, Object, Result};

use super::accounts::ViewerAccount;
use super::caller::Asking;
use super::directives::{SessionKind, requires};
use super::events::ViewerPlace;
use super::invitations::ViewerInvitations;
use super::kept_assets::ViewerAssets;
use super::notices::ViewerNotices;
use super::sessions::ViewerSessions;
use super::workspaces::ViewerMemberships;
use crate::access::AccountView;

/// The person who asks. A workspace session sees account, memberships and notices as well, so that one screen needs one token.
#[derive(MergedObject)]
pub struct Viewer(
    ViewerAccount,
    ViewerMemberships,
    ViewerNotices,
    ViewerAssets,
    ViewerInvitations,
    ViewerSessions,
    ViewerPlace,
);

impl Viewer {
    fn new(view: &AccountView) -> Self {
        Self(
            ViewerAccount(view.clone()),
            ViewerMemberships(view.clone()),
            ViewerNotices(view.clone()),
            ViewerAssets(view.clone()),
            ViewerInvitations(view.clone()),
            ViewerSessions(view.clone()),
            ViewerPlace(view.clone()),
        )
    }
}

/// Asks for the viewer.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// The person who asks. An API key is no person.
    #[graphql(directive = requires::apply(SessionKind::Person, None))]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Ok(Viewer::new(&ctx.account_view()?))
    }
}
