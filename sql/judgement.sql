-- name: Judgement
-- How an attempt was judged, as it was recorded.
-- $1 fence.
SELECT j.fence, j.content_digest, j.statistics::text AS statistics, j.replaced_version, j.replaced_rows,
    j.replaced_bytes, j.replaced_digest, j.replaced_statistics::text AS replaced_statistics,
    j.findings::text AS findings
FROM reprocess.judgement j
WHERE j.fence = $1::bigint
