-- name: PriceForecast
-- What the runs of a job that are at work were foretold to take, and what has become of each partition since. Of the runs
-- with one range, which are the processes of one command, the one that had most to do, and the first of these. Each
-- partition is looked up by its key, so that the cost depends on the forecasts alone, each of which names 4,096 at most.
-- $1 job, $2 first key or null, $3 last key or null, $4 greatest number of forecasts.
WITH distinct_runs AS MATERIALIZED (
    SELECT DISTINCT ON (l.first_key, l.last_key) l.run_id, l.first_key, l.last_key, l.started_at, f.planned
    FROM reprocess.live_runs l
    JOIN reprocess.run_forecast f ON f.run_id = l.run_id
    WHERE l.job = $1
    ORDER BY l.first_key, l.last_key, f.planned DESC, l.run_id
), chosen AS MATERIALIZED (
    SELECT d.run_id, d.first_key, d.last_key, d.started_at
    FROM distinct_runs d
    ORDER BY d.planned DESC, d.run_id
    LIMIT (SELECT $4::integer)
), sized AS MATERIALIZED (
    -- Once for each forecast, and not for each of its partitions: the keys are compressed.
    SELECT c.run_id, c.first_key, c.last_key, c.started_at, f.planned, f.recorded_at, cardinality(f.keys) AS looked_at
    FROM chosen c
    JOIN reprocess.run_forecast f ON f.run_id = c.run_id
), foretold AS MATERIALIZED (
    SELECT z.run_id, z.first_key, z.last_key, z.started_at, z.planned, z.recorded_at, z.looked_at,
        k.partition_key COLLATE "C" AS partition_key, k.bytes, k.seconds
    FROM sized z
    JOIN reprocess.run_forecast f ON f.run_id = z.run_id
    CROSS JOIN LATERAL unnest(f.keys, f.bytes, f.seconds) AS k (partition_key, bytes, seconds)
    WHERE coalesce(k.partition_key COLLATE "C" >= $2::text, true)
        AND coalesce(k.partition_key COLLATE "C" <= $3::text, true)
)
SELECT t.run_id, nullif(t.first_key, '') AS first_key, nullif(t.last_key, '') AS last_key, t.planned, t.looked_at,
    t.partition_key, t.bytes, t.seconds, coalesce(p.has_ended, false) AS has_ended,
    p.running_for, a.took, extract(epoch FROM a.ended_at)::double precision AS ended_at,
    coalesce(a.ended_at >= t.recorded_at, false) AS is_test
FROM foretold t
LEFT JOIN LATERAL (
    SELECT n.fence, n.status,
        n.status NOT IN ('PENDING', 'RUNNING') AND n.updated_at >= t.started_at AS has_ended,
        CASE WHEN n.status = 'RUNNING' AND n.lease_expires_at >= now() AND (n.deadline_at < now()) IS NOT TRUE
            THEN extract(epoch FROM now() - n.started_at)::double precision END AS running_for
    FROM reprocess.partition_progress n
    WHERE n.job = $1 AND n.partition_key = t.partition_key
    OFFSET 0  -- Key by key, whatever the planner takes for cheap.
) p ON true
LEFT JOIN LATERAL (
    SELECT extract(epoch FROM o.ended_at - o.started_at)::double precision AS took, o.ended_at
    FROM reprocess.attempt o
    WHERE p.has_ended AND o.fence = p.fence AND o.kind = 'RUN' AND o.outcome IN ('COMPLETE', 'HELD')
    OFFSET 0
) a ON true
