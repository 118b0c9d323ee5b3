//! Who asks, what they may do, and the transaction that proves it.
//!
//! Never remembers a "yes": each request is checked against the database, and each write once more inside its
//! transaction (REV-1 to REV-3).

mod account_tx;
pub mod answers;
pub mod check;
mod commit;
mod failure;
mod gate;
mod installation_tx;
mod job_run;
mod proof;
mod queue;
mod view;
mod workspace_tx;

pub use account_tx::AccountTx;
pub use commit::Committed;
pub use failure::{Failure, Never};
pub use gate::{Gate, Outlet};
pub use installation_tx::{InstallationError, InstallationTx, Told};
pub use job_run::JobRun;
pub use proof::{AccountProof, Entry, Proof, Refusal, SessionEnd, WorkspaceProof};
pub use view::{AccountView, WorkspaceView};
pub use workspace_tx::WorkspaceTx;
