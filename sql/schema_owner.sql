-- name: SchemaOwner
-- Who owns the ledger, and so may upgrade it; no row where there is none.
SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.oid = to_regnamespace('reprocess')
