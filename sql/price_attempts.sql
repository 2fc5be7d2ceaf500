-- name: PriceAttempts
-- What the newest attempt took that a run has brought to a result at each of some partitions. What was only found done, or
-- decided by a person, says nothing about the work. The key and LIMIT are given in ways that lead the planner along the index
-- of partitions also where it knows nothing of the table.
-- $1 job, $2 keys.
SELECT a.partition_key, extract(epoch FROM a.ended_at - a.started_at)::double precision AS seconds, a.rows_written,
    a.bytes_written, a.rows_read, a.bytes_read
FROM unnest($2::text[]) AS k (partition_key)
CROSS JOIN LATERAL (
    SELECT n.partition_key, n.started_at, n.ended_at, n.rows_written, n.bytes_written, n.rows_read, n.bytes_read
    FROM reprocess.attempt n
    WHERE n.job = $1 AND n.partition_key = k.partition_key AND n.kind = 'RUN' AND n.outcome IN ('COMPLETE', 'HELD')
    ORDER BY n.fence DESC
    LIMIT (SELECT 1)
) a
