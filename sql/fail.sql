-- name: Fail
-- Marks an attempt FAILED, or PENDING for a retry, only while the partition is still its own.
-- A partition that is given up takes its place in the order of fences, so that no plan made before reopens it.
-- $1 job, $2 key, $3 fence, $4 claim id, $5 seconds until the retry or null to give up, $6 error; arrays of one element, or
-- none, for the judgement: $7 fences, $8 digests, $9 statistics, $10 replaced versions, $11 their rows, $12 their bytes,
-- $13 their digests, $14 their statistics, $15 findings; $16 bytes read, $17 seconds in the engine, $18 rows read.
WITH failed AS (
    UPDATE reprocess.partition_progress p
    SET status = CASE WHEN $5::double precision IS NULL THEN 'FAILED' ELSE 'PENDING' END,
        completed_at = CASE WHEN $5::double precision IS NULL THEN now() END,
        not_before = coalesce(now() + make_interval(secs => $5::double precision), '-infinity'),
        ended_fence = CASE WHEN $5::double precision IS NULL THEN nextval('reprocess.fence') ELSE p.ended_fence END,
        failures = p.failures + 1, error_message = $6::text, lease_expires_at = NULL, deadline_at = NULL,
        updated_at = now()
    WHERE p.job = $1 AND p.partition_key = $2 AND p.status = 'RUNNING' AND p.fence = $3::bigint
        AND p.claim_id = $4::uuid
    RETURNING p.partition_key, p.fence, p.status
), history AS (
    UPDATE reprocess.attempt a
    SET outcome = CASE f.status WHEN 'FAILED' THEN 'FAILED' ELSE 'RETRY' END, ended_at = now(),
        error_message = $6::text, bytes_read = $16::bigint, engine_seconds = $17::double precision,
        rows_read = $18::bigint
    FROM failed f
    WHERE a.fence = $3::bigint AND a.fence = f.fence AND a.outcome = 'RUNNING'
), judged AS (
    INSERT INTO reprocess.judgement (
        fence, content_digest, statistics, replaced_version, replaced_rows, replaced_bytes, replaced_digest,
        replaced_statistics, findings)
    SELECT f.fence, j.content_digest, j.statistics::jsonb, j.replaced_version, j.replaced_rows, j.replaced_bytes,
        j.replaced_digest, j.replaced_statistics::jsonb, j.findings::jsonb
    FROM failed f
    JOIN unnest($7::bigint[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[],
        $14::text[], $15::text[]) AS j (fence, content_digest, statistics, replaced_version, replaced_rows,
        replaced_bytes, replaced_digest, replaced_statistics, findings) USING (fence)
)
SELECT f.partition_key, f.fence, f.status FROM failed f
