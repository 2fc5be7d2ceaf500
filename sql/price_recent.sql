-- name: PriceRecent
-- What the attempts took that made the partitions COMPLETE which became so last, newest first, with the process and the
-- number of workers that its run was started with; no number where no run of ours has made them. The newest rows are asked
-- for as in Summary.
-- $1 job, $2 length of the keys, $3 greatest number.
SELECT n.partition_key, extract(epoch FROM a.started_at)::double precision AS started_at,
    extract(epoch FROM a.ended_at)::double precision AS ended_at, a.rows_written, a.bytes_written, a.worker,
    -- As the program writes the options of a run.
    (SELECT substring(r.options FROM '--workers ([0-9]{1,4})')::integer FROM reprocess.run r WHERE r.run_id = a.run_id)
        AS workers, a.rows_read, a.bytes_read
FROM (
    SELECT p.partition_key, p.fence, p.updated_at
    FROM reprocess.partition_progress p
    WHERE p.job = $1 AND p.status <> 'RUNNING'
        AND (p.status COLLATE "C", p.updated_at) >= ('COMPLETE', '-infinity')
        AND (p.status COLLATE "C", p.updated_at) <= ('COMPLETE', 'infinity')
        AND p.claim_id IS NOT NULL AND coalesce(length(p.partition_key) = $2::integer, false)
    ORDER BY p.status COLLATE "C" DESC, p.updated_at DESC
    LIMIT (SELECT $3::integer)
) n
CROSS JOIN LATERAL (
    SELECT o.started_at, o.ended_at, o.rows_written, o.bytes_written, o.worker, o.run_id, o.rows_read, o.bytes_read
    FROM reprocess.attempt o
    WHERE o.fence = n.fence AND o.kind = 'RUN' AND o.outcome = 'COMPLETE'
    OFFSET 0
) a
ORDER BY n.updated_at DESC
