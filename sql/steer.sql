-- name: Steer
-- Asks something of the runs of a job that nobody has closed, and notes who asked and why. What is to end ends: a run that
-- drains can only be cancelled, and one that is cancelled is past changing. Runs without a live process are answered and
-- left alone. Repeated with the same request id it changes nothing more.
-- $1 job, $2 run or null for all, $3 control or null, $4 settings or null, $5 who asks, $6 why or null, $7 request id.
WITH open AS MATERIALIZED (
    SELECT r.run_id, r.worker, r.control,
        EXISTS (SELECT FROM reprocess.live_runs l WHERE l.run_id = r.run_id) AS is_live
    FROM reprocess.run r
    WHERE r.job = $1 AND r.ended_at IS NULL AND r.run_id = coalesce($2::bigint, r.run_id)
    ORDER BY r.run_id
    FOR NO KEY UPDATE OF r
), obeying AS (
    SELECT o.run_id
    FROM open o
    WHERE o.is_live AND CASE o.control
        WHEN 'CANCEL' THEN coalesce($3::text, '') = 'CANCEL'
        WHEN 'DRAIN' THEN coalesce($3::text, '') IN ('DRAIN', 'CANCEL')
        ELSE true
    END
), steered AS (
    UPDATE reprocess.run r
    SET control = coalesce($3::text, r.control), settings = r.settings || coalesce($4::jsonb, '{}')
    WHERE r.run_id = ANY (ARRAY(SELECT run_id FROM obeying))
), noted AS (
    INSERT INTO reprocess.control_event (run_id, request_id, control, settings, asked_by, reason)
    SELECT b.run_id, $7::uuid, $3::text, $4::jsonb, $5::text, $6::text FROM obeying b ORDER BY b.run_id
    ON CONFLICT (run_id, request_id) DO NOTHING
)
SELECT o.run_id, o.worker, o.control, o.is_live, o.run_id IN (SELECT run_id FROM obeying) AS obeys
FROM open o
ORDER BY o.run_id
