-- name: Reopen
-- Makes COMPLETE partitions PENDING again that the table does not hold as recorded, each only while its row is still the
-- one that was compared. The new fence keeps away whoever has seen the old one, and what the rows were is not believed any
-- more. Rows are locked in the order of their keys. What an earlier try of the same process has reopened, whose answer was lost, is answered again.
-- $1 job; arrays of one element per partition: $2 keys, $3 fences, $4 reasons; $5 worker.
WITH sent AS MATERIALIZED (
    SELECT * FROM unnest($2::text[], $3::bigint[], $4::text[]) AS s (partition_key, fence, reason)
), own AS MATERIALIZED (
    SELECT p.partition_key
    FROM reprocess.partition_progress p JOIN sent s ON s.partition_key = p.partition_key AND s.fence = p.fence
    WHERE p.job = $1 AND p.partition_key = ANY ($2::text[]) AND p.status = 'COMPLETE'
    ORDER BY p.partition_key
    FOR NO KEY UPDATE OF p
), reopened AS (
    UPDATE reprocess.partition_progress p
    SET status = 'PENDING', fence = nextval('reprocess.fence'), claim_id = NULL, worker = $5::text, attempt = 0,
        failures = 0, takeovers = 0, not_before = '-infinity', completed_at = NULL, error_message = s.reason,
        content_digest = NULL, updated_at = now()
    FROM own o JOIN sent s USING (partition_key)
    WHERE p.job = $1 AND p.partition_key = ANY ($2::text[]) AND p.partition_key = o.partition_key
        AND p.status = 'COMPLETE' AND p.fence = s.fence
    RETURNING p.partition_key
)
SELECT partition_key FROM reopened
UNION ALL
SELECT p.partition_key
FROM reprocess.partition_progress p JOIN sent s ON s.partition_key = p.partition_key AND s.fence < p.fence
WHERE p.job = $1 AND p.partition_key = ANY ($2::text[]) AND p.status = 'PENDING' AND p.claim_id IS NULL
    AND p.worker = $5::text AND p.attempt = 0 AND p.error_message = s.reason
