-- name: Reject
-- Makes a HELD partition FAILED, only while it is the one that the person has seen. Its end takes its place in the order of
-- fences, so that no plan made before does it again. The history keeps what was held.
-- $1 job, $2 key, $3 fence, $4 claim id, $5 error, $6 who decided, $7 why, $8 request id.
WITH rejected AS (
    UPDATE reprocess.partition_progress p
    SET status = 'FAILED', completed_at = now(), updated_at = now(), error_message = $5::text,
        ended_fence = nextval('reprocess.fence')
    WHERE p.job = $1 AND p.partition_key = $2 AND p.status = 'HELD' AND p.fence = $3::bigint AND p.claim_id = $4::uuid
    RETURNING p.partition_key, p.fence, p.status, p.ended_fence
), decided AS (
    INSERT INTO reprocess.decision (place, kind, job, partition_key, origin_fence, request_id, decided_by, reason)
    SELECT r.ended_fence, 'REJECT', $1, r.partition_key, r.fence, $8::uuid, $6::text, $7::text FROM rejected r
)
SELECT r.partition_key, r.fence, r.status FROM rejected r
