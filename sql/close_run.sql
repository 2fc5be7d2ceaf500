-- name: CloseRun
-- Records how a run ended; what was recorded first stays.
-- $1 run, $2 complete, $3 failed, $4 skipped, $5 outcome.
UPDATE reprocess.run
SET ended_at = now(), complete = $2::bigint, failed = $3::bigint, skipped = $4::bigint, outcome = $5::text
WHERE run_id = $1::bigint AND ended_at IS NULL
RETURNING run_id
