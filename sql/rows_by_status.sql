-- name: RowsByStatus
-- The rows of a job with one of the given statuses, newest change first. Each status is read along its index from the
-- newest change on, so that the cost depends on the number of rows wanted. The comparisons are written so that the
-- planner does it also where it knows nothing of the table, and does not take sorting everything for cheap.
-- What runs is not in that index: it is looked up in the months in which, by the counts, something runs.
-- $1 job, $2 statuses, $3 first key or null, $4 last key or null, $5 length of the keys, $6 greatest number.
WITH months AS MATERIALIZED (
    SELECT c.month
    FROM (
        SELECT s.period AS month, s.key_length, s.running
        FROM reprocess.status_count s
        WHERE s.job = $1 AND s.period_length = 7 AND s.running <> 0
        UNION ALL
        SELECT c.month, c.key_length, c.running
        FROM reprocess.status_change c
        WHERE c.transaction_id >= (SELECT u.since FROM reprocess.status_unfolded u)
            AND c.transaction_id <= '18446744073709551615'::xid8 AND c.job = $1
    ) c
    WHERE 'RUNNING' = ANY ($2::text[]) AND c.key_length = $5::integer
    GROUP BY c.month
    HAVING sum(c.running) > 0
)
SELECT p.partition_key, p.status, p.attempt, p.fence, p.worker,
    extract(epoch FROM p.lease_expires_at)::double precision AS lease_expires_at,
    p.status = 'RUNNING' AND (p.lease_expires_at < now() OR coalesce(p.deadline_at < now(), false)) AS lease_expired,
    extract(epoch FROM p.started_at)::double precision AS started_at,
    extract(epoch FROM p.completed_at)::double precision AS completed_at,
    p.error_message, p.rows_written, p.bytes_written, p.transform_version, p.table_version,
    NULL::double precision AS eligible_in, p.batches, p.batch_rows
FROM (
    SELECT q.*
    FROM months m
    CROSS JOIN LATERAL (
        SELECT r.*
        FROM reprocess.partition_progress r
        WHERE r.job = $1 AND r.partition_key >= m.month AND r.partition_key <= m.month || '~' AND r.status = 'RUNNING'
            AND coalesce(r.partition_key >= $3::text, true) AND coalesce(r.partition_key <= $4::text, true)
            AND length(r.partition_key) = $5::integer
        OFFSET 0  -- Month by month: joined to all months at once, the planner would scan the table for them.
    ) q
    UNION ALL
    SELECT q.*
    FROM unnest($2::text[]) AS wanted (status)
    CROSS JOIN LATERAL (
        SELECT r.*
        FROM reprocess.partition_progress r
        WHERE r.job = $1 AND r.status <> 'RUNNING'
            AND (r.status COLLATE "C", r.updated_at) >= (wanted.status, '-infinity')
            AND (r.status COLLATE "C", r.updated_at) <= (wanted.status, 'infinity')
            AND coalesce(r.partition_key >= $3::text, true) AND coalesce(r.partition_key <= $4::text, true)
            AND coalesce(length(r.partition_key) = $5::integer, false)
        ORDER BY r.status COLLATE "C" DESC, r.updated_at DESC
        LIMIT (SELECT $6::integer)
    ) q
    WHERE wanted.status <> 'RUNNING'
) p
ORDER BY p.updated_at DESC, p.partition_key
LIMIT $6::integer
