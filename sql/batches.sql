-- name: Batches
-- The finished batches of a partition's next generation, in their order.
-- $1 job, $2 key.
SELECT c.number, c.fence, c.claim_id, array_to_string(c.files, '/'), c.rows, c.bytes, c.first_key, c.next_key,
    c.batch_size, c.fields, c.source_identity, c.transform_version
FROM reprocess.batch_checkpoint c
WHERE c.job = $1 AND c.partition_key = $2
ORDER BY c.number
