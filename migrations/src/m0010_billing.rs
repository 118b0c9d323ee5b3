//! What a workspace's seats are limited to and cost, and the ledger of it.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- A workspace without a row has neither a limit nor a price.
CREATE TABLE seat_plans (
    workspace_id {uuid} PRIMARY KEY REFERENCES workspaces (id),
    -- Empty: no limit.
    seat_limit bigint CHECK (seat_limit >= 1),
    -- What one seat costs for one period, in the currency's minor unit. Empty: nothing, and what follows is empty, too.
    price bigint CHECK (price >= 1),
    currency text,
    period text CHECK (period IN ('MONTH', 'YEAR')),
    -- Whoever was never charged is not charged for what lies before this day.
    billed_from bigint,
    -- The day from which on somebody may have a whole period to pay.
    next_renewal_at bigint,
    revision bigint NOT NULL,
    CHECK ((price IS NULL) = (currency IS NULL) AND (price IS NULL) = (period IS NULL)
        AND (price IS NULL) = (billed_from IS NULL) AND (price IS NULL) = (next_renewal_at IS NULL))
);

CREATE INDEX seat_plans_renewing ON seat_plans (next_renewal_at) WHERE next_renewal_at IS NOT NULL;

-- Only grows. Days are their beginning in UTC.
CREATE TABLE ledger_entries (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id),
    -- 1, 2, 3 ... within the workspace.
    number bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('CHARGE', 'CREDIT', 'TAKEN_OUT')),
    -- Without a foreign key: what somebody cost stays on record when they are deleted for ever.
    member_id {uuid},
    -- The place in the workspace's stream of the event that it was booked with.
    event_seq bigint NOT NULL,
    currency {key} NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    -- How much of a charge credit has paid.
    from_credit bigint NOT NULL CHECK (from_credit >= 0 AND from_credit <= amount),
    -- The credit in this currency after the entry.
    balance bigint NOT NULL CHECK (balance >= 0),
    -- Of a charge, what it covers; of a credit, what is no longer covered.
    covers_from bigint,
    covers_until bigint,
    -- Of a charge, the days of a whole period; of a credit, those of its charge.
    whole_days bigint,
    -- Of a credit, the number of the charge that it gives back.
    credits_number bigint,
    created_at bigint NOT NULL,
    UNIQUE (workspace_id, id),
    UNIQUE (workspace_id, number),
    CHECK (covers_from < covers_until)
);

CREATE INDEX ledger_entries_by_member ON ledger_entries (workspace_id, member_id, covers_until) WHERE kind = 'CHARGE';
CREATE INDEX ledger_entries_by_currency ON ledger_entries (workspace_id, currency, number);
-- What the rules keep to already, once more.
CREATE UNIQUE INDEX ledger_entries_one_charge ON ledger_entries (workspace_id, member_id, covers_from)
    WHERE kind = 'CHARGE';
CREATE UNIQUE INDEX ledger_entries_one_credit ON ledger_entries (workspace_id, credits_number)
    WHERE credits_number IS NOT NULL;

-- Seats are counted under the workspace's lock.
CREATE INDEX members_seated ON members (workspace_id, id) WHERE state = 'ACTIVE' AND blocked_at IS NULL;
CREATE INDEX members_reserving ON members (workspace_id, invitation_expires_at) WHERE state = 'INVITED';
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
