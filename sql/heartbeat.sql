-- name: Heartbeat
-- Extends leases, shows that the worker lives, and brings back what has been asked of the run. An attempt that is not
-- in the answer has been lost. A lease that has ended but was not taken over may be extended: the fence decides.
-- $1 job, $2 run; arrays of one element per attempt: $3 keys, $4 fences, $5 claim ids; $6 lease in seconds, $7 worker,
-- $8 host, $9 process id.
WITH own AS MATERIALIZED (
    SELECT p.partition_key, p.fence, p.claim_id
    FROM reprocess.partition_progress p
    JOIN unnest($3::text[], $4::bigint[], $5::uuid[]) AS s (partition_key, fence, claim_id)
        ON p.partition_key = s.partition_key AND p.fence = s.fence AND p.claim_id = s.claim_id
    WHERE p.job = $1 AND p.partition_key = ANY ($3::text[]) AND p.status = 'RUNNING'
    ORDER BY p.partition_key
    FOR NO KEY UPDATE OF p
), extended AS (
    UPDATE reprocess.partition_progress p
    SET lease_expires_at = now() + make_interval(secs => $6::double precision)
    WHERE p.job = $1 AND p.partition_key = ANY (ARRAY(SELECT o.partition_key FROM own o))
    RETURNING p.partition_key, p.fence, p.claim_id
), seen AS (
    INSERT INTO reprocess.worker AS w (worker, host, pid, job, run_id, claims, lease_seconds)
    SELECT $7::text, $8::text, $9::integer, $1, $2::bigint, (SELECT count(*) FROM extended), $6::double precision
    ON CONFLICT (worker) DO UPDATE
    SET job = excluded.job, run_id = excluded.run_id, claims = excluded.claims, last_heartbeat_at = now(),
        lease_seconds = excluded.lease_seconds
)
SELECT (SELECT r.control FROM reprocess.run r WHERE r.run_id = $2::bigint) AS control,
    e.partition_key, e.fence, e.claim_id
FROM (VALUES (1)) AS once (one) LEFT JOIN extended e ON true
