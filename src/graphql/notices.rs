//! Notices in the schema: what the viewer is told, and dismissing it.
//!
//! Never shows anything of the workspace but its name and whom to turn to there.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::caller::Asking;
use super::connection::{Connection, page_request};
use super::directives::{SessionKind, requires};
use super::outcome::{answer, outcome};
use super::scalars::{DateTime, EventCursor, parse_id};
use super::user_errors::{UserError, WorkspaceContact};
use crate::access::{AccountView, Failure, Never};
use crate::members::{self, Contact};
use crate::notices;
use crate::primitives::ids::{NoticeId, WorkspaceId};
use crate::primitives::page::PageArguments;

/// What a notice tells.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "notices::NoticeKind")]
pub enum NoticeKind {
    /// You were removed from the workspace.
    Removed,
}

/// Something that you are told until you dismiss it.
pub struct Notice {
    notice: notices::Notice,
    contact: Contact,
}

impl Notice {
    /// Adds whom to turn to: one statement, however many notices there are.
    pub async fn of_all(view: &AccountView, notices: Vec<notices::Notice>) -> Result<Vec<Self>> {
        let workspaces: Vec<WorkspaceId> = notices.iter().map(|notice| notice.workspace).collect();
        let found = members::load_many_contacts(view.reader(), &workspaces).await;
        let contacts: HashMap<WorkspaceId, Contact> = answer(found.map_err(Failure::<Never>::from))?;
        let of = |notice: notices::Notice| {
            let contact = contacts.get(&notice.workspace).cloned().unwrap_or_default();
            Self { notice, contact }
        };
        Ok(notices.into_iter().map(of).collect())
    }
}

/// Something that you are told until you dismiss it: that you were removed from a workspace. Two ways on: write to its
/// contact, or `createWorkspace` for one of your own.
#[Object]
impl Notice {
    /// Its id, for `dismissNotice`.
    pub async fn id(&self) -> ID {
        ID(self.notice.id.to_string())
    }

    /// What it tells.
    async fn kind(&self) -> NoticeKind {
        self.notice.kind.into()
    }

    /// The workspace's id.
    async fn workspace_id(&self) -> ID {
        ID(self.notice.workspace.to_string())
    }

    /// What the workspace is called.
    async fn workspace_name(&self) -> &str {
        &self.notice.workspace_name
    }

    /// Whom to turn to in the workspace.
    async fn contact(&self) -> WorkspaceContact {
        self.contact.clone().into()
    }

    /// When it happened.
    async fn created_at(&self) -> DateTime {
        self.notice.created_at.into()
    }
}

/// What `viewer` answers about notices.
pub struct ViewerNotices(pub AccountView);

#[Object]
impl ViewerNotices {
    /// What you are told until you dismiss it, the newest first, a page at a time.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn notices(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Notice>> {
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, notices::Notice::ORDER)?;
        let page = answer(notices::list::<Never>(&self.0, &request).await)?;
        let shown = Notice::of_all(&self.0, page.rows.clone()).await?;
        let mut shown = shown.into_iter();
        let page = page.map(|notice| (notice.place(), shown.next().expect("one for each notice")));
        let view = self.0.clone();
        Ok(Connection::new(page, move || {
            let view = view.clone();
            async move { answer(notices::count::<Never>(&view).await) }
        }))
    }
}

/// Which notice you have read.
#[derive(InputObject)]
struct DismissNoticeInput {
    /// One of `viewer.notices`.
    notice_id: ID,
}

/// What dismissing came to.
#[derive(SimpleObject, Default)]
struct DismissNoticePayload {
    /// The notice that is gone; null when it was refused.
    dismissed_notice_id: Option<ID>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// Your own stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutation on notices.
#[derive(Default)]
pub struct NoticesMutation;

#[Object]
impl NoticesMutation {
    /// Dismisses a notice that you have read.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn dismiss_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which notice you have read.")] input: DismissNoticeInput,
    ) -> Result<DismissNoticePayload> {
        let id = parse_id("input.noticeId", &input.notice_id, NoticeId::parse)?;
        Ok(match outcome(notices::dismiss(ctx.gate()?, ctx.account_proof()?, id).await)? {
            Ok(committed) => DismissNoticePayload {
                dismissed_notice_id: Some(input.notice_id),
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => DismissNoticePayload { user_errors, ..Default::default() },
        })
    }
}
