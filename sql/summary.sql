-- name: Summary
-- Rows by status, and how fast attempts were completed within the last ten minutes: their number and the seconds since
-- the first of them. What a person marked has no claim and says nothing about speed.
-- $1 job, $2 first key or null, $3 last key or null, $4 length of the keys or null.
SELECT p.status, count(*),
    count(*) FILTER (WHERE p.completed_at > now() - interval '10 minutes' AND p.claim_id IS NOT NULL) AS recent,
    extract(epoch FROM now() - min(p.started_at) FILTER (
        WHERE p.completed_at > now() - interval '10 minutes' AND p.claim_id IS NOT NULL))::double precision AS since
FROM reprocess.partition_progress p
WHERE p.job = $1 AND ($2::text IS NULL OR p.partition_key >= $2::text)
    AND ($3::text IS NULL OR p.partition_key <= $3::text) AND ($4::integer IS NULL OR length(p.partition_key) = $4::integer)
GROUP BY p.status
