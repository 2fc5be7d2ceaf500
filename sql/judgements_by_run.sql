-- name: JudgementsByRun
-- The attempts of a run that have come to a result by key, of each partition the newest, with their judgements where they
-- have one. They are found by the run's range of keys. The statistics of what was replaced come, where they were not recorded
-- with it, from another attempt at the partition that knew them; where nobody has measured it, they are what footers told.
-- $1 run.
SELECT a.partition_key, a.fence, a.run_id, a.outcome, a.was_unchanged, a.kind, a.rows_written, a.bytes_written,
    a.transform_version, a.table_version, a.content_digest, a.statistics::text AS statistics, a.replaced_version,
    a.replaced_rows, a.replaced_bytes, a.replaced_digest,
    coalesce(CASE WHEN a.replaced_digest IS NOT NULL THEN a.replaced_statistics END, (
        -- Whoever has made that version, or found it unchanged; or else whoever has measured it before replacing it.
        SELECT CASE WHEN e.table_version = a.replaced_version AND m.statistics IS NOT NULL THEN m.statistics
            ELSE m.replaced_statistics END
        FROM reprocess.attempt e JOIN reprocess.judgement m ON m.fence = e.fence
        WHERE e.job = a.job AND e.partition_key = a.partition_key AND a.replaced_version IS NOT NULL
            AND (e.table_version = a.replaced_version AND m.statistics IS NOT NULL
                OR m.replaced_version = a.replaced_version AND m.replaced_digest IS NOT NULL
                    AND m.replaced_statistics IS NOT NULL)
        ORDER BY coalesce(e.table_version = a.replaced_version AND m.statistics IS NOT NULL, false) DESC, e.fence DESC
        LIMIT (SELECT 1)), a.replaced_statistics)::text AS replaced_statistics,
    a.findings::text AS findings, a.error_message, a.has_record
FROM (
    SELECT DISTINCT ON (n.partition_key) n.job, n.partition_key, n.fence, n.run_id, n.outcome, n.was_unchanged, n.kind,
        n.rows_written, n.bytes_written, n.transform_version, n.table_version, j.content_digest, j.statistics,
        j.replaced_version, j.replaced_rows, j.replaced_bytes, j.replaced_digest, j.replaced_statistics, j.findings,
        n.error_message, j.fence IS NOT NULL AS has_record
    FROM reprocess.run r
    -- One by one, along the index of partitions, also where the planner knows nothing of the tables.
    CROSS JOIN LATERAL (
        SELECT o.*
        FROM reprocess.attempt o
        WHERE o.job = r.job AND o.partition_key >= r.first_key AND o.partition_key <= r.last_key AND o.run_id = r.run_id
            AND o.outcome IN ('COMPLETE', 'ADOPTED', 'HELD', 'FAILED')
        ORDER BY o.job, o.partition_key, o.fence
        OFFSET 0
    ) n
    LEFT JOIN LATERAL (SELECT m.* FROM reprocess.judgement m WHERE m.fence = n.fence OFFSET 0) j ON true
    WHERE r.run_id = $1::bigint
    ORDER BY n.partition_key, n.fence DESC
) a
ORDER BY a.partition_key
