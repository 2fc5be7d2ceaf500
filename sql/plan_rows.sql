-- name: PlanRows
-- One page of what a plan decides on, by key. The length is compared, and the size of the page given, in ways of which the
-- planner knows nothing: else it expects few rows, and sorts the whole range for each page.
-- $1 job, $2 first key, $3 last key, $4 length of the keys, $5 size of the page.
SELECT partition_key, status, transform_version,
    status = 'RUNNING' AND (lease_expires_at < now() OR coalesce(deadline_at < now(), false)) AS lease_expired
FROM reprocess.partition_progress
WHERE job = $1 AND partition_key >= $2 AND partition_key <= $3 AND coalesce(length(partition_key) = $4::integer, false)
ORDER BY partition_key
LIMIT (SELECT $5::integer)
