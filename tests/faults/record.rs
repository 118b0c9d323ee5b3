//! What the clients did and saw, and what the nemesis did to the service: all on one monotonic clock.
//!
//! Never judges. What a client can't know it doesn't claim: an answer that did not come is `Unknown`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use rollcall::platform::journal::Event;
use uuid::Uuid;

/// Microseconds since the run began.
pub type Micros = u64;

pub const SECOND: Micros = 1_000_000;

/// A place in `Record::credentials`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Hash)]
pub struct CredentialId(pub usize);

/// A place in `Record::readers`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ReaderId(pub usize);

/// A place in `Record::sockets`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SocketId(pub usize);

/// What a token stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Holder {
    /// A person, through this account session.
    Account { account: Uuid, session: Uuid },
    /// A member, through this workspace session under that account session.
    Member { workspace: Uuid, member: Uuid, session: Uuid, parent: CredentialId },
    /// A key that acts for the member who made it.
    Key { workspace: Uuid, maker: Uuid, key: Uuid },
}

impl Holder {
    /// Who stands in the journal as having done what was asked with it.
    pub const fn author(&self) -> Uuid {
        match self {
            Self::Account { account, .. } => *account,
            Self::Member { member, .. } => *member,
            Self::Key { key, .. } => *key,
        }
    }

    /// The member whose rights it uses.
    pub const fn member(&self) -> Option<Uuid> {
        match self {
            Self::Account { .. } => None,
            Self::Member { member, .. } => Some(*member),
            Self::Key { maker, .. } => Some(*maker),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Credential {
    pub holder: Holder,
    /// When the answer that brought it had arrived.
    pub issued_at: Micros,
    /// The last number of its workspace's stream, read after it was issued: whatever ends it has a higher one.
    pub floor: i64,
}

/// What was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    Read,
    /// Entering this workspace: brings a credential.
    Enter(Uuid),
    Block(Uuid),
    Unblock(Uuid),
    SetRole {
        member: Uuid,
        admin: bool,
    },
    /// A role of the workspace's own, and the mark by which its event is known.
    CreateRole {
        mark: Uuid,
    },
    /// What a role gives to all who hold it, and the mark by which the event is known.
    UpdateRole {
        role: Uuid,
        mark: Uuid,
    },
    /// Whoever held it holds its successor.
    DeleteRole(Uuid),
    EndMemberSessions(Uuid),
    Deactivate(Uuid),
    Reactivate(Uuid),
    Remove(Uuid),
    DeleteForever(Uuid),
    /// One's own membership.
    Leave,
    /// One's own password: ends all other sessions of the account, not the one that asks nor what hangs on it.
    ChangePassword,
    /// With the password of this number.
    SignIn {
        account: Uuid,
        password: usize,
    },
    /// By a mailed link, to the password of this number: ends all sessions of the account.
    ResetPassword {
        account: Uuid,
        password: usize,
    },
    /// One's own account.
    DeleteAccount,
    /// The workspace of the session that asks.
    DeleteWorkspace,
    /// The operator brings a deleted workspace back.
    Recover(Uuid),
    /// The operator has brought a backup back: ends all sessions of everybody.
    Restore,
    /// One's own session.
    SignOut,
    /// One of one's sessions, of either kind.
    EndSession(CredentialId),
    RegisterAsset,
    CreateKey,
    RevokeKey(CredentialId),
    Invite,
    /// The membership that the invitation made, in its workspace.
    Accept {
        workspace: Uuid,
        member: Uuid,
    },
}

impl What {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Enter(_) => "enter",
            Self::Block(_) => "block",
            Self::Unblock(_) => "unblock",
            Self::SetRole { .. } => "set role",
            Self::CreateRole { .. } => "create role",
            Self::UpdateRole { .. } => "edit role",
            Self::DeleteRole(_) => "delete role",
            Self::EndMemberSessions(_) => "end member's sessions",
            Self::Deactivate(_) => "deactivate",
            Self::Reactivate(_) => "reactivate",
            Self::Remove(_) => "remove",
            Self::DeleteForever(_) => "delete for ever",
            Self::Leave => "leave",
            Self::ChangePassword => "change password",
            Self::SignIn { .. } => "sign in",
            Self::ResetPassword { .. } => "reset password",
            Self::DeleteAccount => "delete account",
            Self::DeleteWorkspace => "delete workspace",
            Self::Recover(_) => "recover workspace",
            Self::Restore => "restored",
            Self::SignOut => "sign out",
            Self::EndSession(_) => "end session",
            Self::RegisterAsset => "register asset",
            Self::CreateKey => "create key",
            Self::RevokeKey(_) => "revoke key",
            Self::Invite => "invite",
            Self::Accept { .. } => "accept",
        }
    }

    /// Which rights it takes.
    pub const fn needs(&self) -> Needs {
        match self {
            Self::Read
            | Self::Enter(_)
            | Self::Leave
            | Self::ChangePassword
            | Self::SignIn { .. }
            | Self::ResetPassword { .. }
            | Self::DeleteAccount
            | Self::Recover(_)
            | Self::Restore
            | Self::SignOut
            | Self::EndSession(_)
            | Self::Accept { .. } => Needs::Nothing,
            Self::RegisterAsset => Needs::Assets,
            Self::Block(_)
            | Self::Unblock(_)
            | Self::SetRole { .. }
            | Self::CreateRole { .. }
            | Self::UpdateRole { .. }
            | Self::DeleteRole(_)
            | Self::EndMemberSessions(_)
            | Self::Deactivate(_)
            | Self::Reactivate(_)
            | Self::Remove(_)
            | Self::DeleteForever(_)
            | Self::DeleteWorkspace
            | Self::CreateKey
            | Self::RevokeKey(_)
            | Self::Invite => Needs::Admin,
        }
    }
}

/// The rights that something takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Needs {
    /// A session that holds.
    Nothing,
    /// `MANAGE_ASSETS`, which roles of the workspace's own may give.
    Assets,
    /// The admin's role.
    Admin,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// With the stream's place after it, where the answer tells it.
    Done(Option<i64>),
    Refused(String),
    /// No answer, or one that says that nobody knows.
    Unknown,
}

/// One request, or one query on a socket.
#[derive(Clone, Debug)]
pub struct Ask {
    pub by: CredentialId,
    pub server: usize,
    pub what: What,
    pub begun: Micros,
    pub ended: Micros,
    pub outcome: Outcome,
}

/// What came on a socket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Heard {
    /// An event of the stream that the reader follows.
    Event {
        seq: i64,
        id: Uuid,
    },
    /// From this number on, because what was before can't be promised.
    Resync {
        reason: String,
        seq: i64,
    },
    /// The forced logout.
    SessionEnded(String),
    RightsChanged,
    Complete,
    /// A subscription was refused.
    Refused(String),
}

#[derive(Clone, Debug)]
pub struct Socket {
    pub by: CredentialId,
    pub server: usize,
    /// When the credential was shown.
    pub begun: Micros,
    pub acknowledged: Option<Micros>,
    /// Whose reading it carries.
    pub reader: Option<ReaderId>,
    pub heard: Vec<(Micros, Heard)>,
    /// With which code, or none where the connection broke or the client left.
    pub closed: Option<(Micros, Option<u16>)>,
}

/// One who reads a stream by its cursor, over as many sockets as it takes.
#[derive(Clone, Debug)]
pub struct Reader {
    pub name: String,
    pub stream: Uuid,
    /// What it may see at the beginning.
    pub sight: Sight,
    /// The number that it began after.
    pub first: i64,
    /// Is it to have seen everything at the end? Whoever is put out may not.
    pub stays: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sight {
    /// A member, an admin or not when the run began.
    Member { member: Uuid, admin: bool, joined: i64 },
    /// A person, through an account session.
    Account(Uuid),
}

/// One blow of the nemesis, until it was undone.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: &'static str,
    pub what: String,
    pub from: Micros,
    pub to: Micros,
}

/// The database was set back: what was acknowledged between is gone, by definition.
#[derive(Clone, Debug)]
pub struct Rewind {
    /// From here on requests met the old copy; before it none was answered for a while.
    pub at: Micros,
    /// The last number of each stream in the copy.
    pub heads: BTreeMap<Uuid, i64>,
}

#[derive(Clone, Debug, Default)]
pub struct Record {
    pub seed: u64,
    pub credentials: Vec<Credential>,
    pub asks: Vec<Ask>,
    pub sockets: Vec<Socket>,
    pub readers: Vec<Reader>,
    pub faults: Vec<Fault>,
    pub rewound: Option<Rewind>,
    /// The last number of each stream before the work began.
    pub since: BTreeMap<Uuid, i64>,
    /// When the last fault was undone and every server said that it is ready.
    pub healed_at: Micros,
    /// When the last request had ended.
    pub stopped_at: Micros,
    /// The numbers that were waited for at the end.
    pub settled: BTreeMap<Uuid, i64>,
}

impl Record {
    pub fn credential(&self, id: CredentialId) -> &Credential {
        &self.credentials[id.0]
    }

    /// The workspace that a credential is for.
    pub fn workspace_of(&self, id: CredentialId) -> Option<Uuid> {
        match self.credential(id).holder {
            Holder::Account { .. } => None,
            Holder::Member { workspace, .. } | Holder::Key { workspace, .. } => Some(workspace),
        }
    }

    /// What a reader heard of its stream, over all its sockets, in the order in which it came.
    pub fn heard_by(&self, reader: ReaderId) -> impl Iterator<Item = (&Socket, Micros, &Heard)> {
        let sockets = self.sockets.iter().filter(move |socket| socket.reader == Some(reader));
        let heard =
            sockets.flat_map(|socket| socket.heard.iter().map(move |(at, heard)| (socket, *at, heard)));
        heard.filter(|(_, _, heard)| matches!(heard, Heard::Event { .. } | Heard::Resync { .. }))
    }
}

/// The streams as the database holds them at the end.
#[derive(Clone, Debug, Default)]
pub struct Journal(pub BTreeMap<Uuid, Vec<Event>>);

impl Journal {
    pub fn stream(&self, id: Uuid) -> &[Event] {
        self.0.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What stands behind a number.
    pub fn after(&self, stream: Uuid, seq: i64) -> &[Event] {
        let events = self.stream(stream);
        &events[events.partition_point(|event| event.seq <= seq)..]
    }
}

/// Where everybody writes down what they did and saw.
#[derive(Clone, Debug)]
pub struct Recorder {
    began: Instant,
    record: Arc<Mutex<Record>>,
}

impl Recorder {
    pub fn new(seed: u64) -> Self {
        let record = Record { seed, ..Record::default() };
        Self { began: Instant::now(), record: Arc::new(Mutex::new(record)) }
    }

    pub fn now(&self) -> Micros {
        u64::try_from(self.began.elapsed().as_micros()).expect("a run is short")
    }

    pub fn with(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap()
    }

    pub fn credential(&self, holder: Holder, floor: i64) -> CredentialId {
        let issued_at = self.now();
        let mut record = self.with();
        record.credentials.push(Credential { holder, issued_at, floor });
        CredentialId(record.credentials.len() - 1)
    }

    pub fn reader(&self, reader: Reader) -> ReaderId {
        let mut record = self.with();
        record.readers.push(reader);
        ReaderId(record.readers.len() - 1)
    }

    /// A socket on which a credential is shown now.
    pub fn socket(&self, by: CredentialId, server: usize, reader: Option<ReaderId>) -> SocketId {
        let begun = self.now();
        let mut record = self.with();
        let socket =
            Socket { by, server, begun, acknowledged: None, reader, heard: Vec::new(), closed: None };
        record.sockets.push(socket);
        SocketId(record.sockets.len() - 1)
    }

    pub fn acknowledged(&self, socket: SocketId) {
        self.with().sockets[socket.0].acknowledged = Some(self.now());
    }

    pub fn heard(&self, socket: SocketId, heard: Heard) {
        let at = self.now();
        self.with().sockets[socket.0].heard.push((at, heard));
    }

    pub fn closed(&self, socket: SocketId, code: Option<u16>) {
        let at = self.now();
        self.with().sockets[socket.0].closed.get_or_insert((at, code));
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, server, what, begun, ended, outcome } = self;
        write!(f, "{what:?} with credential {} at server {server}, {begun}–{ended} µs: {outcome:?}", by.0)
    }
}
