-- name: Complete
-- Marks attempts COMPLETE, each only while the partition is still its own. Rows are locked in the order of their keys,
-- as heartbeats lock them, so that the two never wait for each other in a circle. Their end takes its place in the
-- order of fences, one for all of them, so that no plan made before reopens it. Their judgements are recorded with them,
-- of those that have one.
-- $1 job; arrays of one element per attempt: $2 keys, $3 fences, $4 claim ids, $5 rows read, $6 rows written,
-- $7 bytes written, $8 transform versions, $9 table versions, $10 whether it was adopted,
-- $11 the versions of the tables that were read, as JSON, $12 identities of the sources, $13 whether nothing was published
-- because the table held the same rows, $14 digests of the rows; arrays of one element per judgement: $15 fences,
-- $16 digests, $17 statistics, $18 replaced versions, $19 their rows, $20 their bytes, $21 their digests, $22 their
-- statistics, $23 findings; arrays of one element per attempt again: $24 bytes read, $25 seconds in the engine.
WITH sent AS MATERIALIZED (
    SELECT *
    FROM unnest($2::text[], $3::bigint[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[],
        $10::boolean[], $11::text[], $12::text[], $13::boolean[], $14::text[], $24::bigint[], $25::double precision[]) AS s (
        partition_key, fence, claim_id, rows_read, rows_written, bytes_written, transform_version, table_version, adopted,
        source_versions, source_identity, was_unchanged, content_digest, bytes_read, engine_seconds)
), own AS MATERIALIZED (
    SELECT p.partition_key, p.fence, p.claim_id
    FROM reprocess.partition_progress p
    WHERE p.job = $1 AND p.partition_key = ANY ($2::text[]) AND p.fence = ANY ($3::bigint[])
        AND p.claim_id = ANY ($4::uuid[]) AND p.status = 'RUNNING'
    ORDER BY p.partition_key
    FOR NO KEY UPDATE
), recorded AS (
    UPDATE reprocess.partition_progress p
    SET status = 'COMPLETE', completed_at = now(), updated_at = now(), lease_expires_at = NULL, deadline_at = NULL,
        ended_fence = (SELECT nextval('reprocess.fence')), error_message = NULL, rows_read = s.rows_read,
        rows_written = s.rows_written, bytes_written = s.bytes_written, transform_version = s.transform_version,
        table_version = s.table_version, source_identity = s.source_identity, content_digest = s.content_digest
    FROM own o JOIN sent s USING (partition_key, fence, claim_id)
    WHERE p.job = $1 AND p.partition_key = ANY (ARRAY(SELECT partition_key FROM own))
        AND p.partition_key = o.partition_key
        AND p.status = 'RUNNING' AND p.fence = s.fence AND p.claim_id = s.claim_id
    RETURNING p.partition_key, p.fence
), history AS (
    UPDATE reprocess.attempt a
    SET outcome = CASE WHEN s.adopted THEN 'ADOPTED' ELSE 'COMPLETE' END, ended_at = now(), rows_read = s.rows_read,
        rows_written = s.rows_written, bytes_written = s.bytes_written, transform_version = s.transform_version,
        table_version = s.table_version, source_versions = s.source_versions::jsonb,
        source_identity = s.source_identity, was_unchanged = s.was_unchanged, bytes_read = s.bytes_read,
        engine_seconds = s.engine_seconds
    FROM recorded r JOIN sent s USING (partition_key, fence)
    WHERE a.fence = ANY ($3::bigint[]) AND a.fence = r.fence AND a.outcome = 'RUNNING'
), judged AS (
    INSERT INTO reprocess.judgement (
        fence, content_digest, statistics, replaced_version, replaced_rows, replaced_bytes, replaced_digest,
        replaced_statistics, findings)
    SELECT r.fence, j.content_digest, j.statistics::jsonb, j.replaced_version, j.replaced_rows, j.replaced_bytes,
        j.replaced_digest, j.replaced_statistics::jsonb, j.findings::jsonb
    FROM unnest($15::bigint[], $16::text[], $17::text[], $18::text[], $19::bigint[], $20::bigint[], $21::text[],
        $22::text[], $23::text[]) AS j (fence, content_digest, statistics, replaced_version, replaced_rows,
        replaced_bytes, replaced_digest, replaced_statistics, findings)
    JOIN recorded r USING (fence)
)
SELECT r.partition_key, r.fence FROM recorded r
