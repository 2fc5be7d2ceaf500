-- name: Standing
-- Where attempts stand whose mark changed nothing: an earlier try may have been recorded and its answer lost.
-- A statement of its own, because a part of the statement that marks would read the snapshot from before it.
-- $1 job; arrays of one element per attempt: $2 keys, $3 fences, $4 claim ids.
SELECT s.partition_key, s.fence, p.status
FROM unnest($2::text[], $3::bigint[], $4::uuid[]) AS s (partition_key, fence, claim_id)
JOIN reprocess.partition_progress p
    ON p.job = $1 AND p.partition_key = s.partition_key AND p.fence = s.fence AND p.claim_id = s.claim_id
