-- name: UnmeasuredReplaced
-- The attempts whose rows were measured, and not those that they replaced.
-- $1 fences.
SELECT j.fence, j.replaced_version
FROM reprocess.judgement j
WHERE j.fence = ANY ($1::bigint[]) AND j.replaced_version IS NOT NULL AND j.replaced_digest IS NULL
    AND j.statistics IS NOT NULL
