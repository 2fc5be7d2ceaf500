-- name: OtherClaims
-- Partitions of a table that other jobs have live claims of.
-- $1 job, $2 table, $3 first key, $4 last key, $5 length of the keys.
SELECT partition_key
FROM reprocess.partition_progress
WHERE table_identity = $2::text AND status = 'RUNNING' AND job <> $1 AND partition_key >= $3 AND partition_key <= $4
    AND length(partition_key) = $5::integer
    AND lease_expires_at >= now() AND (deadline_at < now()) IS NOT TRUE
ORDER BY partition_key
