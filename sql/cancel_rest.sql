-- name: CancelRest
-- Makes the partitions of a cancelled run CANCELLED that nobody has begun, when its process holds none any more. Left
-- PENDING is what another run that is at work has in its range, so that nobody waits for a partition that will never run.
-- A later plan runs what is CANCELLED: its place in the order of fences is that of now.
-- $1 job, $2 run, arrays of one element per range: $3 first keys, $4 last keys; $5 why.
WITH mine AS MATERIALIZED (
    SELECT p.partition_key
    FROM unnest($3::text[], $4::text[]) AS r (first_key, last_key)
    JOIN reprocess.partition_progress p ON p.partition_key >= r.first_key AND p.partition_key <= r.last_key
    WHERE p.job = $1 AND p.status = 'PENDING' AND length(p.partition_key) = length(r.first_key)
        AND NOT EXISTS (
            SELECT FROM reprocess.live_runs l
            WHERE l.job = $1 AND l.run_id <> $2::bigint AND l.control <> 'CANCEL' AND l.first_key <= p.partition_key
                AND l.last_key >= p.partition_key)
    ORDER BY p.partition_key
    FOR NO KEY UPDATE OF p SKIP LOCKED
)
UPDATE reprocess.partition_progress p
SET status = 'CANCELLED', completed_at = now(), updated_at = now(), not_before = '-infinity', error_message = $5::text,
    fence = CASE WHEN p.fence = 0 THEN nextval('reprocess.fence') ELSE p.fence END,
    ended_fence = nextval('reprocess.fence')
FROM mine m
WHERE p.job = $1 AND p.partition_key = m.partition_key AND p.status = 'PENDING'
RETURNING p.partition_key
