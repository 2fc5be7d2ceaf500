-- name: Attempts
-- Every attempt at a partition, oldest first.
-- $1 job, $2 key.
SELECT fence, attempt, run_id, worker, host, extract(epoch FROM started_at)::double precision AS started_at,
    extract(epoch FROM ended_at)::double precision AS ended_at, outcome, error_message, rows_written, bytes_written,
    transform_version, table_version, claim_id, source_versions::text AS source_versions, kind, origin_fence, was_unchanged,
    source_identity, bytes_read, rows_read, engine_seconds
FROM reprocess.attempt
WHERE job = $1 AND partition_key = $2
ORDER BY fence
