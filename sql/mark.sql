-- name: Mark
-- Marks a partition, planned or not, over the head of whoever works on it: the mark has a new fence. Of what sources it was
-- made, and what its rows are, is not known any more.
-- $1 job, $2 key, $3 date of the key, $4 status, $5 transform version or null, $6 error or null, $7 table or null,
-- $8 worker.
WITH before AS MATERIALIZED (
    SELECT p.fence FROM reprocess.partition_progress p WHERE p.job = $1 AND p.partition_key = $2 FOR NO KEY UPDATE
), marked AS (
    INSERT INTO reprocess.partition_progress AS p (
        job, partition_key, partition_date, status, fence, table_identity, worker, completed_at, error_message,
        transform_version)
    SELECT $1, $2, $3::date, $4::text, nextval('reprocess.fence'), $7::text, $8::text,
        CASE WHEN $4::text IN ('COMPLETE', 'FAILED', 'CANCELLED') THEN now() END, $6::text, $5::text
    WHERE (SELECT count(*) FROM before) >= 0
    ON CONFLICT (job, partition_key) DO UPDATE
    SET status = excluded.status, fence = excluded.fence, claim_id = NULL, worker = excluded.worker,
        table_identity = coalesce(excluded.table_identity, p.table_identity), attempt = 0, failures = 0,
        takeovers = 0, not_before = '-infinity', lease_expires_at = NULL, deadline_at = NULL,
        completed_at = excluded.completed_at, error_message = excluded.error_message,
        transform_version = excluded.transform_version, source_identity = NULL, content_digest = NULL,
        updated_at = now()
    RETURNING p.fence
), lost AS (
    UPDATE reprocess.attempt a
    SET outcome = 'LOST', ended_at = now(), error_message = 'The partition was marked ' || $4::text || ' meanwhile.'
    WHERE a.fence = ANY (ARRAY(SELECT b.fence FROM before b)) AND a.outcome = 'RUNNING'
)
SELECT m.fence FROM marked m
