-- name: NeededBatches
-- Those of given attempts whose finished batches are gone on with, of whatever job.
-- $1 fences.
SELECT DISTINCT c.fence, c.claim_id
FROM reprocess.batch_checkpoint c
WHERE c.fence = ANY ($1::bigint[])
