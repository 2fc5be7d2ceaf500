-- name: SchemaVersion
-- The version of the ledger. The whole of opening one that is current.
SELECT max(version) FROM reprocess.schema_version
