-- name: UnmeasuredReplaced
-- The attempts whose rows were measured, and not those that they replaced: by nobody, also not by an attempt that would
-- have replaced the same before.
-- $1 fences.
SELECT j.fence, j.replaced_version
FROM reprocess.judgement j
JOIN reprocess.attempt a ON a.fence = j.fence
WHERE j.fence = ANY ($1::bigint[]) AND j.replaced_version IS NOT NULL AND j.replaced_digest IS NULL
    AND j.statistics IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM reprocess.attempt e JOIN reprocess.judgement m ON m.fence = e.fence
        WHERE e.job = a.job AND e.partition_key = a.partition_key AND m.replaced_version = j.replaced_version
            AND m.replaced_digest IS NOT NULL AND m.replaced_statistics IS NOT NULL)
