-- name: RecordMigration
-- The bookkeeping row of a migration, in the transaction that carries it out.
-- $1 version.
INSERT INTO reprocess.schema_version (version, applied_by) VALUES ($1::integer, current_setting('application_name'))
