-- name: CompleteRows
-- One page of the COMPLETE partitions of a job, by key, with what was recorded of each.
-- $1 job, $2 first key or null, $3 last key or null, $4 length of the keys, $5 size of the page.
SELECT partition_key, fence, table_identity, rows_written, bytes_written, table_version
FROM reprocess.partition_progress
WHERE job = $1 AND status = 'COMPLETE' AND length(partition_key) = $4::integer
    -- Below the first key there is the empty text, and above the last one there are no digits any more.
    AND partition_key >= coalesce($2::text, '') AND partition_key <= coalesce($3::text, '~')
ORDER BY partition_key
LIMIT $5::integer
