-- name: ClaimedBatch
-- The live claims of one batch: what a claim granted whose answer was lost on the way.
-- $1 job, $2 keys, $3 id of the batch.
SELECT a.partition_key, a.fence, a.claim_id, a.attempt, p.failures, a.predecessor_fence, a.predecessor_claim,
    p.table_version, p.content_digest, p.transform_version
FROM reprocess.attempt a
JOIN reprocess.partition_progress p ON p.job = a.job AND p.partition_key = a.partition_key AND p.fence = a.fence
WHERE a.job = $1 AND a.partition_key = ANY ($2::text[]) AND a.batch_id = $3::uuid AND p.status = 'RUNNING'
