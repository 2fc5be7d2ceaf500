-- name: Hold
-- Marks an attempt HELD, only while the partition is still its own: what it staged waits for a person, and nobody's lease
-- is kept alive for it. What is recorded of the partition's published generation stays.
-- $1 job, $2 key, $3 fence, $4 claim id, $5 reason, $6 rows, $7 bytes, $8 transform version, $9 the versions of the tables
-- that were read, as JSON, $10 identity of the sources or null; arrays of one element, or none, for the judgement:
-- $11 fences, $12 digests, $13 statistics, $14 replaced versions, $15 their rows, $16 their bytes, $17 their digests,
-- $18 their statistics, $19 findings; $20 bytes read, $21 seconds in the engine,
-- $22 rows read.
WITH held AS (
    UPDATE reprocess.partition_progress p
    SET status = 'HELD', error_message = $5::text, lease_expires_at = NULL, deadline_at = NULL, updated_at = now()
    WHERE p.job = $1 AND p.partition_key = $2 AND p.status = 'RUNNING' AND p.fence = $3::bigint
        AND p.claim_id = $4::uuid
    RETURNING p.partition_key, p.fence, p.status
), history AS (
    UPDATE reprocess.attempt a
    SET outcome = 'HELD', ended_at = now(), error_message = $5::text, rows_written = $6::bigint,
        bytes_written = $7::bigint, transform_version = $8::text, source_versions = $9::jsonb,
        source_identity = $10::text, bytes_read = $20::bigint, engine_seconds = $21::double precision,
        rows_read = $22::bigint
    FROM held h
    WHERE a.fence = $3::bigint AND a.fence = h.fence AND a.outcome = 'RUNNING'
), judged AS (
    INSERT INTO reprocess.judgement (
        fence, content_digest, statistics, replaced_version, replaced_rows, replaced_bytes, replaced_digest,
        replaced_statistics, findings)
    SELECT h.fence, j.content_digest, j.statistics::jsonb, j.replaced_version, j.replaced_rows, j.replaced_bytes,
        j.replaced_digest, j.replaced_statistics::jsonb, j.findings::jsonb
    FROM held h
    JOIN unnest($11::bigint[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::bigint[], $17::text[],
        $18::text[], $19::text[]) AS j (fence, content_digest, statistics, replaced_version, replaced_rows,
        replaced_bytes, replaced_digest, replaced_statistics, findings) USING (fence)
)
SELECT h.partition_key, h.fence, h.status FROM held h
