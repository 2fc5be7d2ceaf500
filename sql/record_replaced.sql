-- name: RecordReplaced
-- Records what an attempt replaced, as it was measured afterwards: once, and only of the version that the attempt found.
-- $1 fence, $2 version, $3 rows, $4 digest, $5 statistics.
UPDATE reprocess.judgement j
SET replaced_rows = $3::bigint, replaced_digest = $4, replaced_statistics = $5::jsonb
WHERE j.fence = $1::bigint AND j.replaced_version = $2 AND j.replaced_digest IS NULL
RETURNING j.fence
