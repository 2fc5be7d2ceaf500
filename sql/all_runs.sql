-- name: AllRuns
-- The runs of all jobs, newest first.
-- $1 greatest number.
SELECT run_id, job, nullif(first_key, '') AS first_key, nullif(last_key, '') AS last_key, planned, table_identity,
    transform_version, options, reason, worker, database_user, control,
    extract(epoch FROM started_at)::double precision AS started_at,
    extract(epoch FROM ended_at)::double precision AS ended_at, outcome, complete, failed, skipped
FROM reprocess.run
ORDER BY run_id DESC
LIMIT $1::integer
