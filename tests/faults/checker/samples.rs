//! A small run by hand, in which everything went as promised: a block, a demotion, a revoked key, a sign-out, readers.

use std::collections::BTreeMap;

use rollcall::platform::journal::{Effect, Event, StreamId, Subject};
use rollcall::primitives::actor::{Actor, AssetScope, Audience, EndCause, Origin};
use rollcall::primitives::ids::{EventId, MemberId, OperationId, RoleId, WorkspaceId};
use rollcall::primitives::rights::Rights;
use rollcall::primitives::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::grants::word;
use crate::faults::record::{
    Ask, Credential, CredentialId, Fault, Heard, Holder, Journal, Micros, Outcome, Reader, ReaderId, Record,
    SECOND, Sight, Socket, What,
};

pub const WORKSPACE: Uuid = Uuid::from_u128(1);
pub const ADMIN: Uuid = Uuid::from_u128(2);
pub const ADA: Uuid = Uuid::from_u128(3);
pub const KEY: Uuid = Uuid::from_u128(4);

/// The admin's session, Ada's account session, her session in the workspace, and her key.
pub const BY_ADMIN: CredentialId = CredentialId(0);
pub const PHONE: CredentialId = CredentialId(1);
pub const SESSION: CredentialId = CredentialId(2);
pub const BY_KEY: CredentialId = CredentialId(3);
/// Reads all the time.
pub const READER: ReaderId = ReaderId(0);

pub const FAULT: &str = "a fault";

pub fn event(seq: i64, kind: &str, actor: Actor) -> Event {
    Event {
        stream: StreamId::Workspace(WorkspaceId::from_uuid(WORKSPACE)),
        seq,
        id: EventId::from_uuid(Uuid::from_u128(1000 + u128::from(seq.unsigned_abs()))),
        kind: kind.to_owned(),
        version: 1,
        operation: OperationId::new(),
        occurred_at: Timestamp::from_micros(seq),
        actor,
        origin: Some(Origin::AdminDirect),
        audience: Audience::Admins,
        subject: None,
        effect: None,
        payload: json!({}),
    }
}

pub fn member(id: Uuid) -> Actor {
    Actor::Member(MemberId::from_uuid(id))
}

fn about_ada(seq: i64, kind: &str, effect: Option<Effect>) -> Event {
    let subject = Some(Subject::Member(MemberId::from_uuid(ADA)));
    Event { subject, effect, ..event(seq, kind, member(ADMIN)) }
}

pub fn role(seq: i64, admin: bool) -> Event {
    let rights = Rights { role: RoleId::new(), admin, scope: AssetScope::All, granted: [].into() };
    let effect = Effect::ChangeMemberRights { member: MemberId::from_uuid(ADA), rights };
    Event { audience: Audience::Members, ..about_ada(seq, "MemberRoleSet", Some(effect)) }
}

/// A role of the workspace's own.
pub const KEEPERS: Uuid = Uuid::from_u128(5);

fn keepers(assets: bool) -> Rights {
    let granted = assets.then(|| "MANAGE_ASSETS".to_owned()).into_iter().collect();
    Rights { role: RoleId::from_uuid(KEEPERS), admin: false, scope: AssetScope::All, granted }
}

/// Ada gets that role, and it gives the right to manage assets.
pub fn given_role(seq: i64) -> Event {
    let effect = Effect::ChangeMemberRights { member: MemberId::from_uuid(ADA), rights: keepers(true) };
    Event { audience: Audience::Members, ..about_ada(seq, "MemberRoleSet", Some(effect)) }
}

/// What the role gives, by an edit with this mark; or what its holders have since it is gone.
pub fn role_edited(seq: i64, kind: &str, assets: bool, mark: Uuid) -> Event {
    let role = RoleId::from_uuid(KEEPERS);
    let payload = match kind {
        "RoleDeleted" => json!({ "role": role }),
        _ => json!({ "role": { "permissions": [word(mark)] } }),
    };
    let mut rights = keepers(assets);
    if kind == "RoleDeleted" {
        rights.role = RoleId::from_uuid(Uuid::from_u128(6));
    }
    let effect = Some(Effect::ChangeRoleRights { role, rights });
    Event { effect, payload, audience: Audience::Members, ..event(seq, kind, member(ADMIN)) }
}

/// 1: Ada registers an asset. 2: she is blocked. 3: she is unblocked. 4: demoted. 5: an admin again.
pub fn journal() -> Journal {
    let blocked = Effect::EndMemberSessions {
        member: MemberId::from_uuid(ADA),
        below_generation: 2,
        cause: EndCause::Blocked,
    };
    let events = vec![
        event(1, "AssetRegistered", member(ADA)),
        about_ada(2, "MemberBlocked", Some(blocked)),
        about_ada(3, "MemberUnblocked", None),
        role(4, false),
        role(5, true),
    ];
    Journal(BTreeMap::from([(WORKSPACE, events)]))
}

pub fn ask(by: CredentialId, what: What, begun: Micros, outcome: Outcome) -> Ask {
    Ask { by, server: 0, what, begun, ended: begun + 10, outcome }
}

pub fn refused() -> Outcome {
    Outcome::Refused("UNAUTHENTICATED".into())
}

pub fn shown(seq: i64) -> Heard {
    Heard::Event { seq, id: Uuid::from_u128(1000 + u128::from(seq.unsigned_abs())) }
}

pub fn socket(by: CredentialId, begun: Micros, reader: Option<ReaderId>) -> Socket {
    let acknowledged = Some(begun + 1);
    Socket { by, server: 1, begun, acknowledged, reader, heard: Vec::new(), closed: None }
}

/// Everything as promised.
pub fn record() -> Record {
    let in_workspace =
        |member, session, parent| Holder::Member { workspace: WORKSPACE, member, session, parent };
    let holders = [
        in_workspace(ADMIN, Uuid::from_u128(20), PHONE),
        Holder::Account { account: Uuid::from_u128(30), session: Uuid::from_u128(31) },
        in_workspace(ADA, Uuid::from_u128(32), PHONE),
        Holder::Key { workspace: WORKSPACE, maker: ADA, key: KEY },
    ];
    let credentials = holders.map(|holder| Credential { holder, issued_at: 0, floor: 0 }).to_vec();
    let done = |seq| Outcome::Done(Some(seq));
    let asks = vec![
        ask(SESSION, What::RegisterAsset, 100, done(1)),
        ask(SESSION, What::Read, 150, Outcome::Done(None)),
        ask(BY_ADMIN, What::Block(ADA), 200, done(2)),
        ask(SESSION, What::Read, 220, refused()),
        ask(BY_KEY, What::Read, 230, refused()),
        ask(BY_ADMIN, What::Unblock(ADA), 300, done(3)),
        ask(BY_KEY, What::Read, 320, Outcome::Done(None)),
        ask(BY_ADMIN, What::SetRole { member: ADA, admin: false }, 400, done(4)),
        ask(BY_KEY, What::Read, 420, refused()),
        ask(BY_ADMIN, What::SetRole { member: ADA, admin: true }, 500, done(5)),
        ask(BY_KEY, What::Read, 520, Outcome::Done(None)),
        ask(BY_ADMIN, What::Block(ADA), 600, Outcome::Unknown),
    ];
    let sight = Sight::Member { member: ADMIN, admin: true, joined: 0 };
    let readers = vec![Reader { name: "the admin".into(), stream: WORKSPACE, sight, first: 0, stays: true }];
    let mut first = socket(BY_ADMIN, 50, Some(READER));
    first.heard = vec![(110, shown(1)), (210, shown(2))];
    first.closed = Some((250, Some(1013)));
    let mut second = socket(BY_ADMIN, 260, Some(READER));
    second.heard = vec![(310, shown(3)), (410, shown(4)), (510, shown(5))];
    let mut of_ada = socket(SESSION, 60, None);
    of_ada.heard = vec![(215, Heard::SessionEnded("BLOCKED".into())), (216, Heard::Complete)];
    of_ada.closed = Some((217, Some(4401)));
    Record {
        seed: 1,
        credentials,
        asks,
        sockets: vec![first, second, of_ada],
        readers,
        faults: vec![Fault { kind: FAULT, what: String::new(), from: 205, to: 300 }],
        rewound: None,
        since: BTreeMap::new(),
        healed_at: 400,
        stopped_at: SECOND,
        settled: BTreeMap::new(),
    }
}
