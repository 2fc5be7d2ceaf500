-- The head of every migration, inside its transaction: one migration at a time in a database, until it commits.
-- The lock belongs to the transaction, so that it works through transaction poolers.
SELECT pg_advisory_xact_lock(7237126385561432165);
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
