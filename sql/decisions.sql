-- name: Decisions
-- What persons decided about a partition, in order.
-- $1 job, $2 key.
SELECT partition_key, kind, origin_fence, new_fence, decided_by, database_user,
    extract(epoch FROM decided_at)::double precision AS decided_at, reason, request_id
FROM reprocess.decision
WHERE job = $1 AND partition_key = $2
ORDER BY place
