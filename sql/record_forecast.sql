-- name: RecordForecast
-- Records what a run that is at work was foretold to take; what was recorded first stays.
-- $1 run, $2 planned partitions, arrays of one element per partition: $3 keys, $4 bytes, $5 seconds.
INSERT INTO reprocess.run_forecast (run_id, job, planned, keys, bytes, seconds)
SELECT r.run_id, r.job, $2::bigint, $3::text[], $4::bigint[], $5::double precision[]
FROM reprocess.run r
WHERE r.run_id = $1::bigint AND r.ended_at IS NULL
ON CONFLICT (run_id) DO NOTHING
RETURNING run_id
