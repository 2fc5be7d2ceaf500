-- name: Summary
-- Rows by status, and how fast attempts were completed within the last ten minutes, judged by the last 500 of them: their
-- number and the seconds since the first of them began. What a person marked has no claim and says nothing about speed.
-- Whole years and months come from the counts that the database keeps, and the months at both ends of a range row by
-- row, so that the cost does not grow with the number of partitions. The newest rows are asked for in such a way that
-- the planner goes along their index also where it knows nothing of the table and takes sorting them all for cheap.
-- $1 job, $2 first key or null, $3 last key or null, $4 length of the keys or null.
WITH bounds AS MATERIALIZED (
    -- Without a key on one side, that side is before, or behind, every month.
    SELECT left(coalesce($2::text, ''), 7) COLLATE "C" AS first_month,
        left(coalesce($3::text, '~'), 7) COLLATE "C" AS last_month,
        left(coalesce($2::text, ''), 4) COLLATE "C" AS first_year,
        left(coalesce($3::text, '~'), 4) COLLATE "C" AS last_year
), counted AS (
    SELECT s.key_length, s.pending, s.running, s.held, s.complete, s.failed, s.cancelled
    FROM reprocess.status_count s
    WHERE $2::text IS NULL AND $3::text IS NULL AND s.job = $1 AND s.period_length = 0
    UNION ALL
    SELECT s.key_length, s.pending, s.running, s.held, s.complete, s.failed, s.cancelled
    FROM reprocess.status_count s
    WHERE ($2::text IS NOT NULL OR $3::text IS NOT NULL) AND s.job = $1 AND s.period_length = 4
        AND s.period > (SELECT b.first_year FROM bounds b) AND s.period < (SELECT b.last_year FROM bounds b)
    UNION ALL
    SELECT s.key_length, s.pending, s.running, s.held, s.complete, s.failed, s.cancelled
    FROM reprocess.status_count s
    WHERE $2::text IS NOT NULL AND s.job = $1 AND s.period_length = 7
        AND s.period > (SELECT b.first_month FROM bounds b)
        AND s.period < (SELECT least(b.last_month, b.first_year || '-~') FROM bounds b)
    UNION ALL
    SELECT s.key_length, s.pending, s.running, s.held, s.complete, s.failed, s.cancelled
    FROM reprocess.status_count s
    WHERE $3::text IS NOT NULL AND s.job = $1 AND s.period_length = 7
        AND s.period > (SELECT greatest(b.first_year || '-~', b.last_year || '-') FROM bounds b)
        AND s.period < (SELECT b.last_month FROM bounds b)
    UNION ALL
    SELECT c.key_length, c.pending, c.running, c.held, c.complete, c.failed, c.cancelled
    FROM reprocess.status_change c, bounds b
    WHERE c.transaction_id >= (SELECT u.since FROM reprocess.status_unfolded u)
        AND c.transaction_id <= '18446744073709551615'::xid8 AND c.job = $1
        AND c.month > b.first_month AND c.month < b.last_month
    UNION ALL
    SELECT length(p.partition_key), count(*) FILTER (WHERE p.status = 'PENDING'),
        count(*) FILTER (WHERE p.status = 'RUNNING'), count(*) FILTER (WHERE p.status = 'HELD'),
        count(*) FILTER (WHERE p.status = 'COMPLETE'), count(*) FILTER (WHERE p.status = 'FAILED'),
        count(*) FILTER (WHERE p.status = 'CANCELLED')
    FROM reprocess.partition_progress p
    WHERE $2::text IS NOT NULL AND p.job = $1 AND p.partition_key >= $2::text
        AND p.partition_key <= (SELECT least($3::text, b.first_month || '~') FROM bounds b)
    GROUP BY 1
    UNION ALL
    SELECT length(p.partition_key), count(*) FILTER (WHERE p.status = 'PENDING'),
        count(*) FILTER (WHERE p.status = 'RUNNING'), count(*) FILTER (WHERE p.status = 'HELD'),
        count(*) FILTER (WHERE p.status = 'COMPLETE'), count(*) FILTER (WHERE p.status = 'FAILED'),
        count(*) FILTER (WHERE p.status = 'CANCELLED')
    FROM reprocess.partition_progress p
    WHERE $3::text IS NOT NULL AND p.job = $1 AND p.partition_key <= $3::text
        AND p.partition_key >= (SELECT greatest(b.first_month || '~', b.last_month) FROM bounds b)
    GROUP BY 1
), newest AS (
    SELECT p.partition_key, p.started_at, p.completed_at, p.claim_id
    FROM reprocess.partition_progress p
    WHERE p.job = $1 AND p.status <> 'RUNNING'
        AND (p.status COLLATE "C", p.updated_at) > ('COMPLETE', now() - interval '10 minutes')
        AND (p.status COLLATE "C", p.updated_at) <= ('COMPLETE', 'infinity')
    ORDER BY p.status COLLATE "C" DESC, p.updated_at DESC
    LIMIT (SELECT 500)
), recent AS (
    SELECT count(*) AS completed, extract(epoch FROM now() - min(n.started_at))::double precision AS since
    FROM newest n
    WHERE n.completed_at > now() - interval '10 minutes' AND n.claim_id IS NOT NULL
        AND ($2::text IS NULL OR n.partition_key >= $2::text) AND ($3::text IS NULL OR n.partition_key <= $3::text)
        AND ($4::integer IS NULL OR length(n.partition_key) = $4::integer)
), total AS (
    SELECT sum(c.pending) AS pending, sum(c.running) AS running, sum(c.held) AS held, sum(c.complete) AS complete,
        sum(c.failed) AS failed, sum(c.cancelled) AS cancelled
    FROM counted c
    WHERE $4::integer IS NULL OR c.key_length = $4::integer
)
SELECT s.status, s.partitions, r.completed, r.since
FROM total t
CROSS JOIN recent r
CROSS JOIN LATERAL (VALUES ('PENDING', t.pending), ('RUNNING', t.running), ('HELD', t.held), ('COMPLETE', t.complete),
    ('FAILED', t.failed), ('CANCELLED', t.cancelled)) AS s (status, partitions)
WHERE s.partitions > 0
