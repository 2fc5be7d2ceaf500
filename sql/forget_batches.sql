-- name: ForgetBatches
-- Lets a partition begin anew, only while it is still the attempt's own: a trigger deletes its finished batches.
-- $1 job, $2 key, $3 fence, $4 claim id.
UPDATE reprocess.partition_progress p
SET batches = 0
WHERE p.job = $1 AND p.partition_key = $2 AND p.status = 'RUNNING' AND p.fence = $3::bigint AND p.claim_id = $4::uuid
RETURNING p.fence
