-- name: PlanRows
-- One page of what a plan decides on, by key.
-- $1 job, $2 first key, $3 last key, $4 length of the keys, $5 size of the page.
SELECT partition_key, status, transform_version,
    status = 'RUNNING' AND (lease_expires_at < now() OR coalesce(deadline_at < now(), false)) AS lease_expired
FROM reprocess.partition_progress
WHERE job = $1 AND partition_key >= $2 AND partition_key <= $3 AND length(partition_key) = $4::integer
ORDER BY partition_key
LIMIT $5::integer
