-- name: RecordBatch
-- Records that a batch is finished, only while the partition is still the attempt's own and so many batches are finished
-- as the attempt knows of. The row of the partition is locked, so that a claim comes before this or after it.
-- $1 job, $2 key, $3 fence, $4 claim id, $5 number, $6 files, $7 rows, $8 bytes, $9 first key or null, $10 next key or
-- null, $11 size of batches, $12 fields, $13 identity of the sources or null, $14 transform version.
WITH own AS (
    UPDATE reprocess.partition_progress p
    SET batches = $5::integer + 1, batch_rows = p.batch_rows + $7::bigint
    WHERE p.job = $1 AND p.partition_key = $2 AND p.status = 'RUNNING' AND p.fence = $3::bigint
        AND p.claim_id = $4::uuid AND p.batches = $5::integer
    RETURNING p.job, p.partition_key, p.fence, p.claim_id
)
INSERT INTO reprocess.batch_checkpoint (job, partition_key, number, fence, claim_id, files, rows, bytes, first_key,
    next_key, batch_size, fields, source_identity, transform_version)
SELECT o.job, o.partition_key, $5::integer, o.fence, o.claim_id, $6::text[], $7::bigint, $8::bigint, $9::jsonb,
    $10::jsonb, $11::bigint, $12::jsonb, $13::text, $14::text
FROM own o
RETURNING number
