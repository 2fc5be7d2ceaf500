-- name: RowsByStatus
-- The rows of a job with one of the given statuses, newest change first. Each status is read along its index from the
-- newest change on, so that the cost depends on the number of rows wanted. The comparisons are written so that the
-- planner does it also where it knows nothing of the table, and does not take sorting everything for cheap.
-- $1 job, $2 statuses, $3 first key or null, $4 last key or null, $5 length of the keys, $6 greatest number.
SELECT p.partition_key, p.status, p.attempt, p.fence, p.worker,
    extract(epoch FROM p.lease_expires_at)::double precision AS lease_expires_at,
    p.status = 'RUNNING' AND (p.lease_expires_at < now() OR coalesce(p.deadline_at < now(), false)) AS lease_expired,
    extract(epoch FROM p.started_at)::double precision AS started_at,
    extract(epoch FROM p.completed_at)::double precision AS completed_at,
    p.error_message, p.rows_written, p.bytes_written, p.transform_version, p.table_version,
    NULL::double precision AS eligible_in
FROM unnest($2::text[]) AS wanted (status)
CROSS JOIN LATERAL (
    SELECT q.*
    FROM reprocess.partition_progress q
    WHERE q.job = $1 AND (q.status COLLATE "C", q.updated_at) >= (wanted.status, '-infinity')
        AND (q.status COLLATE "C", q.updated_at) <= (wanted.status, 'infinity')
        AND coalesce(q.partition_key >= $3::text, true)
        AND coalesce(q.partition_key <= $4::text, true) AND coalesce(length(q.partition_key) = $5::integer, false)
    ORDER BY q.status COLLATE "C" DESC, q.updated_at DESC
    LIMIT (SELECT $6::integer)
) p
ORDER BY p.updated_at DESC, p.partition_key
LIMIT $6::integer
