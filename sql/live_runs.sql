-- name: LiveRuns
-- The runs of a job that are at work, with what was last asked of them.
-- $1 job.
SELECT l.run_id, l.worker, l.control, l.settings::text, nullif(l.first_key, '') AS first_key,
    nullif(l.last_key, '') AS last_key, extract(epoch FROM l.started_at)::double precision AS started_at,
    c.asked_by, extract(epoch FROM c.asked_at)::double precision AS asked_at, c.reason
FROM reprocess.live_runs l
LEFT JOIN LATERAL (
    SELECT e.asked_by, e.asked_at, e.reason
    FROM reprocess.control_event e
    WHERE e.run_id = l.run_id
    ORDER BY e.event_id DESC LIMIT 1) c ON true
WHERE l.job = $1
ORDER BY l.run_id
