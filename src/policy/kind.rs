//! The templates that workspaces are made from.

use crate::words;

words! {
    /// What a workspace was made as: it fixes the built-in roles and the starting policy.
    pub enum Kind {
        Wallet = "WALLET",
        Merchant = "MERCHANT",
        Team = "TEAM",
    }
}
