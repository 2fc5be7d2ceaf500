-- name: RunAttempts
-- The attempts of a run by key and fence, a page of them, with what each found in the table. They are found by the run's range
-- of keys, along the index of partitions. `waits`: what was held is still held.
-- $1 run, $2 key and $3 fence after which the page begins, $4 greatest number.
SELECT a.partition_key, a.fence, a.kind, a.outcome, a.was_unchanged, a.worker, a.host,
    extract(epoch FROM a.started_at)::double precision AS started_at,
    extract(epoch FROM a.ended_at)::double precision AS ended_at, a.error_message, a.rows_read, a.rows_written,
    a.bytes_read, a.bytes_written, a.engine_seconds, a.transform_version, a.table_version,
    a.source_versions::text AS source_versions, j.replaced_version IS NOT NULL AS has_replaced, j.replaced_rows,
    j.replaced_bytes,
    a.outcome = 'HELD' AND EXISTS (
        SELECT FROM reprocess.partition_progress p
        WHERE p.job = a.job AND p.partition_key = a.partition_key AND p.status = 'HELD' AND p.fence = a.fence) AS waits
FROM reprocess.run r
-- One by one, along the index of partitions, also where the planner knows nothing of the tables.
CROSS JOIN LATERAL (
    SELECT o.*
    FROM reprocess.attempt o
    WHERE o.job = r.job AND o.partition_key >= r.first_key AND o.partition_key <= r.last_key
        AND (o.partition_key, o.fence) > ($2::text COLLATE "C", $3::bigint) AND o.run_id = r.run_id
    ORDER BY o.job, o.partition_key, o.fence
    LIMIT $4::integer
) a
LEFT JOIN LATERAL (SELECT m.* FROM reprocess.judgement m WHERE m.fence = a.fence OFFSET 0) j ON true
WHERE r.run_id = $1::bigint
ORDER BY a.partition_key, a.fence
