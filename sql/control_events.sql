-- name: ControlEvents
-- Everything that was asked of a run while it ran, in order.
-- $1 run.
SELECT e.control, e.settings::text, e.is_breaker, e.asked_by, e.database_user,
    extract(epoch FROM e.asked_at)::double precision AS asked_at, e.reason
FROM reprocess.control_event e
WHERE e.run_id = $1::bigint
ORDER BY e.event_id
