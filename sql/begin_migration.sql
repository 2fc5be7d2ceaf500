-- The head of every migration, inside its transaction: one migration at a time of a ledger, until it commits.
-- Lock and settings belong to the transaction, so that they work through transaction poolers. The wait for another
-- migration may be long and is no error; the number of the lock is made from the name of the schema.
SET LOCAL lock_timeout = 0;
SET LOCAL statement_timeout = 0;
-- A process that is stopped in the middle must not keep all others from their work.
SET LOCAL idle_in_transaction_session_timeout = '30s';
SELECT pg_advisory_xact_lock(('x' || left(md5('ledger ' || 'reprocess'), 16))::bit(64)::bigint);
DO $$
BEGIN
    -- Not IF NOT EXISTS: that asks for the right to create schemas also where an administrator has made this one.
    IF to_regnamespace('reprocess') IS NULL THEN CREATE SCHEMA reprocess; END IF;
END $$;
CREATE TABLE IF NOT EXISTS reprocess.schema_version (
    version    integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now(),
    applied_by text NOT NULL
);
