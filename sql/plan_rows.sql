-- name: PlanRows
-- One page of what a plan decides on, by key. The length is compared, and the size of the page given, in ways of which the
-- planner knows nothing: else it expects few rows, and sorts the whole range for each page.
-- What is HELD has, as its version and its sources, those of the attempt that is held.
-- $1 job, $2 first key, $3 last key, $4 length of the keys, $5 size of the page, $6 table or null.
SELECT p.partition_key, p.status,
    CASE p.status
        WHEN 'HELD' THEN (SELECT a.transform_version FROM reprocess.attempt a WHERE a.fence = p.fence)
        ELSE p.transform_version
    END AS transform_version,
    p.status = 'RUNNING' AND (p.lease_expires_at < now() OR coalesce(p.deadline_at < now(), false)) AS lease_expired,
    CASE p.status
        WHEN 'HELD' THEN (SELECT a.source_identity FROM reprocess.attempt a WHERE a.fence = p.fence)
        WHEN 'COMPLETE' THEN p.source_identity
    END AS source_identity,
    -- A million times the same name is not sent.
    p.table_identity = $6::text AS is_same_table, nullif(p.table_identity, $6::text) AS other_table
FROM reprocess.partition_progress p
WHERE p.job = $1 AND p.partition_key >= $2 AND p.partition_key <= $3
    AND coalesce(length(p.partition_key) = $4::integer, false)
ORDER BY p.partition_key
LIMIT (SELECT $5::integer)
