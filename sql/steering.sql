-- name: SteeringOfRun
-- What is asked of a run at the moment, by whom and why, and the time.
-- $1 run.
SELECT r.control, r.settings::text, extract(epoch FROM clock_timestamp())::double precision AS now,
    c.asked_by, c.reason, coalesce(c.is_breaker, false) AS is_breaker, s.asked_by AS set_by
FROM reprocess.run r
LEFT JOIN LATERAL (
    SELECT e.asked_by, e.reason, e.is_breaker
    FROM reprocess.control_event e
    WHERE e.run_id = r.run_id AND e.control = r.control
    ORDER BY e.event_id DESC LIMIT 1) c ON true
LEFT JOIN LATERAL (
    SELECT e.asked_by
    FROM reprocess.control_event e
    WHERE e.run_id = r.run_id AND e.settings IS NOT NULL
    ORDER BY e.event_id DESC LIMIT 1) s ON true
WHERE r.run_id = $1::bigint
