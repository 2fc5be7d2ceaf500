-- name: RowsByKey
-- The rows of given partitions, with the seconds until each may be claimed by the database's clock: null where it has
-- ended, is held or waits for ever.
-- $1 job, $2 keys.
SELECT p.partition_key, p.status, p.attempt, p.fence, p.worker,
    extract(epoch FROM p.lease_expires_at)::double precision AS lease_expires_at,
    p.status = 'RUNNING' AND (p.lease_expires_at < now() OR coalesce(p.deadline_at < now(), false)) AS lease_expired,
    extract(epoch FROM p.started_at)::double precision AS started_at,
    extract(epoch FROM p.completed_at)::double precision AS completed_at,
    p.error_message, p.rows_written, p.bytes_written, p.transform_version, p.table_version,
    CASE p.status
        WHEN 'PENDING' THEN CASE
            WHEN p.not_before = 'infinity' THEN NULL
            ELSE greatest(
                CASE WHEN p.not_before > now() THEN extract(epoch FROM p.not_before - now()) ELSE 0 END,
                coalesce((
                    SELECT extract(epoch FROM least(o.lease_expires_at, o.deadline_at) - now())
                    FROM reprocess.partition_progress o
                    WHERE o.table_identity = p.table_identity AND o.partition_key = p.partition_key
                        AND o.status = 'RUNNING' AND o.job <> p.job), 0))
            END
        WHEN 'RUNNING' THEN greatest(extract(epoch FROM least(p.lease_expires_at, p.deadline_at) - now()), 0)
    END::double precision AS eligible_in,
    p.batches, p.batch_rows
FROM reprocess.partition_progress p
WHERE p.job = $1 AND p.partition_key = ANY ($2::text[])
ORDER BY p.partition_key
