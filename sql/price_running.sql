-- name: PriceRunning
-- How many partitions of a job run, of those whose worker is alive, and the one that has run longest. Found as in
-- RowsByStatus: by the months in which, by the counts, something runs.
-- $1 job, $2 first key or null, $3 last key or null, $4 length of the keys.
WITH months AS MATERIALIZED (
    SELECT c.month
    FROM (
        SELECT s.period AS month, s.key_length, s.running
        FROM reprocess.status_count s
        WHERE s.job = $1 AND s.period_length = 7 AND s.running <> 0
        UNION ALL
        SELECT c.month, c.key_length, c.running
        FROM reprocess.status_change c
        WHERE c.transaction_id >= (SELECT u.since FROM reprocess.status_unfolded u)
            AND c.transaction_id <= '18446744073709551615'::xid8 AND c.job = $1
    ) c
    WHERE c.key_length = $4::integer
    GROUP BY c.month
    HAVING sum(c.running) > 0
), running AS MATERIALIZED (
    SELECT q.partition_key, q.worker, q.started_at
    FROM months m
    CROSS JOIN LATERAL (
        SELECT r.partition_key, r.worker, r.started_at
        FROM reprocess.partition_progress r
        WHERE r.job = $1 AND r.partition_key >= m.month AND r.partition_key <= m.month || '~' AND r.status = 'RUNNING'
            AND r.lease_expires_at >= now() AND (r.deadline_at < now()) IS NOT TRUE
            AND coalesce(r.partition_key >= $2::text, true) AND coalesce(r.partition_key <= $3::text, true)
            AND length(r.partition_key) = $4::integer
        OFFSET 0  -- Month by month: joined to all months at once, the planner would scan the table for them.
    ) q
)
SELECT r.partition_key, r.worker, extract(epoch FROM r.started_at)::double precision AS started_at,
    (SELECT count(*) FROM running) AS running
FROM running r
ORDER BY r.started_at, r.partition_key
LIMIT 1
