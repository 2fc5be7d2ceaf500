-- name: Release
-- Gives partitions back untouched; the attempts do not count. The fence goes on growing all the same.
-- $1 job; arrays of one element per attempt: $2 keys, $3 fences, $4 claim ids.
WITH own AS MATERIALIZED (
    SELECT p.partition_key, p.fence
    FROM reprocess.partition_progress p
    JOIN unnest($2::text[], $3::bigint[], $4::uuid[]) AS s (partition_key, fence, claim_id)
        ON p.partition_key = s.partition_key AND p.fence = s.fence AND p.claim_id = s.claim_id
    WHERE p.job = $1 AND p.partition_key = ANY ($2::text[]) AND p.status = 'RUNNING'
    ORDER BY p.partition_key
    FOR NO KEY UPDATE OF p
), released AS (
    UPDATE reprocess.partition_progress p
    SET status = 'PENDING', attempt = greatest(p.attempt - 1, 0), not_before = '-infinity', lease_expires_at = NULL,
        deadline_at = NULL, updated_at = now()
    WHERE p.job = $1 AND p.partition_key = ANY (ARRAY(SELECT o.partition_key FROM own o))
    RETURNING p.partition_key, p.fence
), history AS (
    UPDATE reprocess.attempt a
    SET outcome = 'RELEASED', ended_at = now()
    WHERE a.fence = ANY (ARRAY(SELECT r.fence FROM released r)) AND a.outcome = 'RUNNING'
)
SELECT r.partition_key, r.fence FROM released r
