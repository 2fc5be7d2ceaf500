-- name: MissingRights
-- Which of some rights a user lacks, directly and through roles. Objects are found in the catalogue: by name, the
-- question itself would need a right.
-- $1 user or null for the connected one; arrays of one element per right: $2 objects, $3 columns or null, $4 privileges.
WITH asked AS (
    SELECT r.object, r.column_name, r.privilege, c.oid, c.relkind, u.oid AS user_oid
    FROM unnest($2::text[], $3::text[], $4::text[]) AS r (object, column_name, privilege)
    JOIN pg_roles u ON u.rolname = coalesce($1::text, current_user)
    LEFT JOIN pg_class c ON c.relname = r.object AND c.relnamespace = to_regnamespace('reprocess')
)
SELECT a.object, a.column_name, a.privilege
FROM asked a
WHERE CASE
        WHEN a.oid IS NULL OR NOT has_schema_privilege(a.user_oid, to_regnamespace('reprocess'), 'USAGE') THEN true
        WHEN a.relkind = 'S' THEN NOT has_sequence_privilege(a.user_oid, a.oid, a.privilege)
        WHEN a.column_name IS NULL THEN NOT has_table_privilege(a.user_oid, a.oid, a.privilege)
        ELSE NOT has_column_privilege(a.user_oid, a.oid, a.column_name, a.privilege)
    END
