-- name: PriceEnded
-- How far the runs of a job that are at work have come: partitions that each had planned, and those in its range that have
-- ended since it began, whoever ended them, up to a number that is counted.
-- $1 job, $2 greatest number that is counted of one status.
SELECT l.run_id, nullif(l.first_key, '') AS first_key, nullif(l.last_key, '') AS last_key, l.planned, e.ended, e.is_cut
FROM reprocess.live_runs l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.ended), 0) AS ended, coalesce(bool_or(c.ended >= $2::integer), false) AS is_cut
    FROM unnest('{COMPLETE,FAILED,HELD,CANCELLED}'::text[]) AS wanted (status)
    CROSS JOIN LATERAL (
        SELECT count(*) AS ended
        FROM (
            SELECT
            FROM reprocess.partition_progress p
            WHERE p.job = $1 AND p.status <> 'RUNNING'
                AND (p.status COLLATE "C", p.updated_at) >= (wanted.status, l.started_at)
                AND (p.status COLLATE "C", p.updated_at) <= (wanted.status, 'infinity')
                AND coalesce(p.partition_key >= l.first_key, false) AND coalesce(p.partition_key <= l.last_key, false)
            ORDER BY p.status COLLATE "C" DESC, p.updated_at DESC
            LIMIT (SELECT $2::integer)
        ) q
    ) c
) e
WHERE l.job = $1
ORDER BY l.run_id
